"""Calibration and blending: small logistic regressions that must not go wild."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from training.fitting.calibrate import MAX_SLOPE, blend_weights, calibrator, fit_line, log_loss


@pytest.fixture(scope="module")
def margins():
    """A margin that is twice too wide and shifted, the outcome, and weights."""
    rng = np.random.default_rng(0)
    truth = rng.normal(size=4000)
    y = (rng.random(4000) < 1 / (1 + np.exp(-truth))).astype(float)
    return 2.0 * truth + 0.7, y, rng.uniform(0.5, 2.0, 4000)


def test_the_line_is_the_logistic_regression(margins):
    margin, y, weight = margins
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(margin[:, None], y, sample_weight=weight)
    slope, offset = fit_line(margin, y, weight)
    assert float(slope) == pytest.approx(theirs.coef_[0, 0], abs=1e-5)
    assert float(offset) == pytest.approx(theirs.intercept_[0], abs=1e-5)
    assert float(slope) == pytest.approx(0.5, abs=0.05)


def test_many_margins_and_many_weightings_at_once(margins):
    margin, y, weight = margins
    slopes, _ = fit_line(np.stack([margin, margin / 4]), y, weight)
    assert slopes[1] == pytest.approx(4 * slopes[0])
    slopes, _ = fit_line(margin, y, np.stack([weight, np.ones(4000)]))
    assert slopes[0] == pytest.approx(float(fit_line(margin, y, weight)[0]))
    assert slopes[0] != slopes[1]


def test_the_calibrator_barely_shrinks_where_data_speak(margins):
    margin, y, weight = margins
    assert float(calibrator(margin, y, weight)[0]) == pytest.approx(float(fit_line(margin, y, weight)[0]), rel=0.01)


def test_a_margin_that_separates_stays_finite():
    y = np.repeat([0.0, 1.0], 50)
    slope, offset = calibrator(2 * y - 1, y, np.ones(100))
    assert 1 < slope <= MAX_SLOPE
    assert abs(offset) < 1e-6


@pytest.mark.parametrize("margin", [np.zeros(100), -np.linspace(-1, 1, 100)])
def test_a_margin_without_information_leaves_the_prevalence(margin):
    y = (np.arange(100) >= 30).astype(float)
    y[::7] = 1.0 - y[::7]
    slope, offset = calibrator(margin, y, np.ones(100))
    p = 1 / (1 + np.exp(-(slope * margin + offset)))
    assert np.allclose(p, y.mean(), atol=1e-6)


def test_blend_weights_find_the_better_margin(margins):
    margin, y, weight = margins
    noise = np.random.default_rng(1).normal(size=len(y))
    shares = blend_weights([noise, margin], y, weight)
    assert shares.sum() == pytest.approx(1)
    assert shares[1] > 0.95


def test_blend_weights_are_equal_where_no_margin_helps(margins):
    margin, y, weight = margins
    assert blend_weights([-margin, -2 * margin], y, weight).tolist() == [0.5, 0.5]


def test_log_loss_is_the_weighted_mean():
    loss = log_loss(np.log([3.0, 3.0]), np.array([1.0, 0.0]), np.array([3.0, 1.0]))
    assert float(loss) == pytest.approx(-(3 * np.log(0.75) + np.log(0.25)) / 4)
