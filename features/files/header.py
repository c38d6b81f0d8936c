"""How a table is written, declared or told by its header, and what its header must and must not hold."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from data_schemas.errors import InputFileError, nearest
from features.files.opening import OpenFile

MAX_COLUMNS = 100_000
MAX_FIELD = 131_072
"""Characters in one field, as in the csv module; more of them are a quote that nobody closed."""
SEPARATORS = {"\t": "a tab", ",": "a comma", ";": "a semicolon"}
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True)
class TableForm:
    """How a table is written.

    Parameters
    ----------
    separator
        Between the fields; "" for the one of `SEPARATORS` that the header has most of, or blanks where it has none.
    comment
        What begins a comment line. With "" lines before the header that begin with ``#`` are comments, unless they are
        the header.
    quotes
        Whether quotes hold a field together; otherwise they are letters as others are.
    trimmed
        Whether blanks around a field are taken away.
    may_be_empty
        Whether a header without rows is a whole table.
    """

    separator: str = ""
    comment: str = ""
    quotes: bool = True
    trimmed: bool = False
    may_be_empty: bool = False

    @property
    def mark(self) -> str:
        """What begins a comment line."""
        return self.comment or "#"


@dataclass(frozen=True)
class TableHeader:
    """The header of a table: its names, its line in the file, the comments before it, and how the table is written."""

    names: tuple[str, ...]
    line: int
    separator: str
    form: TableForm
    comments: tuple[str, ...] = field(default=())

    @property
    def plain(self) -> tuple[str, ...]:
        """Names in lower case, letters and digits only."""
        return tuple(re.sub(r"[^a-z0-9]", "", name.lower()) for name in self.names)

    def first(self, wanted: frozenset[str]) -> int | None:
        """Return the first column with one of these bare names."""
        return next((number for number, name in enumerate(self.plain) if name in wanted), None)


def read_header(origin: OpenFile, form: TableForm, known: Callable[[str], bool]) -> TableHeader:
    """Return the header: the first line that is neither blank nor a comment.

    Where the comment before it holds more column names that are `known`, that comment is the header.

    Raises
    ------
    InputFileError
        ``no_rows`` where there is none, ``corrupt_file`` for quotes that do not match, ``too_large`` for more than
        `MAX_COLUMNS` columns.
    """
    comments: list[tuple[int, str]] = []
    for number, text in origin.texts():
        if text.startswith(form.mark):
            comments.append((number, text))
        elif text.strip():
            found = _header(origin, text, number, form)
            if comments and not form.comment:
                found = _best(found, *comments[-1], known)
            if len(found.names) > MAX_COLUMNS:
                raise origin.fault(
                    f"has {len(found.names):,} columns (at most {MAX_COLUMNS:,}); give those only that are needed",
                    "too_large",
                )
            return TableHeader(found.names, found.line, found.separator, form, tuple(text for _, text in comments))
    if comments:
        raise origin.fault("has no header; is it the whole file?", "no_rows")
    raise origin.blank()


def refuse_columns(
    origin: OpenFile, header: TableHeader, wanted: Collection[str], known: Callable[[str], bool] | None = None
) -> None:
    """Refuse a header that lacks a wanted column, or has two columns of one name; `known` is by default a wanted one.

    Raises
    ------
    InputFileError
        ``wrong_columns``.
    """
    sentences = doubled(header.names, known or wanted.__contains__) + missing(header.names, wanted)
    if sentences:
        raise origin.fault("; ".join(sentences), "wrong_columns")


def doubled(names: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """Return a sentence for each name of several columns, in words only where it is `known` and so nobody's value.

    Columns without a name (row names as R writes them) may repeat, since nobody can ask for them.
    """
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    return [
        f"column {name!r} stands twice; rename one"
        if known(name)
        else f"column {names.index(name) + 1} has a name that stands twice; rename one"
        for name in twice
    ]


def missing(names: Sequence[str], wanted: Collection[str]) -> list[str]:
    """Return a sentence for each wanted column that is not there, with the column that may be meant."""
    sentences = []
    for name in wanted:
        if name not in names:
            near = nearest(name, names[:1000])
            hint = f"; did the file mean it by {near!r}?" if near else ""
            sentences.append(f"column {name!r} is missing{hint}")
    return sentences


def fields_of(text: str, separator: str, quotes: bool) -> list[str]:
    r"""Return the fields of one line.

    Raises
    ------
    csv.Error
        The quotes do not match, or a field is longer than `MAX_FIELD`.

    Examples
    --------
    >>> fields_of('a;"b;c"', ";", quotes=True), fields_of('5"\tb', "\t", quotes=False)
    (['a', 'b;c'], ['5"', 'b'])
    """
    if quotes:
        return next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=separator == " "), [])
    fields = text.split(separator)
    if len(text) > MAX_FIELD and max(map(len, fields)) > MAX_FIELD:
        raise csv.Error("field larger than field limit")
    return fields


def unreadable(origin: OpenFile, line: int, error: csv.Error) -> InputFileError:
    """Return the error of a line that cannot be cut into fields."""
    if "field larger" in str(error):
        return origin.fault(f"line {line}: a field is longer than {MAX_FIELD:,} characters; is a quote left open?")
    return origin.fault(f"line {line}: the quotes do not match; close or double them")


def _header(origin: OpenFile, text: str, line: int, form: TableForm) -> TableHeader:
    bare = _QUOTED.sub("", text) if form.quotes else text
    separator = form.separator or max(SEPARATORS, key=bare.count)
    if not form.separator and separator not in bare:
        separator, text = " ", text.strip()
    try:
        names = fields_of(text, separator, form.quotes)
    except csv.Error as error:
        raise unreadable(origin, line, error) from None
    return TableHeader(tuple(name.strip() for name in names) if form.trimmed else tuple(names), line, separator, form)


def _best(first: TableHeader, line: int, comment: str, known: Callable[[str], bool]) -> TableHeader:
    """Return the header that holds the most known names: the first line of fields, or the comment before it."""
    found = [first]
    for text in (comment.lstrip(first.form.mark).strip(), comment):
        # a comment is prose, whose quotes need not match
        separator = first.form.separator or max(SEPARATORS, key=text.count)
        names = tuple(name.strip() if first.form.trimmed else name for name in text.split(separator))
        found.append(TableHeader(names, line, separator, first.form))
    return max(found, key=lambda one: sum(map(known, one.names)))
