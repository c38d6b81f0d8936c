"""Rows for people: a table or blocks on a terminal, tab-separated text in a pipe, JSON where it is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

WRAPPED = 18
"""A column of running text is worth showing from this width on; ids and positions are never broken."""


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their column names.

    A pipe gets tab-separated lines. A terminal gets a table, or where that would break ids apart, a block per row.
    """
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (columns, *texts):
            typer.echo("\t".join(line))
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"[bold]{title}[/bold]")
    console.print(_table(columns, texts) if _fits(columns, texts, console) else _blocks(columns, texts))


def show_json(document: Any) -> None:
    """Print a document as JSON that other programs can read: no NaN, non-ASCII letters as they are."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def _longest(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> list[int]:
    return [max([len(name), *(len(row[number]) for row in texts)]) for number, name in enumerate(columns)]


def _fits(columns: Sequence[str], texts: Sequence[Sequence[str]], console: Console) -> bool:
    first, *others = _longest(columns, texts)
    return first + sum(min(length, WRAPPED) for length in others) + 3 * len(columns) <= console.width


def _table(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for number, (name, length) in enumerate(zip(columns, _longest(columns, texts), strict=True)):
        table.add_column(name, overflow="fold", no_wrap=number == 0 or length <= WRAPPED)
    for row in texts:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _blocks(columns: Sequence[str], texts: Sequence[Sequence[str]]) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    blocks: list[RenderableType] = []
    for row in texts:
        block = Table.grid(padding=(0, 2))
        for name, cell in zip(columns[1:], row[1:], strict=True):
            if cell:
                block.add_row(Text(name, style="dim"), Text(cell))
        blocks += [Text(row[0], style="bold cyan"), Padding(block, (0, 0, 1, 2))]
    return Group(*blocks)
