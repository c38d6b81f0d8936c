"""The rows of a table as lists of fields, read as a stream: every row as wide as the header, each fault with its line.

One reader for every table that people send. A blank line is no row where a row has several fields; where it has one, a
blank line may be an empty cell and is refused. After the header, a line is a comment where it begins with the mark of
comments and does not hold a separator.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain

from data_schemas.errors import InputFileError
from features.files.header import MAX_FIELD, TableHeader, unreadable
from features.files.opening import OpenFile

NO_ROWS = "has a header and no rows; is it the whole file?"

Row = tuple[int, list[str]]


def read_rows(origin: OpenFile, header: TableHeader) -> Iterator[Row]:
    """Yield (line, fields) of each row.

    Raises
    ------
    InputFileError
        ``wrong_field_count``, ``corrupt_file``, ``no_rows``, or what is wrong with the file's text.
    """
    form, width = header.form, len(header.names)
    blank, found = 0, False
    for number, row in (_quoted if form.quotes else _split)(origin, header):
        if len(row) != width or not row:
            if not row or (len(row) == 1 and (not row[0].strip() or row[0].startswith(form.mark))):
                blank = blank or number
                continue
            raise wrong_width(origin, number, len(row), width)
        if blank and width == 1:
            raise origin.fault(
                f'line {blank}: is blank, where it may be an empty cell; remove it, or write the cell as ""',
                "wrong_field_count",
            )
        found = True
        yield number, [field.strip() for field in row] if form.trimmed else row
    if not (found or form.may_be_empty):
        raise origin.fault(NO_ROWS, "no_rows")


def wrong_width(origin: OpenFile, line: int, found: int, width: int) -> InputFileError:
    """Return the error of a row with too many or too few fields."""
    hint = "is the row cut off?"
    if found > width:
        hint = "is a separator or a decimal comma within a field, or were row names written without a header?"
    return origin.fault(f"line {line}: has {found} fields where the header has {width}; {hint}", "wrong_field_count")


def _split(origin: OpenFile, header: TableHeader) -> Iterator[Row]:
    for number, text in origin.texts():
        if number <= header.line:
            continue
        row = text.split(header.separator) if text else []
        if len(text) > MAX_FIELD and max(map(len, row)) > MAX_FIELD:
            raise unreadable(origin, number, csv.Error("field larger than field limit"))
        yield number, row


def _quoted(origin: OpenFile, header: TableHeader) -> Iterator[Row]:
    blanks = header.separator == " "
    lines = chain.from_iterable(origin.text_blocks())
    for _ in range(header.line):
        next(lines)
    texts = (text.strip() for text in lines) if blanks else lines
    reader = csv.reader(texts, delimiter=header.separator, strict=True, skipinitialspace=blanks)
    before = 0
    try:
        for row in reader:
            number = reader.line_num
            if number != before + 1:
                raise origin.fault(
                    f"line {header.line + before + 1}: a quoted field goes on over the end of the line; "
                    "close the quote, or take the line break out of the field",
                    "wrong_field_count",
                )
            before = number
            yield header.line + number, row
    except csv.Error as error:
        raise unreadable(origin, header.line + before + 1, error) from None
