"""A file of patients in flat columns, CSV, TSV or Parquet, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from data_schemas.catalogue.terms import Terms
from data_schemas.errors import InputFileError
from data_schemas.wire.patient import InvalidPatient, Patient
from features.files.header import SEPARATORS, TableForm, doubled, read_header
from features.files.local import open_file
from features.files.opening import opened
from features.files.packing import TABLE
from features.files.parquet import read_parquet
from features.files.rows import NO_ROWS, read_rows
from features.patient.flat import flat_columns, patients_from_columns
from features.patient.flat import read_header as read_columns

BLOCK = 1000
"""Rows that are held at once."""

SEPARATED_BY = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
PARQUET = (".parquet", ".pq")
_PACKED = (".gz", ".bgz", ".zip")


def read_patient_file(path: Path, terms: Terms) -> Iterator[Sequence[Patient | InvalidPatient]]:
    """Yield the patients of a file in blocks of at most `BLOCK`, in order.

    Raises
    ------
    InputFileError
        ``unknown_format`` for another suffix, which says the kind of table; the file cannot be read as one; or a column
        is unknown, with the nearest name.
    """
    for header, rows in _blocks(path, terms):
        columns = {name: [row[place] for row in rows] for place, name in enumerate(header)}
        yield _patients(path, columns, terms)


def _blocks(path: Path, terms: Terms) -> Iterator[tuple[Sequence[str], list[Sequence[str]]]]:
    suffixes = path.suffixes[:-1] if path.suffix.lower() in _PACKED else path.suffixes
    suffix = suffixes[-1].lower() if suffixes else ""
    rows: Iterator[Sequence[str]]
    if suffix in PARQUET:
        header, rows = _parquet_rows(path)
    elif suffix in SEPARATED_BY:
        header, rows = _text_rows(path, SEPARATED_BY[suffix], terms)
    else:
        open_file(path).close()  # a folder, or no file at all, is told as such
        raise InputFileError(
            "unknown_format", f"{path.name}: patients are read from .json, .csv, .tsv or .parquet files"
        )
    _refuse_columns(path, header, terms)
    empty = True
    while block := list(islice(rows, BLOCK)):
        empty = False
        yield header, block
    if empty:
        raise InputFileError("no_rows", f"{path.name}: {NO_ROWS}")


def _patients(path: Path, columns: dict[str, list[str]], terms: Terms) -> Sequence[Patient | InvalidPatient]:
    try:
        return patients_from_columns(columns, terms)
    except InputFileError as error:
        raise InputFileError(error.code, f"{path.name}: {error.message}") from None


def _text_rows(path: Path, separator: str, terms: Terms) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    file = opened(path, TABLE)
    header = read_header(file, TableForm(separator), _known(terms))
    found = next(
        (text for mark, text in SEPARATORS.items() if len(header.names) == 1 and mark in header.names[0]), None
    )
    if found:  # named before the only column seems unknown
        raise file.fault(
            f"is separated by {found}, where its suffix says {SEPARATORS[separator]}; export the table with commas as "
            ".csv or with tabs as .tsv, and with decimal points",
            "wrong_columns",
        )
    return header.names, (row for _, row in read_rows(file, header))


def _refuse_columns(path: Path, header: Sequence[str], terms: Terms) -> None:
    """Check the header once, and let the message name the file."""
    sentences = doubled(header, _known(terms))
    if sentences:
        raise InputFileError("wrong_columns", f"{path.name}: {'; '.join(sentences)}")
    try:
        read_columns(header, terms)
    except InputFileError as error:
        raise InputFileError(error.code, f"{path.name}: {error.message}") from None


def _known(terms: Terms) -> Callable[[str], bool]:
    """Return what tells a column's name, its unit aside, from a cell of a table without a header."""
    names = {column.name for column in flat_columns(terms)}
    return lambda name: name.partition(" [")[0] in names


def _parquet_rows(path: Path) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    header: list[str] = []
    read_parquet(path, [], header.extend)
    frame = read_parquet(path, header, lambda _: None)
    return header, iter(frame.itertuples(index=False, name=None))
