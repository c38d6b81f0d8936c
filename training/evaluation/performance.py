"""How well each candidate does: cross-fitted, on its own training rows, and less the optimism of bootstrap refits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.model.card import CandidateResult
from training.fitting.estimators import CANDIDATES, SELECTED, Key
from training.fitting.pipeline import Pipeline
from training.resampling.bootstrap import Bootstrapped
from training.resampling.crossfit import CrossFitted
from training.resampling.metrics import averaged, estimate, evaluate
from training.resampling.sample import Sample


def apparent_metrics(sample: Sample, pipelines: Mapping[str, Pipeline]) -> dict[Key, dict[str, float]]:
    """Return the metrics of the final models on the rows that they were fitted to."""
    weights, everybody = sample.response.weights()[None, :], np.arange(sample.n)
    return {
        (candidate, feature_set): {
            name: float(values[0]) for name, values in evaluate(log_odds, sample.response.y, weights).items()
        }
        for feature_set, pipeline in pipelines.items()
        for candidate, log_odds in pipeline.log_odds(sample.designs[feature_set], everybody).items()
    }


def candidate_results(
    crossed: CrossFitted, apparent: Mapping[Key, dict[str, float]], booted: Bootstrapped, y: Floats, resamples: Floats
) -> tuple[CandidateResult, ...]:
    """Return the performance of every candidate, and of the inner choice, for `y` (n,) under `resamples` (R, n)."""
    results = []
    for feature_set in dict.fromkeys(name for _, name in crossed.log_odds):
        for candidate in (*CANDIDATES, SELECTED):
            key = candidate, feature_set
            found, optimism = averaged(list(crossed.log_odds[key]), y, resamples), booted.optimism.get(key, {})
            results.append(
                CandidateResult(
                    candidate=candidate,
                    feature_set=feature_set,
                    metrics={name: estimate(values) for name, values in found.items()},
                    apparent=apparent.get(key, {}),
                    corrected={name: apparent[key][name] - value for name, value in optimism.items()},
                )
            )
    return tuple(results)
