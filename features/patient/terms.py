"""An endpoint and the catalogue made ready for many patients, and what is found while one of them is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.rows import Variant
from data_schemas.errors import EsrError, Problem
from data_schemas.wire.prediction import GenotypeCall, Notice
from data_schemas.wire.problems import is_name
from data_schemas.wire.problems import pointer as json_pointer
from features.matrix.haplotypes import haplotype_inputs
from features.values.rule import ClinicalRule


@dataclass(frozen=True)
class Plan:
    """An endpoint and the catalogue, made ready for many patients."""

    endpoint: Endpoint
    catalogue: Catalogue
    rules: dict[str, ClinicalRule]
    used: frozenset[str]
    variants: dict[str, Variant]
    unknown: dict[str, float | str | None]
    calls: dict[tuple[str, str], GenotypeCall] = field(default_factory=dict)

    def label_of(self, name: str) -> str:
        """Return how a text names a covariate, a variant, a somatic id or the therapy."""
        if name == "therapy":
            return "the therapy"
        rule = self.rules.get(name)
        return rule.covariate.label if rule else name.replace("_", " ")


@dataclass
class Findings:
    """What is found while one patient is resolved. Places become JSON pointers only where there is something to say."""

    start: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    def problem(self, place: tuple[str | int, ...], error: EsrError) -> None:
        """Note what makes the patient invalid."""
        self.problems.append(Problem(pointer=self.start + json_pointer(place), code=error.code, detail=error.message))

    def warn(self, code: str, detail: str) -> None:
        """Note what a reader of the answer must know."""
        self.warnings.append(Notice(code=code, detail=detail))


_PLANS: dict[tuple[int, int], Plan] = {}


def plan_of(endpoint: Endpoint, catalogue: Catalogue) -> Plan:
    """Return the plan of an endpoint, compiled on first use; a plan holds its objects, so their ids stay theirs."""
    plan = _PLANS.get((id(endpoint), id(catalogue)))
    if plan is None:
        if len(_PLANS) >= 64:
            _PLANS.clear()
        plan = _PLANS[id(endpoint), id(catalogue)] = _compile(endpoint, catalogue)
    return plan


def _compile(endpoint: Endpoint, catalogue: Catalogue) -> Plan:
    further = haplotype_inputs(endpoint)
    ancestry = further[:1]
    used = dict.fromkeys([*endpoint.covariates, *(rule.covariate for rule in endpoint.eligibility), *ancestry])
    variants = {rsid: variant for rsid in endpoint.variants if (variant := catalogue.variant(endpoint, rsid))}
    names = ["therapy", *used, *variants, *endpoint.somatic, *further]
    return Plan(
        endpoint=endpoint,
        catalogue=catalogue,
        rules={name: ClinicalRule.of(row) for name in used if (row := catalogue.covariate(endpoint, name))},
        used=frozenset(used),
        variants=variants,
        unknown=dict.fromkeys(names),
    )


def key_place(field_name: str, key: str) -> tuple[str, ...]:
    """Point at a client's key where it looks like a name, else at the field that holds it."""
    return (field_name, key) if is_name(key) else (field_name,)
