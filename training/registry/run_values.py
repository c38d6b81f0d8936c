"""What MLflow is told of a run: parameters, metrics, tags and the columns of a model, as plain values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data_schemas.model.card import CandidateResult, Estimate, IncrementalValue, ModelCard
from training.registry.plots import CalibrationCurve
from training.resampling.refusals import FEW_REPLICATES

# What a list of versions shows of a model's performance; of its candidate alone under `candidate_...`.
HEADLINE = ("auc", "log_loss", "brier", "calibration_slope")


def with_bounds(name: str, estimate: Estimate) -> dict[str, float]:
    """Return a metric and the bounds of its 95 % interval, as ``name``, ``name_lo`` and ``name_hi``."""
    return {name: estimate.value, f"{name}_lo": estimate.low, f"{name}_hi": estimate.high}


def candidate_metrics(result: CandidateResult, refits: int) -> dict[str, float]:
    """Return a candidate's out-of-fold metrics with their bounds, and the optimism-corrected ones of enough refits.

    The apparent ones are left to the card: in a list of runs they would pass for performance.
    """
    corrected = result.corrected if refits >= FEW_REPLICATES else {}
    metrics = performance_metrics(result.metrics)
    return metrics | {f"{name}_optimism_corrected": value for name, value in corrected.items()}


def performance_metrics(performance: Mapping[str, Estimate]) -> dict[str, float]:
    """Return cross-fitted metrics with their bounds."""
    metrics: dict[str, float] = {}
    for name, estimate in performance.items():
        metrics |= with_bounds(name, estimate)
    return metrics


def incremental_metrics(incremental: IncrementalValue) -> dict[str, float]:
    """Return what genetics adds: the paired differences with their bounds, and the test of genetics."""
    metrics: dict[str, float] = {}
    for name, estimate in incremental.differences.items():
        metrics |= with_bounds(f"genetics_{name}_difference", estimate)
    if incremental.test_p is not None:
        metrics["genetics_test_p"] = incremental.test_p
    return metrics


def curve_steps(curve: CalibrationCurve) -> list[tuple[str, float, int]]:
    """Return the calibration curve as metric steps: at step = predicted percent, the observed share and its bounds.

    The compare view of MLflow draws metrics over steps, so the curves of several runs lie over each other there, with
    ``calibration_curve_ideal`` as the diagonal.
    """
    steps = np.round(100 * curve.predicted).astype(int)
    _, first = np.unique(steps, return_index=True)
    points = []
    for i in first:
        step = int(steps[i])
        points += [
            ("calibration_curve", float(curve.observed[i]), step),
            ("calibration_curve_lo", float(curve.low[i]), step),
            ("calibration_curve_hi", float(curve.high[i]), step),
            ("calibration_curve_ideal", step / 100, step),
        ]
    return points


def candidate_parameters(card: ModelCard) -> dict[str, str]:
    """Return what identifies a candidate, and its hyper-parameters."""
    chosen = {
        f"{part}.{name}": str(value)
        for part, values in sorted(card.hyperparameters.items())
        for name, value in sorted(values.items())
    }
    return {"candidate": card.candidate, "feature_set": card.feature_set, **chosen}


def training_parameters(card: ModelCard) -> dict[str, str]:
    """Return what the whole training was given: endpoint, cohort and settings."""
    facts = {
        "endpoint": card.endpoint,
        "cohort": card.cohort,
        "cohort_digest": card.cohort_digest,
        "design": card.design,
        "synthetic": _flag(card.synthetic),
        "n_rows": str(card.n_rows),
        "n_events": str(card.n_events),
    }
    return facts | {name: str(value) for name, value in sorted(card.settings.items())}


def run_tags(card: ModelCard) -> dict[str, str]:
    """Return the tags of a run: what the run table can be filtered by."""
    return {
        "endpoint": card.endpoint,
        "cohort": card.cohort,
        "synthetic": _flag(card.synthetic),
        "verdict": card.incremental.verdict,
        "mlflow.note.content": card.incremental.sentence,
        "mlflow.source.name": "esr train",
        "mlflow.source.type": "LOCAL",
    }


def version_tags(card: ModelCard, *, digest: str, bundle: str, definition: str, suggested: bool) -> dict[str, str]:
    """Return the tags of a registered version: the digests that are checked before it is served, and what it is.

    `definition` is the digest of the endpoint's definition: what question the version answers.
    """
    result = next(r for r in card.candidates if (r.candidate, r.feature_set) == (card.candidate, card.feature_set))
    shown = {name: estimate_text(card.performance[name]) for name in HEADLINE if name in card.performance}
    own = {f"candidate_{name}": estimate_text(result.metrics[name]) for name in HEADLINE if name in result.metrics}
    return {
        "digest": digest,
        "bundle": bundle,
        "endpoint": card.endpoint,
        "definition": definition,
        "cohort": card.cohort,
        "cohort_digest": card.cohort_digest,
        "synthetic": _flag(card.synthetic),
        "verdict": card.incremental.verdict,
        "candidate": card.candidate,
        "feature_set": card.feature_set,
        "suggested": _flag(suggested),
        **shown,
        **own,
    }


def estimate_text(estimate: Estimate) -> str:
    """Return a number with its interval.

    >>> estimate_text(Estimate(value=0.7012, low=0.68, high=0.7249))
    '0.701 (0.680 to 0.725)'
    """
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def _flag(value: bool) -> str:
    return "true" if value else "false"
