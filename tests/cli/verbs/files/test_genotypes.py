"""`esr genotypes`: a table for people, TSV and JSON for programs, one line for an error."""

from __future__ import annotations

import csv
import io
import json

import pytest
from genotype_files import person, vcf
from typer.testing import CliRunner

from cli.main import app
from data_schemas.errors import InputFileError
from data_schemas.wire.genotypes import GenotypeReport


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.vcf").write_text(vcf([f"{one} ./." for one in person(38)], ["Anna", "=Berta"]))
    (tmp_path / "two.vcf").write_text(vcf(["1 5 . A C . . . GT 0/1"]))
    return lambda *arguments: CliRunner().invoke(app, ["genotypes", *arguments])


def test_people_see_what_was_found_and_why_not(run):
    shown = run("one.vcf", "two.vcf").stdout
    assert "one.vcf: VCF 4.2, 2 samples, 7 records read" in shown
    assert "genome build: 38 (proven by rs2077647" in shown
    assert "strand: forward (proven)" in shown
    assert "rs2234693\tC/T\t1 C\tcalled\tline 4" in shown
    assert "failed_qc: looked for and not called" in shown
    assert "one.vcf: 7 panel sites found; 7 called, 2 not_assayed, 7 failed_qc" in shown
    assert "No ESR1 or ESR2 site of the panel was found (1 records read, none on chromosome 6 or 14)" in shown
    assert shown.rstrip().endswith("two.vcf: 0 panel sites found; 8 not_assayed")


def test_tsv_has_a_line_per_sample_and_site(run):
    rows = list(csv.DictReader(io.StringIO(run("one.vcf", "--tsv").stdout), delimiter="\t"))
    assert len(rows) == 16
    first = rows[0]
    assert (first["sample"], first["variant"], first["state"], first["alleles"], first["dosage"]) == (
        "Anna",
        "rs2234693",
        "called",
        "C/T",
        "1",
    )
    assert (first["strand"], first["found"]) == ("forward, proven", "line 4")
    # no spreadsheet takes a sample's name for a formula
    assert rows[8]["sample"] == "'=Berta"
    assert rows[8]["reason"] == "no_call"


def test_json_is_the_document_of_the_service(run):
    report = GenotypeReport.model_validate_json(run("one.vcf", "--json", "--sample", "=Berta").stdout)
    assert [one.sample for one in report.files[0].samples] == ["=Berta"]
    assert report.panel.startswith("sha256:")


def test_options_reach_the_calls(run, tmp_path):
    (tmp_path / "callable.bed").write_text("chr14\t64257332\t64257333\n")
    (tmp_path / "few.vcf").write_text(vcf(["6 151842200 . T C . . R2=0.5 GT:GQ:DP:DS 0/1:9:4:1"]))
    options = ["--min-gq", "9", "--min-dp", "4", "--min-r2", "0.5", "--callable", "callable.bed", "--build", "38"]
    calls = json.loads(run("few.vcf", *options, "--json").stdout)["files"][0]["samples"][0]["sites"]
    states = {call["variant"]: call["state"] for call in calls}
    assert (states["rs2234693"], states["rs1256049"], states["rs9340799"]) == (
        "imputed",
        "assumed_reference",
        "not_assayed",
    )
    everywhere = run("two.vcf", "--build", "37", "--assume-reference", "--json").stdout
    assert json.loads(everywhere)["files"][0]["counts"]["assumed_reference"] == 7


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["missing.vcf"], "file_missing"),
        (["one.vcf", "missing.vcf", "--json"], "file_missing"),
        (["one.vcf", "--build", "37"], "wrong_genome_build"),
        (["one.vcf", "--sample", "Nobody"], "unknown_sample"),
        (["two.vcf", "--assume-reference"], "genome_build_unknown"),
    ],
)
def test_a_failure_prints_nothing_but_its_error(run, arguments, code):
    result = run(*arguments)
    assert result.stdout == ""
    assert isinstance(result.exception, InputFileError)
    assert result.exception.code == code


def test_two_formats_at_once_are_refused(run):
    assert run("one.vcf", "--json", "--tsv").exception.code == "refused_setting"
    assert run("one.vcf", "--min-gq", "inf").exception.code == "refused_setting"
