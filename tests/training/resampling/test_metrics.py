"""Metrics against scikit-learn, under weights, and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from training.resampling.metrics import METRICS, averaged, estimate, evaluate, person_weights


@pytest.fixture(scope="module")
def scored():
    """Log-odds that are too wide and too high, rounded so that some tie; outcomes, some unknown; weights."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=900)
    y = (rng.random(900) < 1 / (1 + np.exp(-truth))).astype(float)
    weight = rng.uniform(0.5, 3.0, 900)
    y[:100], weight[:100] = np.nan, 0.0
    return np.round(1.5 * truth + 0.4, 1), y, weight


def test_metrics_are_scikit_learns(scored):
    log_odds, y, weight = scored
    found = {name: float(values[0]) for name, values in evaluate(log_odds, y, weight[None, :]).items()}
    log_odds, y, weight = log_odds[100:], y[100:], weight[100:]
    p = 1 / (1 + np.exp(-log_odds))
    rate = np.average(y, weights=weight)
    assert tuple(found) == METRICS
    assert found["auc"] == pytest.approx(roc_auc_score(y, p, sample_weight=weight))
    assert found["log_loss"] == pytest.approx(log_loss(y, p, sample_weight=weight))
    assert found["brier"] == pytest.approx(brier_score_loss(y, p, sample_weight=weight))
    assert found["scaled_brier"] == pytest.approx(1 - found["brier"] / (rate * (1 - rate)))
    assert found["expected_observed"] == pytest.approx(np.average(p, weights=weight) / rate)
    slope = LogisticRegression(C=np.inf, tol=1e-10).fit(log_odds[:, None], y, sample_weight=weight).coef_[0, 0]
    assert found["calibration_slope"] == pytest.approx(slope, abs=1e-4)
    shifted = 1 / (1 + np.exp(-(log_odds + found["calibration_intercept"])))
    assert np.average(shifted, weights=weight) == pytest.approx(rate)


def test_the_signs_of_miscalibration(scored):
    log_odds, y, weight = scored
    found = evaluate(log_odds, y, weight[None, :])
    assert found["calibration_slope"][0] < 0.8  # too extreme
    assert found["calibration_intercept"][0] < -0.2  # too high
    assert found["expected_observed"][0] > 1.05


def test_whole_weights_are_copies(scored):
    log_odds, y, _ = scored
    counts = np.where(np.isnan(y), 0, np.arange(len(y)) % 3)
    copies = np.repeat(np.arange(len(y)), counts)
    weighted, copied = (
        evaluate(log_odds, y, counts[None, :].astype(float)),
        evaluate(log_odds[copies], y[copies], np.ones((1, len(copies)))),
    )
    for name in METRICS:
        assert weighted[name][0] == pytest.approx(copied[name][0])


def test_constant_predictions_have_half_auc_and_slope_one():
    y = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    found = evaluate(np.zeros(5), y, np.ones((1, 5)))
    assert found["auc"][0] == 0.5
    assert found["calibration_slope"][0] == 1.0


def test_resamples_draw_persons_with_all_their_rows():
    person = np.array([3, 3, 5, 8, 8, 8])
    weights = person_weights(person, 200, np.random.default_rng(0))
    assert weights.shape == (201, 6)
    assert weights[0].tolist() == [1] * 6
    assert np.array_equal(weights[:, 0], weights[:, 1])
    assert np.array_equal(weights[:, 3], weights[:, 5])
    assert (weights[1:, [0, 2, 3]].sum(axis=1) == 3).all()


def test_the_interval_of_a_mean_is_that_of_theory():
    rng = np.random.default_rng(1)
    y = (rng.random(2000) < 0.3).astype(float)
    weights = person_weights(np.arange(2000), 500, rng)
    found = estimate(weights @ y / weights.sum(axis=1))
    half = 1.96 * np.sqrt(y.mean() * (1 - y.mean()) / 2000)
    assert found.value == y.mean()
    assert found.high - found.low == pytest.approx(2 * half, rel=0.12)


def test_repeats_are_averaged(scored):
    log_odds, y, weight = scored
    both = averaged([log_odds, -log_odds], y, weight[None, :])
    assert both["auc"][0] == pytest.approx(0.5)


def test_an_estimate_without_resamples_is_a_point():
    found = estimate(np.array([0.7]))
    assert (found.low, found.high) == (0.7, 0.7)
