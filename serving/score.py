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
from numpy.typing import NDArray

from data_schemas.errors import ModelError
from data_schemas.scorecard import Scorecard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
        self._lay_out_axes()
        self._lay_out_terms()
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
            contributions[block] = (self._shares_a[cells] * weights) @ self._to_feature_a
            contributions[block] += (self._shares_b[cells] * weights) @ self._to_feature_b
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

    # -- layout ---------------------------------------------------------------------------------------------------

    def _lay_out_axes(self) -> None:
        """Pad the edges of all axes into one matrix; a gap is infinite where nothing lies between two nodes."""
        axes = self.scorecard.axes
        width = max([len(axis.edges) for axis in axes], default=0) + 1
        self._edges = np.full((len(axes), width), np.inf)
        self._left = np.zeros((len(axes), width))
        self._gap = np.full((len(axes), width), np.inf)
        for i, axis in enumerate(axes):
            count = len(axis.edges)
            self._edges[i, :count] = self._left[i, :count] = axis.edges
            if axis.kind == "piecewise_linear" and count > 1:
                self._gap[i, : count - 1] = np.diff(axis.edges)
        column = {name: i for i, name in enumerate(self.names)}
        self._axis_column = np.array([column[axis.feature] for axis in axes], dtype=np.int64)
        self._linear = np.array([axis.kind == "piecewise_linear" for axis in axes], dtype=bool)
        self._last_interval = np.array([max(len(axis.edges) - 2, 0) for axis in axes], dtype=np.int64)
        self._unknown_node = np.array([axis.n_nodes - 1 for axis in axes], dtype=np.int64)
        self._axis_numbers = np.arange(len(axes))

    def _lay_out_terms(self) -> None:
        """List the corners of every term, and derive the contribution tables, slope folded in."""
        card, place = self.scorecard, len(self.scorecard.axes)
        features = [self.names.index(axis.feature) for axis in card.axes]
        rows: list[tuple[int, int, int, int, int, int]] = []
        tables: list[Floats] = []
        shares_a: list[Floats] = []
        shares_b: list[Floats] = []
        base = 0
        for term in card.terms:
            a = term.axes[0]
            b = term.axes[1] if len(term.axes) == 2 else place
            width = card.axes[b].n_nodes if b != place else 1
            table = np.array(term.values).reshape(-1, width)
            sides_b = (0, 1) if b != place and self._linear[b] else (0,)
            for side_a in (0, 1) if self._linear[a] else (0,):
                rows += [
                    (base, width, 2 * a + side_a, 2 * b + s, features[a], features[b] if b != place else 0)
                    for s in sides_b
                ]
            share_a, share_b = self._shares(table, term.mean, term.axes)
            tables.append(table.ravel())
            shares_a.append(share_a.ravel())
            shares_b.append(share_b.ravel())
            base += table.size
        slope = card.calibration.slope
        self._values = np.concatenate(tables) if tables else np.empty(0)
        self._shares_a = slope * np.concatenate(shares_a) if tables else np.empty(0)
        self._shares_b = slope * np.concatenate(shares_b) if tables else np.empty(0)
        corners = np.array(rows, dtype=np.int64).reshape(-1, 6)
        self._base, self._stride, self._corner_a, self._corner_b = corners[:, :4].T.copy()
        identity = np.eye(len(self.names))
        self._to_feature_a, self._to_feature_b = identity[corners[:, 4]], identity[corners[:, 5]]

    def _shares(self, table: Floats, mean: float, axes: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return the tables of the first and the second feature's contribution; they sum to ``table - mean``."""
        if len(axes) == 1:
            return table - mean, np.zeros_like(table)
        weights_a, weights_b = (np.array(self.scorecard.axes[axis].mean_weights) for axis in axes)
        mean_over_b = (table @ weights_b)[:, None]
        mean_over_a = (weights_a @ table)[None, :]
        return (
            ((mean_over_b - mean) + (table - mean_over_a)) / 2,
            ((mean_over_a - mean) + (table - mean_over_b)) / 2,
        )

    # -- look-up --------------------------------------------------------------------------------------------------

    def _check(self, x: Floats) -> None:
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise ModelError("schema_incompatible", f"The design matrix must have {len(self.names)} columns.")
        if np.isinf(x).any():
            raise ModelError("schema_incompatible", "The design matrix holds an infinite value; use NaN for unknown.")

    def _corners(self, x: Floats) -> tuple[Ints, Floats]:
        """Return cells and weights, each (n, corners), of the rows of `x`."""
        n = len(x)
        value = x[:, self._axis_column]
        unknown = np.isnan(value)
        at_or_above = (value[:, :, None] >= self._edges).sum(axis=2)
        interval = np.minimum(np.maximum(at_or_above - 1, 0), self._last_interval)
        left, gap = self._left[self._axis_numbers, interval], self._gap[self._axis_numbers, interval]
        share = np.where(unknown, 0.0, np.minimum(np.maximum((value - left) / gap, 0.0), 1.0))
        low = np.where(unknown, self._unknown_node, np.where(self._linear, interval, at_or_above))
        high = np.where(share > 0, low + 1, low)
        nodes = np.zeros((n, 2 * (value.shape[1] + 1)), dtype=np.int64)
        weights = np.ones(nodes.shape)
        nodes[:, 0:-2:2], nodes[:, 1:-2:2] = low, high
        weights[:, 0:-2:2], weights[:, 1:-2:2] = 1.0 - share, share
        cells = self._base + nodes[:, self._corner_a] * self._stride + nodes[:, self._corner_b]
        return cells, weights[:, self._corner_a] * weights[:, self._corner_b]

    def _margin_of(self, cells: Ints, weights: Floats) -> Floats:
        total: Floats = (self._values[cells] * weights).sum(axis=1)
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
