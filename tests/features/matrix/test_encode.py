"""The one encoder: a row's numbers do not depend on its neighbours."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from data_schemas.model.scorecard import Feature
from data_schemas.wire.patient import Patient
from features.matrix.encode import columns_of, encode, endpoint_features
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
ENDPOINT = CATALOGUE.endpoints["mht-ldl-response"]
TERMS = PatientTerms(ENDPOINT, CATALOGUE)
FEATURES = endpoint_features(TERMS, "clinical+genetic")


def _value(feature):
    if feature.levels:
        known = st.sampled_from(feature.levels)
    elif feature.kind == "dosage":
        known = st.floats(0, 2)
    else:
        known = st.floats(-1e6, 1e6)
    return st.one_of(st.none(), known)


rows = st.lists(st.fixed_dictionaries({f.name: _value(f) for f in FEATURES}), min_size=1, max_size=8)


def test_features_stand_in_the_stated_order_with_what_the_catalogue_knows():
    kinds = [f.kind for f in FEATURES]
    assert kinds[0] == "therapy"
    assert [f.name for f in FEATURES[1:]] == [*ENDPOINT.covariates, *ENDPOINT.variants]
    pvuii = next(f for f in FEATURES if f.name == "rs2234693")
    assert (pvuii.group, pvuii.effect_allele, pvuii.effect_model) == ("genetic", "C", "additive")
    assert "PvuII" in pvuii.label
    assert set(pvuii.evidence) == set(TERMS.evidence_for("rs2234693"))
    ldl = next(f for f in FEATURES if f.name == "ldl_cholesterol")
    assert (ldl.group, ldl.unit) == ("clinical", "mg/dL")
    assert next(f for f in FEATURES if f.name == "waist_hip_ratio").unit == ""


def test_the_clinical_set_holds_no_genetics():
    clinical = endpoint_features(TERMS, "clinical")
    assert {f.group for f in clinical} == {"therapy", "clinical"}
    assert [f for f in FEATURES if f.group != "genetic"] == list(clinical)


def test_one_therapy_is_no_feature_and_a_cohort_limits_the_columns():
    found = endpoint_features(TERMS, "clinical", available={"age", "bmi"}, therapies=["placebo"])
    assert [f.name for f in found] == ["age", "bmi"]
    found = endpoint_features(TERMS, "clinical", available={"age"}, therapies=["placebo", "cee-mpa"])
    assert found[0].levels == ("placebo", "cee-mpa")


def test_somatic_features_follow_the_variants():
    endpoint = CATALOGUE.endpoints["serd-progression"]
    found = endpoint_features(Terms(endpoint, CATALOGUE), "clinical+genetic")
    assert [f.name for f in found if f.kind == "somatic"] == list(endpoint.somatic)
    assert {f.group for f in found if f.kind == "somatic"} == {"genetic"}


@given(rows=rows, data=st.data())
def test_order_of_rows_does_not_matter_and_a_row_alone_is_the_row_in_a_batch(rows, data):
    order = data.draw(st.permutations(range(len(rows))))
    names = [f.name for f in FEATURES]
    together = encode(columns_of(rows, names), FEATURES)
    shuffled = encode(columns_of([rows[i] for i in order], names), FEATURES)
    np.testing.assert_array_equal(shuffled, together[order])
    for i, row in enumerate(rows):
        np.testing.assert_array_equal(encode(columns_of([row], names), FEATURES)[0], together[i])


@given(rows=rows)
def test_a_frame_encodes_like_lists_and_unknown_is_nan(rows):
    names = [f.name for f in FEATURES]
    columns = columns_of(rows, names)
    frame = pd.DataFrame(
        {f.name: pd.Series(columns[f.name], dtype=object if f.levels else "float64") for f in FEATURES}
    )
    matrix = encode(columns, FEATURES)
    np.testing.assert_array_equal(encode(frame, FEATURES), matrix)
    for j, feature in enumerate(FEATURES):
        assert [math.isnan(x) for x in matrix[:, j]] == [value is None for value in columns[feature.name]]
    assert matrix.dtype == np.float64
    assert matrix.shape == (len(rows), len(FEATURES))


def test_levels_are_indexed_and_a_level_that_is_not_there_is_nan():
    feature = Feature(name="g", kind="categorical", group="clinical", label="G", levels=("a", "b"))
    np.testing.assert_array_equal(encode({"g": ["b", "a", None, "c"]}, [feature])[:, 0], [1, 0, np.nan, np.nan])


@pytest.mark.parametrize(
    ("model", "expected"),
    [("additive", [0, 1, 2, 1.5, np.nan]), ("dominant", [0, 1, 1, 1, np.nan]), ("recessive", [0, 0, 1, 0.5, np.nan])],
)
def test_effect_models(model, expected):
    feature = Feature(name="v", kind="dosage", group="genetic", label="V", effect_model=model)
    np.testing.assert_array_equal(encode({"v": [0, 1, 2, 1.5, None]}, [feature])[:, 0], expected)


def test_a_missing_column_is_refused():
    with pytest.raises(EsrError, match="age") as caught:
        encode({"bmi": [20.0]}, [Feature(name="age", kind="continuous", group="clinical", label="Age")])
    assert caught.value.code == "schema_incompatible"


def test_no_features_make_a_matrix_without_columns():
    assert encode({"age": [1.0, 2.0]}, []).shape == (2, 0)


def test_unphased_letters_in_either_order_encode_alike():
    def row(letters):
        patient = Patient.model_validate({"therapy": {"name": "placebo"}, "genotypes": {"rs2234693": letters}})
        return encode(
            columns_of([resolve(patient, TERMS).values], [f.name for f in FEATURES]),
            FEATURES,
        )

    np.testing.assert_array_equal(row("T/C"), row("C/T"))
