"""XGBoost with trees of depth one or two on the grid's bins, and their exact tables.

A tree that splits on A and then, left and right, on B and C is the sum of a function of (A, B) and one of (A, C), each
zero on the other's side of A. The endpoint's pairs are the only ones that XGBoost may join in one tree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost as xgb

from data_schemas.arrays import Floats, Singles
from training.fitting.grid import Grid
from training.fitting.score_tables import Cut, Tables


def bin_codes(x: Floats, grid: Grid) -> Singles:
    """Return the bins (n, F) of `x` (n, F) as XGBoost reads them; NaN where unknown is learned."""
    filled = grid.filled(x)
    columns = []
    for j, cut in enumerate(grid.steps):
        nodes = cut.locate(filled[:, j])[0]
        columns.append(np.where(nodes == cut.n_nodes - 1, np.nan, nodes))
    return np.column_stack(columns).astype(np.float32)


@dataclass(frozen=True)
class Boosted:
    """The first `rounds` trees of a booster; `base` is the margin before any tree."""

    booster: xgb.Booster
    rounds: int
    base: float

    def margin(self, codes: Singles) -> Floats:
        """Return the margins (n,) of rows of bin codes (n, F)."""
        found = self.booster.inplace_predict(codes, iteration_range=(0, self.rounds), predict_type="margin")
        return np.asarray(found, dtype=np.float64)

    def tables(self, grid: Grid) -> Tables:
        """Return the exact tables; unknown nodes are the learned branch, or the table at the fill."""
        model = json.loads(bytes(self.booster.save_raw(raw_format="json")))
        trees = model["learner"]["gradient_booster"]["model"]["trees"][: self.rounds]
        cells: dict[tuple[Cut, ...], Floats] = {}
        intercept = self.base
        for tree in trees:
            intercept += _add_tree(tree, grid, cells)
        return Tables(intercept, cells).with_unknown(grid.fills)


def boost(
    codes: Singles,
    y: Floats,
    weight: Floats,
    pairs: Sequence[tuple[int, int]],
    setting: Mapping[str, float],
    seed: int,
) -> tuple[xgb.Booster, float]:
    """Fit and return a booster and its base margin.

    Parameters
    ----------
    codes
        (n, F) bins.
    y, weight
        (n,) outcome, 0 or 1, and positive weight.
    pairs
        Columns that may share a tree.
    setting
        ``max_depth``, ``eta``, ``reg_lambda``, ``subsample``, ``rounds`` and ``leaf_share``: the smallest share of the
        training rows' Hessian that a leaf may hold, so that one value suits cohorts of any size. Boosters of one seed
        that differ in ``rounds`` only have the same first trees.
    """
    rate = float(np.average(y, weights=weight))
    # One feature alone is always allowed; only the stated pairs may share a tree.
    alone = [[j] for j in range(codes.shape[1])]
    booster = xgb.train(
        {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_bin": 256,
            "nthread": 1,
            "seed": seed,
            "base_score": rate,
            "interaction_constraints": json.dumps(alone + [list(pair) for pair in pairs]),
            "max_depth": int(setting["max_depth"]),
            "eta": setting["eta"],
            "reg_lambda": setting["reg_lambda"],
            "subsample": setting["subsample"],
            "min_child_weight": setting["leaf_share"] * float(weight.sum()) * rate * (1.0 - rate),
        },
        # One thread here too: left alone, it takes all of them and waits for those that other processes hold.
        xgb.DMatrix(codes, y, weight=weight, nthread=1),
        int(setting["rounds"]),
    )
    return booster, float(np.log(rate / (1.0 - rate)))


def _add_tree(tree: Mapping[str, Any], grid: Grid, cells: dict[tuple[Cut, ...], Floats]) -> float:
    """Add one tree to `cells`; return what it adds to the intercept (a tree without a split)."""
    left, right, value = tree["left_children"], tree["right_children"], tree["split_conditions"]

    def goes_left(node: int) -> tuple[Cut, Floats]:
        """Return a split's cut and, per node of that cut, 1 where a row goes left."""
        cut = grid.steps[tree["split_indices"][node]]
        side = (np.arange(cut.n_nodes) < value[node]).astype(float)
        side[-1] = float(tree["default_left"][node])
        return cut, side

    if left[0] == -1:
        return float(value[0])
    root, side = goes_left(0)
    for child, here in ((left[0], side), (right[0], 1.0 - side)):
        if left[child] == -1:
            _add(cells, (root,), here * value[child])
            continue
        cut, lower = goes_left(child)
        leaves = lower * value[left[child]] + (1.0 - lower) * value[right[child]]
        if cut == root:
            _add(cells, (root,), here * leaves)
        elif (root.feature, cut.feature) in grid.pairs:
            _add(cells, (root, cut), np.outer(here, leaves))
        else:
            _add(cells, (cut, root), np.outer(leaves, here))
    return 0.0


def _add(cells: dict[tuple[Cut, ...], Floats], cuts: tuple[Cut, ...], table: Floats) -> None:
    cells[cuts] = cells[cuts] + table if cuts in cells else table
