"""Tables over cut features: what every estimator compiles to, before a scorecard is made of it.

A `Cut` says how one feature becomes nodes (see `model.scorecard`: ``step`` or ``piecewise_linear``, the unknown
node last). `Tables` is an intercept and, per cut or pair of cuts, an array of margin log-odds over the nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from data_schemas.arrays import Floats, Ints


@dataclass(frozen=True, order=True)
class Cut:
    """One feature, by its column in the design matrix, cut into nodes."""

    feature: int
    kind: Literal["step", "piecewise_linear"]
    edges: tuple[float, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes, the unknown one included."""
        return len(self.edges) + (2 if self.kind == "step" else 1)

    def locate(self, values: Floats) -> tuple[Ints, Floats]:
        """Return, per value (n,), the lower node (n,) and the weight (n,) of the node above it; NaN is the last node.

        >>> cut = Cut(0, "piecewise_linear", (0.0, 10.0, 20.0))
        >>> nodes, share = cut.locate(np.array([2.5, 20.0, 99.0, np.nan]))
        >>> nodes.tolist(), share.tolist()
        ([0, 2, 2, 3], [0.25, 0.0, 0.0, 0.0])
        """
        edges = np.array(self.edges)
        above = np.searchsorted(edges, values, side="right")
        unknown = np.isnan(values)
        if self.kind == "step":
            return np.where(unknown, self.n_nodes - 1, above), np.zeros(len(values))
        low = np.clip(above - 1, 0, len(edges) - 1)
        left = edges[low]
        gap = np.append(np.diff(edges), np.inf)[low]
        share = np.where(unknown, 0.0, np.clip((values - left) / gap, 0.0, 1.0))
        return np.where(unknown, self.n_nodes - 1, low), share

    def read(self, table: Floats, values: Floats) -> Floats:
        """Return the entries (n, ...), at `values` (n,), of a table (nodes, ...) whose first axis is this cut.

        >>> Cut(0, "step", (0.5,)).read(np.array([1.0, 2.0, 9.0]), np.array([0.0, 1.0, np.nan])).tolist()
        [1.0, 2.0, 9.0]
        """
        nodes, share = self.locate(values)
        low = table[nodes]
        if self.kind == "step":
            return low
        high = table[np.minimum(nodes + 1, self.n_nodes - 1)]
        weight = share.reshape((-1,) + (1,) * (table.ndim - 1))
        mixed: Floats = low * (1.0 - weight) + high * weight
        return mixed


@dataclass(frozen=True)
class Tables:
    """A margin as ``intercept + sum of cells``; a key of two cuts has the first on the rows.

    The arrays are (nodes,) log-odds of one cut, (nodes, nodes) of two.
    """

    intercept: float
    cells: Mapping[tuple[Cut, ...], Floats] = field(default_factory=dict)

    def with_unknown(self, values: Mapping[int, float]) -> Tables:
        """Return the tables with the unknown node of each feature in `values` set to the table at that value.

        >>> cut = Cut(0, "step", (0.5,))
        >>> filled = Tables(0.0, {(cut,): np.array([1.0, 2.0, 0.0])}).with_unknown({0: 1.0})
        >>> filled.cells[(cut,)].tolist()
        [1.0, 2.0, 2.0]
        """
        cells = {}
        for cuts, table in self.cells.items():
            filled = table.copy()
            for axis, cut in enumerate(cuts):
                if cut.feature in values:
                    rows = np.moveaxis(filled, axis, 0)
                    rows[-1] = cut.read(rows, np.array([values[cut.feature]]))[0]
            cells[cuts] = filled
        return Tables(self.intercept, cells)


def weighted_sum(parts: Sequence[tuple[float, Tables]]) -> Tables:
    """Return the tables of a weighted sum of margins; cells over the same cuts are added."""
    cells: dict[tuple[Cut, ...], Floats] = {}
    for weight, tables in parts:
        for cuts, table in tables.cells.items():
            cells[cuts] = cells[cuts] + weight * table if cuts in cells else weight * table
    return Tables(sum(weight * tables.intercept for weight, tables in parts), cells)
