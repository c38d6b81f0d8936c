"""What stops a training before anything is fitted."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_rows import FEATURES, draw_matrix, draw_outcome

from data_schemas.errors import TrainingError
from features.cohort.outcome import Response
from training.fitting.grid import build_grid
from training.resampling.refusals import MIN_EACH, MIN_PERSONS, check_leakage, check_outcome, varying

N = 300


@pytest.fixture(scope="module")
def x():
    return draw_matrix(N, 2)


@pytest.fixture(scope="module")
def y(x):
    return draw_outcome(x, 3)


def test_enough_is_enough():
    check_outcome(Response(np.repeat([0.0, 1.0], [MIN_PERSONS - MIN_EACH, MIN_EACH])), np.arange(MIN_PERSONS))


@pytest.mark.parametrize(
    ("bad", "good", "code"),
    [
        (0, 500, "one_class"),
        (500, 0, "one_class"),
        (500, MIN_EACH - 1, "too_few_rows"),
        (MIN_PERSONS // 2 - 1, MIN_PERSONS // 2, "too_few_rows"),
        (0, 0, "too_few_rows"),
    ],
)
def test_too_little_is_refused_with_the_minimum(bad, good, code):
    outcome = np.append(np.repeat([0.0, 1.0], [bad, good]), np.full(400, np.nan))
    with pytest.raises(TrainingError) as caught:
        check_outcome(Response(outcome), np.arange(len(outcome)))
    assert caught.value.code == code
    assert code == "one_class" or f"at least {MIN_PERSONS} persons and {MIN_EACH} of either" in caught.value.message


def test_persons_are_counted_and_not_their_rows():
    outcome = np.tile(np.repeat([0.0, 1.0], [MIN_PERSONS, MIN_EACH - 1]), 10)
    person = np.tile(np.arange(MIN_PERSONS + MIN_EACH - 1), 10)
    with pytest.raises(TrainingError, match=f"{MIN_EACH - 1} with a favourable") as caught:
        check_outcome(Response(outcome), person)
    assert caught.value.code == "too_few_rows"
    check_outcome(Response(outcome), np.arange(len(outcome)))


def test_a_person_may_have_either_outcome():
    check_outcome(Response(np.tile([0.0, 1.0], MIN_PERSONS)), np.repeat(np.arange(MIN_PERSONS), 2))


def test_constant_and_empty_columns_are_left_out_with_a_warning(x):
    x = x.copy()
    x[:, 1], x[:, 4] = 7.0, np.nan
    keep, warnings = varying(x, FEATURES)
    assert keep.tolist() == [0, 2, 3, 5, 6]
    assert [warning.split()[0] for warning in warnings] == ["ldl", "rs1"]
    assert "not known" in warnings[1]


def test_honest_columns_pass(x, y):
    check_leakage(x, build_grid(x, FEATURES, ()), Response(y))


def leaks(x, y, column, values):
    x = x.copy()
    x[:, column] = values
    with pytest.raises(TrainingError) as caught:
        check_leakage(x, build_grid(x, FEATURES, ()), Response(y))
    return caught.value.code == "leakage" and caught.value.message.startswith(FEATURES[column].name)


def test_a_column_that_separates_the_outcomes_is_refused(x, y):
    noise = np.random.default_rng(0).random(N)
    assert leaks(x, y, 1, 100.0 + y + 0.1 * noise)
    assert leaks(x, y, 3, 1.0 - y)
    # high and low mean favourable, the middle means not
    assert leaks(x, y, 1, np.where(y == 1, np.where(noise < 0.5, noise, 10 + noise), 5 + noise))


def test_a_column_that_only_the_favourable_have_is_refused(x, y):
    assert leaks(x, y, 1, np.where(y == 1, np.random.default_rng(0).random(N), np.nan))
