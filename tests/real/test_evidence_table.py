"""The evidence rows against the project's reference table, kept beside the real data and never shipped."""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from data_schemas.catalogue.load import load_catalogue

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def reference() -> Path:
    data = Path(os.environ.get("ESR_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    folder = data.resolve().parent / "reference"
    if not folder.is_dir():
        pytest.skip("the reference tables are not there: a folder `reference` beside ESR_REAL_DATA")
    return folder


@pytest.fixture(scope="module")
def table(reference: Path) -> list[dict[str, str]]:
    with (reference / "associations.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["verified"] == "yes" and row["effect"] != "withdrawn"]


def test_every_row_that_stands_is_there_and_no_other(table):
    assert len(load_catalogue().evidence) == len(table)


def test_roles_and_intervals_are_those_of_the_table(table):
    ours = load_catalogue().evidence.values()
    assert Counter(row.role for row in ours) == Counter(row["role"] for row in table)
    theirs = Counter((row["ci_low"], row["ci_high"]) for row in table if row["ci_low"] != "NA")
    assert Counter((row.ci_low, row.ci_high) for row in ours if row.ci_low is not None) == Counter(
        {(float(low), float(high)): count for (low, high), count in theirs.items()}
    )


def test_sample_sizes_are_those_of_the_table(table):
    ours = Counter(row.n for row in load_catalogue().evidence.values() if row.n != "not stated")
    assert ours == Counter(row["n"] for row in table if row["n"] != "NA")


def test_every_identifier_of_the_table_is_cited(table):
    texts = " ".join(f"{row.source} {row.note}" for row in load_catalogue().evidence.values())
    identifiers = {
        found for row in table for found in re.findall(r"PMID:\d+|10\.\d{4,}/\S+|NCT\d+|PMC\d+", row["pmid_or_doi"])
    }
    assert {one for one in identifiers if one not in texts} == set()


def test_panel_facts_are_those_of_the_reference(reference):
    with (reference / "variants.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    known = load_catalogue()
    seen = 0
    for row in rows:
        variant = known.variants.get(row["rsid"]) or known.somatic.get(row["aliases"])
        if variant is None or row["gene"] not in ("ESR1", "ESR2"):
            continue
        seen += 1
        assert f"{variant.grch37.chrom}:{variant.grch37.pos}" == row["grch37"]
        assert f"{variant.grch38.chrom}:{variant.grch38.pos}" == row["grch38"]
        assert row["ref"] in (variant.ref, "NA")
        assert row["alt"] == "NA" or row["alt"] in variant.alt
        measured = {
            name: float(row[f"af_{name}"]) for name in ("afr", "amr", "eas", "eur", "sas") if row[f"af_{name}"] != "NA"
        }
        assert {
            name: p
            for name, p in getattr(variant, "frequency", {}).items()
            if name in ("afr", "amr", "eas", "eur", "sas")
        } == measured
    assert seen == 17
