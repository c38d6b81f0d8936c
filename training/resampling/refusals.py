"""What stops a training before anything is fitted: too little data, one outcome only, a column that gives it away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_schemas.arrays import Bools, Floats, Ints, Labels
from data_schemas.errors import TrainingError
from data_schemas.model.scorecard import Feature
from features.cohort.outcome import Response
from training.fitting.grid import Grid
from training.resampling.metrics import auc

MIN_PERSONS = 100
MIN_EACH = 25
MIN_REPLICATES, FEW_REPLICATES = 20, 50
LEAKING_AUC = 0.99


def check_replicates(bootstrap: int) -> None:
    """Refuse a number of bootstrap refits that no 90 % interval can be read from.

    Raises
    ------
    TrainingError
        `refused_setting`.
    """
    if bootstrap < 0 or 0 < bootstrap < MIN_REPLICATES:
        raise TrainingError(
            "refused_setting",
            f"a 90 % interval cannot be read from {bootstrap} bootstrap refits; ask for at least {MIN_REPLICATES}, "
            "better 200, or for 0 to have no interval",
        )


def check_outcome(response: Response, person: Labels) -> None:
    """Refuse a cohort with too few persons of known outcome, or with one outcome only.

    Persons, labelled by `person` (n,), are counted, not their rows: a hundred visits of five patients are five
    patients. Somebody with both outcomes counts for either. The minimum is what five folds within five folds need to
    run at all; it is far below what a useful model needs.

    Raises
    ------
    TrainingError
        `one_class` or `too_few_rows`.
    """
    n = persons_with(response.y >= 0, person)
    favourable, unfavourable = (persons_with(response.y == outcome, person) for outcome in (1, 0))
    if n and not min(favourable, unfavourable):
        which = "favourable" if favourable else "unfavourable"
        raise TrainingError(
            "one_class",
            f"all known outcomes, of {n:,} persons, are {which}; a model needs both. "
            "Check the outcome's codes in the manifest",
        )
    if n < MIN_PERSONS or min(favourable, unfavourable) < MIN_EACH:
        raise TrainingError(
            "too_few_rows",
            f"{n:,} persons with a known outcome, {favourable:,} with a favourable one and {unfavourable:,} with an "
            f"unfavourable one; training needs at least {MIN_PERSONS} persons and {MIN_EACH} of either outcome",
        )


def persons_with(rows: Bools, person: Labels) -> int:
    """Return how many persons, labelled by `person` (n,), have at least one of the rows that `rows` (n,) chooses.

    >>> persons_with(np.array([True, True, False]), np.array(["a", "a", "b"]))
    1
    """
    return len(np.unique(person[rows]))


def varying(x: Floats, features: Sequence[Feature]) -> tuple[Ints, tuple[str, ...]]:
    """Return the columns (k,) of `x` (n, F) with at least two known values, and a warning for each of the others."""
    keep, warnings = [], []
    for j, feature in enumerate(features):
        known = x[:, j][~np.isnan(x[:, j])]
        if len(known) and known.min() < known.max():
            keep.append(j)
        else:
            what = "has the same value in every row" if len(known) else "is not known in any row"
            warnings.append(f"{feature.name} {what} of the training cohort and was left out")
    return np.array(keep, dtype=np.int64), tuple(warnings)


def check_leakage(x: Floats, grid: Grid, response: Response) -> None:
    """Refuse a column of `x` (n, F) that separates the outcomes by itself: it was recorded with or after the outcome.

    Each column is judged in bins, by the favourable share of each bin, unknown being one of them: a column that is
    blank for all responders is caught too.

    Raises
    ------
    TrainingError
        `leakage`, naming the column.
    """
    weight = response.weights()
    known = weight > 0
    y, weight = response.y[known], weight[known]
    for j, feature in enumerate(grid.features):
        bins = grid.steps[j].locate(x[known, j])[0]
        total = np.bincount(bins, weights=weight)
        share = np.bincount(bins, weights=weight * y) / np.maximum(total, 1e-12)
        if float(auc(share[bins], y, weight[None, :])[0]) > LEAKING_AUC:
            raise TrainingError(
                "leakage",
                f"{feature.name} alone tells the outcome (AUC above {LEAKING_AUC}): it was probably recorded with or "
                "after it. Bind another column in the cohort's manifest, or leave the covariate out",
            )
