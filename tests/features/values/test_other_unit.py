"""Two units in one column are told from long tails, sorted files and groups that differ."""

import numpy as np
import pytest

from data_schemas.catalogue.load import load_catalogue
from features.values.other_unit import other_scale
from features.values.rule import ClinicalRule
from features.values.unit_blocks import shifted_block

COVARIATES = load_catalogue().covariates
N = 400


def draw(name, centre, log_sd, n=N, seed=0):
    return ClinicalRule.of(COVARIATES[name]), centre * np.exp(np.random.default_rng(seed).normal(0, log_sd, n))


def everybody(n=N):
    return np.zeros(n, dtype=int)


CASES = [  # covariate, stated unit, other unit, factor between them, centre, spread
    ("testosterone", "ng/dL", "nmol/L", 28.84, 500, 0.35),
    ("oestradiol", "pg/mL", "pmol/L", 1 / 3.671, 28, 0.35),
    ("tumour_size", "mm", "cm", 10, 25, 0.5),
    ("igf1", "ng/mL", "nmol/L", 7.649, 130, 0.35),
]


@pytest.mark.parametrize(("name", "stated", "unit", "factor", "centre", "spread"), CASES)
def test_a_block_within_plausible_ranges_is_found_by_its_factor(name, stated, unit, factor, centre, spread):
    rule, values = draw(name, centre, spread)
    assert shifted_block(values, rule, stated, everybody()) is None
    values[100:160] /= factor
    found = shifted_block(values, rule, stated, everybody())
    assert found.unit == unit
    assert 98 <= found.rows[0] <= 105
    assert 155 <= found.rows[-1] <= 162


def test_several_blocks_are_found_together():
    rule, values = draw("testosterone", 500, 0.35)
    for start in (30, 150, 290):
        values[start : start + 40] /= 28.84
    assert len(shifted_block(values, rule, "ng/dL", everybody()).rows) == pytest.approx(120, abs=4)


def test_a_sorted_column_is_no_mixture():
    rule, values = draw("oestradiol", 20, 0.9)
    assert shifted_block(np.sort(values), rule, "pg/mL", everybody()) is None
    assert shifted_block(np.sort(values)[::-1], rule, "pg/mL", everybody()) is None


def test_a_wide_unsorted_column_is_no_mixture():
    for seed in range(50):
        rule, values = draw("oestradiol", 20, 0.9, seed=seed)
        assert shifted_block(values, rule, "pg/mL", everybody()) is None


def test_groups_that_differ_by_nature_are_compared_with_themselves():
    rule, values = draw("testosterone", 500, 0.35)
    values[200:] /= 25
    women = np.arange(N) >= 200
    assert shifted_block(values, rule, "ng/dL", women.astype(int)) is None


def test_unknown_values_do_not_break_a_block():
    rule, values = draw("testosterone", 500, 0.35)
    values[100:160] /= 28.84
    values[::7] = np.nan
    assert len(shifted_block(values, rule, "ng/dL", everybody()).rows) == pytest.approx(51, abs=3)


def test_a_long_tail_is_not_another_unit():
    rule, values = draw("weight", 95, 0.3)
    assert (values > 180).sum() >= 5
    assert other_scale(values, rule, "kg") is None
    rule, values = draw("oestradiol", 1500, 0.7)
    assert (values > 5000).sum() >= 5
    assert other_scale(values, rule, "pg/mL") is None


def test_scattered_rows_far_from_the_rest_are_another_unit():
    rule, values = draw("ldl_cholesterol", 140, 0.25)
    values[::40] /= 38.67
    found = other_scale(values, rule, "mg/dL")
    assert (found.unit, found.rows.tolist(), found.whole) == ("mmol/L", list(range(0, N, 40)), False)


def test_a_column_without_known_values_has_no_unit():
    rule = ClinicalRule.of(COVARIATES["testosterone"])
    assert shifted_block(np.full(N, np.nan), rule, "ng/dL", everybody()) is None
