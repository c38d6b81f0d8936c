"""The candidates that are fitted: each one a way to prepare, a list of settings, a fit, and exact tables.

To add one, write its class and one entry of `ESTIMATORS`; the contract test runs over all entries. There is no class
weight and no resampling here, on purpose: both wreck calibration (van den Goorbergh et al. 2022, JAMIA 29:1525).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from data_schemas.arrays import Floats
from training.fitting.basis import Basis, build_basis
from training.fitting.elastic_net import logistic_path
from training.fitting.grid import KNOTS, Grid
from training.fitting.score_tables import Tables
from training.fitting.trees import Boosted, Codes, bin_codes, boost

Rows = NDArray[np.int64]
Setting = Mapping[str, float]

L1_RATIOS = (0.3, 1.0)
PENALTIES = (0.128, 0.064, 0.032, 0.016, 0.008, 0.004, 0.002)
LEAF_SHARES = (0.04, 0.12)
ROUNDS = (10, 20, 30, 40, 60, 80, 110, 150)


class Fit(Protocol):
    """A fitted model."""

    def margin(self, design: Any, rows: Rows) -> Floats:
        """Return the log-odds of `rows` of a design that the same estimator prepared."""

    def tables(self, design: Any, grid: Grid) -> Tables:
        """Return the model as tables, exactly."""


class Estimator(Protocol):
    """A kind of model."""

    def settings(self, grid: Grid) -> tuple[Setting, ...]:
        """Return the settings to search, those that differ on this grid."""

    def prepare(self, x: Floats, grid: Grid) -> Any:
        """Return the design of all rows of `x`; called once per training, the rest works on rows of it."""

    def fit(
        self, design: Any, rows: Rows, y: Floats, weight: Floats, settings: Sequence[Setting], seed: int
    ) -> list[Fit]:
        """Fit every setting on `rows` of the design; `y` and `weight` (positive) belong to these rows."""


@dataclass(frozen=True)
class LinearFit:
    """An elastic-net logistic regression."""

    knots: int
    intercept: float
    coefficients: Floats

    def margin(self, design: Mapping[int, tuple[Basis, Floats]], rows: Rows) -> Floats:
        """Return the (rows,) log-odds."""
        columns = design[self.knots][1][:, : len(self.coefficients)]
        return self.intercept + columns[rows] @ self.coefficients

    def tables(self, design: Mapping[int, tuple[Basis, Floats]], grid: Grid) -> Tables:
        """Return the exact tables."""
        return design[self.knots][0].tables(self.intercept, self.coefficients).with_unknown(grid.fills)


class Logistic:
    """Elastic-net logistic regression with linear splines and the endpoint's interactions."""

    def settings(self, grid: Grid) -> tuple[Setting, ...]:
        """Return knots x interactions x l1_ratio x penalty, the last in falling order."""
        return tuple(
            {"knots": knots, "interactions": interactions, "l1_ratio": l1_ratio, "penalty": penalty}
            for knots, interactions, l1_ratio, penalty in product(
                KNOTS, (0, 1) if grid.pairs else (0,), L1_RATIOS, PENALTIES
            )
        )

    def prepare(self, x: Floats, grid: Grid) -> dict[int, tuple[Basis, Floats]]:
        """Return the standardised columns for each number of knots."""
        return {knots: build_basis(x, grid, knots) for knots in KNOTS}

    def fit(
        self, design: Any, rows: Rows, y: Floats, weight: Floats, settings: Sequence[Setting], seed: int
    ) -> list[Fit]:
        """Fit along one path of penalties per combination of the others; `seed` is not needed."""
        fits: list[Fit] = []
        for others, path in groupby(settings, key=lambda s: {k: v for k, v in s.items() if k != "penalty"}):
            knots, penalties = int(others["knots"]), [s["penalty"] for s in path]
            basis, columns = design[knots]
            z = columns[rows] if others["interactions"] else columns[rows, : basis.n_main]
            fits += [LinearFit(knots, *found) for found in logistic_path(z, y, weight, penalties, others["l1_ratio"])]
        return fits


@dataclass(frozen=True)
class TreeFit:
    """A boosted model of trees of depth one or two."""

    model: Boosted

    def margin(self, design: tuple[Codes, Grid], rows: Rows) -> Floats:
        """Return the (rows,) log-odds."""
        return self.model.margin(design[0][rows])

    def tables(self, design: tuple[Codes, Grid], grid: Grid) -> Tables:
        """Return the exact tables."""
        return self.model.tables(grid)


class XGBoost:
    """XGBoost on bins, depth one (no interaction) or two (the endpoint's pairs only)."""

    def settings(self, grid: Grid) -> tuple[Setting, ...]:
        """Return depth x leaf size x rounds, the last in rising order."""
        return tuple(
            {
                "max_depth": depth,
                "leaf_share": share,
                "reg_lambda": 5.0,
                "subsample": 0.5,
                "eta": 0.1,
                "rounds": rounds,
            }
            for depth, share, rounds in product((1, 2) if grid.pairs else (1,), LEAF_SHARES, ROUNDS)
        )

    def prepare(self, x: Floats, grid: Grid) -> tuple[Codes, Grid]:
        """Return the bin of each value."""
        return bin_codes(x, grid), grid

    def fit(
        self, design: Any, rows: Rows, y: Floats, weight: Floats, settings: Sequence[Setting], seed: int
    ) -> list[Fit]:
        """Fit one booster per setting up to the number of rounds, which are prefixes of the longest."""
        codes, grid = design
        fits: list[Fit] = []
        for _, group in groupby(settings, key=lambda s: {k: v for k, v in s.items() if k != "rounds"}):
            stages = list(group)
            longest = int(max(s["rounds"] for s in stages))
            booster, base = boost(codes[rows], y, weight, grid.pairs, stages[0], longest, seed)
            fits += [TreeFit(Boosted(booster, int(s["rounds"]), base)) for s in stages]
        return fits


ESTIMATORS: dict[str, Estimator] = {
    "logistic": Logistic(),
    "xgboost": XGBoost(),
}

BLEND = "blend"  # a non-negative weighted sum of all of them, weights from out-of-fold margins
SELECTED = "selected"  # in each fold, the candidate that its inner search prefers; never a model of its own
CANDIDATES = (*ESTIMATORS, BLEND)

Key = tuple[str, str]
"""What names one model of a training: its candidate and its feature set."""
