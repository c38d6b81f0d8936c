"""Terms made ready for many patients, and what is noted while one of them is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from data_schemas.catalogue.rows import Variant
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError, Problem
from data_schemas.wire.prediction import GenotypeCall, Notice
from data_schemas.wire.problems import is_name
from data_schemas.wire.problems import pointer as json_pointer
from features.germline.letters import call_from_letters
from features.matrix.haplotypes import haplotype_inputs
from features.values.rule import ClinicalRule

_CALLS_REMEMBERED = 64
"""Spellings per site whose calls are kept: requests use few, and a stranger's must not fill the memory."""


@dataclass(frozen=True, eq=False)
class PatientTerms(Terms):
    """Terms with all that resolving a patient looks up, each compiled on first use."""

    _calls: dict[tuple[str, str], GenotypeCall] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The covariates that a model of this endpoint may use, or its eligibility asks for."""
        endpoint = self.endpoint
        eligibility = (criterion.covariate for criterion in endpoint.eligibility)
        return tuple(dict.fromkeys([*endpoint.covariates, *eligibility, *haplotype_inputs(endpoint).ancestry]))

    @cached_property
    def rules(self) -> Mapping[str, ClinicalRule]:
        """The rule of every covariate in use."""
        return {name: ClinicalRule.of(row) for name in self.used if (row := self.covariate(name))}

    @cached_property
    def sites(self) -> Mapping[str, Variant]:
        """The germline sites of the endpoint."""
        return {rsid: row for rsid in self.endpoint.variants if (row := self.variant(rsid))}

    @cached_property
    def unknown(self) -> Mapping[str, float | str | None]:
        """The values of a patient of whom nothing is stated."""
        names = ["therapy", *self.used, *self.sites, *self.endpoint.somatic]
        return dict.fromkeys([*names, *haplotype_inputs(self.endpoint).names])

    def call(self, letters: str, variant: Variant) -> GenotypeCall:
        """Return the call that letters make at a site, as `call_from_letters` does; what comes often is kept.

        Raises
        ------
        EsrError
            As `call_from_letters`.
        """
        call = self._calls.get((variant.id, letters))
        if call is None:
            call = call_from_letters(letters, variant)
            if len(self._calls) < _CALLS_REMEMBERED * len(self.sites):
                self._calls[variant.id, letters] = call
        return call


@dataclass
class Noted:
    """What is noted while one patient is resolved. Places become JSON pointers only where there is something to say."""

    start: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    def problem(self, place: tuple[str | int, ...], error: EsrError) -> None:
        """Note what makes the patient invalid."""
        self.problems.append(Problem(pointer=self.start + json_pointer(place), code=error.code, detail=error.message))

    def warn(self, code: str, detail: str) -> None:
        """Note what a reader of the answer must know."""
        self.warnings.append(Notice(code=code, detail=detail))


def key_place(field_name: str, key: str) -> tuple[str, ...]:
    """Point at a client's key where it looks like a name, else at the field that holds it."""
    return (field_name, key) if is_name(key) else (field_name,)
