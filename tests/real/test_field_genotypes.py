"""Small files as people meet them: each is read rightly, or refused by name; the table beside this file says which.

The shared folder's page lists every file with what is right for it; the table here holds, in our words, what comes out,
and the verdict: ``right``, or ``refused`` with the reason why it is not read. Nothing may be silently wrong.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from data_schemas.wire.genotypes import SiteCall
from data_schemas.wire.tumour import TumourSample
from features.germline.calling.decide import Assumption
from features.germline.calling.match import match_file
from features.somatic.readers.kinds import read_tumour
from features.somatic.samples import Assay

TABLE = Path(__file__).with_name("field_genotype_outcomes.tsv")
CATALOGUE = load_catalogue()
NOT_READ_YET = 26
"""Files that are refused though reading them, or naming what they are, would be better; this number may only fall."""


@dataclass(frozen=True)
class Field:
    """One row of the shared page: a file, and the command that is run on it."""

    kind: str
    file: str
    command: str


def fields(page: str) -> Iterator[Field]:
    """Yield the files of the page, kind by kind."""
    kind = ""
    for line in page.splitlines():
        if line.startswith("## "):
            kind = line.removeprefix("## ").strip()
        elif match := re.match(r"\| `([^`]+)` \| .* \| (esr [^|]+?) \| .* \|$", line):
            yield Field(kind, match[1], match[2])


def outcome(folder: Path, field: Field) -> str:
    """Return what comes out, in one line."""
    path = folder / field.file.rstrip("/")
    try:
        if field.command.startswith("esr tumour"):
            report = read_tumour(path, CATALOGUE, Assay(covers_esr1=True))
            return "; ".join(map(shown_tumour, report.samples))
        words = shlex.split(field.command)
        build = 38 if "38" in words else 37 if "37" in words else None
        match = match_file(
            path, CATALOGUE, build=build, assumption=Assumption(everywhere="--assume-reference" in words)
        )
        samples = match.readings.samples
        return "; ".join(f"{name} {shown_calls(match.calls.calls(n))}" for n, name in enumerate(samples))
    except EsrError as error:
        if not error.message.startswith(path.name) or "\n" in error.message:
            pytest.fail(error.message)
        return f"refused: {error.code}"


def shown_calls(calls: dict[str, SiteCall]) -> str:
    said = (
        f"{site}={call.alleles if call.state in ('called', 'assumed_reference') else _why(call)}"
        for site, call in calls.items()
        if call.state != "not_assayed"
    )
    return " ".join(said) or "nothing"


def _why(call: SiteCall) -> str:
    letters = f"{call.alleles}," if call.alleles else ""
    return f"{letters}{call.state},{call.reason}" if call.reason else f"{letters}{call.state}"


def shown_tumour(sample: TumourSample) -> str:
    """Name what was found, with its share of reads, and what is open; all the rest was looked at and not found."""
    found = [f"{one.change}@{one.vaf:g}" if one.vaf is not None else one.change for one in sample.variants]
    by_state: dict[str, list[str]] = {}
    for name, state in sample.states.items():
        by_state.setdefault(state, []).append(name)
    parts = [f"{state} {','.join(names)}" for state, names in by_state.items() if state != "not_detected"]
    rest = "not_detected the rest" if "not_detected" in by_state else "nothing not_detected"
    return f"{sample.sample}: found {','.join(found) or 'nothing'}; {'; '.join([*parts, rest])}"


@pytest.fixture(scope="module")
def folder(real_data) -> Path:
    place = real_data / "field_genotypes"
    if not place.is_dir():
        pytest.skip(f"no field_genotypes in {real_data}")
    return place


@pytest.fixture(scope="module")
def listed(folder) -> list[Field]:
    return list(fields((folder / "README.md").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def expected() -> list[dict[str, str]]:
    with TABLE.open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def test_every_file_of_the_page_comes_out_as_the_table_says(folder, listed, expected):
    found = [(field.kind, field.file, outcome(folder, field)) for field in listed]
    assert found == [(row["kind"], row["file"], row["outcome"]) for row in expected]


def test_the_page_names_every_file(folder, listed):
    named = {field.file.rstrip("/") for field in listed} | {"README.md"}
    beside = {Path(name).stem for name in named}
    assert [path.name for path in folder.iterdir() if path.name not in named and path.stem not in beside] == []


def test_nothing_is_silently_wrong_and_what_is_refused_has_its_reason(expected):
    assert {row["verdict"] for row in expected} <= {"right", "refused"}
    refused = [row for row in expected if row["verdict"] == "refused"]
    assert all(row["outcome"].startswith("refused: ") and row["why"] for row in refused)
    assert len(refused) == NOT_READ_YET
