"""Every error that a user can meet, and the one table of fault codes.

::

    EsrError                   root: a code from FAULTS, one sentence that names the place and the cure
    +-- CatalogueError         a TOML row (ours or the user's own) is wrong
    +-- InputFileError         a data file cannot be read as declared; carries file, row and column
    +-- RequestError           a whole request is refused; anything wrong with one patient is a Problem instead
    +-- ModelError             a bundle or the registry cannot give a model that may be served
    +-- TrainingError          a cohort or a run does not allow a model

Messages never contain a patient's value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Fault(NamedTuple):
    """One kind of fault: its title, the HTTP status of a request that fails with it, and the exit code of a command."""

    title: str
    status: int
    exit_code: int


FAULTS: dict[str, Fault] = {
    # catalogue
    "catalogue_invalid": Fault("A catalogue file is wrong", 500, 78),
    "unknown_endpoint": Fault("No such endpoint", 404, 2),
    "unknown_cohort": Fault("No such cohort", 404, 2),
    # one patient, or one row of a file
    "unknown_field": Fault("A field that nobody knows", 422, 2),
    "unknown_variant": Fault("An rsID that is not on the panel", 422, 2),
    "unknown_somatic_variant": Fault("A somatic finding that cannot be read", 422, 2),
    "germline_somatic_mix": Fault("A somatic variant in a germline field, or the reverse", 422, 2),
    "conflicting_findings": Fault("Two findings that contradict each other", 422, 2),
    "unknown_therapy": Fault("A therapy that the endpoint does not cover", 422, 2),
    "unknown_level": Fault("A value outside the levels of a covariate", 422, 2),
    "unknown_unit": Fault("A unit that the covariate does not accept", 422, 2),
    "wrong_type": Fault("A value of the wrong type", 422, 2),
    "out_of_range": Fault("A value that is impossible", 422, 2),
    "missing_required": Fault("Something that must be known is missing", 422, 2),
    "invalid_genotype": Fault("Letters that are not a genotype", 422, 2),
    "unknown_allele": Fault("An allele that the site does not have", 422, 2),
    "strand_mismatch": Fault("Letters that fit only on the other strand", 422, 2),
    "ambiguous_strand": Fault("A palindromic site without strand evidence", 422, 2),
    "wrong_genome_build": Fault("Positions of another genome build", 422, 2),
    "duplicate_patient": Fault("The same patient id twice", 422, 2),
    # a data file
    "file_missing": Fault("The file cannot be opened", 400, 66),
    "encoding": Fault("The file is not UTF-8 text", 400, 2),
    "corrupt_file": Fault("The file is damaged", 400, 2),
    "unknown_format": Fault("A file of no kind that is read here", 415, 2),
    "genome_build_unknown": Fault("Nothing proves the genome build", 422, 2),
    "unknown_sample": Fault("No such sample in the file", 422, 2),
    "invalid_sample_name": Fault("A sample without a name of its own that can be shown", 400, 2),
    "no_rows": Fault("Nothing to work on", 400, 2),
    "wrong_columns": Fault("The columns are not the declared ones", 400, 2),
    "wrong_field_count": Fault("A row with too many or too few fields", 400, 2),
    "not_a_number": Fault("Text where a number must be", 400, 2),
    "mixed_units": Fault("A column that mixes units", 400, 2),
    "repeated_person": Fault("One person in several rows", 400, 2),
    "unusable_outcome": Fault("The outcome cannot be derived", 400, 2),
    # a request as a whole
    "malformed_json": Fault("The body is not JSON", 400, 2),
    "duplicate_key": Fault("A JSON key twice in one object", 400, 2),
    "invalid_request": Fault("The request does not have the documented form", 422, 2),
    "too_many_patients": Fault("Too many patients in one request", 413, 2),
    "too_large": Fault("The body is too large", 413, 2),
    "unsupported_media_type": Fault("The body is of a media type or encoding that this route does not take", 415, 2),
    "request_timeout": Fault("The body did not arrive in time", 408, 2),
    "not_found": Fault("No such route", 404, 2),
    "method_not_allowed": Fault("The route does not have this method", 405, 2),
    "too_many_requests": Fault("The service is busy", 429, 75),
    "internal": Fault("Something went wrong in the service", 500, 70),
    "timeout": Fault("The work took too long", 504, 75),
    # models
    "model_unavailable": Fault("No model for this endpoint", 503, 69),
    "bundle_integrity": Fault("The model's files are not the ones that were registered", 503, 70),
    "schema_incompatible": Fault("The model needs another version of this software", 503, 70),
    "golden_mismatch": Fault("The model does not reproduce its stored answers", 503, 70),
    "registry_unreachable": Fault("The registry cannot be reached", 503, 69),
    "registry_corrupt": Fault("The registry cannot be read", 503, 70),
    "unknown_version": Fault("No such model version", 404, 2),
    "other_definition": Fault("A model of another definition of the endpoint", 409, 2),
    "alias_changed": Fault("The champion changed meanwhile", 409, 75),
    "busy": Fault("Another run holds the registry", 409, 75),
    # training
    "no_features": Fault("Nothing to predict from", 400, 2),
    "too_few_rows": Fault("Not enough rows or events to train on", 400, 2),
    "one_class": Fault("Everybody has the same outcome", 400, 2),
    "leakage": Fault("A column gives the outcome away", 400, 2),
    "invalid_folds": Fault("The folds do not cover the rows as they must", 400, 2),
    "refused_setting": Fault("A setting that is refused for a stated reason", 400, 2),
    "worker_lost": Fault("A process of the training was ended from outside", 500, 75),
    "compilation_failed": Fault("Scorecard and estimator disagree", 500, 70),
    "registration_failed": Fault("MLflow did not keep what was registered", 500, 70),
    "missing_extra": Fault("An optional package is not installed", 500, 69),
    "output_exists": Fault("The output cannot be written", 400, 73),
    "disk_full": Fault("No space is left to write to", 507, 74),
}


class Problem(BaseModel):
    """One thing wrong with one place of a request.

    `pointer` is a JSON pointer into the request (``/patients/3/covariates/age``); `detail` never holds the value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pointer: str
    code: str
    detail: str


class EsrError(Exception):
    """Root of all errors meant for a user: `code` is a key of `FAULTS`, the message one clear sentence or two."""

    def __init__(self, code: str, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problems = problems

    @property
    def fault(self) -> Fault:
        """The row of `FAULTS`."""
        return FAULTS[self.code]


class CatalogueError(EsrError):
    """A catalogue row, the user's endpoint or cohort file included, is wrong."""


class InputFileError(EsrError):
    """A data file is not what its manifest says; the message names file, row, column and cure."""


class RequestError(EsrError):
    """A request is refused as a whole."""


class ModelError(EsrError):
    """No model may be served: absent, damaged or incompatible."""


class TrainingError(EsrError):
    """A cohort or a run does not allow a model."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name closest to `name`, or None where none is as alike as `cutoff`, by difflib's ratio.

    >>> nearest("rs2234639", ["rs9340799", "rs2234693"])
    'rs2234693'
    >>> nearest("colour", ["age", "bmi"]) is None
    True
    """
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return matches[0] if matches else None
