"""A request's patient to canonical values, with everything that is wrong, doubtful or ineligible about it.

An endpoint is compiled once to a plan; resolving one patient is then dictionary look-ups. Nothing is filled in: what is
not stated stays None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data_schemas.catalog import Catalogue, nearest
from data_schemas.endpoint import Criterion, Endpoint
from data_schemas.errors import EsrError, Problem
from data_schemas.patient import CovariateValue, Patient, Quantity
from data_schemas.prediction import GenotypeCall, Notice, SomaticState
from data_schemas.rows import Variant
from data_schemas.validation import is_name
from data_schemas.validation import pointer as json_pointer
from features.clinical import ClinicalRule
from features.genotype import NOT_ASSAYED, call_from_letters
from features.haplotype_feature import haplotype_inputs
from features.phase import phase_name, phase_side
from features.somatic import OTHER_VARIANT, SOMATIC_DOSAGE, looks_somatic, somatic_id, state_of, stated_states
from features.units import line, normalise

_CALLS_REMEMBERED = 64


@dataclass(frozen=True)
class Resolved:
    """One patient in canonical form.

    `values` maps ``therapy`` to a therapy id, a covariate to a number in our unit or a level, an rsID to the dosage of
    its effect allele (additive), a somatic id to 1.0 detected or 0.0 not detected; None is unknown.
    """

    values: dict[str, float | str | None]
    genotypes: dict[str, GenotypeCall]
    somatic: dict[str, SomaticState]
    problems: tuple[Problem, ...]
    warnings: tuple[Notice, ...]
    ineligible: tuple[Notice, ...]


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
class _Findings:
    """What is found while one patient is resolved. Places become JSON pointers only where there is something to say."""

    start: str
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    def problem(self, place: tuple[str | int, ...], error: EsrError) -> None:
        self.problems.append(Problem(pointer=self.start + json_pointer(place), code=error.code, detail=error.message))

    def warn(self, code: str, detail: str) -> None:
        self.warnings.append(Notice(code=code, detail=detail))


def resolve(patient: Patient, endpoint: Endpoint, catalogue: Catalogue, pointer: str = "") -> Resolved:
    """Return a patient in canonical form.

    Parameters
    ----------
    pointer
        JSON pointer of the patient in the request (``/patients/3``); problems point below it.
    """
    plan = plan_of(endpoint, catalogue)
    found = _Findings(pointer)
    values = dict(plan.unknown)
    if patient.therapy is not None:
        values["therapy"] = _therapy(patient, plan, found)
    _covariates(patient.covariates, plan, values, found)
    genotypes = _genotypes(patient.genotypes, plan, values, found)
    somatic = _somatic(patient, plan, values, found)
    return Resolved(
        values=values,
        genotypes=genotypes,
        somatic=somatic,
        problems=tuple(found.problems),
        warnings=tuple(found.warnings),
        ineligible=tuple(_ineligible(values, plan)),
    )


_PLANS: dict[tuple[int, int], Plan] = {}


def plan_of(endpoint: Endpoint, catalogue: Catalogue) -> Plan:
    """Return the plan of an endpoint, compiled on first use; a plan holds its objects, so their ids stay theirs."""
    plan = _PLANS.get((id(endpoint), id(catalogue)))
    if plan is None:
        if len(_PLANS) >= 64:
            _PLANS.clear()
        plan = _PLANS[id(endpoint), id(catalogue)] = _compile(endpoint, catalogue)
    return plan


def outside(value: float | str | None, criterion: Criterion) -> bool:
    """Whether one value fails one eligibility rule."""
    if value is None:
        return criterion.unknown_is == "ineligible"
    if isinstance(value, str):
        return bool(criterion.any_of) and value not in criterion.any_of
    low, high = criterion.minimum, criterion.maximum
    return (low is not None and value < low) or (high is not None and value > high)


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


def _therapy(patient: Patient, plan: Plan, found: _Findings) -> str | None:
    assert patient.therapy is not None
    name, dose = patient.therapy.name, patient.therapy.dose
    if name not in plan.endpoint.therapies:
        covered = plan.endpoint.therapies
        near = nearest(name, covered)
        detail = f"the endpoint covers {', '.join(covered)}" + (f"; did you mean {near}?" if near else "")
        found.problem(("therapy", "name"), EsrError("unknown_therapy", detail))
        return None
    if dose is not None:
        _dose(dose, name, plan, found)
    return name


def _dose(dose: Quantity, therapy: str, plan: Plan, found: _Findings) -> None:
    row = plan.catalogue.therapies[therapy]
    if not row.dose_unit:
        found.problem(("therapy", "dose"), EsrError("unknown_unit", f"{row.label} has no dose; leave it out"))
        return
    try:
        line(normalise(dose.unit), normalise(row.dose_unit))
    except ValueError:
        error = EsrError("unknown_unit", f"the dose of {row.label} is in {row.dose_unit}")
        found.problem(("therapy", "dose", "unit"), error)
    if dose.value <= 0:
        found.problem(("therapy", "dose", "value"), EsrError("out_of_range", "a dose is above 0"))
    found.warn("not_used", "the dose is not used: models of this endpoint know the therapy, not its dose")


def _covariates(
    given: Mapping[str, CovariateValue], plan: Plan, values: dict[str, float | str | None], found: _Findings
) -> None:
    for name, raw in given.items():
        rule = plan.rules.get(name) or _unused_rule(name, plan, found)
        if rule is None or raw is None:
            continue
        try:
            value = rule.value(raw)
        except EsrError as error:
            found.problem(("covariates", name), error)
            continue
        if rule.is_implausible(value):
            found.warn("implausible", rule.implausible_text())
        if name in plan.used:
            values[name] = value


def _unused_rule(name: str, plan: Plan, found: _Findings) -> ClinicalRule | None:
    row = plan.catalogue.covariate(plan.endpoint, name)
    if row is not None:
        found.warn("not_used", f"{row.label} is not used by this endpoint")
        return ClinicalRule.of(row)
    near = nearest(name, plan.rules) or nearest(name, plan.catalogue.covariates)
    cure = f"did you mean {near}?" if near else f"the endpoint uses {', '.join(plan.rules)}"
    found.problem(_key_place("covariates", name), EsrError("unknown_field", f"no such covariate; {cure}"))
    return None


def _genotypes(
    given: Mapping[str, str | None], plan: Plan, values: dict[str, float | str | None], found: _Findings
) -> dict[str, GenotypeCall]:
    calls = dict.fromkeys(plan.variants, NOT_ASSAYED)
    for rsid, letters in given.items():
        variant = plan.variants.get(rsid) or _unused_variant(rsid, plan, found)
        if variant is None or letters is None:
            continue
        try:
            call = _call(letters, variant, plan)
        except EsrError as error:
            found.problem(("genotypes", rsid), error)
            continue
        if rsid in plan.variants:
            calls[rsid] = call
            values[rsid] = call.dosage
            if phase_name(rsid) in plan.unknown:
                values[phase_name(rsid)] = phase_side(letters, variant.effect_allele)
    return calls


def _call(letters: str, variant: Variant, plan: Plan) -> GenotypeCall:
    call = plan.calls.get((variant.id, letters))
    if call is None:
        call = call_from_letters(letters, variant)
        if len(plan.calls) < _CALLS_REMEMBERED * len(plan.variants):
            plan.calls[variant.id, letters] = call
    return call


def _unused_variant(rsid: str, plan: Plan, found: _Findings) -> Variant | None:
    row = plan.catalogue.variant(plan.endpoint, rsid)
    if row is not None:
        found.warn("not_used", f"{row.id} is not used by this endpoint")
        return row
    aliases = {alias.upper(): row.id for row in plan.catalogue.variants.values() for alias in (row.id, *row.names)}
    if rsid.upper() not in aliases and looks_somatic(rsid, plan.catalogue):
        error = EsrError("germline_somatic_mix", "a somatic variant among the germline genotypes; move it to somatic")
        found.problem(_key_place("genotypes", rsid), error)
        return None
    near = aliases.get(rsid.upper()) or nearest(rsid, [*plan.variants, *plan.catalogue.variants])
    cure = f"did you mean {near}?" if near else f"the panel has {', '.join(plan.catalogue.variants)}"
    found.problem(_key_place("genotypes", rsid), EsrError("unknown_variant", f"not on the panel; {cure}"))
    return None


def _somatic(
    patient: Patient, plan: Plan, values: dict[str, float | str | None], found: _Findings
) -> dict[str, SomaticState]:
    named = []
    for number, finding in enumerate(patient.somatic):
        try:
            named.append((somatic_id(finding.variant, plan.catalogue), finding))
        except EsrError as error:
            found.problem(("somatic", number, "variant"), error)
        if finding.vaf and finding.limit_of_detection and finding.vaf < finding.limit_of_detection:
            found.warn("below_detection_limit", "a variant allele fraction below the assay's stated limit of detection")
    try:
        stated = stated_states(named)
    except EsrError as error:
        found.problem(("somatic",), error)
        stated = {}
    if named and not plan.endpoint.somatic:
        found.warn("not_used", "somatic findings are not used by this endpoint")
    states = {name: state_of(name, stated, plan.catalogue) for name in plan.endpoint.somatic}
    values.update({name: SOMATIC_DOSAGE[state] for name, state in states.items()})
    if stated.get(OTHER_VARIANT) == "detected" and states:
        states[OTHER_VARIANT] = "detected"
        found.warn("other_esr1_variant", "an ESR1 variant outside the panel: no model knows it, and it is no wild type")
    return states


def _ineligible(values: Mapping[str, float | str | None], plan: Plan) -> Iterable[Notice]:
    for criterion in plan.endpoint.eligibility:
        if outside(values[criterion.covariate], criterion):
            yield Notice(code="not_eligible", detail=criterion.reason)
    for name in plan.endpoint.required:
        if values.get(name) is None:
            yield Notice(code="missing_required", detail=f"{plan.label_of(name)} must be known for this endpoint")


def _key_place(field_name: str, key: str) -> tuple[str, ...]:
    """Point at a client's key where it looks like a name, else at the field that holds it."""
    return (field_name, key) if is_name(key) else (field_name,)
