"""Scorecard and design matrix in; log-odds, probability, exact contributions and replicate quantiles out.

Everything is a table look-up. A value falls on one node of a ``step`` axis or between two of a ``piecewise_linear``
one; a term's value is the weighted mean of at most four of its cells, its *corners*. The same weights apply to any
table over the same axes, so the contributions (tables derived once, below) and the bootstrap replicates cost no more
than the margin.

The interventional Shapley value of a feature, with the whole training cohort as background, has the value function
``v(S) = E[f(x_S, B_rest)]`` with B a row of the cohort (Janzing et al. 2020, PMLR 108:2907). It is additive over terms.
For a one-axis term it is ``T[i] - mean``; for a two-axis term the closed form for two players,
``phi_a = ((E_b T[i, .] - mean) + (T[i, j] - E_a T[., j])) / 2``, with the joint mean of the term as ``mean``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_schemas.errors import ModelError
from data_schemas.scorecard import Scorecard
from serving.score_layout import AxisLayout, Floats, Ints, TermLayout

# Rows per block: keeps the arrays of corners and of replicate log-odds at a few MB whatever the number of rows.
BLOCK = 512


@dataclass(frozen=True)
class Scores:
    """What the scorecard says of n rows; every array has length n, `contributions` is (n, features), in log-odds.

    `low` and `high` are replicate quantiles of the probability; `without_genetics` is the twin's probability. They are
    None where the scorecard has no replicates, or no twin.
    """

    log_odds: Floats
    probability: Floats
    contributions: Floats
    baseline_log_odds: float
    baseline: float
    low: Floats | None
    high: Floats | None
    without_genetics: Floats | None


def expit(log_odds: Floats) -> Floats:
    """Return the probability of a log-odds, without overflow at either end.

    >>> expit(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


class Evaluator:
    """A scorecard laid out as arrays.

    Parameters
    ----------
    scorecard
        The document.
    replicates
        (B, 1 + scorecard.n_values): per bootstrap replicate its calibrated intercept, then the calibrated cells of
        every term in order, on the scorecard's own axes.

    Raises
    ------
    ModelError
        ``bundle_integrity``: the replicates do not have the scorecard's shape or are not finite.
    """

    def __init__(self, scorecard: Scorecard, replicates: Floats | None = None) -> None:
        self.scorecard = scorecard
        self.names = tuple(feature.name for feature in scorecard.features)
        self._axes = AxisLayout(scorecard, self.names)
        self._terms = TermLayout(scorecard, self.names, self._axes.linear)
        slope, offset = scorecard.calibration.slope, scorecard.calibration.offset
        means = sum(term.mean for term in scorecard.terms)
        self.baseline_log_odds = slope * (scorecard.intercept + means) + offset
        self.baseline = float(expit(np.array(self.baseline_log_odds)))
        self._replicate_cells: Floats | None = None
        if replicates is not None:
            if replicates.ndim != 2 or replicates.shape[1] != 1 + scorecard.n_values or not len(replicates):
                raise ModelError("bundle_integrity", "The replicates do not fit the scorecard; train the model again.")
            if not np.isfinite(replicates).all():
                raise ModelError("bundle_integrity", "The replicates hold values that are not finite; train again.")
            self._replicate_intercepts = np.ascontiguousarray(replicates[:, 0], dtype=np.float64)
            self._replicate_cells = np.ascontiguousarray(replicates[:, 1:].T, dtype=np.float64)
        self._twin: Evaluator | None = None
        if scorecard.twin is not None:
            self._twin = Evaluator(scorecard.twin)
            self._twin_columns = [self.names.index(name) for name in self._twin.names]

    def margin(self, x: Floats) -> Floats:
        """Return the (n,) log-odds before calibration of the (n, features) design matrix `x`."""
        self._check(x)
        blocks = [self._margin_of(*self._corners(x[i : i + BLOCK])) for i in range(0, len(x), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def score(self, x: Floats) -> Scores:
        """Return the scores of the (n, features) design matrix `x`, columns as in ``scorecard.features``, NaN unknown.

        Raises
        ------
        ModelError
            ``schema_incompatible``: another number of columns, or an infinite value.
        """
        self._check(x)
        calibration = self.scorecard.calibration
        margin, contributions = np.empty(len(x)), np.empty(x.shape)
        bounds = np.empty((len(x), 2))
        for start in range(0, len(x), BLOCK):
            block = slice(start, start + BLOCK)
            cells, weights = self._corners(x[block])
            margin[block] = self._margin_of(cells, weights)
            contributions[block] = (self._terms.shares_a[cells] * weights) @ self._terms.to_feature_a
            contributions[block] += (self._terms.shares_b[cells] * weights) @ self._terms.to_feature_b
            if self._replicate_cells is not None:
                bounds[block] = self._quantiles(self._replicate_log_odds(cells, weights))
        log_odds = calibration.slope * margin + calibration.offset
        has_interval = self._replicate_cells is not None
        if has_interval:
            bounds = expit(bounds)
        twin = None if self._twin is None else self._twin.probability(x[:, self._twin_columns])
        return Scores(
            log_odds=log_odds,
            probability=expit(log_odds),
            contributions=contributions,
            baseline_log_odds=self.baseline_log_odds,
            baseline=self.baseline,
            low=bounds[:, 0] if has_interval else None,
            high=bounds[:, 1] if has_interval else None,
            without_genetics=twin,
        )

    def probability(self, x: Floats) -> Floats:
        """Return the (n,) calibrated probabilities alone."""
        calibration = self.scorecard.calibration
        return expit(calibration.slope * self.margin(x) + calibration.offset)

    def _check(self, x: Floats) -> None:
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise ModelError("schema_incompatible", f"The design matrix must have {len(self.names)} columns.")
        if np.isinf(x).any():
            raise ModelError("schema_incompatible", "The design matrix holds an infinite value; use NaN for unknown.")

    def _corners(self, x: Floats) -> tuple[Ints, Floats]:
        """Return cells and weights, each (n, corners), of the rows of `x`."""
        n = len(x)
        axes, terms = self._axes, self._terms
        value = x[:, axes.column]
        unknown = np.isnan(value)
        at_or_above = (value[:, :, None] >= axes.edges).sum(axis=2)
        interval = np.minimum(np.maximum(at_or_above - 1, 0), axes.last_interval)
        left, gap = axes.left[axes.numbers, interval], axes.gap[axes.numbers, interval]
        share = np.where(unknown, 0.0, np.minimum(np.maximum((value - left) / gap, 0.0), 1.0))
        low = np.where(unknown, axes.unknown_node, np.where(axes.linear, interval, at_or_above))
        high = np.where(share > 0, low + 1, low)
        nodes = np.zeros((n, 2 * (value.shape[1] + 1)), dtype=np.int64)
        weights = np.ones(nodes.shape)
        nodes[:, 0:-2:2], nodes[:, 1:-2:2] = low, high
        weights[:, 0:-2:2], weights[:, 1:-2:2] = 1.0 - share, share
        cells = terms.base + nodes[:, terms.corner_a] * terms.stride + nodes[:, terms.corner_b]
        return cells, weights[:, terms.corner_a] * weights[:, terms.corner_b]

    def _margin_of(self, cells: Ints, weights: Floats) -> Floats:
        total: Floats = (self._terms.values[cells] * weights).sum(axis=1)
        return self.scorecard.intercept + total

    def _replicate_log_odds(self, cells: Ints, weights: Floats) -> Floats:
        """Return the (n, B) calibrated log-odds of every replicate."""
        assert self._replicate_cells is not None
        # Row by row: a row touches a few hundred cells of thousands, so gathering them beats any product with them all.
        out = np.empty((len(cells), self._replicate_cells.shape[1]))
        for i, (touched, weight) in enumerate(zip(cells, weights, strict=True)):
            out[i] = weight @ self._replicate_cells.take(touched, axis=0)
        return out + self._replicate_intercepts

    def _quantiles(self, log_odds: Floats) -> Floats:
        """Return the (n, 2) central quantiles, linear between order statistics (Hyndman and Fan 1996, type 7)."""
        ordered = np.sort(log_odds, axis=1)
        tail = (1.0 - self.scorecard.interval_level) / 2
        bounds = []
        for q in (tail, 1.0 - tail):
            place = q * (ordered.shape[1] - 1)
            below = min(int(place), ordered.shape[1] - 2) if ordered.shape[1] > 1 else 0
            above = min(below + 1, ordered.shape[1] - 1)
            bounds.append(ordered[:, below] + (place - below) * (ordered[:, above] - ordered[:, below]))
        return np.stack(bounds, axis=1)
