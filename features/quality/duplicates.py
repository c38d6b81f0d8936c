"""Who stands twice: rows of one person whose genotypes differ, and rows that repeat an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from data_schemas.arrays import Floats, Ints, Values
from features.quality.records import Duplicates, Site

EXAMPLES = 20
DISTINCT = 20
"""Different numbers that make a measurement telling of who somebody is."""


def duplicates(sites: Mapping[str, Site], person: Ints, other: Ints, lines: Ints) -> Duplicates:
    """Compare the genotypes of rows of one person, and look for rows that repeat an earlier one.

    Parameters
    ----------
    person
        (n,) number of each row's person.
    other
        (n,) a number for each distinct combination of the other values of a row.
    lines
        (n,) line of each row in the file.
    """
    table = np.array([site.dosage for site in sites.values() if not np.isnan(site.dosage).all()]).T
    if table.size == 0:
        return Duplicates()
    coded = np.where(np.isnan(table), -1.0, table)
    known = (coded >= 0).all(axis=1)
    _, counts = np.unique(coded[known], axis=0, return_counts=True)
    same, discordant = _same_person(table, person)
    _, first, whole = np.unique(np.column_stack([coded, other]), axis=0, return_index=True, return_inverse=True)
    earlier = np.asarray(first)[whole.reshape(-1)] < np.arange(len(coded))
    repeats = np.flatnonzero(earlier & ((coded >= 0).sum(axis=1) > 0))
    n = int(known.sum())
    return Duplicates(
        same_person_pairs=same,
        discordant=len(discordant),
        discordant_lines=first_lines(lines, np.array([row for pair in discordant for row in pair], dtype=int)),
        identical_rows=len(repeats),
        identical_lines=first_lines(lines, repeats),
        compared_pairs=n * (n - 1) // 2,
        identical_pairs=int((counts * (counts - 1) // 2).sum()),
    )


def value_codes(values: Mapping[str, Values], n: int) -> Ints:
    """Return a number (n,) for each distinct combination of values (n,); rows that say too little have their own.

    Only columns with more than `DISTINCT` different numbers count, and a row needs three of them known: two strangers
    agree on sex and age soon enough.
    """
    telling = [v for v in values.values() if v.dtype.kind == "f" and len(np.unique(v[~np.isnan(v)])) > DISTINCT]
    own = np.arange(n, 2 * n)
    if len(telling) < 3:
        return own
    table = np.column_stack(telling)
    _, codes = np.unique(np.where(np.isnan(table), -np.inf, table), axis=0, return_inverse=True)
    return np.where((~np.isnan(table)).sum(axis=1) >= 3, codes.reshape(-1), own)


def _same_person(table: Floats, person: Ints) -> tuple[int, list[tuple[int, int]]]:
    """Return how many pairs of rows of one person share a called site, and those that differ at one."""
    order = np.argsort(person, kind="stable")
    starts = np.flatnonzero(np.diff(person[order], prepend=-2))
    compared, discordant = 0, []
    for rows in np.split(order, starts[1:]):
        for a, b in combinations(rows.tolist(), 2):
            both = ~np.isnan(table[a]) & ~np.isnan(table[b])
            compared += bool(both.any())
            if (np.abs(table[a][both] - table[b][both]) > 0.5).any():
                discordant.append((a, b))
    return compared, discordant


def first_lines(lines: Ints, rows: Ints) -> tuple[int, ...]:
    """Return the line numbers of the first few of `rows` (m,); `lines` (n,) holds the line of each row."""
    return tuple(int(line) for line in lines[np.unique(rows)[:EXAMPLES]])
