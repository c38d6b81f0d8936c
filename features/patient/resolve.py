"""A request's patient to canonical values, with everything that is wrong, doubtful or ineligible about it.

Terms are compiled once; resolving one patient is then dictionary look-ups. Nothing is filled in: what is
not stated stays None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from data_schemas.catalogue.endpoint import Criterion
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError, Problem, nearest
from data_schemas.wire.patient import CovariateValue, Patient, Quantity, SomaticFinding
from data_schemas.wire.prediction import GenotypeCall, Notice, SomaticState
from features.patient.genotypes import stated_genotypes
from features.patient.terms import Noted, PatientTerms, key_place
from features.somatic.findings import found_by
from features.somatic.states import OTHER_VARIANT, SOMATIC_DOSAGE, state_of, stated_states
from features.values.rule import ClinicalRule
from features.values.units import line, normalise


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


def resolve(patient: Patient, terms: PatientTerms, pointer: str = "") -> Resolved:
    """Return a patient in canonical form.

    Parameters
    ----------
    pointer
        JSON pointer of the patient in the request (``/patients/3``); problems point below it.
    """
    found = Noted(pointer)
    values = dict(terms.unknown)
    if patient.therapy is not None:
        values["therapy"] = _therapy(patient, terms, found)
    _covariates(patient.covariates, terms, values, found)
    genotypes = stated_genotypes(patient.genotypes, terms, values, found)
    somatic = _somatic(patient, terms, values, found)
    return Resolved(
        values=values,
        genotypes=genotypes,
        somatic=somatic,
        problems=tuple(found.problems),
        warnings=(*found.warnings, *_unstated(values, terms)),
        ineligible=tuple(_ineligible(values, terms)),
    )


def outside(value: float | str | None, criterion: Criterion) -> bool:
    """Whether one value fails one eligibility rule."""
    if value is None:
        return criterion.unknown_is == "ineligible"
    if isinstance(value, str):
        return bool(criterion.any_of) and value not in criterion.any_of
    low, high = criterion.minimum, criterion.maximum
    return (low is not None and value < low) or (high is not None and value > high)


def _therapy(patient: Patient, terms: PatientTerms, found: Noted) -> str | None:
    assert patient.therapy is not None
    name, dose = patient.therapy.name, patient.therapy.dose
    if name not in terms.endpoint.therapies:
        covered = terms.endpoint.therapies
        near = nearest(name, covered)
        detail = f"the endpoint covers {', '.join(covered)}" + (f"; did you mean {near}?" if near else "")
        found.problem(("therapy", "name"), EsrError("unknown_therapy", detail))
        return None
    if dose is not None:
        _dose(dose, name, terms, found)
    return name


def _dose(dose: Quantity, therapy: str, terms: PatientTerms, found: Noted) -> None:
    row = terms.therapy(therapy)
    assert row is not None, "an endpoint covers therapies that exist"
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
    given: Mapping[str, CovariateValue], terms: PatientTerms, values: dict[str, float | str | None], found: Noted
) -> None:
    for name, raw in given.items():
        rule = terms.rules.get(name) or _unused_rule(name, terms, found)
        if rule is None or raw is None:
            continue
        try:
            value = rule.value(raw)
        except EsrError as error:
            found.problem(("covariates", name), error)
            continue
        if rule.is_implausible(value):
            found.warn("implausible", rule.implausible_text())
        if name in terms.used:
            values[name] = value


def _unused_rule(name: str, terms: PatientTerms, found: Noted) -> ClinicalRule | None:
    row = terms.covariate(name)
    if row is not None:
        found.warn("not_used", f"{row.label} is not used by this endpoint")
        return ClinicalRule.of(row)
    near = nearest(name, terms.rules) or nearest(name, terms.catalogue.covariates)
    cure = f"did you mean {near}?" if near else f"the endpoint uses {', '.join(terms.rules)}"
    found.problem(key_place("covariates", name), EsrError("unknown_field", f"no such covariate; {cure}"))
    return None


def _somatic(
    patient: Patient, terms: PatientTerms, values: dict[str, float | str | None], found: Noted
) -> dict[str, SomaticState]:
    named: list[tuple[str, SomaticFinding]] = []
    left_open: frozenset[str] = frozenset()
    for number, finding in enumerate(patient.somatic):
        try:
            read = found_by(finding.variant, terms.catalogue)
            # that a change of several residues was not found says nothing of each of them
            whole = read.ids if finding.state == "detected" or len(read.changes) == 1 else (OTHER_VARIANT,)
            named += [(name, finding) for name in whole]
            left_open |= read.open if finding.state == "detected" else frozenset()
        except EsrError as error:
            found.problem(("somatic", number, "variant"), error)
        if finding.vaf and finding.limit_of_detection and finding.vaf < finding.limit_of_detection:
            found.warn("below_detection_limit", "a variant allele fraction below the assay's stated limit of detection")
    try:
        stated = stated_states(named)
    except EsrError as error:
        found.problem(("somatic",), error)
        stated = {}
    if named and not terms.endpoint.somatic:
        found.warn("not_used", "somatic findings are not used by this endpoint")
    states = {name: state_of(name, stated, terms.catalogue) for name in terms.endpoint.somatic}
    states.update(
        {
            name: "not_tested"
            for name in (*left_open, *(ESR1_LBD,) * bool(left_open))
            if states.get(name) == "not_detected"
        }
    )
    values.update({name: SOMATIC_DOSAGE[state] for name, state in states.items()})
    if states:
        _others(stated, states, terms, found)
    return states


def _others(
    stated: Mapping[str, SomaticState], states: dict[str, SomaticState], terms: PatientTerms, found: Noted
) -> None:
    """Note detected variants that the model cannot know: outside the panel, or on it since the model was trained."""
    if stated.get(OTHER_VARIANT) == "detected":
        states[OTHER_VARIANT] = "detected"
        found.warn("other_esr1_variant", "an ESR1 variant outside the panel: no model knows it, and it is no wild type")
    known = terms.catalogue
    later = [name for name in known.somatic if name in known.later and stated.get(name) == "detected"]
    if later:
        states[OTHER_VARIANT] = "detected"
        found.warn(
            "other_esr1_variant",
            f"{', '.join(later)}: on the panel only since this model was trained: the model does not know it, and it "
            f"is no wild type",
        )


def _unstated(values: Mapping[str, float | str | None], terms: PatientTerms) -> Iterable[Notice]:
    """Say which eligibility rules could not be checked, since the patient is taken as eligible all the same."""
    open_rules = [rule for rule in terms.endpoint.eligibility if rule.unknown_is == "eligible"]
    labels = dict.fromkeys(terms.label_of(rule.covariate) for rule in open_rules if values[rule.covariate] is None)
    if labels:
        names = ", ".join(labels)
        yield Notice(code="eligibility_unknown", detail=f"taken as eligible without being told: {names}")


def _ineligible(values: Mapping[str, float | str | None], terms: PatientTerms) -> Iterable[Notice]:
    for criterion in terms.endpoint.eligibility:
        if outside(values[criterion.covariate], criterion):
            yield Notice(code="not_eligible", detail=criterion.reason)
    for name in terms.endpoint.required:
        if values.get(name) is None:
            yield Notice(code="missing_required", detail=f"{terms.label_of(name)} must be known for this endpoint")
