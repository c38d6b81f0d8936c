"""May this model answer for this patient? Where the training data cannot carry an answer, there is none.

The limits are stated here and nowhere else. A reason withholds every number; a warning accompanies the answer. Texts
name the training cohort's range, never the patient's value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from data_schemas.model.scorecard import Feature, Scorecard
from data_schemas.wire.prediction import Notice

BEYOND_RANGE = 0.10
"""How far beyond the training cohort's range a number may lie, as a share of that range, before there is no answer."""

MIN_LEVEL_COUNT = 10
"""A level (of a therapy, a category, a finding) that fewer patients than this had gets no answer."""

MAX_UNKNOWN_SHARE = 0.5
"""How much of what the model draws on may be unknown: the unknown features' share of the summed spread of all
contributions over the training cohort."""

MAX_INTERVAL_WIDTH = 0.5
"""Width of the interval of the probability from which on the answer says too little to be given."""


class Support:
    """What a scorecard says of its training cohort, laid out for one patient at a time."""

    def __init__(self, scorecard: Scorecard) -> None:
        self.features = scorecard.features
        self.n_rows = scorecard.n_rows
        spread = _spread(scorecard)
        total = sum(spread)
        self._share = [part / total if total > 0 else 0.0 for part in spread]
        self._usual = [_usual(feature) for feature in scorecard.features]

    def check(self, row: Sequence[float]) -> tuple[tuple[Notice, ...], tuple[Notice, ...]]:
        """Return reasons and warnings for one encoded row, in the scorecard's feature order, NaN unknown."""
        reasons: list[Notice] = []
        warnings: list[Notice] = []
        unknown: list[int] = []
        for number, (value, (low, high)) in enumerate(zip(row, self._usual, strict=True)):
            if low <= value <= high:
                continue
            feature = self.features[number]
            if math.isnan(value):
                unknown.append(number)
            elif feature.levels or feature.kind == "somatic":
                _check_level(feature, value, reasons)
            else:
                _check_number(feature, value, reasons, warnings)
        self._check_unknown(unknown, reasons, warnings)
        return tuple(reasons), tuple(warnings)

    def _check_unknown(self, unknown: list[int], reasons: list[Notice], warnings: list[Notice]) -> None:
        share = sum(self._share[number] for number in unknown)
        if share > MAX_UNKNOWN_SHARE:
            detail = (
                f"The unknown inputs carry {100 * share:.0f} % of what this model draws on; "
                f"at most {100 * MAX_UNKNOWN_SHARE:.0f} % may be unknown. "
                f"Most would be gained from: {self._most_telling(unknown)}."
            )
            reasons.append(Notice(code="too_much_unknown", detail=detail))
        # what the model draws nothing from is not worth a word
        drawn_on = [n for n in unknown if self._share[n] > 0 and not self.features[n].unknown_learned]
        filled = [self.features[n].label for n in sorted(drawn_on, key=lambda number: -self._share[number])]
        if filled:
            detail = f"Unknown, so the training cohort's typical value stands in: {'; '.join(filled)}."
            warnings.append(Notice(code="unknown_filled", detail=detail))

    def _most_telling(self, unknown: list[int]) -> str:
        ordered = sorted(unknown, key=lambda number: -self._share[number])
        return ", ".join(self.features[number].label for number in ordered[:3])


def interval_reason(low: float, high: float) -> Notice | None:
    """Return the reason to withhold an answer whose interval is wider than the limit, else None."""
    if high - low <= MAX_INTERVAL_WIDTH:
        return None
    detail = (
        f"The training cohort leaves the probability open within more than {100 * MAX_INTERVAL_WIDTH:.0f} percentage "
        "points for this patient."
    )
    return Notice(code="interval_too_wide", detail=detail)


def _usual(feature: Feature) -> tuple[float, float]:
    """Return bounds of what needs no second look: nearly every value of nearly every patient."""
    if feature.levels or feature.kind == "somatic":
        levels = feature.levels or ("not_detected", "detected")
        rare = any(feature.level_counts.get(level, 0) < MIN_LEVEL_COUNT for level in levels)
        return (math.inf, -math.inf) if rare and feature.level_counts else (0.0, math.inf)
    low = feature.minimum if feature.p01 is None else feature.p01
    high = feature.maximum if feature.p99 is None else feature.p99
    return (-math.inf, math.inf) if low is None or high is None else (low, high)


def _check_level(feature: Feature, value: float, reasons: list[Notice]) -> None:
    """Refuse a level that too few patients had; `level_counts` is empty where nobody counted."""
    if not feature.level_counts:
        return
    level = feature.levels[int(value)] if feature.levels else ("detected" if value else "not_detected")
    if feature.level_counts.get(level, 0) < MIN_LEVEL_COUNT:
        detail = f"{feature.label}: fewer than {MIN_LEVEL_COUNT} patients of the training cohort were like this one."
        reasons.append(Notice(code="outside_support", detail=detail))


def _check_number(feature: Feature, value: float, reasons: list[Notice], warnings: list[Notice]) -> None:
    low, high = feature.minimum, feature.maximum
    if low is None or high is None:
        return
    margin = BEYOND_RANGE * (high - low)
    if not low - margin <= value <= high + margin:
        reasons.append(Notice(code="outside_support", detail=_range_text(feature, "is beyond", low, high)))
    elif not low <= value <= high:
        warnings.append(Notice(code="at_the_edge", detail=_range_text(feature, "is just beyond", low, high)))
    elif feature.p01 is not None and value < feature.p01:
        detail = f"{feature.label} is among the lowest 1 % of the training cohort."
        warnings.append(Notice(code="at_the_edge", detail=detail))
    elif feature.p99 is not None and value > feature.p99:
        detail = f"{feature.label} is among the highest 1 % of the training cohort."
        warnings.append(Notice(code="at_the_edge", detail=detail))


def _range_text(feature: Feature, relation: str, low: float, high: float) -> str:
    unit = f" {feature.unit}" if feature.unit else ""
    places = feature.decimals
    return f"{feature.label} {relation} the training cohort's range, {low:.{places}f} to {high:.{places}f}{unit}."


def _spread(scorecard: Scorecard) -> list[float]:
    """Return each feature's spread: the summed standard deviations of its terms over the training cohort.

    A term over two axes counts half for each, as its contribution does, with the axes taken as independent.
    """
    weights = [np.array(axis.mean_weights) for axis in scorecard.axes]
    number = {feature.name: i for i, feature in enumerate(scorecard.features)}
    spread = [0.0] * len(scorecard.features)
    for term in scorecard.terms:
        joint = weights[term.axes[0]]
        if len(term.axes) == 2:
            joint = np.outer(joint, weights[term.axes[1]]).ravel()
        values = np.array(term.values)
        deviation = math.sqrt(max(float(joint @ (values - joint @ values) ** 2), 0.0))
        for axis in term.axes:
            spread[number[scorecard.axes[axis].feature]] += deviation / len(term.axes)
    return spread
