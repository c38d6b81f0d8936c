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
from serving.score_layout import AxisLayout, Floats, Ints, TermLayout, shifted

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


def _calibrated(scorecard: Scorecard, margin: Floats) -> Floats:
    return scorecard.calibration.slope * margin + scorecard.calibration.offset


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
            cells = np.ascontiguousarray(replicates[:, 1:].T, dtype=np.float64)
            self._replicate_cells = np.pad(cells, ((0, self._terms.beyond), (0, 0)))
            tail = (1.0 - scorecard.interval_level) / 2
            place = np.array([tail, 1.0 - tail]) * (len(replicates) - 1)
            below = np.floor(place).astype(np.int64)
            self._places = np.stack([below, np.minimum(below + 1, len(replicates) - 1)], axis=1).ravel()
            self._fractions = (place - below)[:, None]

    def margin(self, x: Floats) -> Floats:
        """Return the (n,) log-odds before calibration of the (n, features) design matrix `x`."""
        self._check(x)
        blocks = [self._margins(*self._corners(x[i : i + BLOCK]))[0] for i in range(0, len(x), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty(0)

    def score(self, x: Floats) -> Scores:
        """Return the scores of the (n, features) design matrix `x`, columns as in ``scorecard.features``, NaN unknown.

        Raises
        ------
        ModelError
            ``schema_incompatible``: another number of columns, or an infinite value.
        """
        self._check(x)
        contributions = np.empty(x.shape)
        # rows: the scorecard's log-odds, low, high, and the twin's log-odds; what a scorecard lacks stays 0
        log_odds = np.zeros((4, len(x)))
        for start in range(0, len(x), BLOCK):
            block = slice(start, start + BLOCK)
            cells, weights = self._corners(x[block])
            log_odds[0, block], log_odds[3, block] = self._margins(cells, weights)
            cells, weights = cells[:, : self._own], weights[:, : self._own]
            shares = self._terms.shares.take(cells, axis=0) * weights[:, :, None]
            contributions[block] = shares.reshape(len(cells), -1) @ self._to_feature
            if self._replicate_cells is not None:
                log_odds[1:3, block] = self._quantiles(self._replicate_log_odds(cells, weights))
        log_odds[0] = _calibrated(self.scorecard, log_odds[0])
        if self._twin is not None:
            log_odds[3] = _calibrated(self._twin, log_odds[3])
        probability = expit(log_odds)
        has_interval = self._replicate_cells is not None
        return Scores(
            log_odds=log_odds[0],
            probability=probability[0],
            contributions=contributions,
            baseline_log_odds=self.baseline_log_odds,
            baseline=self.baseline,
            low=probability[1] if has_interval else None,
            high=probability[2] if has_interval else None,
            without_genetics=probability[3] if self._twin is not None else None,
        )

    def probability(self, x: Floats) -> Floats:
        """Return the (n,) calibrated probabilities alone."""
        return expit(_calibrated(self.scorecard, self.margin(x)))

    def _check(self, x: Floats) -> None:
        if x.ndim != 2 or x.shape[1] != len(self.names):
            raise ModelError("schema_incompatible", f"The design matrix must have {len(self.names)} columns.")
        if np.isinf(x).any():
            raise ModelError("schema_incompatible", "The design matrix holds an infinite value; use NaN for unknown.")

    def _corners(self, x: Floats) -> tuple[Ints, Floats]:
        """Return cells and weights, each (n, corners), of the rows of `x`."""
        axes, terms = self._axes, self._terms
        value = x.take(axes.column, axis=1)
        # NaN is below no edge and so falls on the last slot, which is for unknown; fmax makes its share 0
        slot = axes.last_slot - (value[:, :, None] < axes.edges).sum(axis=2)
        share = np.fmax((value - axes.left.take(slot)) / axes.gap.take(slot), 0.0)
        sides = np.empty((*share.shape, 2))
        sides[:, :, 0], sides[:, :, 1] = 1.0 - share, share
        node, side = axes.low.take(slot), sides.reshape(len(x), -1)
        cells = node.take(terms.axis_a, axis=1) * terms.stride + node.take(terms.axis_b, axis=1) + terms.base
        return cells, side.take(terms.side_a, axis=1) * side.take(terms.side_b, axis=1)

    def _margins(self, cells: Ints, weights: Floats) -> tuple[Floats, Floats | float]:
        """Return the (n,) margins, and the twin's."""
        parts = self._terms.values.take(cells) * weights
        margin = self.scorecard.intercept + parts[:, : self._own].sum(axis=1)
        if self._twin is None:
            return margin, 0.0
        return margin, self._twin.intercept + parts[:, self._own :].sum(axis=1)

    def _replicate_log_odds(self, cells: Ints, weights: Floats) -> Floats:
        """Return the (n, B) calibrated log-odds of every replicate."""
        assert self._replicate_cells is not None
        # Row by row: a row touches a few hundred cells of thousands, so gathering them beats any product with them all.
        out = np.empty((len(cells), self._replicate_cells.shape[1]))
        for i, (touched, weight) in enumerate(zip(cells, weights, strict=True)):
            out[i] = weight @ self._replicate_cells.take(touched, axis=0)
        return out + self._replicate_intercepts

    def _quantiles(self, log_odds: Floats) -> Floats:
        """Return the (2, n) central quantiles, linear between order statistics (Hyndman and Fan 1996, type 7)."""
        below, above = np.sort(log_odds, axis=1).take(self._places, axis=1).reshape(-1, 2, 2).T
        bounds: Floats = below + self._fractions * (above - below)
        return bounds
