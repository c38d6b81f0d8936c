"""Does genetics add to the clinical model? One rule, and a verdict in words.

*adds*: the permutation test of the genetic columns (`permutation`) has p < 0.05 **and** the 95 % interval of
the paired, cross-fitted log-loss difference lies below zero. *harms*: that interval lies wholly beyond a margin above
zero. Otherwise there is no evidence that genetics adds, which is a normal result. Net reclassification is not used: it
rewards miscalibration.
"""

from __future__ import annotations

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.model.card import IncrementalValue
from training.evaluation.permutation import nested_test
from training.fitting.estimators import SELECTED, Key
from training.resampling.metrics import averaged, estimate
from training.resampling.sample import Sample

CLINICAL, GENETIC = "clinical", "clinical+genetic"
SIGNIFICANCE = 0.05
HARM_MARGIN = 0.01  # log loss


def incremental_value(
    sample: Sample, log_odds: dict[Key, Floats], resamples: Floats, seed: np.random.SeedSequence
) -> IncrementalValue:
    """Return the verdict.

    Parameters
    ----------
    log_odds
        Cross-fitted, (repeats, n) per (candidate, feature set). The inner choices of either feature set are compared,
        on the same folds.
    resamples
        (R, n) weightings of the rows, the cohort's own first.
    seed
        Of the permutations.
    """
    if GENETIC not in sample.designs:
        return not_assessed()
    y = sample.response.y
    with_genetics = averaged(list(log_odds[SELECTED, GENETIC]), y, resamples)
    without = averaged(list(log_odds[SELECTED, CLINICAL]), y, resamples)
    differences = {name: estimate(with_genetics[name] - without[name]) for name in ("auc", "log_loss", "brier")}
    test, loss = nested_test(sample, GENETIC, seed), differences["log_loss"]
    found = (
        f"{test.name} p = {test.p:.2g} ({test.df} df); log loss changes by {loss.value:+.4f} "
        f"(95 % interval {loss.low:+.4f} to {loss.high:+.4f}, below zero is better)"
    )
    if test.p < SIGNIFICANCE and loss.high < 0:
        verdict, words = "adds", "Genetics adds to the clinical model"
    elif loss.low > HARM_MARGIN:
        verdict, words = "harms", "Genetics harms: the model is worse with it than without"
    else:
        verdict, words = (
            "no evidence that genetics adds",
            "There is no evidence that genetics adds to the clinical model",
        )
    return IncrementalValue.model_validate(
        {
            "verdict": verdict,
            "sentence": f"{words}: {found}.",
            "test_name": test.name,
            "test_statistic": test.statistic,
            "test_df": test.df,
            "test_p": test.p,
            "differences": differences,
        }
    )


def not_assessed() -> IncrementalValue:
    """Return the verdict of a cohort without genotypes or somatic findings."""
    return IncrementalValue(
        verdict="genetics not assessed",
        sentence="Genetics was not assessed: the cohort has no genotype or somatic finding that the endpoint uses.",
    )


def suggestion(verdict: IncrementalValue, chosen: dict[str, str]) -> Key:
    """Return (candidate, feature set): with genetics only where it adds."""
    feature_set = GENETIC if verdict.verdict == "adds" else CLINICAL
    return chosen[feature_set], feature_set
