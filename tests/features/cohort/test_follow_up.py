"""Times to an event, as a cohort's file has them: units, horizons, and what looks like two units or like a code."""

from __future__ import annotations

import numpy as np
import pytest
from own_cohort import (
    TAMOXIFEN,
    TIME_MANIFEST,
    TIMES,
    followed,
)


def test_time_to_event_in_months(read):
    data = read(rows=TIMES, manifest=TIME_MANIFEST, endpoint=TAMOXIFEN)
    np.testing.assert_array_equal(data.response.y, [1, 0, np.nan, 1])
    assert data.response.time[0] == pytest.approx(40 * 30.4375)
    report = data.report
    assert (report.n_favourable, report.n_unfavourable, report.n_censored, report.n_events) == (2, 1, 1, 2)
    assert [(one.code, one.n) for one in report.ineligible] == [("outcome_not_known", 2)]


def test_a_time_that_never_reaches_the_horizon_blames_the_unit(refused):
    days = TIME_MANIFEST | {"time": {"column": "months", "unit": "d"}}
    refused("unusable_outcome", "unit of the time column", rows=TIMES, manifest=days, endpoint=TAMOXIFEN)


def test_a_negative_time_is_impossible(refused):
    rows = TIMES | {"months": ["40", "-1", "20", "", "50", "36"]}
    refused("out_of_range", "column months, line 3", rows=rows, manifest=TIME_MANIFEST, endpoint=TAMOXIFEN)


@pytest.fixture
def doubts(read):
    """What a report notes of the column with the days."""
    return lambda **asked: [note for note in read(**asked).report.notes if note.startswith("days:")]


def test_follow_up_in_two_units_is_pointed_out_and_in_one_is_not(doubts):
    asked = {"endpoint": TAMOXIFEN, "manifest": TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}}
    for seed in range(20):
        rows, days = followed(seed=seed)
        assert doubts(rows=rows | {"days": days.astype(int).astype(str)}, **asked) == []
    for unit, length in (("mo", 30.4375), ("a", 365.25)):
        mixed = days.copy()
        mixed[100:160] = np.round(mixed[100:160] / length, 2)
        said = f"days: lines 102 to 161 would be like the others in {unit}; if they are not in d, convert them"
        assert doubts(rows=rows | {"days": mixed.astype(str)}, **asked) == [said]
    certain = asked["manifest"] | {"time": asked["manifest"]["time"] | {"one_unit": True}}
    mixed = rows | {"days": mixed.astype(str)}
    assert doubts(rows=mixed, manifest=certain, endpoint=TAMOXIFEN) == []


@pytest.mark.parametrize("scale", [20, 40, 80])
@pytest.mark.parametrize("spread", [0, 0.3])
def test_events_within_weeks_and_years_of_follow_up_are_no_two_units(doubts, scale, spread):
    """In a file sorted by event, the two differ by about the days of a month; many may be followed to one day."""
    asked = {"endpoint": TAMOXIFEN, "manifest": TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}}
    rows, _ = followed()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        event = np.sort(rng.random(300) < 0.5)
        later = scale * np.exp(rng.normal(0, 0.5, 300)), 1500 * np.exp(rng.normal(0, spread, 300))
        times = {"days": np.ceil(np.where(event, *later)).astype(str), "status": np.where(event, "1", "0")}
        assert doubts(rows=rows | times, **asked) == []


def test_a_code_for_missing_in_the_follow_up_is_pointed_out(doubts):
    rows, days = followed()
    days[[5, 50, 70, 120, 250]] = 9999
    manifest = TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}
    (note,) = doubts(rows=rows | {"days": days.astype(int).astype(str)}, manifest=manifest, endpoint=TAMOXIFEN)
    assert "stands in 5 lines, the first 7; if it is a code" in note


def test_follow_up_longer_than_a_life_blames_its_unit(refused):
    rows, days = followed()
    years = TIME_MANIFEST | {"time": {"column": "days", "unit": "a"}}
    whole = rows | {"days": days.astype(str)}
    refused(
        "mixed_units", "the follow-up time reads like d, not like a", rows=whole, manifest=years, endpoint=TAMOXIFEN
    )
    months = TIME_MANIFEST | {"time": {"column": "days", "unit": "mo"}}
    short = rows | {"days": np.minimum(days, 1440).astype(str)}
    refused("mixed_units", "the follow-up time is in mo, but", rows=short, manifest=months, endpoint=TAMOXIFEN)
    once = rows | {"days": np.where(np.arange(300) == 7, 45_000, days).astype(str)}
    manifest = TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}
    refused("out_of_range", "column days, line 9", "0 to 44000 d", rows=once, manifest=manifest, endpoint=TAMOXIFEN)


def test_a_follow_up_time_needs_a_column_and_a_unit_of_time(refused):
    for column, says in (({"constant": 5.0}, "needs a column"), ({"column": "months", "unit": "kg"}, "d or wk or mo")):
        manifest = TIME_MANIFEST | {"time": column}
        refused("catalogue_invalid", says, rows=TIMES, manifest=manifest, endpoint=TAMOXIFEN)
    refused("catalogue_invalid", "needs its unit", rows=TIMES, manifest=TIME_MANIFEST | {"time": {"column": "months"}},
            endpoint=TAMOXIFEN)  # fmt: skip
