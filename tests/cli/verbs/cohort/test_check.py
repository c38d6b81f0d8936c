"""`esr check` on a user's own file and manifest."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.verbs.cohort.check import fitting_endpoints
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError

MANIFEST = """
title = "Mine"
design = "randomised"
synthetic = true
licence = "none stated"
citation = "none"
ancestry = "not stated"

[therapy]
column = "arm"
codes = { E = "cee-mpa", P = "placebo" }

[covariates]
sex = { constant = "female" }
ldl_cholesterol = { column = "ldl", unit = "mmol/L" }

[follow_up]
ldl_cholesterol = { column = "ldl1", unit = "mmol/L" }

[genotypes]
rs2234693 = { column = "pvuii", strand = "forward", separator = "/" }
"""
DATA = "arm,ldl,ldl1,pvuii\nE,4.0,3.0,T/C\nP,4.1,4.0,C/C\nE,3.9,,T/T\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "mine.toml").write_text(MANIFEST)
    (tmp_path / "mine.csv").write_text(DATA)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)


def test_the_report_says_who_counts_and_why_others_do_not(files):
    result = run(files / "mine.csv", "--cohort", files / "mine.toml", "--endpoint", "mht-ldl-response")
    assert result.exit_code == 0
    for text in (
        "3 rows read, 2 count for mht-ldl-response",
        "Synthetic",
        "LDL cholesterol at least 15 % below baseline",
        "1 favourable, 1 not",
        "outcome not known\t1\t4",
        "rs2234693\tall\t3\t100.0 %\tC\t0.500",
    ):
        assert text in result.stdout
    assert "\x1b" not in result.stdout


def test_json_is_one_document_per_endpoint_that_fits(files):
    result = run(files / "mine.csv", "--cohort", files / "mine.toml", "--json")
    reports = json.loads(result.stdout)
    assert [(one["endpoint"], one["n_read"], one["n"]) for one in reports] == [("mht-ldl-response", 3, 2)]
    assert reports[0]["ineligible"][0]["lines"] == [4]


def test_without_a_fitting_endpoint_only_columns_are_checked(files):
    (files / "mine.toml").write_text(MANIFEST.replace('E = "cee-mpa", P = "placebo"', 'E = "tamoxifen", P = "none"'))
    result = run(files / "mine.csv", "--cohort", files / "mine.toml")
    assert result.exit_code == 0
    assert "Columns only" in result.stdout
    assert "ldl_cholesterol" not in result.stdout


def test_a_fault_is_an_error_with_line_and_column(files):
    (files / "mine.csv").write_text(DATA.replace("4.1", "410"))
    with pytest.raises(EsrError, match=r"mine\.csv, column ldl, line 3: LDL cholesterol must lie within") as caught:
        run(files / "mine.csv", "--cohort", files / "mine.toml", "--endpoint", "mht-ldl-response")
    assert caught.value.code == "out_of_range"
    assert caught.value.fault.exit_code == 2


def test_the_ready_made_cohorts_fit_their_endpoints():
    catalogue = load_catalogue()
    fits = {name: [one.id for one in fitting_endpoints(row, catalogue)] for name, row in catalogue.cohorts.items()}
    assert fits["hers"] == ["mht-ldl-response"]
    assert fits["gbsg2"] == ["tamoxifen-rfs"]
    assert fits["msk-breast-2018"] == []
