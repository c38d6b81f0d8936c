"""Rows for people: a table on a terminal, tab-separated text in a pipe, JSON where it is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

SHORT = 14
"""A column whose cells are at most this long (ids, positions) keeps them in one line."""


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their column names; a terminal gets a table as wide as it is, a pipe plain lines."""
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (columns, *texts):
            typer.echo("\t".join(line))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for number, name in enumerate(columns):
        longest = max((len(row[number]) for row in texts), default=0)
        table.add_column(name, overflow="fold", no_wrap=longest <= SHORT)
    for row in texts:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def show_json(document: Any) -> None:
    """Print a document as JSON that other programs can read: no NaN, non-ASCII letters as they are."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
