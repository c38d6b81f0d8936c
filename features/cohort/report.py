"""What is known of a cohort once it has been read: who counts, what is missing, how good the genotypes are."""

from __future__ import annotations

from pydantic import Field

from data_schemas.record import Record
from data_schemas.wire.prediction import GenotypeState, SomaticState
from features.quality.records import GenotypeQuality, Linkage, SiteQuality


class Exclusion(Record):
    """Rows that do not count, each under the first reason that applies. `lines` are the first few, counted from 1."""

    code: str
    detail: str
    n: int
    lines: tuple[int, ...]


class TherapyRate(Record):
    """The favourable outcome on one therapy; `rate` is weighted for censoring where the outcome is."""

    therapy: str
    n: int
    n_favourable: int
    rate: float | None


class GenotypeJoin(Record):
    """How a genotype file and the rows of a cohort were joined; examples are the first few that did not match.

    `build_basis` and `strand_basis` say how the file's build and strand are known.
    """

    file: str
    format: str
    build: int | None
    build_basis: str
    strand: str | None
    strand_basis: str
    samples_in_file: int
    samples_joined: int
    samples_without_row: tuple[str, ...]
    n_samples_without_row: int
    lines_without_sample: tuple[int, ...]
    n_rows_without_sample: int
    notes: tuple[str, ...] = ()


class CohortReport(Record):
    """Read `n_read` rows, used `n`; `endpoint` is None where only the columns were checked.

    `n_events` counts the events of a time-to-event outcome at any time; `n_censored` those whose outcome at the
    horizon is hidden. `missing` counts unknown values among the used rows, `absent` names inputs of the endpoint
    of which the cohort knows nothing.
    """

    cohort: str
    file: str
    synthetic: bool
    endpoint: str | None
    outcome: str = ""
    n_read: int
    n: int
    n_favourable: int = 0
    n_unfavourable: int = 0
    n_censored: int = 0
    n_events: int | None = None
    event_rate: float | None = None
    by_therapy: tuple[TherapyRate, ...] = ()
    missing: dict[str, int] = Field(default_factory=dict)
    absent: tuple[str, ...] = ()
    ineligible: tuple[Exclusion, ...] = ()
    implausible: dict[str, int] = Field(default_factory=dict)
    genotype_states: dict[str, dict[GenotypeState, int]] = Field(default_factory=dict)
    genotype_file: GenotypeJoin | None = None
    genotypes: GenotypeQuality | None = None
    sites: tuple[SiteQuality, ...] = ()
    linkage: tuple[Linkage, ...] = ()
    somatic: dict[str, dict[SomaticState, int]] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def ineligible_counts(self) -> dict[str, int]:
        """Rows that do not count, by reason in words."""
        return {one.detail: one.n for one in self.ineligible}

    @property
    def rate_by_therapy(self) -> dict[str, float]:
        """The rate of the favourable outcome on each therapy, where it can be estimated."""
        return {one.therapy: one.rate for one in self.by_therapy if one.rate is not None}
