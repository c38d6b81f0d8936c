"""HERS: 2,763 women, randomised; who responds, and on which arm."""

import csv

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalog import load_catalogue
from features.cohort import check_columns, read_cohort
from features.encode import encode, endpoint_features

CATALOGUE = load_catalogue()
ENDPOINT, COHORT = CATALOGUE.endpoints["mht-ldl-response"], CATALOGUE.cohorts["hers"]


@pytest.fixture(scope="module")
def path(real_data):
    return real_data / "hers" / "hersdata.csv"


@pytest.fixture(scope="module")
def data(path):
    return read_cohort(path, COHORT, ENDPOINT, CATALOGUE)


def test_who_counts_and_who_responds(data):
    report = data.report
    assert (report.n_read, report.n, report.n_favourable) == (2763, 2597, 958)
    assert report.ineligible_counts == {"outcome not known": 166}


def test_a_quarter_responds_on_placebo(data):
    rates = data.report.rate_by_therapy
    assert rates["cee-mpa"] == pytest.approx(0.486, abs=5e-4)
    assert rates["placebo"] == pytest.approx(0.255, abs=5e-4)


def test_numbers_are_those_of_the_file(data, path):
    raw = pd.read_csv(path)
    np.testing.assert_allclose(data.table["ldl_cholesterol"], raw["LDL"].to_numpy()[data.row])
    response = (raw["LDL1"] - raw["LDL"]) / raw["LDL"] <= -0.15 + 1e-6
    np.testing.assert_array_equal(data.response.y, response.to_numpy()[data.row])
    np.testing.assert_array_equal(data.table["therapy"] == "cee-mpa", (raw["HT"] != "placebo").to_numpy()[data.row])


def test_the_design_matrix_is_complete_but_for_a_handful(data):
    features = endpoint_features(ENDPOINT, CATALOGUE, "clinical+genetic", data.table.columns, data.therapies)
    matrix = encode(data.table, features)
    assert matrix.shape == (2597, 25)
    assert np.isnan(matrix).sum() == sum(data.report.missing.values()) < 20
    assert not [f for f in features if f.group == "genetic"]


def test_every_column_of_the_manifest_is_clean(path):
    assert check_columns(path, COHORT, CATALOGUE).n_read == 2763


def test_a_block_in_another_unit_is_found_in_real_numbers(path, tmp_path):
    with path.open(newline="") as source:
        header, *rows = list(csv.reader(source))
    column = header.index("LDL")
    for row in rows[500:560]:
        row[column] = str(round(float(row[column]) / 38.67, 2)) if row[column] else ""
    with (tmp_path / "mixed.csv").open("w", newline="") as target:
        csv.writer(target).writerows([header, *rows])
    with pytest.raises(Exception, match=r"column LDL, lines 502.* read like mmol/L") as caught:
        read_cohort(tmp_path / "mixed.csv", COHORT, ENDPOINT, CATALOGUE)
    assert caught.value.code == "mixed_units"
