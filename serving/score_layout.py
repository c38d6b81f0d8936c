"""A scorecard as arrays: its axes padded into one matrix, its terms as corners, values and contribution tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_schemas.scorecard import Scorecard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class AxisLayout:
    """The edges of all axes padded into one matrix; a gap is infinite where nothing lies between two nodes."""

    def __init__(self, scorecard: Scorecard, names: Sequence[str]) -> None:
        axes = scorecard.axes
        width = max([len(axis.edges) for axis in axes], default=0) + 1
        self.edges = np.full((len(axes), width), np.inf)
        self.left = np.zeros((len(axes), width))
        self.gap = np.full((len(axes), width), np.inf)
        for i, axis in enumerate(axes):
            count = len(axis.edges)
            self.edges[i, :count] = self.left[i, :count] = axis.edges
            if axis.kind == "piecewise_linear" and count > 1:
                self.gap[i, : count - 1] = np.diff(axis.edges)
        column = {name: i for i, name in enumerate(names)}
        self.column = np.array([column[axis.feature] for axis in axes], dtype=np.int64)
        self.linear = np.array([axis.kind == "piecewise_linear" for axis in axes], dtype=bool)
        self.last_interval = np.array([max(len(axis.edges) - 2, 0) for axis in axes], dtype=np.int64)
        self.unknown_node = np.array([axis.n_nodes - 1 for axis in axes], dtype=np.int64)
        self.numbers = np.arange(len(axes))


class TermLayout:
    """The corners of every term, and the contribution tables derived from them, slope folded in."""

    def __init__(self, card: Scorecard, names: Sequence[str], linear: NDArray[np.bool_]) -> None:
        place = len(card.axes)
        features = [names.index(axis.feature) for axis in card.axes]
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
            sides_b = (0, 1) if b != place and linear[b] else (0,)
            for side_a in (0, 1) if linear[a] else (0,):
                rows += [
                    (base, width, 2 * a + side_a, 2 * b + s, features[a], features[b] if b != place else 0)
                    for s in sides_b
                ]
            share_a, share_b = _shares(card, table, term.mean, term.axes)
            tables.append(table.ravel())
            shares_a.append(share_a.ravel())
            shares_b.append(share_b.ravel())
            base += table.size
        slope = card.calibration.slope
        self.values = np.concatenate(tables) if tables else np.empty(0)
        self.shares_a = slope * np.concatenate(shares_a) if tables else np.empty(0)
        self.shares_b = slope * np.concatenate(shares_b) if tables else np.empty(0)
        corners = np.array(rows, dtype=np.int64).reshape(-1, 6)
        self.base, self.stride, self.corner_a, self.corner_b = corners[:, :4].T.copy()
        identity = np.eye(len(names))
        self.to_feature_a, self.to_feature_b = identity[corners[:, 4]], identity[corners[:, 5]]


def _shares(card: Scorecard, table: Floats, mean: float, axes: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the tables of the first and the second feature's contribution; they sum to ``table - mean``."""
    if len(axes) == 1:
        return table - mean, np.zeros_like(table)
    weights_a, weights_b = (np.array(card.axes[axis].mean_weights) for axis in axes)
    mean_over_b = (table @ weights_b)[:, None]
    mean_over_a = (weights_a @ table)[None, :]
    return (
        ((mean_over_b - mean) + (table - mean_over_a)) / 2,
        ((mean_over_a - mean) + (table - mean_over_b)) / 2,
    )
