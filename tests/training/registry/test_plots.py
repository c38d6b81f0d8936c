"""The calibration curve counts what it should, and the figures show it."""

from __future__ import annotations

import io

import numpy as np

from data_schemas.model.card import CandidateResult, Estimate
from training.registry.plots import calibration_curve, draw_calibration, draw_overview


def test_groups_are_counted_by_hand():
    probability = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9])
    y = np.array([0, 0, 1, 0, 1, 0, 1, 1.0])
    curve = calibration_curve(probability, y, np.ones(8), np.zeros(8), groups=2)
    np.testing.assert_allclose(curve.predicted, [0.25, 0.75])
    np.testing.assert_allclose(curve.observed, [0.25, 0.75])
    np.testing.assert_array_equal(curve.size, [4, 4])


def test_the_order_of_rows_and_a_second_repeat_change_nothing():
    rng = np.random.default_rng(0)
    probability = rng.random(200)
    y = (rng.random(200) < probability).astype(float)
    once = calibration_curve(probability, y, np.ones(200), np.zeros(200))
    order = rng.permutation(200)
    twice = calibration_curve(
        np.concatenate([probability, probability[order]]),
        np.concatenate([y, y[order]]),
        np.ones(400),
        np.repeat([0, 1], 200),
    )
    np.testing.assert_allclose(twice.observed, once.observed)
    np.testing.assert_allclose(twice.low, once.low)


def test_a_censored_row_counts_for_nothing_and_a_weight_counts_as_much_as_it_says():
    probability = np.array([0.2, 0.2, 0.2, 0.2])
    curve = calibration_curve(probability, np.array([1.0, 0, 0, 0]), np.array([2.0, 1, 1, 0]), np.zeros(4), groups=1)
    np.testing.assert_allclose(curve.observed, [0.5])
    np.testing.assert_array_equal(curve.size, [3])


def test_fewer_rows_than_groups_make_fewer_groups():
    curve = calibration_curve(np.array([0.2, 0.4, 0.6]), np.array([0, 1.0, 1]), np.ones(3), np.zeros(3), groups=10)
    assert len(curve.predicted) == 3
    assert np.isfinite(curve.low).all()


def pixels(figure) -> np.ndarray:
    from matplotlib.image import imread

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    buffer.seek(0)
    return imread(buffer)


def test_figures_are_drawn_and_differ_with_their_data():
    rng = np.random.default_rng(1)
    probability = rng.random(100)
    good = calibration_curve(probability, (rng.random(100) < probability).astype(float), np.ones(100), np.zeros(100))
    bad = calibration_curve(probability, np.zeros(100), np.ones(100), np.zeros(100))
    one, two = (pixels(draw_calibration(curve, probability, "title")) for curve in (good, bad))
    assert one.std() > 0.05
    assert (one != two).any()


def test_an_overview_has_a_line_per_candidate_also_where_a_metric_is_missing():
    estimate = Estimate(value=0.7, low=0.6, high=0.8)
    results = [
        CandidateResult(candidate="logistic", feature_set="clinical", metrics={"auc": estimate, "log_loss": estimate}),
        CandidateResult(candidate="xgboost", feature_set="clinical+genetic", metrics={"auc": estimate}),
    ]
    figure = draw_overview(results, "title")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [
        "logistic · clinical",
        "xgboost · clinical+genetic",
    ]
    assert pixels(figure).std() > 0.05
