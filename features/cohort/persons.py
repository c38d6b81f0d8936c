"""Whose row is it? A number per person, and rows that stand twice."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data_schemas.arrays import Ints
from features.cohort.columns import CohortTable

BY_CHANCE = 1e-4
"""Rows like a given one that chance would make, below which a copy is no second person."""


def persons_of(source: CohortTable) -> Ints:
    """Return (n,) a number per person; a doubt whether one stands in several rows is noted."""
    cohort = source.cohort
    if cohort.row_id:
        _refuse_repeats(source, cohort.row_id)
    if cohort.person:
        return _named(source, cohort.person)
    copies, telling = _copies(source)
    if len(telling):
        sentence = (
            "earlier rows stand here again, alike in every bound column; remove the repeats, or name a column as "
            "person so that one person's rows stay together"
        )
        source.faults.add("repeated_person", sentence, rows=telling)
    elif len(copies):
        cure = "if they are repeats, remove them"
        source.notes.append(f"Rows that repeat an earlier one in every bound column: {len(copies):,}; {cure}")
    return np.arange(source.n)


def _copies(source: CohortTable) -> tuple[Ints, Ints]:
    """Return the rows that repeat an earlier one in every bound column, and those of them that chance does not make.

    Chance makes as many rows like a given one as there are rows, times how common each of its values is.
    """
    frame = source.table.frame.drop(columns=[source.cohort.row_id] if source.cohort.row_id else [])
    copies = np.flatnonzero(frame.duplicated()) if frame.shape[1] else np.arange(0)
    log_alike = np.full(len(copies), np.log(max(len(frame), 1)))
    for name in frame.columns if len(copies) else ():
        codes = pd.factorize(frame[name], use_na_sentinel=False)[0]
        log_alike += np.log(np.bincount(codes) / len(frame))[codes[copies]]
    return copies, copies[log_alike < np.log(BY_CHANCE)]


def _refuse_repeats(source: CohortTable, name: str) -> None:
    numbers = _named(source, name)
    repeated = np.flatnonzero((np.bincount(numbers + 1)[numbers + 1] > 1) & (numbers >= 0))
    if len(repeated):
        cure = "keep one row each, or name a column as person so that one person's rows stay together"
        source.faults.add("repeated_person", f"one id in several rows; {cure}", name, repeated)


def _named(source: CohortTable, name: str) -> Ints:
    """Return a number for each distinct name; a row without one is noted, and numbered -1."""
    cells = source.cells(name)
    nameless = cells.rows([number for number, text in enumerate(cells.texts) if text is None])
    if len(nameless):
        sentence = "whose row this is must be known; fill it in, or remove the rows"
        source.faults.add("missing_required", sentence, name, nameless)
    numbers, _ = pd.factorize(np.array(cells.texts, dtype=object))
    return np.asarray(numbers[cells.codes])
