"""`esr tumour`: a report for people and for programs, and one error for a file of another kind."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from data_schemas.errors import InputFileError

MAF = (
    "Hugo_Symbol\tTumor_Sample_Barcode\tHGVSp_Short\tt_ref_count\tt_alt_count\n"
    "ESR1\ts1\tp.Y537S\t90\t10\nTP53\ts2\tp.R273H\t50\t50\n"
)


@pytest.fixture
def maf(tmp_path):
    path = tmp_path / "calls.maf"
    path.write_text(MAF)
    return str(path)


def _run(*arguments):
    return CliRunner().invoke(app, ["tumour", *arguments], catch_exceptions=True)


def test_silence_is_explained(maf):
    shown = _run(maf)
    assert shown.exit_code == 0
    assert "s1\tY537S\tY537S\t\t0.1000\t10/100" in shown.output
    assert "D538G\t0\t0\t2\t0" in shown.output
    assert "does not say whether ESR1" in shown.output


def test_a_declared_assay_is_used_and_shown(maf):
    document = json.loads(_run(maf, "--json", "--covers-esr1", "--limit-of-detection", "0.02", "--sample", "s2").output)
    (sample,) = document["samples"]
    assert (sample["sample"], sample["states"]["D538G"], sample["limit_of_detection"]) == ("s2", "not_detected", 0.02)
    assert document["counts"]["Y537S"] == {"not_detected": 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"rsid\tgenotype\nrs1\tAA\n", "unknown_format"), (b"\n", "no_rows"), (b"BCF\x02\x02", "unknown_format")],
)
def test_other_files_are_refused(tmp_path, content, code):
    path = tmp_path / "x"
    path.write_bytes(content)
    error = _run(str(path)).exception
    assert isinstance(error, InputFileError)
    assert error.code == code


def test_what_a_row_leaves_open_is_shown_with_its_reason(tmp_path):
    path = tmp_path / "open.maf"
    path.write_text(MAF.replace("90\t10", "90\t0"))
    assert "Y537S\t1\tno_support\tit is named, and no read supports it" in _run(str(path), "--covers-esr1").output
    document = json.loads(_run(str(path), "--covers-esr1", "--json").output)
    assert document["samples"][0]["open"] == {"Y537S": "no_support", "ESR1_LBD": "no_support"}


def test_a_sample_that_is_not_there_is_an_error(maf):
    assert _run(maf, "--sample", "s9").exception.code == "unknown_sample"


def test_a_list_of_names_is_read_with_what_is_stated_of_it(tmp_path):
    path = tmp_path / "P7.txt"
    lines = ("# copied from the report", "ESR1 p.Tyr537Ser VAF 3.2 %", "D538G, VAF 0.001; E380Q 0%", "ESR1 c.1637C>A")
    path.write_text("\n".join(lines))
    document = json.loads(
        _run(str(path), "--json", "--covers-esr1", "--limit-of-detection", "0.005", "--specimen", "plasma",
             "--date", "2025-03-01").output
    )  # fmt: skip
    (sample,) = document["samples"]
    assert (sample["sample"], sample["specimen"], sample["collected"]) == ("P7", "plasma", "2025-03-01")
    states = {name: sample["states"][name] for name in ("Y537S", "D538G", "E380Q", "Y537N", "other ESR1 variant")}
    assert list(states.values()) == ["detected", "detected", "not_tested", "not_detected", "detected"]
    assert [(one["variant"], one["vaf"], one["place"]) for one in sample["variants"]] == [
        ("Y537S", 0.032, "line 2"), ("D538G", 0.001, "line 3"), ("other ESR1 variant", None, "line 4"),
    ]  # fmt: skip
    assert any("limit of detection" in note for note in document["notes"])
    assert "plasma" in _run(str(path), "--specimen", "plasma", "--sample", "me").output


def test_the_domain_in_a_list_does_not_say_which_mutation(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("ESR1_LBD\n")
    states = json.loads(_run(str(path), "--json", "--covers-esr1").output)["samples"][0]["states"]
    assert (states["ESR1_LBD"], states["Y537S"]) == ("detected", "not_tested")


def test_a_sentence_in_a_list_is_refused_with_its_line(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("Y537S\nno D538G\n")
    error = _run(str(path)).exception
    assert (error.code, "x.txt, line 2: " in error.message) == ("unknown_somatic_variant", True)


def test_what_a_file_says_of_its_specimen_stands(maf):
    document = json.loads(_run(maf, "--json", "--specimen", "tissue").output)
    assert {one["specimen"] for one in document["samples"]} == {"tissue"}
    assert _run(maf, "--date", "soon").exit_code == 2
