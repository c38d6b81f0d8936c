"""Flat columns become the patients of a request; what nobody knows is refused."""

from __future__ import annotations

import pandas as pd
import pytest
from tiny_model import TINY_ENDPOINT

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import InputFileError
from data_schemas.wire.patient import InvalidPatient, Patient, Quantity, SomaticFinding, TherapyChoice
from features.patient.flat import flat_columns, patients_from_columns, patients_from_frame, read_header

TERMS = Terms(TINY_ENDPOINT, load_catalogue())


def patients(**columns):
    return patients_from_columns(columns, TERMS)


def one(header: str, cell: object) -> Patient | InvalidPatient:
    (patient,) = patients(**{header: [cell]})
    return patient


def refusal(*headers: str) -> InputFileError:
    with pytest.raises(InputFileError) as caught:
        read_header(headers, TERMS)
    return caught.value


def test_a_row_is_the_patient_that_a_request_would_hold():
    (patient,) = patients(
        id=["p1"],
        therapy=["cee-mpa"],
        age=["58"],
        **{"ldl_cholesterol [mmol/L]": ["4.1"]},
        diabetes=["no"],
        rs2234693=["T/C"],
        somatic=["p.Tyr537Ser; D538G=not_detected"],
    )
    assert patient == Patient(
        id="p1",
        therapy=TherapyChoice(name="cee-mpa"),
        covariates={"age": 58.0, "ldl_cholesterol": Quantity(value=4.1, unit="mmol/L"), "diabetes": "no"},
        genotypes={"rs2234693": "T/C"},
        somatic=(SomaticFinding(variant="p.Tyr537Ser"), SomaticFinding(variant="D538G", state="not_detected")),
    )


@pytest.mark.parametrize("blank", ["", "   ", None, float("nan")])
@pytest.mark.parametrize("header", ["id", "therapy", "dose", "age", "age [a]", "diabetes", "rs2234693", "somatic"])
def test_an_empty_cell_is_unknown(header, blank):
    assert one(header, blank) == Patient()


def test_typed_frames_and_text_frames_give_the_same_patients():
    typed = pd.DataFrame({
        "id": ["a", "b"], "therapy": ["placebo", None], "age": [58.0, float("nan")], "diabetes": [None, "yes"],
        "rs2234693": ["T/C", None],
    })  # fmt: skip
    text = pd.DataFrame({
        "id": ["a", "b"], "therapy": ["placebo", ""], "age": ["58", ""], "diabetes": ["", "yes"],
        "rs2234693": ["T/C", ""],
    })  # fmt: skip
    assert patients_from_frame(typed, TERMS) == patients_from_frame(text, TERMS)
    nullable = typed.convert_dtypes()
    assert patients_from_frame(nullable, TERMS) == patients_from_frame(typed, TERMS)


@pytest.mark.parametrize("number", ["58", " 58 ", "58.0", "+58", "5.8e1", 58, 58.0])
def test_a_number_may_be_text(number):
    assert one("age", number) == Patient(covariates={"age": 58.0})


@pytest.mark.parametrize("text", ["58 years", "5,8", "nan", "inf", "0x3A", "1_000", "fifty", "58;59"])
def test_other_text_stays_text_for_the_request_checks_to_refuse(text):
    assert one("age", text) == Patient(covariates={"age": text})


def test_a_wrong_cell_makes_its_own_row_invalid_and_no_other():
    first, second = patients(dose=["2 mg", "2"], therapy=["cee-mpa", "cee-mpa"])
    assert isinstance(first, InvalidPatient)
    assert isinstance(second, Patient)
    assert "2 mg" not in first.model_dump_json()


def test_a_dose_is_in_the_therapys_own_unit_unless_the_header_says_another():
    unit = load_catalogue().therapies["cee-mpa"].dose_unit
    (own,) = patients(therapy=["cee-mpa"], dose=["0.6"])
    (other,) = patients(therapy=["cee-mpa"], **{"dose [ug]": ["600"]})
    assert own.therapy.dose == Quantity(value=0.6, unit=unit)
    assert other.therapy.dose == Quantity(value=600.0, unit="ug")


def test_a_number_as_an_id_keeps_its_digits():
    assert one("id", 17) == Patient(id="17")


@pytest.mark.parametrize(
    ("header", "code", "near"),
    [
        ("ldl_cholestrol", "unknown_field", "ldl_cholesterol"),
        ("rs2234639", "unknown_variant", "rs2234693"),
        ("Age", "unknown_field", "age"),
        ("outcome_y", "unknown_field", "leave it out"),
        ("", "unknown_field", "column 1"),
    ],
)
def test_a_column_that_nobody_knows_is_refused_with_the_nearest_name(header, code, near):
    error = refusal(header)
    assert error.code == code
    assert near in error.message


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (("age", "age"), "wrong_columns"),
        (("ldl_cholesterol", "ldl_cholesterol [mmol/L]"), "wrong_columns"),
        (("ldl_cholesterol [mmol]",), "unknown_unit"),
        (("ldl_cholesterol []",), "unknown_unit"),
        (("diabetes [yes]",), "wrong_columns"),
        (("therapy [mg]",), "wrong_columns"),
        (("rs2234693 [copies]",), "unknown_variant"),
    ],
)
def test_a_header_that_cannot_be_meant_is_refused(headers, code):
    assert refusal(*headers).code == code


def test_the_endpoints_columns_are_its_signature():
    columns = flat_columns(TERMS)
    assert [column.name for column in columns] == [
        "id", "therapy", "dose", "age", "ldl_cholesterol", "diabetes", "rs2234693",
    ]  # fmt: skip
    assert {column.name for column in columns if column.numeric} == {"dose", "age", "ldl_cholesterol"}
    assert {column.name for column in columns if column.required} == {"therapy", "ldl_cholesterol"}
