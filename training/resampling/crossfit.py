"""Repeated cross-fitting of the whole pipeline: every row is scored by models that never saw it.

The search for hyper-parameters, the blend's weights and the calibrator of a fold are all made within its training rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats, Ints
from data_schemas.model.scorecard import expit
from training.fitting.estimators import CANDIDATES, SELECTED, Key
from training.resampling.folds import GivenFolds
from training.resampling.parallel import children, run_tasks
from training.resampling.sample import Sample, fit_rows


@dataclass(frozen=True)
class CrossFitted:
    """Calibrated out-of-fold log-odds of every row: `log_odds[candidate, feature_set]` is (repeats, n).

    `folds` is (repeats, n). The candidate `selected` is, fold by fold, the one that the inner search preferred.
    """

    folds: Ints
    log_odds: dict[Key, Floats]

    def table(self, row: Ints, given: Sequence[GivenFolds] = ()) -> pd.DataFrame:
        """Return one line per row, repeat, candidate and feature set.

        Parameters
        ----------
        row
            (n,) the rows' numbers in the input file.
        given
            The folds as a file gave them: the table keeps the numbers of that file, so that both can be joined.
        """
        names = [(one.repeat, one.label) for one in given] or list(enumerate(self.folds))
        parts = []
        for (candidate, feature_set), values in self.log_odds.items():
            for (repeat, fold), own in zip(names, values, strict=True):
                part = {"row": row, "repeat": repeat, "fold": fold, "candidate": candidate, "feature_set": feature_set}
                parts.append(pd.DataFrame(part | {"probability": expit(own)}))
        return pd.concat(parts, ignore_index=True)


def cross_fit(
    sample: Sample,
    folds: Sequence[Ints],
    seed: np.random.SeedSequence,
    n_jobs: int,
    advance: Callable[[], None],
) -> CrossFitted:
    """Score every row once per repeat, each with its `folds` (n,), and feature set; `advance` is called per fold."""
    # Both feature sets of a fold get the same seed, hence the same inner folds: their difference is paired throughout.
    seeds = iter(children(seed, sum(int(fold.max()) + 1 for fold in folds)))
    tasks = [
        (sample, feature_set, fold, k, fold_seed)
        for fold in folds
        for k in range(int(fold.max()) + 1)
        for fold_seed in [next(seeds)]
        for feature_set in sample.designs
    ]
    results = iter(run_tasks(_score_fold, tasks, n_jobs, advance))
    log_odds = {
        (candidate, feature_set): np.empty((len(folds), sample.n))
        for feature_set in sample.designs
        for candidate in (*CANDIDATES, SELECTED)
    }
    for repeat, fold in enumerate(folds):
        for k in range(int(fold.max()) + 1):
            for feature_set in sample.designs:
                for candidate, values in next(results).items():
                    log_odds[candidate, feature_set][repeat, fold == k] = values
    return CrossFitted(np.stack(folds), log_odds)


def _score_fold(
    sample: Sample, feature_set: str, fold: Ints, k: int, seed: np.random.SeedSequence
) -> dict[str, Floats]:
    """Return the calibrated log-odds of one fold's rows, by candidate."""
    train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
    pipeline = fit_rows(sample, feature_set, train, np.ones(len(train), dtype=np.int64), seed)
    found = pipeline.log_odds(sample.designs[feature_set], test)
    return {**found, SELECTED: found[pipeline.preferred]}
