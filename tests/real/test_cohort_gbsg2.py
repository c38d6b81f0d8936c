"""GBSG2: 686 women, 299 events, censoring before three years."""

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.read import read_cohort
from training.simulation.public_data import example_gbsg2

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def data(real_data):
    path = real_data / "gbsg2" / "gbsg2.csv"
    return read_cohort(path, CATALOGUE.cohorts["gbsg2"], Terms(CATALOGUE.endpoints["tamoxifen-rfs"], CATALOGUE))


def test_events_in_all_and_before_the_horizon(data):
    report = data.report
    assert (report.n_read, report.n, report.n_events) == (686, 686, 299)
    # complete follow-up to three years: 557, of whom 224 with the event
    assert (report.n_unfavourable, report.n_favourable, report.n_censored) == (224, 333, 129)
    assert sum(report.missing.values()) == 0


def test_the_weighted_rate_is_the_kaplan_meier_estimate(data, real_data):
    raw = pd.read_csv(real_data / "gbsg2" / "gbsg2.csv").sort_values("time")
    survival = 1.0
    for day in np.unique(raw["time"][(raw["cens"] == 1) & (raw["time"] <= 1095)]):
        survival *= 1 - ((raw["time"] == day) & (raw["cens"] == 1)).sum() / (raw["time"] >= day).sum()
    weights = data.response.weights()
    assert 1 - np.sum(weights * (data.response.y == 0)) / 686 == pytest.approx(survival, abs=1e-9)
    assert data.report.event_rate == pytest.approx(survival, abs=0.005)
    assert np.count_nonzero(weights) == 557


def test_arms(data):
    assert {one.therapy: one.n for one in data.report.by_therapy} == {"tamoxifen": 246, "none": 440}


def test_the_example_holds_the_same_women(real_data):
    shared = pd.read_csv(real_data / "gbsg2" / "gbsg2.csv")
    example = example_gbsg2()[list(shared.columns)]
    # the two sources order the women differently
    by_value = [table.astype(str).sort_values(list(shared.columns), ignore_index=True) for table in (example, shared)]
    pd.testing.assert_frame_equal(*by_value)
