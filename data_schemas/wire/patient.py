"""What a client sends: patients and the request around them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from data_schemas.errors import Problem
from data_schemas.record import Record
from data_schemas.wire.prediction import GenotypeState, StatedState
from data_schemas.wire.problems import problems

MAX_PATIENTS = 1000


class InputRecord(Record):
    """A record that a client writes: no text for a number, no true for a number."""

    model_config = ConfigDict(strict=True)


class Quantity(InputRecord):
    """A number with its unit."""

    value: float
    unit: str = Field(max_length=40)


# the commonest first: pydantic takes the first that fits exactly
CovariateValue = str | float | int | bool | Quantity | None


def _only_text(value: Any) -> Any:
    """Refuse the timestamps that pydantic would otherwise read as dates."""
    if isinstance(value, bool | int | float):
        raise ValueError("a date is written as text")
    return value


def _printable(value: str) -> str:
    """Refuse what could forge a line, steer a terminal or turn the order of the letters around it."""
    if not value.isprintable():
        raise PydanticCustomError("not_printable", "not printable")
    return value


Name = Annotated[str, Field(max_length=200), AfterValidator(_printable)]
Date = Annotated[date, Field(strict=False), BeforeValidator(_only_text)]


class TherapyChoice(InputRecord):
    """The candidate therapy."""

    name: str = Field(max_length=80)
    dose: Quantity | None = None


class SomaticFinding(InputRecord):
    """One statement of a tumour report about one somatic ESR1 variant, or about the ligand-binding domain as a whole.

    `variant` is a short name (``Y537S``), a protein change (``p.Tyr537Ser``) or ``ESR1_LBD``; `state` says whether the
    assay found it. A coding name outside the panel, and a change that another gene has as well, needs its gene
    (``ESR1 E542K``). A variant that no finding mentions is `not_tested`.
    """

    variant: str = Field(max_length=80)
    state: StatedState = "detected"
    vaf: float | None = Field(None, ge=0, le=1, description="variant allele fraction, 0 to 1")
    specimen: Literal["tissue", "plasma", "other"] | None = None
    collected: Date | None = None
    assay: str | None = Field(None, max_length=120)
    limit_of_detection: float | None = Field(None, ge=0, le=1, description="smallest VAF that the assay reports")
    prior_aromatase_inhibitor: bool | None = None


class GenotypeInput(InputRecord):
    """A genotype with its state, as a site of `esr genotypes --json` has it; what that says besides is accepted.

    `alleles` are forward-strand letters, needed for `called` and `assumed_reference`; `dosage` counts the panel's
    effect allele. An `imputed` genotype needs a dosage, or letters, and a quality of at least 0.8.
    """

    state: GenotypeState
    alleles: str | None = Field(None, max_length=40)
    dosage: float | None = Field(None, ge=0, le=2)
    quality: float | None = Field(None, ge=0, le=1.1, description="imputation quality, R2 or INFO")
    reason: str | None = Field(None, pattern=r"^[a-z0-9_]{0,40}$", description="why it is not called, as a code")
    variant: str | None = Field(None, max_length=80)
    gene: str | None = Field(None, max_length=40)
    effect_allele: str | None = Field(None, max_length=40)
    phased: str | None = Field(None, max_length=40, description='letters in the order of the chromosomes, as in "T|C"')
    phase_set: int | None = Field(None, ge=0, lt=10**15)
    gq: float | None = None
    dp: float | None = None
    imputation_quality: float | None = Field(None, ge=0, le=1.1, description="the same as quality")
    strand: str | None = Field(None, max_length=40)
    found: str | None = Field(None, max_length=400)


class Patient(InputRecord):
    """One patient: covariates in our unit or with a unit, forward-strand genotypes, somatic findings, a therapy."""

    id: Name | None = None
    therapy: TherapyChoice | None = None
    covariates: dict[str, CovariateValue] = Field(default_factory=dict)
    genotypes: dict[str, str | GenotypeInput | None] = Field(
        default_factory=dict, description='rsID to letters, as in "T/C", or to a genotype with its state'
    )
    somatic: tuple[SomaticFinding, ...] = Field((), strict=False)


class InvalidPatient(Record):
    """A patient that does not have the documented form. Pointers are relative to the patient; no input is kept."""

    id: str | None = None
    problems: tuple[Problem, ...] = Field(min_length=1)


_RECORDS: tuple[type[InputRecord], ...] = (Patient, TherapyChoice, Quantity, SomaticFinding, GenotypeInput)
_FIELDS = tuple({name for record in _RECORDS for name in record.model_fields})


def _patient_or_problems(value: Any, handler: ValidatorFunctionWrapHandler) -> Patient | InvalidPatient:
    """Validate one patient; what is wrong with it stays with it, so that the others of the request are answered."""
    try:
        patient: Patient = handler(value)
        return patient
    except ValidationError as error:
        name = value.get("id") if isinstance(value, dict) else None
        return InvalidPatient(
            id=name if isinstance(name, str) and len(name) <= 200 and name.isprintable() else None,
            problems=problems(error.errors(include_url=False, include_input=False), _FIELDS),
        )


class _Wrapped:
    """Validates, and documents, as a patient, while the annotation says what may come out."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_patient_or_problems, handler(Patient))


PatientRow = Annotated[Patient | InvalidPatient, _Wrapped()]


class PredictionRequest(InputRecord):
    """A request: which endpoint, and 1 to 1,000 patients."""

    endpoint: str = Field(max_length=200, description="id of an endpoint, as listed by GET /v1/endpoints")
    patients: tuple[PatientRow, ...] = Field(min_length=1, max_length=MAX_PATIENTS)
