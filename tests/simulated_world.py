"""What the tests of simulation share: every endpoint with a truth, and people who are alike in everything."""

from __future__ import annotations

import numpy as np

from data_schemas.catalogue.load import find_endpoint, load_catalogue

CATALOGUE = load_catalogue()


ENDPOINTS = [endpoint for endpoint in CATALOGUE.endpoints.values() if endpoint.simulation]


N = 3000


def endpoint_of(name):
    return find_endpoint(CATALOGUE, name)


def typical_people(covariates, n):
    people = {}
    for name, row in covariates.items():
        people[name] = np.full(n, row.levels[0], dtype=object) if row.levels else np.full(n, row.typical["mean"], float)
    return people
