"""A file of patients in flat columns, CSV, TSV or Parquet, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from data_schemas.catalogue.cohort import FileForm
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import InputFileError
from data_schemas.wire.patient import InvalidPatient, Patient
from features.cohort.table import SEPARATORS, stream_rows
from features.files.parquet import read_parquet
from features.files.textfile import open_file
from features.patient.flat import patients_from_columns, read_header

BLOCK = 1000
"""Rows that are held at once."""

FORMS = {".csv": FileForm(separator=","), ".tsv": FileForm(separator="\t"), ".tab": FileForm(separator="\t")}
PARQUET = (".parquet", ".pq")


def read_patient_file(path: Path, terms: Terms) -> Iterator[Sequence[Patient | InvalidPatient]]:
    """Yield the patients of a file in blocks of at most `BLOCK`, in order.

    Raises
    ------
    InputFileError
        The file cannot be read as a table (its suffix says which kind), or a column is unknown, with the nearest name.
    """
    for header, rows in _blocks(path, terms):
        columns = {name: [row[place] for row in rows] for place, name in enumerate(header)}
        yield patients_from_columns(columns, terms)


def _blocks(path: Path, terms: Terms) -> Iterator[tuple[list[str], list[Sequence[str]]]]:
    suffixes = path.suffixes[:-1] if path.suffix == ".gz" else path.suffixes
    suffix = suffixes[-1].lower() if suffixes else ""
    if suffix in PARQUET:
        header, rows = _parquet_rows(path)
    elif suffix in FORMS:
        header, numbered = stream_rows(path, FORMS[suffix])
        _refuse_other_separator(path, header, FORMS[suffix].separator)
        rows = (fields for _, fields in numbered)
    else:
        open_file(path).close()  # a folder, or no file at all, is told as such
        raise InputFileError(
            "wrong_columns", f"{path.name}: patients are read from .json, .csv, .tsv or .parquet files"
        )
    _refuse_columns(path, header, terms)
    empty = True
    while block := list(islice(rows, BLOCK)):
        empty = False
        yield header, block
    if empty:
        raise InputFileError("no_rows", f"{path.name}: has a header and no rows; is it the whole export?")


def _refuse_other_separator(path: Path, header: list[str], separator: str) -> None:
    """Name the separator of a file that has another one than its suffix says, before its only column seems unknown."""
    found = next((text for mark, text in SEPARATORS.items() if len(header) == 1 and mark in header[0]), None)
    if found:
        raise InputFileError(
            "wrong_columns",
            f"{path.name}, header: is separated by {found}, where its suffix says {SEPARATORS[separator]}; export the "
            "table with commas as .csv or with tabs as .tsv, and with decimal points",
        )


def _refuse_columns(path: Path, header: list[str], terms: Terms) -> None:
    """Check the header once, and let the message name the file."""
    try:
        read_header(header, terms)
    except InputFileError as error:
        raise InputFileError(error.code, f"{path.name}, {error.message}") from None


def _parquet_rows(path: Path) -> tuple[list[str], Iterator[Sequence[str]]]:
    header: list[str] = []
    read_parquet(path, [], header.extend)
    frame = read_parquet(path, header, lambda names: None)
    return header, iter(frame.itertuples(index=False, name=None))
