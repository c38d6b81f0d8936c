"""Values in other units arrive in ours; a unit that is not accepted is refused with those that are."""

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from features.values.units import accepted_units, convert, line, normalise

COVARIATES = load_catalogue().covariates


@pytest.mark.parametrize(
    ("name", "value", "unit", "expected"),
    [
        # factors of the reference tables: cholesterol 38.67, triglycerides 88.57, glucose 18.02 mg/dL per mmol/L
        ("ldl_cholesterol", 4.1, "mmol/L", 4.1 * 38.67),
        ("triglycerides", 1.7, "mmol/L", 1.7 * 88.57),
        ("glucose", 5.5, "mmol/L", 5.5 * 18.016),
        ("weight", 150, "[lb_av]", 68.04),
        ("ldl_cholesterol", 160, "mg/dL", 160),
        ("age", 61, "years", 61),
    ],
)
def test_a_value_in_an_accepted_unit_arrives_in_ours(name, value, unit, expected):
    assert convert(value, unit, COVARIATES[name]) == pytest.approx(expected, rel=2e-4)


def test_oestradiol_and_testosterone_convert_by_molar_mass():
    assert convert(100, "pmol/L", COVARIATES["oestradiol"]) == pytest.approx(27.24, rel=1e-3)
    assert convert(10, "nmol/L", COVARIATES["testosterone"]) == pytest.approx(288.4, rel=1e-3)


@pytest.mark.parametrize(
    "covariate", [row for row in COVARIATES.values() if row.kind == "continuous"], ids=lambda r: r.id
)
def test_every_unit_of_the_catalogue_converts_and_increases(covariate):
    for unit in accepted_units(covariate):
        assert convert(2.0, unit, covariate) > convert(1.0, unit, covariate)


@pytest.mark.parametrize("spelling", ["mg/dl", " mg/dL ", "mg/dL"])
def test_harmless_spellings_are_one_unit(spelling):
    assert convert(160, spelling, COVARIATES["ldl_cholesterol"]) == 160


def test_a_micro_sign_is_read_in_both_of_its_characters():
    assert normalise("µmol/l") == normalise("μmol/L") == "umol/L"


@pytest.mark.parametrize("unit", ["g/L", "mmol/mL", "", "mg", "furlong", "mmol/L/L", "9**9**9", "__import__('os')"])
def test_a_unit_that_is_not_accepted_is_refused_with_those_that_are(unit):
    with pytest.raises(EsrError, match="mg/dL or mmol/L") as caught:
        convert(4.1, unit, COVARIATES["ldl_cholesterol"])
    assert caught.value.code == "unknown_unit"


def test_months_and_years_are_those_of_the_julian_calendar():
    assert line("mo", "d") == (30.4375, 0.0)
    assert line("a", "mo") == (12.0, 0.0)


def test_units_of_another_dimension_do_not_convert():
    with pytest.raises(ValueError, match="do not convert"):
        line("mo", "kg")
