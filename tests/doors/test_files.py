"""The same small file gets the same answer at every door: it is read, or refused by one code and one sentence.

What differs on purpose stands in `ON_PURPOSE`, with its reason.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from genotype_files import bgzf

from data_schemas.catalogue.cohort import FileForm
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import InputFileError
from features.cohort.table import read_table
from features.files import opening
from features.files.opening import opened
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import Readings, targets
from features.patient.flat_file import read_patient_file
from features.somatic.readers.study import read_panel_matrix, read_sample_table, report_of
from features.somatic.samples import Assay
from serving.http.routes.genotypes import UNPACKED

CATALOGUE = load_catalogue()
TARGETS = targets(CATALOGUE)
TERMS = Terms(CATALOGUE.endpoints["mht-ldl-response"], CATALOGUE)

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Door:
    """A place where a table comes in: its file's name, how its table is written, and what is read of it."""

    name: str
    separator: str
    rows: Rows
    read: Callable[[Path], object]
    shown: str = ""

    def text(self, rows: Rows | None = None) -> str:
        return "".join(self.separator.join(row) + "\n" for row in rows or self.rows)

    def lines(self) -> list[str]:
        return self.text().splitlines(keepends=True)


def _letters(readings: Readings) -> object:
    return readings.samples, [(site.site, site.alleles, site.codes.tolist()) for site in readings.sites]


def _cohort(path: Path) -> object:
    return read_table(path, FileForm(), ["id", "age"]).frame.to_dict("list")


def _patients(path: Path) -> object:
    return [patient for block in read_patient_file(path, TERMS) for patient in block]


def _maf(path: Path) -> object:
    report = report_of(opened(path), CATALOGUE, Assay())
    return [(one.sample, [found.variant for found in one.variants]) for one in report.samples]


GENOTYPES = (("sample", "rs2234693", "rs9340799"), ("A", "T/C", "A/A"), ("B", "C/C", "A/G"), ("C", "T/T", "G/G"))
DOORS = {
    "cohort": Door("t.csv", ",", (("id", "age", "arm"), ("1", "61", "a"), ("2", "62", "b"), ("3", "63", "c")), _cohort),
    "patients": Door(
        "t.csv", ",", (("id", "age", "bmi"), ("1", "61", "20"), ("2", "62", "21"), ("3", "63", "22")), _patients
    ),
    "genotypes": Door("t.csv", ",", GENOTYPES, lambda path: _letters(read_genotypes(path, TARGETS))),
    "upload": Door(
        "t", ",", GENOTYPES,
        lambda path: _letters(match_file(path, CATALOGUE, limits=UNPACKED, name="the file").readings), "the file"
    ),
    "array": Door(
        "t.txt", "\t",
        (("rsid", "chromosome", "position", "genotype"), ("rs1", "1", "101", "AA"), ("rs2", "1", "102", "CC"),
         ("rs2234693", "6", "152163335", "TC")),
        lambda path: _letters(read_genotypes(path, TARGETS)),
    ),
    "maf": Door(
        "t.maf", "\t",
        (("Hugo_Symbol", "Tumor_Sample_Barcode", "HGVSp_Short"), ("ESR1", "s1", "p.Y537S"), ("TP53", "s2", "p.R273H"),
         ("ESR1", "s3", "p.D538G")),
        _maf,
    ),
    "study samples": Door(
        "t.txt", "\t",
        (("PATIENT_ID", "SAMPLE_ID", "SAMPLE_CLASS"), ("p1", "s1", "cfDNA"), ("p2", "s2", "Tumor"),
         ("p3", "s3", "Tumor")),
        lambda path: read_sample_table(opened(path)),
    ),
    "study matrix": Door(
        "t.txt", "\t",
        (("SAMPLE_ID", "mutations", "cna"), ("s1", "IMPACT468", "NA"), ("s2", "IMPACT341", "NA"), ("s3", "NA", "NA")),
        lambda path: read_panel_matrix(opened(path)),
    ),
}  # fmt: skip
WITH_QUOTES = ("cohort", "patients", "genotypes", "upload")


def plain(door: Door) -> bytes:
    return door.text().encode()


def packed(door: Door) -> bytes:
    return gzip.compress(plain(door))


def zipped(*members: str) -> Callable[[Door], bytes]:
    def pack(door: Door) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in members:
                archive.writestr(name, plain(door))
        return file.getvalue()

    return pack


def with_line(number: int, text: str) -> Callable[[Door], bytes]:
    """Put a line of its own before the line of that number."""
    return lambda door: "".join([*door.lines()[: number - 1], text, *door.lines()[number - 1 :]]).encode()


def with_ends(end: str) -> Callable[[Door], bytes]:
    return lambda door: door.text().replace("\n", end).encode()


def encoded(name: str) -> Callable[[Door], bytes]:
    return lambda door: door.text().encode(name)


def third(change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Callable[[Door], bytes]:
    """Change the cells of line 3."""
    return lambda door: door.text((*door.rows[:2], change(door.rows[2]), *door.rows[3:])).encode("latin-1")


def last_cell(text: str) -> Callable[[Door], bytes]:
    return third(lambda row: (*row[:-1], row[-1] + text))


def doubled(door: Door) -> bytes:
    head = door.rows[0]
    return door.text(((*head[:2], head[1], *head[3:]), *door.rows[1:])).encode()


def starting(magic: bytes) -> Callable[[Door], bytes]:
    return lambda door: magic + plain(door)


SAME, READ = "the same rows", "rows"
SHORT = ("wrong_field_count", "line 3: has {less} fields where the header has {width}; is the row cut off?")
LONG = (
    "wrong_field_count",
    "line 3: has {more} fields where the header has {width}; is a separator or a decimal comma within a field, or were "
    "row names written without a header?",
)
TWO_ENDS = (
    "encoding",
    "line {line}: has a carriage return without a line feed, in a file that has line feeds too; save it with Unix or "
    "Windows line ends",
)
CONTROL = ("encoding", "line 3: has a control character; remove it, or export the file again")
CUT = ("corrupt_file", "the gzip data ends too early; copy or create the file again")
DAMAGED = ("corrupt_file", "the packed data is damaged; copy or create the file again")
NO_ROWS = ("no_rows", "has a header and no rows; is it the whole file?")
TWO_MEMBERS = (
    "corrupt_file",
    "is a zip archive that does not hold just one open file; unpack it and name the file",
)

FILES: dict[str, tuple[Callable[[Door], bytes], object]] = {
    "plain": (plain, SAME),
    "gzip": (packed, SAME),
    "gzip in two members": (lambda door: gzip.compress(plain(door)[:9]) + gzip.compress(plain(door)[9:]), SAME),
    "gzip, padded with zeros": (lambda door: packed(door) + bytes(100), SAME),
    "BGZF": (lambda door: bgzf(plain(door), block=9), SAME),
    "zip": (zipped("t.csv"), SAME),
    "zip of two": (zipped("t.csv", "u.csv"), TWO_MEMBERS),
    "Excel": (
        zipped("[Content_Types].xml", "xl/workbook.xml"),
        ("corrupt_file", "is an Excel file; save the table as CSV"),
    ),
    "zip, cut": (
        lambda door: zipped("t.csv")(door)[:-9],
        ("corrupt_file", "the zip archive is damaged; copy or create it again (an Excel file: save the table as CSV)"),
    ),
    "gzip, cut": (lambda door: packed(door)[:-9], CUT),
    "gzip, with more behind it": (lambda door: packed(door) + b"more", DAMAGED),
    "gzip, a bit turned": (lambda door: packed(door)[:-6] + b"????" + packed(door)[-2:], DAMAGED),
    "BGZF, cut between blocks": (
        lambda door: bgzf(plain(door), block=9, end=False),
        ("corrupt_file", "the BGZF end marker is missing, so the file is cut off; copy or create it again"),
    ),
    "zstd": (starting(b"\x28\xb5\x2f\xfd"), ("corrupt_file", "is packed with zstd; unpack it, or use gzip")),
    "bzip2": (starting(b"BZh91AY&SY"), ("corrupt_file", "is packed with bzip2; unpack it, or use gzip")),
    "xz": (starting(b"\xfd7zXZ\0"), ("corrupt_file", "is packed with xz; unpack it, or use gzip")),
    "7-Zip": (starting(b"7z\xbc\xaf\x27\x1c"), ("corrupt_file", "is packed with 7-Zip; unpack it, or use gzip")),
    "Parquet": (
        starting(b"PAR1"),
        (
            "corrupt_file",
            "is a Parquet file; name it .parquet where tables in Parquet are read, or save the table as CSV",
        ),
    ),
    "old Excel": (
        starting(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("corrupt_file", "is an old Excel file; save the table as CSV"),
    ),
    "blank line first": (with_line(1, "\n"), SAME),
    "blank line in the middle": (with_line(3, "\n"), SAME),
    "blank lines at the end": (with_line(9, "\n\n"), SAME),
    "line of blanks": (with_line(3, "  \n"), SAME),
    "comment first": (with_line(1, "# made on a Monday\n"), SAME),
    "comment in the middle": (with_line(3, "# a word in between\n"), SAME),
    "no last line end": (lambda door: plain(door)[:-1], SAME),
    "Windows line ends": (with_ends("\r\n"), SAME),
    "old Mac line ends": (with_ends("\r"), SAME),
    "line ends of two kinds": (
        lambda door: plain(door).replace(b"\n", b"\r", 2),
        (TWO_ENDS[0], TWO_ENDS[1].replace("{line}", "3")),
    ),
    "carriage return in a cell": (last_cell("\rx"), (TWO_ENDS[0], TWO_ENDS[1].replace("{line}", "3"))),
    "UTF-8 with a mark": (encoded("utf-8-sig"), SAME),
    "UTF-16 with a mark": (encoded("utf-16"), SAME),
    "UTF-16, the other end first": (lambda door: b"\xfe\xff" + door.text().encode("utf-16-be"), SAME),
    "UTF-16, cut": (
        lambda door: encoded("utf-16")(door)[:-1],
        ("encoding", "begins as UTF-16 text and does not go on so; save it as UTF-8"),
    ),
    "Latin 1": (last_cell("é"), ("encoding", "line 3: is not UTF-8 text; save the file as UTF-8")),
    "NUL": (last_cell("\0"), CONTROL),
    "control character": (last_cell("\x1b[31m"), CONTROL),
    "line too long": (
        last_cell("x" * 2**17),
        ("corrupt_file", "line 3: is longer than 0.0625 MiB; is it text, and the right file?"),
    ),
    "field too long": (
        last_cell("x" * 2**18),
        ("corrupt_file", "line 3: a field is longer than 131,072 characters; is a quote left open?"),
    ),
    "quote left open": (
        third(lambda row: (*row[:-1], '"' + row[-1])),
        ("corrupt_file", "line 3: the quotes do not match; close or double them"),
    ),
    "line break within quotes": (
        third(lambda row: (f'"{row[0]}\n"', *row[1:])),
        (
            "wrong_field_count",
            "line 3: a quoted field goes on over the end of the line; close the quote, or take the line break out of "
            "the field",
        ),
    ),
    "separator within quotes": (lambda door: third(lambda row: (f'"{row[0]}{door.separator}x"', *row[1:]))(door), READ),
    "every cell in quotes": (
        lambda door: door.text(tuple(tuple(f'"{cell}"' for cell in row) for row in door.rows)).encode(),
        SAME,
    ),
    "row too short": (third(lambda row: row[:-1]), SHORT),
    "row too long": (third(lambda row: (*row, "x")), LONG),
    "column twice": (doubled, ("wrong_columns", "column {second!r} stands twice; rename one")),
    "empty": (lambda door: b"", ("no_rows", "is empty; create or copy it again")),
    "nothing, packed": (lambda door: gzip.compress(b""), ("no_rows", "has no content; create or copy it again")),
    "blank lines only": (lambda door: b"\n\n", ("no_rows", "has no content; create or copy it again")),
    "comment only": (lambda door: b"# a word\n", ("no_rows", "has no header; is it the whole file?")),
    "header only": (lambda door: door.lines()[0].encode(), NO_ROWS),
}

MEDICAL = "MAF and study tables know no quotes: a quote in them is a letter"
ARRAY = "an export's cells hold no separator, so quotes around them are only taken away"
NO_MUTATION = "a list without rows says that there is no mutation, or no sample"
ON_PURPOSE: dict[tuple[str, str], tuple[object, str]] = {
    **{("quote left open", door): (READ, MEDICAL) for door in ("maf", "study samples", "study matrix")},
    **{("separator within quotes", door): (LONG, MEDICAL) for door in ("maf", "study samples", "study matrix")},
    **{
        ("line break within quotes", door): (("wrong_field_count", SHORT[1].replace("{less}", "1")), MEDICAL)
        for door in ("maf", "study samples", "study matrix", "array")
    },
    **{
        ("every cell in quotes", door): (
            (
                "wrong_columns",
                "column {needed!r} is missing; did the file mean it by '\"{needed}\"'?",
            ),
            MEDICAL,
        )
        for door in ("maf", "study samples", "study matrix")
    },
    ("quote left open", "array"): (SAME, ARRAY),
    ("separator within quotes", "array"): (LONG, ARRAY),
    ("field too long", "array"): (SAME, "the letters of markers that are not asked for are not looked at"),
    ("column twice", "array"): (SAME, "columns of an export are told by their place"),
    **{("header only", door): (READ, NO_MUTATION) for door in ("maf", "study samples", "study matrix")},
}


def answer(door: Door, path: Path) -> object:
    """Return what is read, or the code and the sentence of the refusal."""
    try:
        return door.read(path)
    except InputFileError as error:
        shown, _, sentence = error.message.partition(": ")
        assert shown == (door.shown or path.name)
        return error.code, sentence


def expected(file: str, name: str) -> object:
    door, (outcome, _) = DOORS[name], ON_PURPOSE.get((file, name), (FILES[file][1], ""))
    if isinstance(outcome, str):
        return outcome
    code, sentence = outcome
    head = door.rows[0]
    width = len(head)
    missing = [one for one in ("Hugo_Symbol", "Tumor_Sample_Barcode", "SAMPLE_ID", "mutations") if one in head]
    if "{needed" in sentence:
        sentence = "; ".join(sentence.replace("{needed!r}", repr(one)).replace("{needed}", one) for one in missing)
    return code, sentence.format(second=head[1], width=width, less=width - 1, more=width + 1)


@pytest.mark.parametrize(("file", "name"), [(f, d) for f in FILES for d in DOORS])
def test_the_same_file_gets_the_same_answer_at_every_door(tmp_path, monkeypatch, file, name):
    door, outcome = DOORS[name], expected(file, name)
    if file == "line too long":
        monkeypatch.setattr(opening, "MAX_LINE", 2**16)
    path = tmp_path / door.name
    path.write_bytes(FILES[file][0](door))
    found = answer(door, path)
    if outcome == READ:
        assert not isinstance(found, tuple) or not isinstance(found[0], str), found
        return
    if outcome == SAME:
        whole = tmp_path / f"whole{path.suffix}"
        whole.write_bytes(plain(door))
        outcome = door.read(whole)
    assert found == outcome


@pytest.mark.parametrize("name", DOORS)
def test_a_file_that_is_named_as_gzip_must_be_gzip(tmp_path, name):
    door = DOORS[name]
    path = tmp_path / f"{door.name}.gz"
    path.write_bytes(plain(door))
    if door.shown:  # an upload has no name
        door.read(path)
        return
    assert answer(door, path) == ("corrupt_file", "is named as gzip, but is not gzip; rename or create it again")


def test_what_differs_on_purpose_is_of_the_table_and_says_why():
    for (file, door), (outcome, reason) in ON_PURPOSE.items():
        assert outcome != FILES[file][1], (file, door)
        assert reason
        assert door in DOORS
