"""What a training found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from data_schemas.arrays import Floats
from data_schemas.model.card import CandidateResult, Estimate, IncrementalValue
from data_schemas.model.scorecard import Scorecard
from features.cohort.read import CohortData
from training.evaluation.permutation import PERMUTATIONS
from training.fitting.estimators import SELECTED, Key
from training.fitting.pipeline import Pipeline
from training.resampling.folds import FOLDS
from training.resampling.metrics import RESAMPLES


@dataclass(frozen=True)
class TrainingSettings:
    """How a training was run. `bootstrap` counts the refits, whose hyper-parameters are held at the chosen values."""

    seed: int
    repeats: int
    folds: int
    folds_from_file: bool
    inner_repeats: int
    bootstrap: int
    inner_folds: int = FOLDS
    replicates_hold_hyperparameters: bool = True
    metric_resamples: int = RESAMPLES
    permutations: int = PERMUTATIONS


@dataclass(frozen=True)
class Fitted:
    """One candidate on one feature set: its document, and (B, 1 + cells) replicates or None."""

    scorecard: Scorecard
    replicates: Floats | None


@dataclass(frozen=True)
class Training:
    """All that a training found.

    Keys are (candidate, feature set). `chosen` names the candidate that the search on all rows prefers per feature set,
    `suggested` the one of them to promote. `oof` has the columns ``row, repeat, fold, candidate, feature_set,
    probability``; a row is one of the input file, and the candidate ``selected`` is the inner choice of each fold.
    """

    data: CohortData
    fitted: Mapping[Key, Fitted]
    results: tuple[CandidateResult, ...]
    incremental: IncrementalValue
    oof: pd.DataFrame
    chosen: Mapping[str, str]
    suggested: Key
    pipelines: Mapping[str, Pipeline]
    settings: TrainingSettings
    warnings: tuple[str, ...]
    trained_at: datetime

    def performance(self, feature_set: str) -> dict[str, Estimate]:
        """Return the cross-fitted performance to quote: that of choosing a candidate within each fold."""
        return next(r.metrics for r in self.results if (r.candidate, r.feature_set) == (SELECTED, feature_set))
