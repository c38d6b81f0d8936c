"""A simulated cohort of each endpoint that has a truth."""

from __future__ import annotations

import pytest
from simulated_world import CATALOGUE, ENDPOINTS, N

from data_schemas.catalogue.terms import Terms
from training.simulation.simulate import simulate


@pytest.fixture(params=ENDPOINTS, ids=lambda endpoint: endpoint.id, scope="module")
def endpoint(request):
    return request.param


@pytest.fixture(scope="module")
def simulation(endpoint):
    return simulate(Terms(endpoint, CATALOGUE), N, seed=5)
