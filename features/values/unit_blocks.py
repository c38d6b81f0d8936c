"""Blocks of consecutive rows in another unit than the rest, where the values are plausible in either (kg and lb).

In the logarithm of a column another unit is a shift by a known constant. A block is believed only where that constant
explains it far better than none does: its middle lies at the shift and its spread is that of the rest, it begins and
ends abruptly, and the rows in a random order hold nothing like it. Sorted files and sites that differ pass none or
few of these.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from data_schemas.arrays import Bools, Floats, Ints
from features.values.other_unit import OtherScale
from features.values.rule import ClinicalRule
from features.values.units import accepted_units, conversion

MIN_ROWS = 10
"""Rows that a block has at least."""
_MIN_SHIFT = 0.6  # a factor of 1.8; lb and kg differ by 2.2
_BLOCKS, _ORDERS, _PURE = 10, 9, 0.8
_NEAR, _ABRUPT = 0.2, 0.55
_SPREADS = (0.35, 2.5)
_WIDE, _WIDE_ALL = 1.5, 1.6  # quartile ranges of the others; standard deviations of all
_BETWEEN = 0.18
_NEIGHBOURS = 20


def shifted_block(values: Floats, rule: ClinicalRule, stated: str, strata: Ints) -> OtherScale | None:
    """Return the rows that lie in blocks off by the factor between two units, or None.

    Parameters
    ----------
    values
        (n,) in the covariate's unit, read as the stated unit; NaN unknown.
    stated
        The unit in the manifest; empty for the covariate's own.
    strata
        (n,) numbers of groups whose levels may differ for good reasons (sex, menopause, therapy): each is compared
        with its own median.

    Notes
    -----
    A column that is sorted by itself is left alone, as are units less than a factor of 1.8 apart, and units with
    another zero. Where most rows are in the other unit, it is the smaller part that lies in blocks.

    A shift is told from the column's spread only where it is at least 1.5 quartile ranges of the others and 1.6
    standard deviations of all, in logarithms. In widely spread hormones (oestradiol in pg/mL and pmol/L, a factor of
    3.7) a block in another unit goes unseen unless its values are implausible.
    """
    known = np.flatnonzero(values > 0)
    logs, groups = np.log(values[known]), strata[known]
    if len(known) < 4 * MIN_ROWS or abs(np.sign(np.diff(logs)).mean()) > 0.5:
        return None
    for unit, shift in _shifts(rule, stated):
        for direction in (1.0, -1.0):
            block = _block_at(logs, groups, direction * shift)
            if block is None:
                continue
            other = block if direction > 0 else ~block
            if _plausible(values[known], other, math.exp(-shift), rule):
                return OtherScale(unit, known[other], whole=False)
    return None


def _shifts(rule: ClinicalRule, stated: str) -> Iterator[tuple[str, float]]:
    """Yield each other unit with how far, in logarithms, a value in it lies from where it belongs."""
    factor, zero = conversion(stated, rule.covariate) if stated else (1.0, 0.0)
    seen: list[float] = []
    for unit in accepted_units(rule.covariate):
        other_factor, other_zero = conversion(unit, rule.covariate)
        if zero or other_zero:
            continue
        shift = math.log(factor / other_factor)
        if abs(shift) >= _MIN_SHIFT and not np.isclose(shift, seen).any():
            seen.append(shift)
            yield unit, shift


def _plausible(values: Floats, other: Bools, ratio: float, rule: ClinicalRule) -> bool:
    """Whether both parts have plausible middles once each is read in its unit."""
    low, high = rule.plausible
    return all(low <= middle <= high for middle in (np.median(values[~other]), np.median(values[other]) * ratio))


def _block_at(logs: Floats, groups: Ints, shift: float) -> Bools | None:
    """Return (n,) whether a row lies in a block at `shift` from the others; None where there is no such block.

    The level of the others is first taken to be the median, then half a shift beside it (half the rows lie in
    blocks), and is in either case measured again on the rows outside the blocks found.
    """
    for start in (0.0, shift / 2):
        chosen = np.zeros(len(logs), dtype=bool)
        level = _levels(logs, groups, ~chosen) - start
        for _ in range(3):
            before = chosen
            chosen = _marked(logs - level, shift)
            if not chosen.any() or chosen.mean() > 0.6 or np.array_equal(chosen, before):
                break
            level = _levels(logs, groups, ~chosen)
        if chosen.any() and chosen.mean() <= 0.6 and _believed(logs - level, chosen, shift):
            return chosen
    return None


def _levels(logs: Floats, groups: Ints, counted: Bools) -> Floats:
    """Return (n,) the median of each row's group over the counted rows; over the group where none is counted."""
    level = np.empty(len(logs))
    for group in np.unique(groups):
        members = groups == group
        inside = members & counted
        level[members] = np.median(logs[inside if inside.any() else members])
    return level


def _marked(logs: Floats, shift: float) -> Bools:
    """Return (n,) whether a row lies in one of the stretches that the shift explains best."""
    score = _scores(logs, shift)
    chosen = np.zeros(len(logs), dtype=bool)
    for _ in range(_BLOCKS):
        start, stop, total = _best_stretch(score)
        if total < MIN_ROWS / 2:
            break
        if stop - start >= MIN_ROWS:
            chosen[start:stop] = True
        score[start:stop] = -1.0
    return chosen


def _scores(logs: Floats, shift: float) -> Floats:
    """Return (n,) from 1, at the shift or beyond it, to -1, at the level of the others or beyond it."""
    return np.clip(2 * logs / shift - 1, -1.0, 1.0)


def _best_stretch(score: Floats) -> tuple[int, int, float]:
    """Return the stretch [start, stop) with the largest sum, and that sum (Kadane)."""
    sums = np.concatenate([[0.0], np.cumsum(score)])
    gains = sums - np.minimum.accumulate(sums)
    stop = int(np.argmax(gains))
    return int(np.argmin(sums[: stop + 1])), stop, float(gains[stop])


def _believed(logs: Floats, chosen: Bools, shift: float) -> bool:
    """Whether the marked rows are what the other unit makes of rows like the others."""
    inside, outside = logs[chosen], logs[~chosen]
    if len(outside) < MIN_ROWS or abs(float(np.median(inside)) - shift) > _NEAR * abs(shift):
        return False
    nearer = 2 * inside / shift > 1
    spread = max(_spread(outside), 1e-6)
    alike = _SPREADS[0] <= _spread(inside) / spread <= _SPREADS[1]
    if nearer.mean() < _PURE or not alike or abs(shift) < max(_WIDE * spread, _WIDE_ALL * float(logs.std())):
        return False
    stretches = _stretches(chosen)
    if not all(
        _abrupt(logs, chosen, start, stop, shift) and _parted(logs, start, stop, shift) for start, stop in stretches
    ):
        return False
    score = _scores(logs, shift)
    least = min(float(score[start:stop].sum()) for start, stop in stretches)
    return least > 2 * _by_chance(outside, shift)


def _spread(logs: Floats) -> float:
    low, high = np.quantile(logs, (0.25, 0.75))
    return float(high - low)


def _stretches(chosen: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _abrupt(logs: Floats, chosen: Bools, start: int, stop: int, shift: float) -> bool:
    """Whether the level steps at both ends of a stretch, where there are rows beyond; in sorted rows it glides."""
    others = np.flatnonzero(~chosen)
    before, after = others[others < start][-_NEIGHBOURS:], others[others >= stop][:_NEIGHBOURS]
    count = min(_NEIGHBOURS, max(MIN_ROWS, (stop - start) // 2))
    pairs = ((before, logs[start : start + count]), (after, logs[stop - count : stop]))
    return all(
        (float(np.median(inside)) - float(np.median(logs[beyond]))) / shift >= _ABRUPT
        for beyond, inside in pairs
        if len(beyond) >= 3
    )


def _parted(logs: Floats, start: int, stop: int, shift: float) -> bool:
    """Whether few rows in and around a stretch lie midway between the two levels."""
    length = stop - start
    share = logs[max(start - length, 0) : stop + length] / shift
    return float(np.mean((share > 1 / 3) & (share < 2 / 3))) <= _BETWEEN


def _by_chance(logs: Floats, shift: float) -> float:
    """Return the largest sum of a stretch that these rows hold: in some random orders, and in theirs the other way."""
    shuffle, score = np.random.default_rng(0), _scores(logs, shift)
    shuffled = max(_best_stretch(shuffle.permutation(score))[2] for _ in range(_ORDERS))
    return max(shuffled, _best_stretch(_scores(logs, -shift))[2])
