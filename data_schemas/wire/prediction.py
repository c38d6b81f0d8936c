"""What the service answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field

from data_schemas.catalogue.rows import Group
from data_schemas.errors import Problem
from data_schemas.record import Record

GenotypeState = Literal["called", "imputed", "not_assayed", "assumed_reference", "failed_qc", "conflict"]
StatedState = Literal["detected", "not_detected", "not_tested"]
"""What a finding or a column may say of a somatic variant."""
SomaticState = Literal[StatedState, "other_variant"]
STATED_STATES: tuple[StatedState, ...] = get_args(StatedState)
SOMATIC_STATES: tuple[SomaticState, ...] = get_args(SomaticState)


class GenotypeCall(Record):
    """The state of one panel site. `alleles` are forward-strand letters in alphabetical order; `dosage` in [0, 2]."""

    state: GenotypeState
    alleles: str | None = None
    dosage: float | None = None
    reason: str | None = None


class Interval(Record):
    """Replicate quantiles of the probability; `level` 0.9 means 5 % to 95 %."""

    level: float
    low: float
    high: float


@dataclass(slots=True)
class Contribution:
    """The exact interventional Shapley value of one feature, in calibrated log-odds, whole cohort as background.

    No model, since one patient's answer makes dozens of them, and that was a third of what an answer cost.
    """

    feature: str
    group: Group
    label: str
    log_odds: float
    evidence: tuple[str, ...] = ()


class ModelIdentity(Record):
    """Which model answered."""

    name: str
    version: int | None
    scorecard: str = Field(description="sha256:... of the scorecard document")
    panel: str = Field(description="sha256:... of the panel that the model was trained with")
    synthetic: bool
    cohort: str
    design: str
    genetics: Literal["adds", "no evidence that genetics adds", "harms", "genetics not assessed"]


class Notice(Record):
    """A warning or a reason: a code, and a sentence."""

    code: str
    detail: str


class Prediction(Record):
    """The answer for one patient.

    ``sum(contributions.log_odds) + logit(baseline) = log_odds``; `baseline` is the calibrated probability at the
    reference cohort's mean log-odds.
    """

    id: str | None = None
    status: Literal["predicted", "abstained", "invalid"]
    probability: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    without_genetics: float | None = None
    log_odds: float | None = None
    contributions: tuple[Contribution, ...] = ()
    genotypes: dict[str, GenotypeCall] = Field(default_factory=dict)
    somatic: dict[str, SomaticState] = Field(default_factory=dict)
    warnings: tuple[Notice, ...] = ()
    reasons: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()


class PredictionResponse(Record):
    """The whole answer."""

    request_id: str
    time: str = Field(description="when it was answered: ISO 8601, UTC")
    endpoint: str
    outcome: str = Field(description="what the probability is of, in words")
    model: ModelIdentity
    predictions: tuple[Prediction, ...]
    context: tuple[str, ...] = Field((), description="what a reader must know: synthetic data, event rates, is-not")
