"""The model card of a training, filled from the catalogue, the cohort's report and the results; nothing is invented."""

from __future__ import annotations

import platform
from dataclasses import asdict
from importlib.metadata import version

import numpy as np

from data_schemas.model.card import ModelCard
from features.quality.findings import assumed_text
from training.fitting.estimators import BLEND, ESTIMATORS
from training.result import Training

PACKAGES = ("esr-response", "numpy", "scipy", "scikit-learn", "xgboost", "pandas")

INTERVAL = (
    "The interval is for the share that reach the outcome among all patients with the same inputs. It allows for other "
    "patients drawn for training and for what the model's penalties hold back; in simulated cohorts it held the true "
    "share of about 9 in 10 patients (85 to 95 %, by setting). It does not allow for a cohort unlike the patient, for "
    "wrong inputs, or for what the inputs do not tell about one patient."
)
NO_INTERVAL = "The model was trained without bootstrap refits, so its answers have no interval."


def model_card(training: Training, candidate: str, feature_set: str) -> ModelCard:
    """Return the card of one candidate on one feature set."""
    data = training.data
    endpoint, cohort, report = data.endpoint, data.cohort, data.report
    weights = data.response.weights()
    assumed = assumed_text(report.sites)
    return ModelCard(
        endpoint=endpoint.id,
        endpoint_title=endpoint.title,
        favourable=endpoint.favourable,
        is_not=endpoint.is_not,
        cohort=cohort.id,
        cohort_title=cohort.title,
        cohort_digest=data.digest,
        design=cohort.design,
        adjustment_set=cohort.adjustment_set,
        synthetic=cohort.synthetic,
        ancestry=cohort.ancestry,
        licence=cohort.licence,
        citation=cohort.citation,
        note=cohort.note,
        n_rows=report.n,
        n_events=_n_events(training),
        n_ineligible=report.ineligible_counts,
        event_rate=float(np.nansum(weights * data.response.y) / weights.sum()),
        event_rate_by_therapy=report.rate_by_therapy,
        missing={name: n for name, n in report.missing.items() if n},
        candidate=candidate,
        feature_set=feature_set,
        performance=training.performance(feature_set),
        candidates=training.results,
        interval=INTERVAL if training.settings.bootstrap else NO_INTERVAL,
        incremental=training.incremental,
        hyperparameters=_hyperparameters(training, candidate, feature_set),
        settings=asdict(training.settings),
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        trained_at=training.trained_at.isoformat(timespec="seconds"),
        warnings=(*training.warnings, *report.notes, *([assumed] if assumed else [])),
    )


def _n_events(training: Training) -> int:
    """Return the number of events by the horizon, or of favourable outcomes where the outcome is not a time."""
    report = training.data.report
    return report.n_favourable if training.data.response.time is None else report.n_unfavourable


def _hyperparameters(training: Training, candidate: str, feature_set: str) -> dict[str, dict[str, float | int | str]]:
    pipeline = training.pipelines[feature_set]
    names = tuple(ESTIMATORS) if candidate == BLEND else (candidate,)
    found: dict[str, dict[str, float | int | str]] = {name: dict(pipeline.settings[name]) for name in names}
    if candidate == BLEND:
        found[BLEND] = dict(pipeline.shares)
    return found
