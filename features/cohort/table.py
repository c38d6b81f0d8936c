"""A table file as text: CSV, TSV or Parquet, exactly as declared, nothing guessed.

Every cell stays text until its meaning is known. Separator, comment lines and decimal mark come from the manifest; a
row with a field too many or too few, a column twice or a column missing is an error that names file, line and cure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.arrays import Ints
from data_schemas.catalogue.cohort import FileForm
from data_schemas.errors import InputFileError, nearest
from features.files.faults import FileFaults
from features.files.header import SEPARATORS, TableForm, doubled, missing, read_header
from features.files.opening import opened
from features.files.packing import TABLE
from features.files.rows import NO_ROWS, Row, read_rows

_CHUNK = 20_000


@dataclass(frozen=True)
class Table:
    """Text cells of the wanted columns.

    `frame` holds str only; an empty text is an empty cell. `lines` (n,) is the line of each row in the file, counted
    from 1; for Parquet the row, counted from 1. `header` names every column of the file.
    """

    name: str
    frame: pd.DataFrame
    lines: Ints
    noun: str = "line"
    header: tuple[str, ...] = ()

    def faults(self) -> FileFaults:
        """Return an empty collection of faults of this file."""
        return FileFaults(self.name, self.lines, self.noun)


def read_table(path: Path, form: FileForm, wanted: Collection[str], ignored: Collection[str] | None = None) -> Table:
    """Read the wanted columns of a table.

    Parameters
    ----------
    wanted
        Columns that must be there.
    ignored
        Columns that may be there besides; None means any.

    Raises
    ------
    InputFileError
        ``file_missing``, ``encoding``, ``corrupt_file``, ``too_large``, ``no_rows``, ``wrong_columns`` or
        ``wrong_field_count``.
    """
    names = list(dict.fromkeys(wanted))
    if path.suffix.lower() in (".parquet", ".pq"):
        from features.files.parquet import read_parquet

        header: list[str] = []

        def check(found: list[str]) -> None:
            check_header(path.name, found, names, ignored, None)
            header.extend(found)

        frame = read_parquet(path, names, check)
        if len(frame) == 0:
            raise InputFileError("no_rows", f"{path.name}: {NO_ROWS}")
        return Table(path.name, frame[names], np.arange(1, len(frame) + 1), "row", tuple(header))
    file = opened(path, TABLE)
    found = read_header(file, TableForm(form.separator, form.comment), names.__contains__)
    check_header(file.name, found.names, names, ignored, form.separator)
    frame, lines = _collect(read_rows(file, found), found.names, names)
    return Table(path.name, frame[names], lines, "line", found.names)


def check_header(
    file: str, header: Sequence[str], wanted: Sequence[str], ignored: Collection[str] | None, separator: str | None
) -> None:
    """Compare the columns of a file with the declared ones.

    Raises
    ------
    InputFileError
        ``wrong_columns`` with every missing, doubled or undeclared column, and the likely cause.
    """
    absent = [name for name in wanted if name not in header]
    other = _other_separator(header, absent, separator)
    if absent and len(absent) == len(wanted) and not other and not any(nearest(name, header[:1000]) for name in wanted):
        # line 1 may be a patient's, so nothing of it is repeated
        raise InputFileError(
            "wrong_columns",
            f"{file}: has none of the declared columns, such as {wanted[0]!r}; is the header missing, or "
            "is this another file?",
        )
    sentences = doubled(header, lambda _: True)
    if other:
        sentences.append(
            f"the declared columns are there if the fields are separated by {SEPARATORS[other]}; "
            f"set form.separator in the manifest"
        )
    elif absent:
        sentences += missing(header, absent[:5])
        if len(absent) > 5:
            sentences.append(f"{len(absent) - 5} more declared columns are missing; is this the manifest's file?")
    if ignored is not None and not other:
        extra = [name for name in header if name not in wanted and name not in ignored]
        sentences += [f"column {name!r} is not declared; bind it, or list it in ignored_columns" for name in extra[:5]]
    if sentences:
        raise InputFileError("wrong_columns", f"{file}: " + "; ".join(sentences))


def _collect(rows: Iterator[Row], header: Sequence[str], names: list[str]) -> tuple[pd.DataFrame, Ints]:
    """Keep the wanted columns only, one copy of each text."""
    wanted = [header.index(name) for name in names]
    columns: list[list[str]] = [[] for _ in wanted]
    seen: list[dict[str, str]] = [{} for _ in wanted]
    lines: list[int] = []
    while chunk := list(islice(rows, _CHUNK)):
        lines += [number for number, _ in chunk]
        for column, known, position in zip(columns, seen, wanted, strict=True):
            column += [known.setdefault(row[position], row[position]) for _, row in chunk]
    frame = pd.DataFrame({name: pd.Series(c, dtype=object) for name, c in zip(names, columns, strict=True)})
    if not names:
        frame = pd.DataFrame(index=range(len(lines)))
    return frame, np.array(lines, dtype=np.int64)


def _other_separator(header: Sequence[str], absent: list[str], separator: str | None) -> str | None:
    if separator is None or not absent:
        return None
    text = separator.join(header)
    for other in SEPARATORS:
        if other != separator and set(absent) <= {part.strip('"') for part in text.split(other)}:
            return other
    return None
