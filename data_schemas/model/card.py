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
    """Performance of one candidate on one feature set, measured in three ways that must not be mixed.

    `metrics` are cross-fitted: predictions by models that never saw the row. `apparent` are of the final model on its
    own training rows, too good to be true; `corrected` are the apparent ones less the optimism that bootstrap refits
    show. `corrected` and `metrics` estimate the same, so nothing is to be subtracted from either. The candidate
    ``selected`` stands for the whole procedure, the choice of a candidate included, and is no model of its own: it has
    cross-fitted performance alone.
    """

    candidate: str
    feature_set: str
    metrics: dict[str, Estimate] = Field(description="cross-fitted")
    apparent: dict[str, float] = Field(default_factory=dict, description="on the training rows")
    corrected: dict[str, float] = Field(default_factory=dict, description="apparent less the bootstrap optimism")


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
    adjustment_set: tuple[str, ...] = Field(
        (), description="covariates that the cohort's manifest adjusts therapies for"
    )
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
    performance: dict[str, Estimate] = Field(
        default_factory=dict,
        description="the numbers to quote: cross-fitted, of the procedure that chooses a candidate within each fold; "
        "the candidate's own, which helped to choose it, are under `candidates`",
    )
    candidates: tuple[CandidateResult, ...]
    interval: str = Field("", description="what the interval of an answer says, and what it does not")
    incremental: IncrementalValue
    hyperparameters: dict[str, dict[str, float | int | str]]
    settings: dict[str, float | int | str | bool] = Field(
        default_factory=dict, description="seed, folds, repeats, bootstrap, whether replicates hold hyper-parameters"
    )
    versions: dict[str, str] = Field(default_factory=dict)
    trained_at: str
    intended_use: str = "Research use; not a medical device."
    warnings: tuple[str, ...] = ()
