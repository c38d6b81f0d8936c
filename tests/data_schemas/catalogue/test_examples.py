"""The example requests are valid, complete enough for an answer, and raise no warning."""

from __future__ import annotations

import json

import pytest

from data_schemas.catalogue.load import find_endpoint, load_catalogue
from data_schemas.toml_file import FOLDER
from data_schemas.wire.patient import Patient, PredictionRequest
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_can_be_answered(path):
    catalogue = load_catalogue()
    request = PredictionRequest.model_validate_json(path.read_bytes())
    endpoint = find_endpoint(catalogue, request.endpoint)
    assert endpoint.id == path.stem
    for patient in request.patients:
        assert isinstance(patient, Patient), patient
        resolved = resolve(patient, PatientTerms(endpoint, catalogue))
        assert (resolved.problems, resolved.warnings, resolved.ineligible) == ((), (), ())
        assert [name for name in endpoint.required if resolved.values[name] is None] == []


def test_there_is_an_example_under_therapy_and_under_its_comparator():
    for path in EXAMPLES:
        document = json.loads(path.read_text())
        comparator = load_catalogue().endpoints[path.stem].comparator
        first, second = document["patients"]
        assert second["therapy"]["name"] == comparator != first["therapy"]["name"]
        assert first["covariates"] == second["covariates"]
        assert first["genotypes"] == second["genotypes"]


def test_the_two_endpoints_with_public_or_simulated_data_have_one():
    assert {path.stem for path in EXAMPLES} >= {"mht-ldl-response", "tamoxifen-rfs"}
