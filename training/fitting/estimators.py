"""The candidates that are fitted: each one a way to prepare, a list of settings, a fit, and exact tables.

To add one, write its class and one entry of `ESTIMATORS`; the contract test runs over all entries. There is no class
weight and no resampling here, on purpose: both wreck calibration (van den Goorbergh et al. 2022, JAMIA 29:1525).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any, Protocol

from data_schemas.arrays import Bools, Floats, Ints, Singles
from training.fitting.basis import Basis, build_basis
from training.fitting.elastic_net import logistic_path
from training.fitting.grid import KNOTS, Grid
from training.fitting.score_tables import Tables
from training.fitting.trees import Boosted, bin_codes, boost

Setting = Mapping[str, float]

L1_RATIOS = (0.3, 1.0)
PENALTIES = (0.128, 0.064, 0.032, 0.016, 0.008, 0.004, 0.002)
LEAF_SHARES = (0.04, 0.12)
ROUNDS = (10, 20, 30, 40, 60, 80, 110, 150)


@dataclass(frozen=True)
class Seen:
    """What a fit may see: `rows` (n,) of a design, with their outcome `y` (n,) 0 or 1, and positive `weight` (n,)."""

    rows: Ints
    y: Floats
    weight: Floats

    def where(self, chosen: Bools) -> Seen:
        """Return those that `chosen` (n,) says."""
        return Seen(self.rows[chosen], self.y[chosen], self.weight[chosen])


class Fit(Protocol):
    """A fitted model."""

    def margin(self, design: Any, rows: Ints) -> Floats:
        """Return the log-odds (n,) of `rows` (n,) of a design that the same estimator prepared."""

    def tables(self, design: Any, grid: Grid) -> Tables:
        """Return the model as tables, exactly."""


class Estimator(Protocol):
    """A kind of model. `curves_by` names the setting with the knots of its curves, None where it has none."""

    curves_by: str | None

    def settings(self, grid: Grid) -> tuple[Setting, ...]:
        """Return the settings to search, those that differ on this grid."""

    def prepare(self, x: Floats, grid: Grid) -> Any:
        """Return the design of all rows of `x` (n, F); called once per training, the rest works on rows of it."""

    def fit(self, design: Any, seen: Seen, settings: Sequence[Setting], seed: int) -> list[Fit]:
        """Fit every setting on what is seen of the design."""


@dataclass(frozen=True)
class LinearFit:
    """An elastic-net logistic regression: `coefficients` (p,) of the first p columns of the basis with `knots`."""

    knots: int
    intercept: float
    coefficients: Floats

    def margin(self, design: Mapping[int, tuple[Basis, Floats]], rows: Ints) -> Floats:
        """Return the log-odds (n,) of `rows` (n,)."""
        columns = design[self.knots][1][:, : len(self.coefficients)]
        return self.intercept + columns[rows] @ self.coefficients

    def tables(self, design: Mapping[int, tuple[Basis, Floats]], grid: Grid) -> Tables:
        """Return the exact tables; `design` holds a basis and its columns (n, p) per number of knots."""
        return design[self.knots][0].tables(self.intercept, self.coefficients).with_unknown(grid.fills)


class Logistic:
    """Elastic-net logistic regression with linear splines and the endpoint's interactions."""

    curves_by: str | None = "knots"

    def settings(self, grid: Grid) -> tuple[Setting, ...]:
        """Return knots x interactions x l1_ratio x penalty, the last in falling order."""
        return tuple(
            {"knots": knots, "interactions": interactions, "l1_ratio": l1_ratio, "penalty": penalty}
            for knots, interactions, l1_ratio, penalty in product(
                KNOTS, (0, 1) if grid.pairs else (0,), L1_RATIOS, PENALTIES
            )
        )

    def prepare(self, x: Floats, grid: Grid) -> dict[int, tuple[Basis, Floats]]:
        """Return the basis and the standardised columns (n, p) of `x` (n, F) for each number of knots."""
        return {knots: build_basis(x, grid, knots) for knots in KNOTS}

    # A path of penalties is not drawn; other estimators need the seed.
    def fit(self, design: Any, seen: Seen, settings: Sequence[Setting], seed: int) -> list[Fit]:  # noqa: ARG002
        """Fit along one path of penalties per combination of the others; `seed` is not needed."""
        fits: list[Fit] = []
        for others, path in groupby(settings, key=lambda s: {k: v for k, v in s.items() if k != "penalty"}):
            knots, penalties = int(others["knots"]), [s["penalty"] for s in path]
            basis, columns = design[knots]
            z = columns[seen.rows] if others["interactions"] else columns[seen.rows, : basis.n_main]
            path_of = logistic_path(z, seen.y, seen.weight, penalties, others["l1_ratio"])
            fits += [LinearFit(knots, *found) for found in path_of]
        return fits


@dataclass(frozen=True)
class TreeFit:
    """A boosted model of trees of depth one or two."""

    model: Boosted

    def margin(self, design: tuple[Singles, Grid], rows: Ints) -> Floats:
        """Return the log-odds (n,) of `rows` (n,)."""
        return self.model.margin(design[0][rows])

    # Trees hold all they need; a logistic regression needs its basis.
    def tables(self, design: tuple[Singles, Grid], grid: Grid) -> Tables:  # noqa: ARG002
        """Return the exact tables; the bins (n, F) of `design` are not needed."""
        return self.model.tables(grid)


class XGBoost:
    """XGBoost on bins, depth one (no interaction) or two (the endpoint's pairs only)."""

    curves_by: str | None = None

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

    def prepare(self, x: Floats, grid: Grid) -> tuple[Singles, Grid]:
        """Return the bin (n, F) of each value of `x` (n, F)."""
        return bin_codes(x, grid), grid

    def fit(self, design: Any, seen: Seen, settings: Sequence[Setting], seed: int) -> list[Fit]:
        """Fit one booster per setting up to the number of rounds, which are prefixes of the longest."""
        codes, grid = design
        fits: list[Fit] = []
        for _, group in groupby(settings, key=lambda s: {k: v for k, v in s.items() if k != "rounds"}):
            stages = list(group)
            longest = {**stages[0], "rounds": max(s["rounds"] for s in stages)}
            booster, base = boost(codes[seen.rows], seen.y, seen.weight, grid.pairs, longest, seed)
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


def curve_knots(held: Mapping[str, Setting]) -> int:
    """Return the knots of the curves that the settings held by each estimator have; 0 where none has curves."""
    return max((int(held[name][one.curves_by]) for name, one in ESTIMATORS.items() if one.curves_by), default=0)
