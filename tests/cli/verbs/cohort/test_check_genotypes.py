"""`esr check` on genotypes: a page with charts, advice in the text, and how a genotype file was joined."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from data_schemas.catalogue.load import load_catalogue

MANIFEST = """
title = "Mine"
design = "randomised"
synthetic = true
licence = "none stated"
citation = "none"
ancestry = "not stated"
row_id = "person"

[therapy]
column = "arm"
codes = { E = "cee-mpa", P = "placebo" }

[covariates]
sex = { constant = "female" }
menopausal_status = { constant = "postmenopausal" }
ldl_cholesterol = { column = "ldl", unit = "mmol/L" }

[follow_up]
ldl_cholesterol = { column = "ldl1", unit = "mmol/L" }

[genotype_file]
path = "calls.csv"
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "mine.toml").write_text(MANIFEST)
    rows = "".join(f"p{k},{'EP'[k % 2]},{4 + k / 100},{3 + k / 100}\n" for k in range(40))
    (tmp_path / "mine.csv").write_text("person,arm,ldl,ldl1\n" + rows)
    calls = "".join(f"p{k},{('T/T', 'T/C', 'C/C')[k % 3]},A/A\n" for k in range(1, 41))
    (tmp_path / "calls.csv").write_text("sample,rs2234693,rs9340799\n" + calls)
    return tmp_path


def run(files, *arguments):
    result = CliRunner().invoke(
        app, ["check", str(files / "mine.csv"), "--cohort", str(files / "mine.toml"), *map(str, arguments)]
    )
    return result


def test_the_text_says_how_the_file_was_joined_and_what_to_do(files):
    shown = run(files, "--endpoint", "mht-ldl-response")
    assert shown.exit_code == 0
    assert "39 of 40 samples joined, 1 without a row; 1 rows without a sample" in shown.output
    assert "Samples without a row: p40" in shown.output
    assert "Rows without a sample: lines 2" in shown.output
    assert "Nobody has a call at rs1801132" in shown.output


def test_many_unmatched_samples_are_cut_short(files):
    calls = "".join(f"q{k},T/T,A/A\n" for k in range(9))
    (files / "calls.csv").write_text("sample,rs2234693,rs9340799\np1,T/C,A/A\n" + calls)
    shown = run(files, "--endpoint", "mht-ldl-response").output
    assert "Samples without a row: q0, q1, q2, q3, q4 and 4 more" in shown


def test_what_is_assumed_is_said_with_what_to_do(files):
    (files / "mine.toml").write_text(MANIFEST + "assume_reference = true\nbuild = 38\n")
    shown = run(files, "--endpoint", "mht-ldl-response").output
    assert "0.0 % (97.5 % assumed)" in shown
    assert "Assumed reference, not called" in shown
    assert "Genotype these sites" in shown


def test_the_page_is_written_whole_and_json_holds_its_numbers(files):
    page = files / "genotypes.html"
    assert run(files, "--endpoint", "mht-ldl-response", "--html", page).exit_code == 0
    assert page.read_text().count("<svg") == 7
    assert [path.name for path in files.glob(".*")] == []
    (report,) = json.loads(run(files, "--endpoint", "mht-ldl-response", "--json").output)
    assert report["genotype_file"]["samples_without_row"] == ["p40"]
    assert {one["section"] for one in report["genotypes"]["findings"]} >= {"sites", "people", "missingness"}


def test_one_page_is_for_one_endpoint(files, monkeypatch):
    catalogue = load_catalogue()
    twice = [catalogue.endpoints["mht-ldl-response"]] * 2
    monkeypatch.setattr("cli.verbs.cohort.check.fitting_endpoints", lambda *_: twice)
    assert run(files, "--html", files / "x.html").exception.code == "refused_setting"
    assert not (files / "x.html").exists()


def test_a_folder_that_is_not_there_is_one_error(files):
    error = run(files, "--endpoint", "mht-ldl-response", "--html", files / "no" / "x.html").exception
    assert error.code == "output_exists"
