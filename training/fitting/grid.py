"""The grid that a whole training shares: support of each feature, bins, knots, what unknown means.

It is fixed once from the whole training cohort and then used by every fold and every bootstrap replicate, so that all
compile to the same axes. Only the design matrix is used, never an outcome, so no fold learns of another's labels.

Unknown. A clinical feature that many training rows lack (`learns_unknown`) gets a level of its own, learned like any
other: there a gap is part of how the cohort was made, and may tell something. A few gaps are chance, and what would be
learned from them is noise that each patient with several unknowns adds up. Everything else, and every genetic or
therapy feature, is given its `fill` (median, commonest level, mean dosage) when it is unknown, in every estimator; the
compiled table's unknown node is then exactly the table at the fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.model.scorecard import Feature
from training.fitting.score_tables import Cut

MAX_BINS = 20
LEARN_ROWS, LEARN_SHARE = 50, 0.05  # both are needed
KNOTS = (0, 2, 4)  # numbers of interior knots that the spline search may choose from


@dataclass(frozen=True)
class Grid:
    """Features with their support, and their cuts.

    `steps` has one ``step`` cut per feature; `curves[k]` one cut with k interior knots, ``piecewise_linear`` for
    numbers and dosages, the same ``step`` cut for levels. `pairs` are the columns that may interact, therapy first.
    """

    features: tuple[Feature, ...]
    pairs: tuple[tuple[int, int], ...]
    steps: tuple[Cut, ...]
    curves: dict[int, tuple[Cut, ...]]

    @property
    def fills(self) -> dict[int, float]:
        """The fill of each column whose unknown has no level of its own."""
        return {j: feature.fill for j, feature in enumerate(self.features) if not feature.unknown_learned}

    def filled(self, x: Floats) -> Floats:
        """Return `x` (n, F) with fills in place of NaN wherever unknown is not learned."""
        out = x.copy()
        for column, fill in self.fills.items():
            out[np.isnan(out[:, column]), column] = fill
        return out


def build_grid(x: Floats, features: Sequence[Feature], pairs: Sequence[tuple[int, int]]) -> Grid:
    """Measure the support of each column of `x` (n, F) and cut it. No column may be constant."""
    measured = tuple(_with_support(x[:, j], feature) for j, feature in enumerate(features))
    steps = tuple(_step_cut(j, x[:, j], feature) for j, feature in enumerate(measured))
    curves = {
        k: tuple(_curve_cut(j, x[:, j], feature, k) or steps[j] for j, feature in enumerate(measured)) for k in KNOTS
    }
    return Grid(measured, tuple(pairs), steps, curves)


def allowed_pairs(endpoint: Endpoint, features: Sequence[Feature]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of columns that the endpoint lets interact, as far as both are present.

    A variant that is counted within haplotypes stands for each of them.
    """
    column = {feature.name: j for j, feature in enumerate(features)}
    columns: dict[str, list[int]] = {name: [j] for name, j in column.items()}
    for j, feature in enumerate(features):
        for site in feature.haplotype.sites if feature.haplotype else ():
            columns.setdefault(site.rsid, []).append(j)
    if endpoint.interactions == "therapy":
        therapy = column.get("therapy")
        return () if therapy is None else tuple((therapy, j) for j in range(len(features)) if j != therapy)
    present = [
        (i, j) for a, b in endpoint.interactions for i in columns.get(a, ()) for j in columns.get(b, ()) if i != j
    ]
    # A therapy goes first: its few levels make the rows of a table.
    ordered = ((b, a) if features[b].kind == "therapy" else (a, b) for a, b in present)
    return tuple(sorted({frozenset(pair): pair for pair in ordered}.values()))


def learns_unknown(n_unknown: int, n: int) -> bool:
    """Whether so many unknown values among `n` are enough to learn what unknown means.

    >>> learns_unknown(49, 200), learns_unknown(50, 1000), learns_unknown(50, 1001)
    (False, True, False)
    """
    return n_unknown >= max(LEARN_ROWS, LEARN_SHARE * n)


def has_levels(feature: Feature) -> bool:
    """Whether the feature is coded by the index of a level (or 0 and 1 for a somatic state)."""
    return feature.kind in ("categorical", "binary", "therapy", "somatic")


def n_levels(feature: Feature) -> int:
    """Return the number of levels of such a feature."""
    return 2 if feature.kind == "somatic" else len(feature.levels)


def _with_support(values: Floats, feature: Feature) -> Feature:
    known = values[~np.isnan(values)]
    n_unknown = len(values) - len(known)
    learned = learns_unknown(n_unknown, len(values)) and feature.kind in ("continuous", "categorical", "binary")
    update: dict[str, object] = {"n_unknown": n_unknown, "unknown_learned": learned}
    if has_levels(feature):
        counts = np.bincount(known.astype(int), minlength=n_levels(feature))
        names = feature.levels or ("not_detected", "detected")
        update |= {"level_counts": dict(zip(names, counts.tolist(), strict=True)), "fill": float(counts.argmax())}
    else:
        low, high = np.quantile(known, [0.01, 0.99])
        update |= {
            "minimum": float(known.min()),
            "maximum": float(known.max()),
            "p01": float(low),
            "p99": float(high),
            "fill": float(known.mean() if feature.kind == "dosage" else np.median(known)),
        }
    return feature.model_copy(update=update)


def _step_cut(column: int, values: Floats, feature: Feature) -> Cut:
    if has_levels(feature):
        return Cut(column, "step", tuple(k + 0.5 for k in range(n_levels(feature) - 1)))
    if feature.kind == "dosage":
        return Cut(column, "step", (0.5, 1.5) if feature.effect_model == "additive" else (0.5,))
    distinct = np.unique(values[~np.isnan(values)])
    if len(distinct) <= MAX_BINS:
        edges = (distinct[:-1] + distinct[1:]) / 2
    else:
        known = values[~np.isnan(values)]
        edges = np.unique(np.quantile(known, np.arange(1, MAX_BINS) / MAX_BINS))
        edges = edges[(edges > distinct[0])]
    return Cut(column, "step", tuple(edges.tolist()))


def _curve_cut(column: int, values: Floats, feature: Feature, knots: int) -> Cut | None:
    if has_levels(feature):
        return None
    if feature.kind == "dosage":
        top = 2.0 if feature.effect_model == "additive" else 1.0
        inner: tuple[float, ...] = (1.0,) if knots and top == 2.0 else ()
        return Cut(column, "piecewise_linear", (0.0, *inner, top))
    known = values[~np.isnan(values)]
    ends = [float(known.min()), float(known.max())]
    between = np.quantile(known, np.arange(1, knots + 1) / (knots + 1)) if len(np.unique(known)) > 2 else np.empty(0)
    between = between[(between > ends[0]) & (between < ends[1])]
    return Cut(column, "piecewise_linear", tuple(np.unique([*ends, *between.tolist()]).tolist()))
