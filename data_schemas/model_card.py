"""The model card: what was trained on whom, how well it does, and what it must not be read as."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from data_schemas.record import Record

Verdict = Literal["adds", "no evidence that genetics adds", "harms", "genetics not assessed"]


class Estimate(Record):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


class IncrementalValue(Record):
    """Does genetics add? One rule: a test of the genetic columns and the paired log-loss difference must agree."""

    verdict: Verdict
    sentence: str
    test_name: str | None = None
    test_statistic: float | None = None
    test_df: int | None = None
    test_p: float | None = None
    differences: dict[str, Estimate] = Field(
        default_factory=dict, description="with genetics minus without: auc, log_loss, brier"
    )


class CandidateResult(Record):
    """Cross-fitted performance of one candidate on one feature set; `apparent` is on the training rows."""

    candidate: str
    feature_set: str
    metrics: dict[str, Estimate]
    optimism: dict[str, float] = Field(default_factory=dict)


class ModelCard(Record):
    """Everything a reader needs beside the scorecard. Free texts are filled from the catalogue, never invented."""

    endpoint: str
    endpoint_title: str
    favourable: str
    is_not: tuple[str, ...]
    cohort: str
    cohort_title: str
    cohort_digest: str
    design: str
    synthetic: bool
    ancestry: str
    licence: str
    citation: str
    note: str
    n_rows: int
    n_events: int
    n_ineligible: dict[str, int] = Field(default_factory=dict)
    event_rate: float = Field(description="share with the favourable outcome, censoring-weighted where needed")
    event_rate_by_therapy: dict[str, float] = Field(default_factory=dict)
    missing: dict[str, int] = Field(default_factory=dict)
    candidate: str
    feature_set: str
    candidates: tuple[CandidateResult, ...]
    incremental: IncrementalValue
    hyperparameters: dict[str, dict[str, float | int | str]]
    settings: dict[str, float | int | str | bool] = Field(
        default_factory=dict, description="seed, folds, repeats, bootstrap, whether replicates hold hyper-parameters"
    )
    versions: dict[str, str] = Field(default_factory=dict)
    trained_at: str
    intended_use: str = "Research use; not a medical device."
    warnings: tuple[str, ...] = ()
