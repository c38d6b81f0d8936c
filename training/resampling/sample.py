"""A training cohort as arrays: what every fold and every replicate takes its rows from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Ints, Labels
from data_schemas.model.scorecard import Feature
from features.cohort.outcome import Response
from training.fitting.estimators import Seen, Setting
from training.fitting.pipeline import Design, Pipeline, fit_pipeline
from training.resampling.folds import deal_folds
from training.resampling.parallel import children

# Inner folds are dealt again until about this many margins stand behind a choice: a small cohort's single split
# chooses by luck (GBSG2, 555 known outcomes: AUC 0.731 with one, 0.734 with three), a large one needs no more.
INNER_MARGINS = 1500
MAX_INNER_REPEATS = 3


@dataclass(frozen=True)
class Sample:
    """The rows of a training, by feature set; `person` (n,) is a label of the person of each row."""

    response: Response
    person: Labels
    designs: Mapping[str, Design]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.response.y)

    def features(self, feature_set: str) -> tuple[Feature, ...]:
        """Return the features of a feature set, with their support."""
        return self.designs[feature_set].grid.features


def inner_repeats(n_known: int) -> int:
    """Return how often the inner folds are dealt for a number of known outcomes."""
    return min(MAX_INNER_REPEATS, max(1, math.ceil(INNER_MARGINS / n_known)))


def fit_rows(
    sample: Sample,
    feature_set: str,
    rows: Ints,
    count: Ints,
    seed: np.random.SeedSequence,
    held: Mapping[str, Setting] | None = None,
) -> Pipeline:
    """Fit the pipeline on some rows, each `count` times; censoring weights come from these rows alone.

    `rows` and `count` are (n,). All copies of a row, and all rows of a person, share their inner fold; `held` are
    settings to use instead of a search.
    """
    copies = np.repeat(rows, count)
    first = np.cumsum(count) - count
    weight = sample.response.take(copies).weights()[first] * count
    y, person = sample.response.y[rows], sample.person[rows]
    fold_seed, fit_seed = children(seed, 2)
    rng = np.random.default_rng(fold_seed)
    folds = np.stack([deal_folds(y, person, rng) for _ in range(inner_repeats(int((weight > 0).sum())))])
    number = int(fit_seed.generate_state(1)[0] >> 1)
    return fit_pipeline(sample.designs[feature_set], Seen(rows, y, weight), folds, number, held)
