"""A user's own cohort, from a file to canonical columns, and what its report counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from own_cohort import (
    CATALOGUE,
    LDL,
    MANIFEST,
    ROWS,
    TAMOXIFEN,
)

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Binary
from data_schemas.catalogue.terms import Terms
from data_schemas.wire.patient import Patient
from features.cohort.read import read_cohort
from features.matrix.encode import columns_of, encode, endpoint_features
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms


def test_rows_become_canonical_columns(read):
    data = read()
    assert data.row.tolist() == [0, 1]
    assert data.table["therapy"].tolist() == ["cee-mpa", "placebo"]
    assert data.table["ldl_cholesterol"].tolist() == pytest.approx([154.7, 139.2], abs=0.1)
    assert data.table["statins"].tolist() == ["no", "yes"]
    assert data.table["rs2234693"].tolist() == [1.0, 2.0]
    assert data.table["rs9340799"].tolist() == [1.0, 0.0]
    assert np.isnan(data.table["age"][1])
    assert data.response.y.tolist() == [1.0, 0.0]
    assert data.therapies == ("cee-mpa", "placebo")


def test_every_row_that_does_not_count_has_one_reason_and_a_line(read):
    report = read().report
    assert (report.n_read, report.n) == (6, 2)
    assert [(one.code, one.n, one.lines) for one in report.ineligible] == [
        ("not_eligible", 1, (6,)),
        ("not_covered", 1, (5,)),
        ("outcome_not_known", 1, (4,)),
        ("missing_required", 1, (7,)),
    ]
    assert report.n_read == report.n + sum(one.n for one in report.ineligible)


def test_the_report_counts_outcomes_missing_values_and_what_the_cohort_lacks(read):
    report = read().report
    assert (report.n_favourable, report.n_unfavourable, report.event_rate) == (1, 1, 0.5)
    assert report.rate_by_therapy == {"cee-mpa": 1.0, "placebo": 0.0}
    assert report.missing["age"] == 1
    assert {"bmi", "rs1271572"} <= set(report.absent)
    assert report.genotype_states["rs2234693"] == {"called": 4, "not_assayed": 1, "failed_qc": 1}
    assert report.synthetic


def test_columns_alone_can_be_checked(read):
    report = read(endpoint=None)
    assert (report.endpoint, report.n_read) == (None, 6)
    assert report.missing["statins"] == 1
    assert {one.variant for one in report.sites} == {"rs2234693", "rs9340799"}


def test_a_cohort_and_a_request_give_the_same_design_matrix(read):
    data = read()
    features = endpoint_features(Terms(LDL, CATALOGUE), "clinical+genetic", data.table.columns, data.therapies)
    requests = [
        {"therapy": {"name": "cee-mpa"}, "genotypes": {"rs2234693": "T/C", "rs9340799": "A/G"},
         "covariates": {"age": 61, "statins": "no", "ldl_cholesterol": {"value": 4.0, "unit": "mmol/L"}}},
        {"therapy": {"name": "placebo"}, "genotypes": {"rs2234693": "C/C", "rs9340799": "A/A"},
         "covariates": {"statins": True, "ldl_cholesterol": {"value": 3.6, "unit": "mmol/L"}}},
    ]  # fmt: skip
    values = [resolve(Patient.model_validate(one), PatientTerms(LDL, CATALOGUE)).values for one in requests]
    served = encode(columns_of(values, [f.name for f in features]), features)
    np.testing.assert_array_equal(encode(data.table, features), served)


def test_the_digest_follows_the_content_and_not_the_spelling(read):
    digest = read().digest
    assert digest == read({"age": ["61.0", "", "55", "60.00", "39", "58"]}).digest
    assert digest != read({"age": ["62", "NA", "5.5e1", "60", "39", "58"]}).digest
    assert digest != read({"ldl1": ["4.0", "3.5", "", "3.0", "3.0", "3.0"]}).digest


def test_parquet_and_csv_are_one_cohort(read, tmp_path):
    path = tmp_path / "mine.parquet"
    frame = pd.DataFrame(ROWS).assign(age=[61, None, 55, 60, 39, 58], ldl=pd.to_numeric(ROWS["ldl"]))
    frame.to_parquet(path)
    data = read_cohort(path, Cohort.model_validate(MANIFEST), Terms(LDL, CATALOGUE))
    assert data.digest == read().digest


def test_simulated_rows_cannot_pass_for_patients(refused, read):
    marked = ROWS | {"esr_synthetic": ["yes"] * 6}
    assert read(rows=marked).report.synthetic
    refused("wrong_columns", "synthetic = true", rows=marked, manifest={"synthetic": False})
    assert not read(manifest={"synthetic": False}).report.synthetic


def test_a_cohort_that_cannot_tell_the_outcome(refused):
    refused("unusable_outcome", "time and event", endpoint=TAMOXIFEN)
    refused("unusable_outcome", "response", endpoint=LDL.model_copy(update={"outcome": Binary(kind="binary")}))


def test_nobody_eligible_lists_the_reasons(refused):
    refused("no_rows", "a therapy that the endpoint does not cover", changes={"arm": ["T"] * 6})
