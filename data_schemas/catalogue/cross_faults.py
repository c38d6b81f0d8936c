"""What one row cannot know: that every name used exists, and that facts agree with each other.

Each function returns sentences, one per inconsistency, so that a single run shows them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort, Column
from data_schemas.catalogue.endpoint import Change, Criterion, Endpoint, SimulatedTruth, TimeToEvent
from data_schemas.catalogue.haplotype import haplotype_faults
from data_schemas.catalogue.row_faults import (
    codon_faults,
    covariate_faults,
    evidence_faults,
    somatic_faults,
    therapy_faults,
    unknown_names,
    variant_faults,
)
from data_schemas.catalogue.rows import ESR1_LBD, Covariate
from data_schemas.catalogue.terms import Terms
from data_schemas.record import Record


def check(catalogue: Catalogue) -> list[str]:
    """Return every inconsistency of the catalogue; an empty list is the only good answer."""
    faults: list[str] = []
    panel = [*catalogue.variants, *catalogue.somatic]
    for variant in catalogue.variants.values():
        faults += _at("panel.toml", variant_faults(variant))
    for somatic in catalogue.somatic.values():
        faults += _at("panel.toml", somatic_faults(somatic))
    faults += _at("panel.toml", codon_faults(catalogue.somatic.values()))
    for covariate in catalogue.covariates.values():
        faults += _at("covariates.toml", covariate_faults(covariate))
    for therapy in catalogue.therapies.values():
        faults += _at("therapies.toml", therapy_faults(therapy))
    for row in catalogue.evidence.values():
        faults += _at("evidence.toml", evidence_faults(row, panel, catalogue.endpoints))
    for endpoint in catalogue.endpoints.values():
        faults += _at(f"endpoints/{endpoint.id}.toml", endpoint_faults(endpoint, catalogue))
    for cohort in catalogue.cohorts.values():
        faults += _at(f"cohorts/{cohort.id}.toml", cohort_faults(cohort, catalogue))
    for word in ("placebo", "none"):
        if word not in catalogue.therapies:
            faults.append(f"therapies.toml: {word} is missing; it is a therapy here")
    return faults


def endpoint_faults(endpoint: Endpoint, catalogue: Catalogue) -> list[str]:
    """Return what is wrong with an endpoint, the user's own included."""
    terms = Terms(endpoint, catalogue)
    covariates, variants = terms.covariates, terms.variants
    somatic = {*catalogue.somatic, ESR1_LBD}
    faults: list[str] = []
    for own in endpoint.declared_covariates.values():
        faults += [f"declared_covariates.{fault}" for fault in covariate_faults(own)]
    for own_variant in endpoint.declared_variants.values():
        faults += [f"declared_variants.{fault}" for fault in variant_faults(own_variant)]
    for own_therapy in endpoint.declared_therapies.values():
        faults += [f"declared_therapies.{fault}" for fault in therapy_faults(own_therapy)]
    faults += _taken("declared_covariates", endpoint.declared_covariates, catalogue.covariates)
    faults += _taken("declared_variants", endpoint.declared_variants, catalogue.variants)
    faults += _taken("declared_therapies", endpoint.declared_therapies, catalogue.therapies)
    faults += unknown_names(
        "therapies", endpoint.therapies, terms.therapies, "a therapy; declare it in declared_therapies"
    )
    if endpoint.comparator is not None:
        faults += unknown_names(
            "comparator", [endpoint.comparator], endpoint.therapies, "one of this endpoint's therapies"
        )
    faults += unknown_names("covariates", endpoint.covariates, covariates, "a covariate")
    faults += unknown_names("variants", endpoint.variants, variants, "a variant of the panel")
    faults += unknown_names("somatic", endpoint.somatic, somatic, "a somatic variant of the panel")
    inputs = {*endpoint.covariates, *endpoint.variants, *endpoint.somatic, "therapy"}
    faults += unknown_names("required", endpoint.required, inputs, "an input of this endpoint")
    pairs = () if endpoint.interactions == "therapy" else endpoint.interactions
    for pair in pairs:
        faults += unknown_names("interactions", pair, inputs, "an input of this endpoint")
        if pair[0] == pair[1]:
            faults.append(f"interactions: {pair[0]} cannot interact with itself")
    faults += unknown_names(
        "effect_models", endpoint.effect_models, endpoint.variants, "one of this endpoint's variants"
    )
    sites = {name: variants[name] for name in endpoint.variants if name in variants}
    faults += haplotype_faults(endpoint.haplotypes, sites)
    for label in ("therapies", "covariates", "variants", "somatic", "required", "haplotypes"):
        names = getattr(endpoint, label)
        faults += [f"{label}: {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += _outcome_faults(endpoint, covariates)
    for criterion in endpoint.eligibility:
        faults += _criterion_faults(criterion, covariates)
    if endpoint.simulation:
        faults += _simulation_faults(endpoint.simulation, endpoint, covariates, catalogue.somatic)
    return faults


def _taken(section: str, declared: Mapping[str, Record], known: Mapping[str, Record]) -> Iterator[str]:
    """Yield a fault for each declared row that gives a name of the catalogue another meaning."""
    for name, row in declared.items():
        if known.get(name, row) != row:
            yield (
                f"{section}.{name}: the catalogue has a {name} already, and this one differs; give yours another name, "
                f"or remove it to use the catalogue's"
            )


def _outcome_faults(endpoint: Endpoint, covariates: Mapping[str, Covariate]) -> Iterator[str]:
    outcome = endpoint.outcome
    if isinstance(outcome, TimeToEvent) and outcome.horizon_days > endpoint.time_at_risk_days:
        yield "outcome.horizon_days: lies beyond time_at_risk_days"
    if not isinstance(outcome, Change):
        return
    yield from unknown_names("outcome.covariate", [outcome.covariate], covariates, "a covariate")
    if (outcome.relative_change is None) == (outcome.absolute_change is None):
        yield "outcome: give relative_change or absolute_change, exactly one of them"
    if 0 in (outcome.relative_change, outcome.absolute_change):
        yield "outcome: the change must not be zero; its sign gives the direction"
    known = covariates.get(outcome.covariate)
    if known and known.kind != "continuous":
        yield f"outcome.covariate: {outcome.covariate} is not continuous"


def _criterion_faults(criterion: Criterion, covariates: Mapping[str, Covariate]) -> Iterator[str]:
    name = criterion.covariate
    yield from unknown_names("eligibility", [name], covariates, "a covariate")
    covariate = covariates.get(name)
    if covariate is None:
        return
    bounded = criterion.minimum is not None or criterion.maximum is not None
    if bounded == bool(criterion.any_of):
        yield f"eligibility.{name}: give any_of (levels), or minimum and/or maximum (numbers)"
    if bounded and covariate.kind != "continuous":
        yield f"eligibility.{name}: minimum and maximum need a continuous covariate"
    if criterion.any_of:
        yield from unknown_names(f"eligibility.{name}.any_of", criterion.any_of, covariate.levels, "a level")


def _simulation_faults(
    truth: SimulatedTruth, endpoint: Endpoint, covariates: Mapping[str, Covariate], somatic: Iterable[str]
) -> Iterator[str]:
    used = {name: covariates[name] for name in endpoint.covariates if name in covariates}
    continuous = [name for name, row in used.items() if row.kind == "continuous"]
    genetic = {*endpoint.variants, *endpoint.somatic}
    yield from unknown_names("simulation.effects", truth.effects, continuous, "a continuous covariate of this endpoint")
    yield from unknown_names("simulation.variant_effects", truth.variant_effects, genetic, "a variant of this endpoint")
    yield from unknown_names("simulation.therapies", truth.therapies, endpoint.therapies, "a therapy of this endpoint")
    if truth.therapies and abs(sum(truth.therapies.values()) - 1) > 1e-6:
        yield "simulation.therapies: the shares must sum to 1"
    yield from unknown_names(
        "simulation.somatic_frequency", truth.somatic_frequency, genetic | set(somatic), "a somatic variant"
    )
    for name, typical in truth.typical.items():
        if name not in covariates:
            yield from unknown_names("simulation.typical", [name], covariates, "a covariate")
            continue
        row = covariates[name].model_copy(update={"typical": typical})
        yield from (f"simulation.typical.{fault}" for fault in covariate_faults(row))
    for name, effects in truth.level_effects.items():
        levels = endpoint.therapies if name == "therapy" else used[name].levels if name in used else ()
        yield from unknown_names(f"simulation.level_effects.{name}", effects, levels, "a level")
    for pair in truth.interactions:
        sides = pair.split(":")
        if len(sides) != 2:
            yield f"simulation.interactions: {pair!r} must be two names with a colon between them"
            continue
        yield from unknown_names("simulation.interactions", sides, {*used, *genetic, "therapy"}, "an input here")


def cohort_faults(cohort: Cohort, catalogue: Catalogue, *, closed: bool = True) -> list[str]:
    """Return what is wrong with a manifest.

    With ``closed = False`` names unknown to the catalogue pass: the user's endpoint may declare them.
    """
    faults: list[str] = []
    known = {**catalogue.variants, **cohort.declared_variants}
    for own in cohort.declared_variants.values():
        faults += [f"declared_variants.{fault}" for fault in variant_faults(own)]
    faults += _taken("declared_variants", cohort.declared_variants, catalogue.variants)
    if closed:
        faults += unknown_names("covariates", cohort.covariates, catalogue.covariates, "a covariate")
        faults += unknown_names("follow_up", cohort.follow_up, catalogue.covariates, "a covariate")
        faults += unknown_names(
            "genotypes", cohort.genotypes, known, "a variant of the panel; declare it in declared_variants"
        )
    therapies = list(cohort.therapy.codes.values())
    if isinstance(cohort.therapy.constant, str):
        therapies.append(cohort.therapy.constant)
    if closed:
        faults += unknown_names("therapy", therapies, catalogue.therapies, "a therapy")
    for section, columns in (("covariates", cohort.covariates), ("follow_up", cohort.follow_up)):
        for name, column in columns.items():
            faults += _binding_faults(f"{section}.{name}", column, catalogue.covariates.get(name))
    if (cohort.time is None) != (cohort.event is None):
        faults.append("time and event belong together; give both or none")
    if cohort.somatic:
        names = {*catalogue.somatic, ESR1_LBD}
        faults += unknown_names("somatic.columns", cohort.somatic.columns, names, "a somatic variant of the panel")
        if cohort.somatic.columns and not cohort.somatic.covers_esr1:
            faults.append("somatic.covers_esr1: must be true where columns state what the assay found")
    bound = [column.column for column in (*cohort.covariates.values(), *cohort.follow_up.values()) if column.column]
    bound += [genotype.column for genotype in cohort.genotypes.values()]
    faults += [f"column {name!r} is bound twice" for name in sorted({n for n in bound if bound.count(n) > 1})]
    return faults


def _binding_faults(place: str, column: Column, row: Covariate | None) -> Iterator[str]:
    """Yield what is wrong with the column that a covariate is read from."""
    if column.column is None and column.constant is None:
        yield f"{place}: give column or constant, or leave the row out"
    if row is None:
        return
    if row.levels:
        yield from unknown_names(f"{place}.codes", column.codes.values(), row.levels, "a level")
    if column.unit and column.unit not in {row.unit, row.display_unit, *row.accepted_units}:
        others = ", ".join(row.accepted_units) or "no other"
        yield f"{place}.unit: {column.unit!r} is not accepted; use {row.unit!r} or one of {others}"


def _at(file: str, faults: Iterable[str]) -> list[str]:
    return [f"{file}: {fault}" for fault in faults]
