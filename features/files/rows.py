"""A genotype table as rows of fields: separator told by the header, every row as wide as it, read as a stream."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from features.files.opening import OpenFile

MAX_COLUMNS = 100_000
SEPARATORS = ("\t", ",", ";")
SAMPLE_NAMES = frozenset(
    ("sample", "sampleid", "samplename", "iid", "id", "person", "personid", "patient", "patientid", "subject",
     "subjectid", "participant", "participantid", "individual", "individualid")
)  # fmt: skip
"""Names of a column that holds the sample, without blanks, hyphens and underscores, in lower case."""


@dataclass(frozen=True)
class TableHeader:
    """The header of a table and its line in the file; `names` are the columns' names, `plain` their bare spelling."""

    names: tuple[str, ...]
    line: int
    separator: str

    @property
    def plain(self) -> tuple[str, ...]:
        """Names in lower case, letters and digits only."""
        return tuple(re.sub(r"[^a-z0-9]", "", name.lower()) for name in self.names)

    def first(self, wanted: frozenset[str]) -> int | None:
        """Return the first column with one of these bare names."""
        return next((number for number, name in enumerate(self.plain) if name in wanted), None)


def read_header(origin: OpenFile) -> TableHeader | None:
    """Return the header: the first line that is no comment, or the last comment where that names the columns."""
    comment = ""
    for number, raw in enumerate(origin.lines(feeds_only=True), start=1):
        text = raw.decode("utf-8", errors="replace")
        if text.startswith("#"):
            comment = text.lstrip("#").strip()
        elif text.strip():
            named = "\t" in comment and not any(word in text[:1000].lower() for word in ("rsid", "snp"))
            return _header(comment, number - 1) if named else _header(text, number)
    return None


def read_rows(origin: OpenFile, header: TableHeader) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, fields) of each row.

    Raises
    ------
    InputFileError
        ``encoding``, ``wrong_field_count``, ``corrupt_file``, ``wrong_columns`` or ``too_large``.
    """
    _refuse_header(origin, header)
    width = len(header.names)
    reader = csv.reader(_texts(origin, header.line), delimiter=header.separator, strict=True)
    while True:
        before = reader.line_num
        try:
            row = next(reader, None)
        except csv.Error:
            raise origin.fault(
                f"line {header.line + before + 1}: the quotes do not match; close or double them"
            ) from None
        if row is None:
            return
        number = header.line + reader.line_num
        if not row or (len(row) == 1 and row[0].startswith("#")):
            continue
        if reader.line_num != before + 1:
            raise origin.fault(
                f"line {header.line + before + 1}: a quoted field goes on over the end of the line; a field is on one "
                "line, close the quote or take the line break out",
                "wrong_field_count",
            )
        if len(row) != width:
            raise origin.fault(
                f"line {number}: has {len(row)} fields where the header has {width}; is the row cut off, or a "
                "separator within a field?",
                "wrong_field_count",
            )
        yield number, [field.strip() for field in row]


def _header(text: str, line: int) -> TableHeader:
    separator = max(SEPARATORS, key=text.count)
    if text.count(separator) == 0:
        return TableHeader(tuple(text.split()), line, " ")
    names = next(csv.reader([text], delimiter=separator), [])
    return TableHeader(tuple(name.strip() for name in names), line, separator)


def _refuse_header(origin: OpenFile, header: TableHeader) -> None:
    if len(header.names) > MAX_COLUMNS:
        raise origin.fault(
            f"has {len(header.names):,} columns (at most {MAX_COLUMNS:,}); give the columns of the panel's sites only",
            "too_large",
        )
    doubled = [name for name, count in Counter(header.names).items() if count > 1 and name]
    if doubled:
        number = header.names.index(doubled[0]) + 1
        raise origin.fault(f"column {number} has a name that stands twice; rename one", "wrong_columns")


def _texts(origin: OpenFile, skip: int) -> Iterator[str]:
    for number, line in enumerate(origin.lines(feeds_only=True), start=1):
        if number <= skip:
            continue
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            raise origin.fault(f"line {number}: is not UTF-8 text; save the file as UTF-8", "encoding") from None
