"""A therapy that only the user's endpoint declares: in a cohort, a request, flat columns and the design matrix."""

import pandas as pd
import pytest

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import Therapy
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError
from data_schemas.wire.patient import Patient
from features.cohort.read import check_columns, read_cohort
from features.matrix.encode import endpoint_features
from features.patient.flat import patients_from_columns
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
OWN = Therapy(id="estetrol", label="Estetrol", therapy_class="oestrogens", mechanism="agonist", dose_unit="mg/d")
ENDPOINT = CATALOGUE.endpoints["mht-ldl-response"].model_copy(
    update={"id": "estetrol-ldl", "therapies": ("estetrol", "placebo"), "declared_therapies": {"estetrol": OWN}}
)
MANIFEST = {
    "id": "mine", "title": "t", "design": "randomised", "synthetic": True, "licence": "l", "citation": "c",
    "ancestry": "not stated", "therapy": {"column": "arm", "codes": {"E": "estetrol", "P": "placebo"}},
    "covariates": {
        "sex": {"constant": "female"}, "menopausal_status": {"constant": "postmenopausal"},
        "age": {"column": "age", "unit": "a"}, "ldl_cholesterol": {"column": "ldl", "unit": "mg/dL"},
    },
    "follow_up": {"ldl_cholesterol": {"column": "ldl1", "unit": "mg/dL"}},
}  # fmt: skip


@pytest.fixture
def file(tmp_path):
    table = {"arm": ["E", "P", "E", "P"], "age": [60, 61, 62, 63], "ldl": [150] * 4, "ldl1": [100, 150, 151, 101]}
    pd.DataFrame(table).to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path / "mine.csv"


def test_a_cohort_may_have_it(file):
    data = read_cohort(file, Cohort.model_validate(MANIFEST), Terms(ENDPOINT, CATALOGUE))
    assert [(one.therapy, one.n, one.n_favourable) for one in data.report.by_therapy] == [
        ("estetrol", 2, 1),
        ("placebo", 2, 1),
    ]
    (feature, *_) = endpoint_features(Terms(ENDPOINT, CATALOGUE), "clinical", data.table.columns, data.therapies)
    assert feature.level_labels == {"estetrol": "Estetrol", "placebo": "Placebo"}


def test_a_therapy_that_nobody_declares_is_refused(file):
    misspelt = MANIFEST | {"therapy": {"column": "arm", "codes": {"E": "estetrol", "P": "plcebo"}}}
    with pytest.raises(CatalogueError, match=r"therapy: 'plcebo' is not a therapy.*did you mean 'placebo'") as caught:
        read_cohort(file, Cohort.model_validate(misspelt), Terms(ENDPOINT, CATALOGUE))
    assert "estetrol" not in caught.value.message
    with pytest.raises(CatalogueError, match="'estetrol' is not a therapy of the catalogue or declared"):
        check_columns(file, Cohort.model_validate(MANIFEST), CATALOGUE)


def test_a_patient_may_be_given_it_with_a_dose():
    given = {"therapy": {"name": "estetrol", "dose": {"value": 15, "unit": "mg/d"}}, "covariates": {}}
    found = resolve(Patient.model_validate(given), PatientTerms(ENDPOINT, CATALOGUE))
    assert found.values["therapy"] == "estetrol"
    assert not [one for one in found.problems if "therapy" in one.pointer]
    (patient,) = patients_from_columns({"therapy": ["estetrol"], "dose": ["15"]}, Terms(ENDPOINT, CATALOGUE))
    assert patient.therapy.dose.unit == "mg/d"
