"""GBSG2: three years free of recurrence, with censoring weights."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.read import read_cohort
from training.evaluation.incremental import CLINICAL
from training.fitting.estimators import SELECTED
from training.registry.card import model_card
from training.train import train


@pytest.fixture(scope="module")
def training(real_data):
    catalogue = load_catalogue()
    endpoint, cohort = find_endpoint(catalogue, "tamoxifen-rfs"), find_cohort(catalogue, "gbsg2")
    data = read_cohort(real_data / "gbsg2" / "gbsg2.csv", cohort, Terms(endpoint, catalogue))
    return train(data, bootstrap=20, seed=0)


@pytest.mark.parametrize("candidate", [SELECTED, "the chosen one"])
def test_cross_fitted_performance_at_three_years(training, candidate):
    name = candidate if candidate == SELECTED else training.chosen[CLINICAL]
    metrics = next(result.metrics for result in training.results if result.candidate == name)
    assert metrics["auc"].value >= 0.73
    assert 0.9 <= metrics["calibration_slope"].value <= 1.1
    assert 0.97 <= metrics["expected_observed"].value <= 1.03


def test_women_censored_early_get_predictions_and_the_rate_is_kaplan_meiers(training):
    response = training.data.response
    assert len(training.oof) == 5 * 4 * len(response.y)
    assert 100 < np.isnan(response.y).sum() < 150
    card = model_card(training, *training.suggested)
    assert card.event_rate == pytest.approx(kaplan_meier(response.time, response.event, response.horizon), abs=0.01)


def kaplan_meier(time, event, horizon):
    survival = 1.0
    for t in np.unique(time[event & (time <= horizon)]):
        survival *= 1.0 - np.sum(event & (time == t)) / np.sum(time >= t)
    return survival
