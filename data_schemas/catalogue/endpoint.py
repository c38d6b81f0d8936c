"""An endpoint: who, what, when, for which therapies, from what inputs, and what the number is not."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field

from data_schemas.catalogue.rows import Covariate, Therapy, Variant
from data_schemas.record import Record, digest

MODELLING = frozenset({"simulation", "effect_models", "haplotypes", "interactions"})
"""Keys of an endpoint that do not change what its probability means: how inputs count, and what is simulated."""
PROSE = frozenset({"title", "is_not"})
"""Keys that may be reworded."""
SETS = ("therapies", "covariates", "variants", "somatic", "required")
"""Keys whose names may stand in any order."""
WORDING = {
    "declared_covariates": frozenset(
        {"label", "level_labels", "note", "display_unit", "accepted_units", "decimals", "loinc", "plausible", "typical"}
    ),
    "declared_variants": frozenset(
        {"names", "consequence", "literature_letters", "frequency", "status", "ref_verified", "note", "sources"}
    ),
    "declared_therapies": frozenset({"label", "therapy_class", "mechanism", "note"}),
}
"""What of a declared row is told and not asked: names, remarks, further units, and what is assumed of patients."""


class Binary(Record):
    """The cohort states for each patient whether the favourable outcome came true."""

    kind: Literal["binary"]


class Change(Record):
    """A responder is a patient whose measurement changed by a stated fraction between baseline and follow-up.

    ``relative_change = -0.15`` means: fell by at least 15 % of the baseline; ``absolute_change`` is in the
    covariate's unit. Exactly one of the two is given; its sign gives the direction.
    """

    kind: Literal["change"]
    covariate: str
    relative_change: float | None = None
    absolute_change: float | None = None


class TimeToEvent(Record):
    """Favourable means free of the event at `horizon_days`; censoring before it is handled by weights."""

    kind: Literal["time-to-event"]
    event: str
    horizon_days: float = Field(gt=0)


Outcome = Annotated[Binary | Change | TimeToEvent, Field(discriminator="kind")]


class Criterion(Record):
    """One eligibility rule on a covariate: a level among `any_of`, or a number within [minimum, maximum]."""

    covariate: str
    any_of: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unknown_is: Literal["ineligible", "eligible"] = "eligible"
    reason: str = Field(description="what to tell the user whose patient does not fit")


class SimulatedTruth(Record):
    """The truth that `esr simulate` draws from: log-odds of the favourable outcome.

    `effects` are per standard deviation of a continuous covariate; `level_effects` per level of a categorical
    or binary covariate and per therapy (under the key ``therapy``); `variant_effects` per copy of the effect allele or
    per somatic detection; `interactions` pairs ``a:b`` of inputs, on the same scales, where ``therapy`` is 1 for any
    but the comparator. `typical` replaces the catalogue's own where this endpoint's patients differ;
    `somatic_frequency` is the share with a finding.
    """

    intercept: float
    effects: dict[str, float] = Field(default_factory=dict)
    level_effects: dict[str, dict[str, float]] = Field(default_factory=dict)
    variant_effects: dict[str, float] = Field(default_factory=dict)
    interactions: dict[str, float] = Field(default_factory=dict)
    therapies: dict[str, float] = Field(default_factory=dict, description="share of patients on each therapy")
    typical: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="by covariate, as in Covariate.typical"
    )
    somatic_frequency: dict[str, float] = Field(default_factory=dict, description="share of patients with each finding")


class Endpoint(Record):
    """One therapy question. The file's name is the id (`endpoints/mht-ldl-response.toml`)."""

    id: str
    title: str
    population: str
    favourable: str = Field(description="the favourable outcome, as a phrase that fits after 'the probability of'")
    time_at_risk_days: float = Field(gt=0)
    outcome: Outcome
    eligibility: tuple[Criterion, ...] = ()
    therapies: tuple[str, ...] = Field(min_length=1)
    comparator: str | None = None
    covariates: tuple[str, ...]
    variants: tuple[str, ...] = ()
    somatic: tuple[str, ...] = Field((), description="somatic ids, or ESR1_LBD for any of the panel's")
    required: tuple[str, ...] = Field(description="what must be known, `therapy` included where it matters")
    interactions: tuple[tuple[str, str], ...] | Literal["therapy"] = Field(
        "therapy", description="pairs that may interact; `therapy` = therapy with each covariate and variant"
    )
    effect_models: dict[str, Literal["additive", "dominant", "recessive"]] = Field(default_factory=dict)
    haplotypes: tuple[str, ...] = Field(
        (),
        description="haplotypes counted in place of their sites: `rs2234693-rs9340799:TA`, or a set as `pvuii-xbai`",
    )
    is_not: tuple[str, ...] = Field(min_length=1)
    simulation: SimulatedTruth | None = None
    declared_covariates: dict[str, Covariate] = Field(default_factory=dict)
    declared_variants: dict[str, Variant] = Field(default_factory=dict)
    declared_therapies: dict[str, Therapy] = Field(default_factory=dict)

    def needed_by(self, feature_set: str) -> Endpoint:
        """Return the endpoint as a model on these inputs asks it: a clinical one needs no variant and no finding."""
        if feature_set != "clinical":
            return self
        genetic = {*self.variants, *self.somatic}
        return self.model_copy(update={"required": tuple(name for name in self.required if name not in genetic)})

    @property
    def definition(self) -> str:
        """The digest of the question: who, what, when, for which therapies, from what; rewording keeps it.

        `population` counts only where no eligibility says it, `favourable` only where the outcome does not: where the
        cohort states it. Names of therapies and inputs, criteria and their levels may stand in any order. Keys that are
        left out count like their defaults, so that a key added by a later version changes nothing.
        """
        return digest(_text(self.question()).encode())

    def question(self) -> dict[str, Any]:
        """Return the keys that make the question, each in one form whatever its wording and order."""
        asked = self.model_dump(mode="json", exclude=set(MODELLING | PROSE), exclude_defaults=True)
        if self.eligibility:
            del asked["population"]
        if self.outcome.kind != "binary":
            del asked["favourable"]
        for key in SETS:
            if key in asked:
                asked[key] = sorted(asked[key])
        for criterion in asked.get("eligibility", ()):
            del criterion["reason"]
            criterion["any_of"] = sorted(criterion.get("any_of", ()))
        if "eligibility" in asked:
            asked["eligibility"] = sorted(asked["eligibility"], key=_text)
        for section, wording in WORDING.items():
            for row in asked.get(section, {}).values():
                for key in wording & row.keys():
                    del row[key]
        return asked


def differing_keys(one: Endpoint, other: Endpoint) -> tuple[str, ...]:
    """Return the keys by which two endpoints ask different questions: none where their definition is the same."""
    ours, theirs = one.question(), other.question()
    return tuple(key for key in Endpoint.model_fields if ours.get(key) != theirs.get(key))


def rewritten_keys(one: Endpoint, other: Endpoint) -> tuple[str, ...]:
    """Return the keys by which two endpoints ask different questions, or ask them in other words or order."""
    keys = (key for key in Endpoint.model_fields if key not in MODELLING)
    return tuple(key for key in keys if getattr(one, key) != getattr(other, key))


def _text(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
