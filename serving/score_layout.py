"""A scorecard as arrays: its axes padded into one matrix, its terms as corners, values and contribution tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_schemas.scorecard import Axis, Term

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class AxisLayout:
    """The edges of all axes padded into one matrix; a gap is infinite where nothing lies between two nodes."""

    def __init__(self, axes: Sequence[Axis], names: Sequence[str]) -> None:
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
    """The corners of every term, its values, and the contribution tables derived from them.

    `shares` is (cells, 2): what a cell gives to the term's first and second feature; `to_feature` is (2 corners,
    features) and adds them up. `n_corners` has one number per term.
    """

    def __init__(self, axes: Sequence[Axis], terms: Sequence[Term], names: Sequence[str]) -> None:
        place = len(axes)
        linear = [axis.kind == "piecewise_linear" for axis in axes]
        features = [names.index(axis.feature) for axis in axes]
        rows: list[tuple[int, int, int, int, int, int]] = []
        tables: list[Floats] = []
        shares: list[Floats] = []
        base = 0
        self.n_corners: list[int] = []
        for term in terms:
            a = term.axes[0]
            b = term.axes[1] if len(term.axes) == 2 else place
            width = axes[b].n_nodes if b != place else 1
            table = np.array(term.values).reshape(-1, width)
            before = len(rows)
            sides_b = (0, 1) if b != place and linear[b] else (0,)
            for side_a in (0, 1) if linear[a] else (0,):
                rows += [
                    (base, width, 2 * a + side_a, 2 * b + s, features[a], features[b] if b != place else 0)
                    for s in sides_b
                ]
            self.n_corners.append(len(rows) - before)
            tables.append(table.ravel())
            shares.append(_shares([axes[axis] for axis in term.axes], table, term.mean))
            base += table.size
        self.values = np.concatenate(tables) if tables else np.empty(0)
        self.shares = np.concatenate(shares) if shares else np.empty((0, 2))
        corners = np.array(rows, dtype=np.int64).reshape(-1, 6)
        self.base, self.stride, self.corner_a, self.corner_b = corners[:, :4].T.copy()
        self.to_feature = np.eye(len(names))[corners[:, 4:].ravel()]


def shifted(terms: Sequence[Term], axes: int) -> tuple[Term, ...]:
    """Return terms whose axes stand behind `axes` others."""
    return tuple(term.model_copy(update={"axes": tuple(axes + axis for axis in term.axes)}) for term in terms)


def _shares(axes: Sequence[Axis], table: Floats, mean: float) -> Floats:
    """Return (cells, 2): the first and the second feature's contribution; they sum to ``table - mean``."""
    if len(axes) == 1:
        return np.stack([(table - mean).ravel(), np.zeros(table.size)], axis=1)
    weights_a, weights_b = (np.array(axis.mean_weights) for axis in axes)
    mean_over_b = (table @ weights_b)[:, None]
    mean_over_a = (weights_a @ table)[None, :]
    share_a = ((mean_over_b - mean) + (table - mean_over_a)) / 2
    share_b = ((mean_over_a - mean) + (table - mean_over_b)) / 2
    return np.stack([share_a.ravel(), share_b.ravel()], axis=1)
