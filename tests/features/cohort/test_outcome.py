"""Outcomes and the weights that stand in for those whom censoring hides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_schemas.catalogue.endpoint import Change
from features.cohort.outcome import Response, from_change, from_flags, from_times, uncensored_before

NAN = float("nan")


def test_times_become_favourable_unfavourable_or_hidden():
    time = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, NAN, 5.0])
    event = np.array([1, 0, 1, 0, 1, 0, 1, 0, NAN])
    response = from_times(time, event, 4.5)
    np.testing.assert_array_equal(response.y, [0, NAN, 0, NAN, 0, 1, 1, NAN, NAN])
    np.testing.assert_array_equal(response.known, ~np.isnan(response.y))


def test_weights_of_an_example_worked_by_hand():
    # censored at 2 (5 at risk, one of them has the event then, and first) and at 3 (3 at risk): G drops to 3/4, to 1/2
    response = from_times(np.array([1.0, 2, 2, 3, 4, 5]), np.array([1, 0, 1, 0, 1, 0]), 4.5)
    np.testing.assert_allclose(response.weights(), [1, 0, 1, 0, 2, 2])


def test_a_patient_followed_to_exactly_the_horizon_is_seen():
    # everybody without the event is followed to the planned end: nobody is hidden, nobody weighs more
    response = from_times(np.array([10.0, 10, 10, 4]), np.array([0, 0, 0, 1]), 10.0)
    np.testing.assert_array_equal(response.y, [1, 1, 1, 0])
    np.testing.assert_allclose(response.weights(), 1.0)


def test_an_event_at_exactly_the_horizon_counts():
    assert from_times(np.array([10.0]), np.array([1.0]), 10.0).y.tolist() == [0.0]


times = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=40)


@given(rows=times, horizon=st.integers(1, 12))
def test_weights_agree_with_the_product_over_every_day(rows, horizon):
    time = np.array([t for t, _ in rows], dtype=float)
    event = np.array([float(e) for _, e in rows])
    response = from_times(time, event, float(horizon))
    for i, weight in enumerate(response.weights()):
        if np.isnan(response.y[i]):
            assert weight == 0
            continue
        survival = 1.0
        for day in range(1, int(min(time[i], horizon))):
            leaving = sum(t == day and not e for t, e in rows)
            staying = sum(t > day or (t == day and not e) for t, e in rows)
            survival *= 1 - leaving / staying if leaving else 1.0
        assert weight == pytest.approx(1 / survival)


@given(rows=times, horizon=st.integers(1, 12))
def test_weighted_share_equals_one_minus_kaplan_meier(rows, horizon):
    """The weighted share of events by the horizon is the Kaplan-Meier estimate, an identity (Satten & Datta 2001)."""
    time = np.array([t for t, _ in rows], dtype=float)
    event = np.array([e for _, e in rows])
    response = from_times(time, event.astype(float), float(horizon))
    weights = response.weights()
    survival = 1.0
    for day in range(1, horizon + 1):
        at_risk = np.sum(time >= day)
        if at_risk:
            survival *= 1 - np.sum((time == day) & event) / at_risk
    assert np.sum(weights * (response.y == 0)) / len(rows) == pytest.approx(1 - survival, abs=1e-9)


def test_weights_come_from_the_rows_at_hand_only():
    response = from_times(np.array([1.0, 2, 2, 3, 4, 5]), np.array([1, 0, 1, 0, 1, 0]), 4.5)
    part = response.take(np.array([0, 2, 4, 5]))
    np.testing.assert_allclose(part.weights(), 1.0)
    np.testing.assert_array_equal(part.y, [0, 0, 0, 1])


def test_without_censoring_everybody_weighs_one():
    response = from_flags(np.array([1.0, 0.0, 1.0]))
    np.testing.assert_array_equal(response.weights(), 1.0)
    assert response.take(np.array([1, 1])).y.tolist() == [0.0, 0.0]


def test_nobody_is_censored_before_the_first_time():
    assert uncensored_before(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([False, False])).tolist() == [1, 1]


def change(**limit):
    return Change(kind="change", covariate="ldl_cholesterol", **limit)


def test_a_fall_of_exactly_the_threshold_counts_in_spite_of_float32_noise():
    baseline = np.array([100.0, 122.4000015, 100.0, 100.0, NAN, 100.0])
    follow_up = np.array([85.0, 104.0400009, 85.1, 50.0, 80.0, NAN])
    response = from_change(baseline, follow_up, change(relative_change=-0.15))
    np.testing.assert_array_equal(response.y, [1, 1, 0, 1, NAN, NAN])


def test_a_rise_and_an_absolute_change():
    up = from_change(np.array([10.0, 10.0]), np.array([12.0, 11.0]), change(relative_change=0.2))
    down = from_change(np.array([140.0, 140.0]), np.array([130.0, 131.0]), change(absolute_change=-10.0))
    assert up.y.tolist() == [1.0, 0.0]
    assert down.y.tolist() == [1.0, 0.0]


def test_a_relative_change_from_nothing_is_not_known():
    assert np.isnan(from_change(np.array([0.0]), np.array([5.0]), change(relative_change=0.2)).y).all()


def test_a_response_is_frozen():
    with pytest.raises(AttributeError):
        Response(y=np.ones(1)).y = np.zeros(1)
