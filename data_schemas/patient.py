"""What a client sends: patients and the request around them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from data_schemas.record import Record

MAX_PATIENTS = 1000


class Quantity(Record):
    """A number with its unit."""

    value: float
    unit: str = Field(max_length=40)


CovariateValue = bool | int | float | str | Quantity | None


class TherapyChoice(Record):
    """The candidate therapy."""

    name: str = Field(max_length=80)
    dose: Quantity | None = None


class SomaticFinding(Record):
    """One statement of a tumour report about one somatic ESR1 variant, or about the ligand-binding domain as a whole.

    `variant` is a short name (``Y537S``), a protein change (``p.Tyr537Ser``) or ``ESR1_LBD``; `state` says whether the
    assay found it. A variant that no finding mentions is `not_tested`.
    """

    variant: str = Field(max_length=80)
    state: Literal["detected", "not_detected", "not_tested"] = "detected"
    vaf: float | None = Field(None, ge=0, le=1, description="variant allele fraction, 0 to 1")
    specimen: Literal["tissue", "plasma", "other"] | None = None
    collected: date | None = None
    assay: str | None = Field(None, max_length=120)
    limit_of_detection: float | None = Field(None, ge=0, le=1, description="smallest VAF that the assay reports")
    prior_aromatase_inhibitor: bool | None = None


class Patient(Record):
    """One patient: covariates in our unit or with a unit, forward-strand genotypes, somatic findings, a therapy."""

    id: str | None = Field(None, max_length=200)
    therapy: TherapyChoice | None = None
    covariates: dict[str, CovariateValue] = Field(default_factory=dict)
    genotypes: dict[str, str | None] = Field(default_factory=dict, description='rsID to letters, as in "T/C"')
    somatic: tuple[SomaticFinding, ...] = ()
