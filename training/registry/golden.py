"""The self-test that travels with a model: synthetic rows and the answers that whoever loads it must reproduce."""

from __future__ import annotations

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.model.golden import Golden, GoldenCase
from data_schemas.model.scorecard import Feature, Scorecard
from serving.scoring.score import Evaluator

# Share of a random row's values that are unknown.
UNKNOWN = 0.15


def build_golden(scorecard: Scorecard, replicates: Floats | None, *, n: int = 24, seed: int = 0) -> Golden:
    """Return `n` synthetic rows with the scorecard's answers.

    The first rows hold every feature at its lowest, at its highest, and unknown; the others are drawn, each feature by
    itself, from the levels and ranges that the scorecard states. No row is a patient's. `replicates` is (B, 1 + cells).
    """
    rng = np.random.default_rng(seed)
    low, high = (np.array([_bounds(f, scorecard)[side] for f in scorecard.features]) for side in (0, 1))
    drawn = [_draw(f, scorecard, n - 3, rng) for f in scorecard.features]
    rows = np.vstack([low, high, np.full(len(low), np.nan), np.array(drawn).T.reshape(n - 3, len(low))])
    scores = Evaluator(scorecard, replicates).score(rows)

    def at(values: Floats | None, i: int) -> float | None:
        return None if values is None else float(values[i])

    cases = tuple(
        GoldenCase(
            row=tuple(None if np.isnan(value) else float(value) for value in row),
            log_odds=float(scores.log_odds[i]),
            probability=float(scores.probability[i]),
            contributions=tuple(scores.contributions[i].tolist()),
            low=at(scores.low, i),
            high=at(scores.high, i),
            without_genetics=at(scores.without_genetics, i),
        )
        for i, row in enumerate(rows)
    )
    return Golden(features=tuple(feature.name for feature in scorecard.features), cases=cases)


def _bounds(feature: Feature, scorecard: Scorecard) -> tuple[float, float]:
    """Return the lowest and the highest code of a feature."""
    if feature.levels:
        return 0.0, len(feature.levels) - 1.0
    if feature.kind == "somatic":
        return 0.0, 1.0
    if feature.kind == "dosage":
        return 0.0, 2.0 if feature.effect_model == "additive" else 1.0
    edges = [edge for axis in scorecard.axes if axis.feature == feature.name for edge in axis.edges] or [0.0]
    lowest = min(edges) if feature.minimum is None else feature.minimum
    highest = max(edges) if feature.maximum is None else feature.maximum
    return lowest, highest


def _draw(feature: Feature, scorecard: Scorecard, n: int, rng: np.random.Generator) -> Floats:
    low, high = _bounds(feature, scorecard)
    if feature.kind == "continuous":
        values = np.round(rng.uniform(low, high, n), feature.decimals)
    else:
        values = rng.integers(int(low), int(high) + 1, n).astype(np.float64)
    values[rng.random(n) < UNKNOWN] = np.nan
    return values
