"""A table file as text: CSV, TSV or Parquet, exactly as declared, nothing guessed.

Every cell stays text until its meaning is known. Separator, comment lines and decimal mark come from the manifest; a
row with a field too many or too few, a column twice or a column missing is an error that names file, line and cure.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.catalogue.cohort import FileForm
from data_schemas.errors import InputFileError, nearest
from features.files.faults import FileFaults
from features.files.textfile import read_lines

_CHUNK = 20_000
SEPARATORS = {",": "a comma", "\t": "a tab", ";": "a semicolon"}


@dataclass(frozen=True)
class Table:
    """Text cells of the wanted columns.

    `frame` holds str only; an empty text is an empty cell. `lines` (n,) is the line of each row in the file, counted
    from 1; for Parquet the row, counted from 1. `header` names every column of the file.
    """

    name: str
    frame: pd.DataFrame
    lines: np.ndarray
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
        ``file_missing``, ``encoding``, ``corrupt_file``, ``no_rows``, ``wrong_columns`` or ``wrong_field_count``.
    """
    names = list(dict.fromkeys(wanted))
    if path.suffix.lower() in (".parquet", ".pq"):
        from features.files.parquet import read_parquet

        header: list[str] = []

        def check(found: list[str]) -> None:
            check_header(path, found, names, ignored, None)
            header.extend(found)

        frame = read_parquet(path, names, check)
        lines, noun = np.arange(1, len(frame) + 1), "row"
    else:
        header, rows = stream_rows(path, form)
        check_header(path, header, names, ignored, form.separator)
        frame, lines = _collect(rows, header, names)
        noun = "line"
    if len(frame) == 0:
        raise InputFileError("no_rows", f"{path.name}: has a header and no rows; is it the whole export?")
    return Table(name=path.name, frame=frame[names], lines=lines, noun=noun, header=tuple(header))


def check_header(
    path: Path, header: list[str], wanted: list[str], ignored: Collection[str] | None, separator: str | None
) -> None:
    """Compare the columns of a file with the declared ones.

    Raises
    ------
    InputFileError
        ``wrong_columns`` with every missing, doubled or undeclared column, and the likely cause.
    """
    missing = [name for name in wanted if name not in header]
    other = _other_separator(header, missing, separator)
    if missing == wanted != [] and not other and not any(nearest(name, header[:1000]) for name in wanted):
        # line 1 may be a patient's, so nothing of it is repeated
        raise InputFileError(
            "wrong_columns",
            f"{path.name}, header: has none of the declared columns, such as {wanted[0]!r}; is the header missing, or "
            "is this another file?",
        )
    sentences = [f"column {name!r} stands twice; rename one" for name in _doubled(header)]
    if other:
        sentences.append(
            f"the declared columns are there if the fields are separated by {SEPARATORS[other]}; "
            f"set form.separator in the manifest"
        )
    elif missing:
        sentences += [_missing(name, header) for name in missing[:5]]
        if len(missing) > 5:
            sentences.append(f"{len(missing) - 5} more declared columns are missing; is this the manifest's file?")
    if ignored is not None and not other:
        extra = [name for name in header if name not in wanted and name not in ignored]
        sentences += [f"column {name!r} is not declared; bind it, or list it in ignored_columns" for name in extra[:5]]
    if sentences:
        raise InputFileError("wrong_columns", f"{path.name}, header: " + "; ".join(sentences))


def stream_rows(path: Path, form: FileForm) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header of a text table, and its rows as (line, fields) while they are read.

    Raises
    ------
    InputFileError
        ``file_missing``, ``encoding``, ``corrupt_file``, ``no_rows`` or, while reading, ``wrong_field_count``.
    """
    numbered = enumerate(read_lines(path), start=1)
    start, header_text = next(
        ((n, t) for n, t in numbered if not (form.comment and t.startswith(form.comment))), (0, "")
    )
    if start == 0:
        raise InputFileError("no_rows", f"{path.name}: is empty; is it the whole export?")
    if not header_text.strip():
        raise InputFileError(
            "wrong_columns", f"{path.name}, line {start}: is blank where the header must be; remove it"
        )
    header = _fields(path, start, header_text, form)
    return header, _rows(path, numbered, header, form, start)


def _fields(path: Path, number: int, text: str, form: FileForm) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=form.separator, strict=True), [])
    except csv.Error as error:
        raise _damaged(path, number, error) from None


def _rows(
    path: Path, numbered: Iterator[tuple[int, str]], header: list[str], form: FileForm, start: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of each row, every one as wide as the header."""
    reader = csv.reader((text for _, text in numbered), delimiter=form.separator, strict=True)
    width, blank, read = len(header), 0, 0
    while True:
        number = start + read + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _damaged(path, number, error) from None
        if row is None:
            return
        if reader.line_num != read + 1:
            raise InputFileError(
                "wrong_field_count",
                f"{path.name}, line {number}: a quoted field runs over the end of the line; close the quote, or take "
                f"the line break out of the field",
            )
        read = reader.line_num
        if not row:
            blank = blank or number
            continue
        if blank or len(row) != width:
            raise _wrong_width(path, blank or number, 0 if blank else len(row), width)
        yield number, row


def _collect(
    rows: Iterator[tuple[int, list[str]]], header: list[str], names: list[str]
) -> tuple[pd.DataFrame, np.ndarray]:
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


def _wrong_width(path: Path, number: int, found: int, width: int) -> InputFileError:
    place = f"{path.name}, line {number}"
    if found == 0:
        return InputFileError("wrong_field_count", f"{place}: is blank; remove it")
    hint = "is a separator or a decimal comma inside an unquoted field?" if found > width else "is the row cut off?"
    if found == width + 1:
        hint = "were row names written without a header, or is a separator inside an unquoted field?"
    return InputFileError("wrong_field_count", f"{place}: has {found} fields where the header has {width}; {hint}")


def _damaged(path: Path, number: int, error: csv.Error) -> InputFileError:
    if "field larger" in str(error):
        return InputFileError("corrupt_file", f"{path.name}, line {number}: a field that is too long; is a quote open?")
    return InputFileError("corrupt_file", f"{path.name}, line {number}: the quotes do not match; close or double them")


def _doubled(header: list[str]) -> list[str]:
    # nameless columns (row names as R writes them) cannot be bound, so they may repeat
    return [name for name, count in Counter(header).items() if name and count > 1]


def _missing(name: str, header: list[str]) -> str:
    near = nearest(name, header[:1000])
    return f"column {name!r} is missing" + (f"; did the file mean it by {near!r}?" if near else "")


def _other_separator(header: list[str], missing: list[str], separator: str | None) -> str | None:
    if separator is None or not missing:
        return None
    text = separator.join(header)
    for other in SEPARATORS:
        if other != separator and set(missing) <= {part.strip('"') for part in text.split(other)}:
            return other
    return None
