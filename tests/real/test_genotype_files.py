"""Every genotype file at hand is read rightly or refused with one sentence; the table beside this file pins which."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from features.germline.calling.match import match_file, match_report

TABLE = Path(__file__).with_name("genotype_file_outcomes.tsv")
CATALOGUE = load_catalogue()
COLUMNS = ("path", "format", "samples", "records", "build", "found", "called", "not_assayed", "other", "error")


@pytest.fixture(scope="module")
def files(real_data) -> Path:
    folder = real_data / "genotype_formats"
    if not folder.is_dir():
        pytest.skip(f"no genotype_formats in {real_data}")
    return folder


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as table:
        return {row["path"]: row for row in csv.DictReader(table, delimiter="\t")}


def outcome(path: Path, name: str) -> dict[str, str]:
    try:
        match = match_file(path, CATALOGUE)
    except EsrError as error:
        if not error.message.startswith(f"{path.name}: ") or "\n" in error.message:
            pytest.fail(error.message)
        return dict.fromkeys(COLUMNS, "") | {"path": name, "error": error.code}
    report = match_report(match)
    counts = dict(report.counts)
    called, absent = counts.pop("called"), counts.pop("not_assayed")
    assert counts["assumed_reference"] == 0
    values = (report.format, report.samples_in_file, report.records_read, report.proof.build or "", report.sites_found)
    row = (name, *values, called, absent, sum(counts.values()), "")
    return dict(zip(COLUMNS, map(str, row), strict=True))


def test_every_file_has_its_outcome(files, expected):
    found = {}
    for path in sorted(path for path in files.rglob("*") if path.is_file()):
        name = path.relative_to(files).as_posix()
        found[name] = outcome(path, name)
    assert found.keys() == expected.keys()
    assert [row for name, row in found.items() if row != expected[name]] == []


def test_records_are_counted_in_every_vcf(files, expected):
    for name, row in expected.items():
        if row["format"].startswith("VCF"):
            content = (files / name).read_bytes()
            text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            lines = [line for line in text.splitlines() if line.strip() and not line.startswith(b"#")]
            assert str(len(lines)) == row["records"], name


def test_the_real_array_gives_the_known_genotypes(files):
    match = match_file(files / "23andme_v4_build37_excerpt" / "genome_excerpt.txt", CATALOGUE)
    calls = match.calls.calls(0)
    assert {name: call.alleles for name, call in calls.items()} == {
        "rs2234693": "C/T",
        "rs9340799": "A/A",
        "rs1801132": "C/C",
        "rs3020314": "C/C",
        "rs2077647": "C/T",
        "rs4986938": "C/C",
        "rs1256049": "C/T",
        "rs1271572": None,
    }
    assert (calls["rs1271572"].state, calls["rs1271572"].reason) == ("not_assayed", "not_in_file")
    assert (match.calls.proof.build, match.calls.proof.strand) == (37, "forward")
    assert {call.strand for call in calls.values() if call.found} == {"forward, proven"}


def test_the_real_array_on_the_other_strand_gives_the_same(files, tmp_path):
    lines = (files / "23andme_v4_build37_excerpt" / "genome_excerpt.txt").read_text().splitlines()
    turned = tmp_path / "turned.txt"
    complement = str.maketrans("ACGT", "TGCA")
    turned.write_text(
        "\n".join(
            line if line.startswith("#") else "\t".join([*(f := line.split("\t"))[:3], f[3].translate(complement)])
            for line in lines
        )
    )
    straight, other = (
        match_file(path, CATALOGUE).calls.calls(0)
        for path in (files / "23andme_v4_build37_excerpt" / "genome_excerpt.txt", turned)
    )
    assert {name: call.alleles for name, call in straight.items()} == {n: c.alleles for n, c in other.items()}
    assert {call.strand for call in other.values() if call.found} == {"reverse, proven"}
