"""A whole simulated world: every endpoint has one, genetics matters as stated, and not at all where it is null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_world import CATALOGUE, ENDPOINTS, N, endpoint_of, typical_people

from data_schemas.catalogue.cross_faults import endpoint_faults
from data_schemas.catalogue.endpoint import SimulatedTruth
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from training.simulation.covariates import simulated_covariates
from training.simulation.outcome import true_probability
from training.simulation.simulate import simulate


def test_every_endpoint_can_be_simulated():
    assert [row.id for row in ENDPOINTS] == list(CATALOGUE.endpoints)


def test_therapies_have_their_shares(endpoint, simulation):
    observed = simulation.table["therapy"].value_counts(normalize=True)
    for name, share in endpoint.simulation.therapies.items():
        assert observed[name] == pytest.approx(share, abs=0.04)


def test_null_means_that_genetics_does_not_matter(endpoint):
    world = simulate(Terms(endpoint, CATALOGUE), 500, seed=5)
    null = simulate(Terms(endpoint, CATALOGUE), 500, seed=5, null=True)
    same = [
        name for name in world.table if name not in ("days", "event", "response") and not name.endswith("_follow_up")
    ]
    pd.testing.assert_frame_equal(world.table[same], null.table[same])
    assert null.truth.variant_effects == {}
    assert not np.allclose(world.probability, null.probability)
    # the truth gives the same probability whatever the genotype
    covariates = simulated_covariates(Terms(endpoint, CATALOGUE))
    complete = typical_people(covariates, 3)
    genetic = {name: np.array([0.0, 1.0, 2.0]) for name in (*endpoint.variants, *endpoint.somatic)}
    therapy = np.array([endpoint.therapies[0]] * 3, dtype=object)
    p = true_probability(null.truth, endpoint, covariates, {"therapy": therapy, **complete, **genetic})
    assert np.ptp(p) == 0
    assert null.manifest.note.endswith("genetics has no effect in it.")


def test_a_therapy_may_interact_with_a_variant():
    truth = {
        "intercept": 0.0,
        "interactions": {"therapy:rs2234693": 0.7},
        "therapies": {"cee-mpa": 0.5, "placebo": 0.5},
    }
    endpoint = endpoint_of("mht-ldl-response")
    endpoint = endpoint.model_copy(update={"simulation": SimulatedTruth.model_validate(truth)})
    assert not endpoint_faults(endpoint, CATALOGUE)
    simulation = simulate(Terms(endpoint, CATALOGUE), 400, seed=1)
    copies = simulation.table["rs2234693"].str.count("C")
    treated = simulation.table["therapy"] == "cee-mpa"
    log_odds = np.log(simulation.probability / (1 - simulation.probability))
    assert np.allclose(log_odds[~treated], 0)
    known = treated & copies.notna()
    assert np.allclose(log_odds[known], 0.7 * copies[known].astype(float))
    assert np.allclose(simulate(Terms(endpoint, CATALOGUE), 400, seed=1, null=True).probability, 0.5)


def test_an_esr1_mutation_matters_by_therapy_on_degraders():
    simulation = simulate(Terms(endpoint_of("serd-progression"), CATALOGUE), N, seed=2)
    assert simulation.truth.interactions["therapy:ESR1_LBD"] > 0
    log_odds = np.log(simulation.probability / (1 - simulation.probability))
    found = (simulation.table["ESR1_LBD"] == "detected").to_numpy()
    standard = (simulation.table["therapy"] == "endocrine-standard").to_numpy()
    on_standard, on_others = (
        log_odds[part & found].mean() - log_odds[part & ~found].mean() for part in (standard, ~standard)
    )
    assert on_standard < -0.2
    assert on_others > 0.2
    null = simulate(Terms(endpoint_of("serd-progression"), CATALOGUE), N, seed=2, null=True)
    assert not null.truth.interactions


def test_an_endpoint_without_a_truth_is_refused():
    with pytest.raises(EsrError, match=r"\[simulation\]"):
        simulate(Terms(ENDPOINTS[0].model_copy(update={"simulation": None}), CATALOGUE), 10, 0)
