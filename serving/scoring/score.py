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

from data_schemas.arrays import Floats, Ints, Singles
from data_schemas.errors import ModelError
from data_schemas.model.scorecard import Scorecard, expit
from serving.scoring.layout import AxisLayout, TermLayout, shifted

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
        axes, terms = scorecard.axes, scorecard.terms
        self._twin = scorecard.twin
        if self._twin is not None:
            # The twin's tables stand behind our own, so that one look-up places a row in both.
            axes, terms = axes + self._twin.axes, terms + shifted(self._twin.terms, len(axes))
        self._axes = AxisLayout(axes, self.names)
        self._terms = TermLayout(axes, terms, self.names)
        self._own = sum(self._terms.n_corners[: len(scorecard.terms)])
        self._to_feature = scorecard.calibration.slope * self._terms.to_feature[: 2 * self._own]
        models = [scorecard] if self._twin is None else [scorecard, self._twin]
        self._corner_ranges = [(0, self._own), (self._own, None)][: len(models)]
        self._intercepts = np.array([one.intercept for one in models])
        self._slopes = np.array([one.calibration.slope for one in models])
        self._offsets = np.array([one.calibration.offset for one in models])
        slope, offset = scorecard.calibration.slope, scorecard.calibration.offset
        means = sum(term.mean for term in scorecard.terms)
        self.baseline_log_odds = slope * (scorecard.intercept + means) + offset
        self.baseline = float(expit(np.array(self.baseline_log_odds)))
        self._replicate_cells: Singles | None = None
        if replicates is not None:
            if replicates.ndim != 2 or replicates.shape[1] != 1 + scorecard.n_values or not len(replicates):
                raise ModelError("bundle_integrity", "The replicates do not fit the scorecard; train the model again.")
            if not np.isfinite(replicates).all():
                raise ModelError("bundle_integrity", "The replicates hold values that are not finite; train again.")
            # Six digits are plenty for an interval, and gathering these cells is the largest part of scoring a row.
            self._replicate_intercepts = replicates[:, 0].astype(np.float32)
            cells = np.pad(replicates[:, 1:].T, ((0, self._terms.beyond), (0, 0)))
            self._replicate_cells = np.ascontiguousarray(cells, dtype=np.float32)
            self._places, self._fractions = _central_quantiles(scorecard.interval_level, len(replicates))

    def margin(self, x: Floats) -> Floats:
        """Return the (n,) log-odds before calibration of the (n, features) design matrix `x`."""
        self._check(x)
        blocks = [self._margins(*self._corners(x[i : i + BLOCK]))[:, 0] for i in range(0, len(x), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def score(self, x: Floats) -> Scores:
        """Return the scores of the (n, features) design matrix `x`, columns as in ``scorecard.features``, NaN unknown.

        Raises
        ------
        ModelError
            ``schema_incompatible``: another number of columns, or an infinite value.
        """
        self._check(x)
        blocks = [self._score(x[i : i + BLOCK]) for i in range(0, max(len(x), 1), BLOCK)]
        log_odds, contributions = blocks[0] if len(blocks) == 1 else map(np.concatenate, zip(*blocks, strict=True))
        probability = expit(log_odds)
        has_interval = self._replicate_cells is not None
        return Scores(
            log_odds=log_odds[:, 0],
            probability=probability[:, 0],
            contributions=contributions,
            baseline_log_odds=self.baseline_log_odds,
            baseline=self.baseline,
            low=probability[:, -2] if has_interval else None,
            high=probability[:, -1] if has_interval else None,
            without_genetics=probability[:, 1] if self._twin is not None else None,
        )

    def _score(self, x: Floats) -> tuple[Floats, Floats]:
        """Return the log-odds, columns the model's, its twin's if any, low and high if any; and the contributions.

        One array per step, whatever it holds: for a single patient, each call of numpy costs as much as its numbers.
        """
        cells, weights = self._corners(x)
        log_odds = self._slopes * self._margins(cells, weights) + self._offsets
        cells, weights = cells[:, : self._own], weights[:, : self._own]
        shares = self._terms.shares.take(cells, axis=0) * weights[:, :, None]
        contributions = shares.reshape(len(x), 2 * self._own) @ self._to_feature
        if self._replicate_cells is not None:
            ordered = np.sort(self._replicate_log_odds(cells, weights.astype(np.float32)), axis=1)
            around = ordered.take(self._places, axis=1) * self._fractions
            log_odds = np.concatenate([log_odds, around[:, :2] + around[:, 2:]], axis=1)
        return log_odds, contributions

    def probability(self, x: Floats) -> Floats:
        """Return the (n,) calibrated probabilities alone."""
        return expit(self._slopes[0] * self.margin(x) + self._offsets[0])

    def _check(self, x: Floats) -> None:
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise ModelError("schema_incompatible", f"The design matrix must have {len(self.names)} columns.")
        if np.count_nonzero(np.isinf(x)):
            raise ModelError("schema_incompatible", "The design matrix holds an infinite value; use NaN for unknown.")

    def _corners(self, x: Floats) -> tuple[Ints, Floats]:
        """Return cells and weights, each (n, corners), of the rows of `x`."""
        axes, terms = self._axes, self._terms
        value = x.take(axes.column, axis=1)
        # NaN is below no edge and so falls on the last slot, which is for unknown; fmax makes its share 0
        slot = axes.last_slot - np.add.reduce(value[:, :, None] < axes.edges, axis=2, dtype=np.int64)
        share = np.fmax((value - axes.left.take(slot)) / axes.gap.take(slot), 0.0)
        node, side = axes.low.take(slot), np.concatenate([1.0 - share, share], axis=1)
        cells = node.take(terms.axis_a, axis=1) * terms.stride + node.take(terms.axis_b, axis=1) + terms.base
        return cells, side.take(terms.side_a, axis=1) * side.take(terms.side_b, axis=1)

    def _margins(self, cells: Ints, weights: Floats) -> Floats:
        """Return the (n, models) log-odds before calibration, of the model and of its twin if it has one."""
        parts = self._terms.values.take(cells) * weights
        # a sum per model, not reduceat: that takes a neighbour's cell for the sum of a model without terms
        sums = [np.add.reduce(parts[:, first:last], axis=1) for first, last in self._corner_ranges]
        margins: Floats = np.stack(sums, axis=1) + self._intercepts
        return margins

    def _replicate_log_odds(self, cells: Ints, weights: Singles) -> Singles:
        """Return the (n, B) calibrated log-odds of every replicate."""
        assert self._replicate_cells is not None
        # Row by row: a row touches a few hundred cells of thousands, so gathering them beats any product with them all.
        out = np.empty((len(cells), self._replicate_cells.shape[1]), dtype=np.float32)
        for i, (touched, weight) in enumerate(zip(cells, weights, strict=True)):
            out[i] = weight @ self._replicate_cells.take(touched, axis=0)
        return out + self._replicate_intercepts


def _central_quantiles(level: float, n: int) -> tuple[Ints, Floats]:
    """Return the places, among n ordered values, below the two central quantiles at `level` and above them; and shares.

    Linear between order statistics (Hyndman and Fan 1996, Am Stat 50:361, type 7).
    """
    place = np.array([(1.0 - level) / 2, (1.0 + level) / 2]) * (n - 1)
    below = np.floor(place)
    places = np.concatenate([below, np.minimum(below + 1, n - 1)]).astype(np.int64)
    return places, np.concatenate([1.0 - (place - below), place - below])
