"""A scorecard as arrays: its axes padded into one matrix, its terms as corners, values and contribution tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.model.scorecard import Axis, Term


class AxisLayout:
    """All axes as tables over slots: how many of an axis's edges a value reaches, the last slot for unknown.

    `edges` is (axes, slots - 1), padded with infinity. `low`, `left` and `gap` are flat, the slots of one axis behind
    those of another; `last_slot` is where each ends. A value falls on node `low`, and by ``(value - left) / gap`` on
    the one above; a gap is infinite where there is nothing to share. `column` is the axis's column of the design
    matrix. Behind the others stands an axis of one node, the second axis of terms that have none.
    """

    def __init__(self, axes: Sequence[Axis], names: Sequence[str]) -> None:
        unknown = max([len(axis.edges) for axis in axes], default=0) + 1
        self.edges = np.full((len(axes) + 1, unknown), np.inf)
        low = np.zeros((len(axes) + 1, unknown + 1), dtype=np.int64)
        left, gap = np.zeros(low.shape), np.full(low.shape, np.inf)
        for i, axis in enumerate(axes):
            count = len(axis.edges)
            self.edges[i, :count] = axis.edges
            low[i] = np.arange(unknown + 1)
            if axis.kind == "piecewise_linear":
                low[i] = np.clip(low[i] - 1, 0, count - 1)
                left[i, 1:count] = axis.edges[:-1]
                gap[i, 1:count] = np.diff(axis.edges)
            low[i, unknown] = axis.n_nodes - 1
        self.low, self.left, self.gap = low.ravel(), left.ravel(), gap.ravel()
        self.last_slot = np.arange(1, len(axes) + 2) * (unknown + 1) - 1
        column = {name: i for i, name in enumerate(names)}
        self.column = np.array([*(column[axis.feature] for axis in axes), 0], dtype=np.int64)


class TermLayout:
    """The corners of every term, its values, and the contribution tables derived from them.

    A corner's cell is ``base + stride * node of axis_a + node of axis_b``, nodes the lower ones; its weight is the
    product of `side_a` and `side_b`, places in a row of the lower sides of all axes and then the upper ones. A corner
    of weight 0 may lie `beyond` the last cell, so the tables end in as many zeros. `shares` is (cells, 2): what a cell
    gives to the term's first and second feature; `to_feature` is (2 corners, features) and adds them up. `n_corners`
    has one number per term.
    """

    def __init__(self, axes: Sequence[Axis], terms: Sequence[Term], names: Sequence[str]) -> None:
        nobody = len(axes)
        linear = [*(axis.kind == "piecewise_linear" for axis in axes), False]
        features = [*(names.index(axis.feature) for axis in axes), 0]
        widths = [*(axis.n_nodes for axis in axes), 1]
        rows: list[tuple[int, ...]] = []
        tables: list[Floats] = []
        shares: list[Floats] = []
        base = 0
        self.n_corners: list[int] = []
        for term in terms:
            a, b = (*term.axes, nobody)[:2]
            stride = widths[b]
            table = np.array(term.values).reshape(-1, stride)
            before = len(rows)
            for upper_a in (0, 1) if linear[a] else (0,):
                for upper_b in (0, 1) if linear[b] else (0,):
                    cell = base + stride * upper_a + upper_b
                    sides = (a + len(widths) * upper_a, b + len(widths) * upper_b)
                    rows.append((cell, stride, a, b, *sides, features[a], features[b]))
            self.n_corners.append(len(rows) - before)
            tables.append(table.ravel())
            shares.append(_shares([axes[axis] for axis in term.axes], table, term.mean))
            base += table.size
        self.beyond = max(widths) + 1
        self.values = np.concatenate([*tables, np.zeros(self.beyond)])
        self.shares = np.concatenate([*shares, np.zeros((self.beyond, 2))])
        corners = np.array(rows, dtype=np.int64).reshape(-1, 8)
        self.base, self.stride, self.axis_a, self.axis_b, self.side_a, self.side_b = corners[:, :6].T.copy()
        self.to_feature = np.eye(len(names))[corners[:, 6:].ravel()]


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
