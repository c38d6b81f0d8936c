"""The limits of what a model may answer for, each from both sides."""

from __future__ import annotations

import math

import pytest
from tiny_model import make_tiny_scorecard

from serving.answer.support import MAX_INTERVAL_WIDTH, Support, interval_reason

# therapy, age, LDL cholesterol, diabetes, rs2234693
INSIDE = [1.0, 58.0, 158.5, 0.0, 1.0]
LDL = 2
UNKNOWN = math.nan


def check(place: int, value: float, scorecard=None) -> tuple[list[str], list[str]]:
    row = [*INSIDE[:place], value, *INSIDE[place + 1 :]]
    reasons, warnings = Support(scorecard or make_tiny_scorecard()).check(row)
    return [one.code for one in reasons], [one.code for one in warnings]


@pytest.mark.parametrize(
    ("value", "reasons", "warnings"),
    [
        # the cohort's range is 60 to 280, its 1st and 99th percentiles 70 and 260, the margin a tenth of the range
        (158.5, [], []),
        (70, [], []),
        (69.9, [], ["at_the_edge"]),
        (60, [], ["at_the_edge"]),
        (38.1, [], ["at_the_edge"]),
        (37.9, ["outside_support"], []),
        (260, [], []),
        (260.1, [], ["at_the_edge"]),
        (301.9, [], ["at_the_edge"]),
        (302.1, ["outside_support"], []),
    ],
)
def test_a_number_outside_the_cohort(value, reasons, warnings):
    assert check(LDL, value) == (reasons, warnings)


@pytest.mark.parametrize(("count", "reasons"), [(0, ["outside_support"]), (9, ["outside_support"]), (10, [])])
def test_a_level_that_few_patients_had(count, reasons):
    scorecard = make_tiny_scorecard()
    rare = scorecard.features[3].model_copy(update={"level_counts": {"no": 100, "yes": count}})
    features = (*scorecard.features[:3], rare, *scorecard.features[4:])
    assert check(3, 1.0, scorecard.model_copy(update={"features": features}))[0] == reasons
    assert check(3, 0.0, scorecard.model_copy(update={"features": features}))[0] == []


def test_too_much_unknown_names_what_would_tell_most():
    reasons, _ = Support(make_tiny_scorecard()).check([UNKNOWN] * 5)
    assert [one.code for one in reasons] == ["too_much_unknown"]
    assert "therapy" in reasons[0].detail
    assert "100 %" in reasons[0].detail


def test_what_matters_little_may_be_unknown():
    reasons, warnings = Support(make_tiny_scorecard()).check([1.0, UNKNOWN, 158.5, UNKNOWN, UNKNOWN])
    assert reasons == ()
    # the model learned what an unknown diabetes status means, so nothing was filled in for it
    assert [one.code for one in warnings] == ["unknown_filled"]
    assert "diabetes" not in warnings[0].detail


def test_a_model_that_draws_on_nothing_misses_nothing():
    scorecard = make_tiny_scorecard(genetic=False)
    flat = tuple(term.model_copy(update={"values": (0.0,) * len(term.values), "mean": 0.0}) for term in scorecard.terms)
    reasons, _ = Support(scorecard.model_copy(update={"terms": flat})).check([UNKNOWN] * 4)
    assert reasons == ()


def test_a_wide_interval_is_no_answer():
    assert interval_reason(0.25, 0.25 + MAX_INTERVAL_WIDTH) is None
    assert interval_reason(0.25, 0.2501 + MAX_INTERVAL_WIDTH).code == "interval_too_wide"


def test_no_text_repeats_the_patients_value():
    reasons, _ = Support(make_tiny_scorecard()).check([1.0, 58.0, 987.6, 0.0, 1.0])
    assert "987" not in reasons[0].detail
    assert "60.0 to 280.0 mg/dL" in reasons[0].detail
