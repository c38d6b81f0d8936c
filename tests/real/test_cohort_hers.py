"""HERS: 2,763 women, randomised; who responds, and on which arm."""

import csv

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.read import check_columns, read_cohort
from features.matrix.encode import encode, endpoint_features

CATALOGUE = load_catalogue()
ENDPOINT, COHORT = CATALOGUE.endpoints["mht-ldl-response"], CATALOGUE.cohorts["hers"]


@pytest.fixture(scope="module")
def path(real_data):
    return real_data / "hers" / "hersdata.csv"


@pytest.fixture(scope="module")
def data(path):
    return read_cohort(path, COHORT, Terms(ENDPOINT, CATALOGUE))


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
    features = endpoint_features(Terms(ENDPOINT, CATALOGUE), "clinical+genetic", data.table.columns, data.therapies)
    matrix = encode(data.table, features)
    assert matrix.shape == (2597, 25)
    assert np.isnan(matrix).sum() == sum(data.report.missing.values()) < 20
    assert not [f for f in features if f.group == "genetic"]


def test_every_column_of_the_manifest_is_clean(path):
    assert check_columns(path, COHORT, CATALOGUE).n_read == 2763


MIXED = [  # column, factor, first row, last row, unit that it reads like
    ("LDL", 1 / 38.67, 500, 560, "mmol/L"),
    ("tchol", 1 / 38.67, 1000, 1015, "mmol/L"),
    ("weight", 2.20462, 198, 258, "\\[lb_av\\]"),
    ("waist", 1 / 2.54, 2700, 2763, "\\[in_i\\]"),
]


@pytest.mark.parametrize(("name", "factor", "start", "stop", "unit"), MIXED)
def test_a_block_in_another_unit_is_found_in_real_numbers(path, tmp_path, name, factor, start, stop, unit):
    with path.open(newline="") as source:
        header, *rows = list(csv.reader(source))
    column = header.index(name)
    for row in rows[start:stop]:
        row[column] = str(round(float(row[column]) * factor, 2)) if row[column] else ""
    with (tmp_path / "mixed.csv").open("w", newline="") as target:
        csv.writer(target).writerows([header, *rows])
    with pytest.raises(Exception, match=rf"column {name}, lines {start + 2}.* read like {unit}") as caught:
        read_cohort(tmp_path / "mixed.csv", COHORT, Terms(ENDPOINT, CATALOGUE))
    assert caught.value.code == "mixed_units"


@pytest.mark.parametrize("by", ["BMI", "waist", "age", "LDL", "raceth", "TG"])
def test_the_file_sorted_by_any_column_mixes_no_units(path, tmp_path, by):
    pd.read_csv(path, dtype=str, keep_default_na=False).sort_values(
        by, key=lambda column: pd.to_numeric(column, errors="coerce").fillna(0) if by != "raceth" else column
    ).to_csv(tmp_path / "sorted.csv", index=False)
    assert check_columns(tmp_path / "sorted.csv", COHORT, CATALOGUE).n_read == 2763
