"""A block in pounds, inches or mmol/L is found by its factor; sorted files and sites that differ are no mixtures."""

import numpy as np
import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import Covariate
from features.values.rule import ClinicalRule
from features.values.unit_blocks import shifted_block

COVARIATES = load_catalogue().covariates
HEIGHT = Covariate(
    id="height", label="Height", kind="continuous", unit="cm", accepted_units=("[in_i]",),
    possible=(40, 250), plausible=(50, 220),
)  # fmt: skip
LB, INCH, CHOLESTEROL = 2.20462, 1 / 2.54, 1 / 38.665
N = 400


def rule(name):
    return ClinicalRule.of(HEIGHT if name == "height" else COVARIATES[name])


def draw(centre, log_sd, n=N, seed=0):
    return centre * np.exp(np.random.default_rng(seed).normal(0, log_sd, n))


def everybody(n=N):
    return np.zeros(n, dtype=int)


BLOCKS = [  # covariate, stated unit, unit of the block, factor of the block, centre, spread
    ("weight", "kg", "[lb_av]", LB, 72, 0.19),
    ("weight", "lb", "kg", 1 / LB, 72, 0.19),
    ("waist", "cm", "[in_i]", INCH, 91, 0.14),
    ("height", "cm", "[in_i]", INCH, 162, 0.04),
    ("hdl_cholesterol", "mg/dL", "mmol/L", CHOLESTEROL, 50, 0.25),
    ("total_cholesterol", "mg/dL", "mmol/L", CHOLESTEROL, 220, 0.18),
    ("total_cholesterol", "mmol/L", "mg/dL", 1 / CHOLESTEROL, 220, 0.18),
    ("systolic_pressure", "mm[Hg]", "kPa", 1 / 7.50062, 135, 0.14),
]


@pytest.mark.parametrize(("name", "stated", "unit", "factor", "centre", "spread"), BLOCKS)
@pytest.mark.parametrize(("start", "stop"), [(200, 260), (0, 40), (380, 400), (150, 165)])
def test_a_block_in_another_unit_is_found(name, stated, unit, factor, centre, spread, start, stop):
    values = draw(centre, spread)
    assert shifted_block(values, rule(name), stated, everybody()) is None
    values[start:stop] *= factor
    found = shifted_block(values, rule(name), stated, everybody())
    assert found.unit == unit
    assert np.setxor1d(found.rows, np.arange(start, stop)).size <= 2


def test_half_the_rows_and_more_in_another_unit_are_found():
    for share in (0.4, 0.5, 0.7):
        values = draw(72, 0.19)
        values[: int(share * N)] *= LB
        found = shifted_block(values, rule("weight"), "kg", everybody())
        assert found.unit == "[lb_av]"
        assert len(found.rows) == pytest.approx(share * N, abs=2)


def test_a_block_is_found_within_therapies_and_among_unknown_values():
    values, arm = draw(72, 0.19), np.random.default_rng(1).integers(0, 3, N)
    values[200:260] *= LB
    values[::7] = np.nan
    found = shifted_block(values, rule("weight"), "kg", arm)
    assert found.rows.tolist() == [row for row in range(200, 260) if row % 7]


def test_two_sites_whose_patients_differ_are_no_mixture():
    for seed in range(20):
        for ratio in (1.2, 1 / 1.2, 1.5):
            values = draw(72, 0.19, seed=seed)
            values[250:] *= ratio
            assert shifted_block(values, rule("weight"), "kg", everybody()) is None


@pytest.mark.parametrize(("name", "spread"), [("weight", 0.19), ("tumour_size", 0.55), ("oestradiol", 0.9)])
def test_a_file_sorted_by_a_related_column_is_no_mixture(name, spread):
    for seed in range(20):
        shuffle = np.random.default_rng(seed)
        own, noise = shuffle.normal(size=(2, N))
        for correlation in (-0.9, 0.5, 0.8, 0.95):
            order = np.argsort(correlation * own + np.sqrt(1 - correlation**2) * noise)
            values = 30 * np.exp(spread * own[order])
            assert shifted_block(values, rule(name), "", everybody()) is None


def test_rows_of_one_heavy_person_are_no_block():
    values = draw(72, 0.19)
    values[100:112] = 150 * np.exp(np.random.default_rng(1).normal(0, 0.01, 12))
    assert shifted_block(values, rule("weight"), "kg", everybody()) is None


def test_a_block_by_another_factor_is_no_unit():
    for factor in (1.5, 3.2, 5):
        values = draw(60, 0.19)
        values[200:260] *= factor
        assert shifted_block(values, rule("weight"), "kg", everybody()) is None


def test_a_unit_with_another_zero_is_left_alone():
    warm = Covariate(
        id="t", label="Temperature", kind="continuous", unit="Cel", accepted_units=("K",), possible=(30, 45)
    )
    assert shifted_block(draw(37, 0.01), ClinicalRule.of(warm), "K", everybody()) is None
