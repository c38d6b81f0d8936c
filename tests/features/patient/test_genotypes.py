"""Genotypes of a request with their states: kept as stated, said in a warning, never improved on the way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from cli.main import app
from data_schemas.catalogue.load import load_catalogue
from data_schemas.wire.patient import InvalidPatient, Patient, PredictionRequest
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
ENDPOINT = CATALOGUE.endpoints["mht-ldl-response"]
PVUII, XBAI = "rs2234693", "rs9340799"


def resolved(genotypes):
    eligible = {"age": 58, "sex": "female", "menopausal_status": "postmenopausal"}
    return resolve(
        Patient.model_validate({"covariates": eligible, "genotypes": genotypes}), PatientTerms(ENDPOINT, CATALOGUE)
    )


def test_an_assumed_site_stays_assumed_and_is_said():
    found = resolved({PVUII: {"state": "assumed_reference", "alleles": "T/T", "reason": "asserted"}})
    call = found.genotypes[PVUII]
    assert (call.state, call.alleles, call.dosage, call.reason) == ("assumed_reference", "T/T", 0.0, "asserted")
    assert found.values[PVUII] == 0.0
    assert [one.code for one in found.warnings] == ["assumed_reference"]
    assert found.problems == ()


def test_an_imputed_dosage_is_used_as_it_is_and_said():
    found = resolved({PVUII: {"state": "imputed", "dosage": 0.8, "quality": 0.92}})
    assert (found.genotypes[PVUII].state, found.values[PVUII]) == ("imputed", 0.8)
    assert [one.code for one in found.warnings] == ["imputed_genotype"]


@pytest.mark.parametrize(
    ("quality", "reason"),
    [({"quality": 0.79}, "low_imputation_quality"), ({"imputation_quality": 0.1}, "low_imputation_quality"),
     ({}, "imputation_quality_unknown")],
)  # fmt: skip
def test_an_imputed_genotype_of_poor_or_unknown_quality_fails(quality, reason):
    found = resolved({PVUII: {"state": "imputed", "dosage": 0.8} | quality})
    assert (found.genotypes[PVUII].state, found.genotypes[PVUII].reason) == ("failed_qc", reason)
    assert found.values[PVUII] is None
    assert found.warnings == ()


@pytest.mark.parametrize("state", ["not_assayed", "failed_qc", "conflict"])
def test_a_state_without_a_genotype_is_unknown(state):
    found = resolved({PVUII: {"state": state, "reason": "low_gq"}})
    assert (found.genotypes[PVUII].state, found.genotypes[PVUII].reason) == (state, "low_gq")
    assert found.values[PVUII] is None
    assert found.problems == ()


def test_a_called_object_is_the_same_as_its_letters():
    letters, stated = resolved({PVUII: "T/C"}), resolved({PVUII: {"state": "called", "alleles": "C/T", "dosage": 1}})
    assert stated == letters


@pytest.mark.parametrize(
    "stated",
    [
        {"state": "called"},
        {"state": "called", "alleles": "T/C", "dosage": 2},
        {"state": "called", "alleles": "./."},
        {"state": "called", "alleles": "T/C", "phased": "T|T"},
        {"state": "called", "alleles": "T/C", "variant": XBAI},
        {"state": "called", "alleles": "T/C", "effect_allele": "T"},
        {"state": "assumed_reference", "alleles": "C/T"},
        {"state": "assumed_reference"},
        {"state": "imputed", "quality": 0.9},
    ],
)
def test_parts_that_do_not_fit_are_a_problem(stated):
    (problem,) = resolved({PVUII: stated}).problems
    assert (problem.pointer, problem.code) == (f"/genotypes/{PVUII}", "invalid_genotype")


@pytest.mark.parametrize(
    ("stated", "pointer", "code"),
    [
        ({"state": "imputed", "dosage": 2.1, "quality": 1}, f"/genotypes/{PVUII}/dosage", "out_of_range"),
        ({"state": "guessed", "alleles": "T/C"}, f"/genotypes/{PVUII}/state", "unknown_level"),
        ({"alleles": "T/C"}, f"/genotypes/{PVUII}/state", "missing_required"),
        ({"state": "called", "alelles": "T/C"}, f"/genotypes/{PVUII}/alelles", "unknown_field"),
        (3, f"/genotypes/{PVUII}", "wrong_type"),
    ],
)
def test_a_wrong_form_points_at_its_field(stated, pointer, code):
    body = {"endpoint": "x", "patients": [{"genotypes": {PVUII: stated}}]}
    (patient,) = PredictionRequest.model_validate_json(json.dumps(body)).patients
    assert isinstance(patient, InvalidPatient)
    assert [(one.pointer, one.code) for one in patient.problems] == [(pointer, code)]


@given(dosage=st.floats(0, 2), quality=st.floats(0, 1))
def test_an_imputed_dosage_is_used_exactly_from_the_limit_on(dosage, quality):
    found = resolved({PVUII: {"state": "imputed", "dosage": dosage, "quality": quality}})
    assert found.values[PVUII] == (dosage if quality >= 0.8 else None)


def test_what_esr_genotypes_prints_can_be_posted(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text(f"sample,{PVUII},{XBAI},rs2077647\np1,T|C,--,\n")
    printed = CliRunner().invoke(app, ["genotypes", str(file), "--json"])
    (sample,) = json.loads(printed.output)["files"][0]["samples"]
    found = resolved({site["variant"]: site for site in sample["sites"]})
    assert found.problems == ()
    for site in sample["sites"]:
        if site["variant"] in found.genotypes:
            assert found.genotypes[site["variant"]].state == site["state"]
    assert found.values[PVUII] == 1.0
    assert found.genotypes[XBAI].state == "failed_qc"
