"""Whether part of a column stands in another unit than the rest.

A value that is implausible as it stands, yet plausible once read in another unit of the covariate, speaks for that
unit. One or two such values are typing errors; a share of the column, or a block of it, is a second unit. Blocks whose
values are plausible either way (kg and lb) are for `features.values.unit_blocks` to find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Floats, Ints
from features.values.rule import ClinicalRule
from features.values.units import accepted_units, conversion

_BLOCK, _SHARE, _NEARLY_ALL = 5, 0.005, 0.9


@dataclass(frozen=True)
class OtherScale:
    """The `rows` (m,) that read like `unit`; `whole` says that nearly the whole column does."""

    unit: str
    rows: Ints
    whole: bool

    def sentence(self, rule: ClinicalRule, stated: str) -> str:
        """Return what is wrong and what to do."""
        label = rule.covariate.label
        if self.whole:
            return f"{label} reads like {self.unit}, not like {stated}; set its unit in the manifest"
        return (
            f"{label} is in {stated}, but these rows read like {self.unit}: two units in one column; convert them, or "
            f"give them a column of their own; if all are right, state one_unit = true in the manifest"
        )


def other_scale(values: Floats, rule: ClinicalRule, stated: str) -> OtherScale | None:
    """Return the other unit that explains the implausible part of a column, or None.

    Parameters
    ----------
    values
        (n,) in the covariate's unit, read as the stated unit; NaN unknown.
    stated
        The unit in the manifest.
    """
    low, high = rule.plausible
    odd = np.flatnonzero((values < low) | (values > high))
    if len(odd) == 0:
        return None
    factor, offset = conversion(stated, rule.covariate) if stated else (1.0, 0.0)
    best: OtherScale | None = None
    for unit in accepted_units(rule.covariate):
        other_factor, other_offset = conversion(unit, rule.covariate)
        read = (values[odd] - offset) / factor * other_factor + other_offset
        if np.allclose(read, values[odd]):
            continue
        rows = odd[(read >= low) & (read <= high)]
        if _enough(rows, values, rule, other_factor / factor) and (best is None or len(rows) > len(best.rows)):
            best = OtherScale(unit, rows, bool(len(rows) >= _NEARLY_ALL * np.count_nonzero(~np.isnan(values))))
    return best


def lone_value(values: Floats) -> Ints:
    """Return the rows that share the largest, or smallest, value of a column, far from every other one; else none.

    `values` is (n,), the rows are (m,). That is how a code for missing looks (999 among cholesterols) where the value
    itself is possible. Far means more than a quartile range of the others.
    """
    known = values[~np.isnan(values)]
    for end in (np.max, np.min) if len(known) else ():
        extreme = end(known)
        others = known[known != extreme]
        rows = np.flatnonzero(values == extreme)
        if len(rows) < max(_BLOCK, _SHARE * len(known)) or len(others) < len(rows):
            continue
        low, high = np.quantile(others, (0.25, 0.75))
        if abs(extreme - end(others)) > high - low > 0:
            return rows
    return np.arange(0)


def _enough(rows: Ints, values: Floats, rule: ClinicalRule, ratio: float) -> bool:
    low, high = rule.possible
    if np.count_nonzero((values[rows] < low) | (values[rows] > high)) >= 3:
        return True
    known = np.cumsum(~np.isnan(values))
    many = _longest_run(known[rows]) >= _BLOCK or len(rows) >= max(_BLOCK, _SHARE * float(known[-1]))
    return bool(many and _apart(rows, values, ratio))


def _apart(rows: Ints, values: Floats, ratio: float) -> bool:
    """Whether a gap lies between these rows and the others; the long tail of a distribution has none."""
    others = np.delete(values, rows)
    others = others[~np.isnan(others)]
    if len(others) <= (1 - _NEARLY_ALL) * (len(rows) + len(others)):
        return True
    middle = float(np.median(values[rows]))
    edge = float(np.quantile(others, 0.98 if middle > np.median(others) else 0.02))
    if middle <= 0 or edge <= 0:
        return True
    return abs(math.log(middle / edge)) > abs(math.log(ratio)) / 3


def _longest_run(positions: Ints) -> int:
    """Return the length of the longest stretch of consecutive numbers."""
    if len(positions) == 0:
        return 0
    breaks = np.flatnonzero(np.diff(positions) != 1)
    return int(np.diff(np.concatenate([[-1], breaks, [len(positions) - 1]])).max())
