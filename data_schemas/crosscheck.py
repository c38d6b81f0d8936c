"""What one row cannot know: that every name used exists, and that facts agree with each other.

Each function returns sentences, one per inconsistency, so that a single run shows them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from data_schemas.cohort import Cohort
from data_schemas.endpoint import Change, Criterion, Endpoint, SimulatedTruth, TimeToEvent
from data_schemas.faults import nearest
from data_schemas.rows import Covariate, Evidence, SomaticVariant, Variant

if TYPE_CHECKING:
    from data_schemas.catalog import Catalogue

COMPLEMENT = {"A": "T", "C": "G", "G": "C", "T": "A"}
LBD = "ESR1_LBD"


def check(catalogue: Catalogue) -> list[str]:
    """Return every inconsistency of the catalogue; an empty list is the only good answer."""
    faults: list[str] = []
    for variant in catalogue.variants.values():
        faults += _at("panel.toml", variant_faults(variant))
    for somatic in catalogue.somatic.values():
        faults += _at("panel.toml", somatic_faults(somatic))
    for covariate in catalogue.covariates.values():
        faults += _at("covariates.toml", covariate_faults(covariate))
    for row in catalogue.evidence.values():
        faults += _at("evidence.toml", evidence_faults(row, catalogue))
    for endpoint in catalogue.endpoints.values():
        faults += _at(f"endpoints/{endpoint.id}.toml", endpoint_faults(endpoint, catalogue))
    for cohort in catalogue.cohorts.values():
        faults += _at(f"cohorts/{cohort.id}.toml", cohort_faults(cohort, catalogue))
    for word in ("placebo", "none"):
        if word not in catalogue.therapies:
            faults.append(f"therapies.toml: {word} is missing; it is a therapy here")
    return faults


def variant_faults(variant: Variant) -> list[str]:
    """Return what is wrong with one germline row."""
    faults = []
    name = variant.id
    if variant.effect_allele not in variant.alleles:
        faults.append(f"{name}.effect_allele: {variant.effect_allele} is not among alleles {'/'.join(variant.alleles)}")
    if variant.ref and variant.ref not in variant.alleles:
        faults.append(f"{name}.ref: {variant.ref} is not among alleles {'/'.join(variant.alleles)}")
    if variant.ref and variant.ref in variant.alt:
        faults.append(f"{name}.alt: holds the reference letter {variant.ref}")
    if variant.palindromic != any(COMPLEMENT[letter] in variant.alleles for letter in variant.alleles):
        faults.append(f"{name}.palindromic: must be true exactly where one allele is the complement of another")
    if variant.status == "verified" and not (variant.ref and variant.alt and variant.grch37 and variant.grch38):
        faults.append(f"{name}.status: a verified site needs ref, alt and both positions")
    if (variant.ref_verified and variant.status == "unverified") or (variant.ref_verified and not variant.ref):
        faults.append(f"{name}.ref_verified: needs a verified site with a reference letter")
    faults += [
        f"{name}.frequency.{group}: must lie between 0 and 1"
        for group, p in variant.frequency.items()
        if not 0 <= p <= 1
    ]
    return faults


def somatic_faults(variant: SomaticVariant) -> list[str]:
    """Return what is wrong with one somatic row."""
    faults = []
    if variant.ref == variant.alt:
        faults.append(f"{variant.id}.alt: is the reference letter")
    # the gene is on the forward strand, so the coding change has the genome's letters
    if not variant.hgvs_c.endswith(f"{variant.ref}>{variant.alt}"):
        faults.append(f"{variant.id}.hgvs_c: must end in {variant.ref}>{variant.alt}")
    if variant.id[1:-1] not in variant.hgvs_p:
        faults.append(f"{variant.id}.hgvs_p: must name residue {variant.id[1:-1]}")
    return faults


def covariate_faults(covariate: Covariate) -> list[str]:
    """Return what is wrong with one covariate."""
    name = covariate.id
    faults = []
    if covariate.kind == "continuous":
        if not covariate.unit:
            faults.append(f"{name}.unit: a continuous covariate needs a UCUM unit ('1' for a pure number)")
        faults += _range_faults(covariate)
        if covariate.levels:
            faults.append(f"{name}.levels: a continuous covariate has none; remove them or change kind")
        if covariate.typical and not {"mean"} < set(covariate.typical) <= {"mean", "sd", "log_sd"}:
            faults.append(f"{name}.typical: needs mean and sd (or log_sd)")
        return faults
    if len(covariate.levels) < 2 or len(set(covariate.levels)) < len(covariate.levels):
        faults.append(f"{name}.levels: at least two different levels are needed")
    if covariate.kind == "binary" and covariate.levels != ("no", "yes"):
        faults.append(
            f'{name}.levels: a binary covariate has ["no", "yes"]; leave them out, or use kind = "categorical"'
        )
    if covariate.unit or covariate.possible or covariate.plausible:
        faults.append(f"{name}: unit and ranges belong to continuous covariates only; remove them")
    faults += _unknown(f"{name}.level_labels", covariate.level_labels, covariate.levels, "a level")
    if covariate.typical:
        faults += _unknown(f"{name}.typical", covariate.typical, covariate.levels, "a level")
        if abs(sum(covariate.typical.values()) - 1) > 1e-6:
            faults.append(f"{name}.typical: the shares of the levels must sum to 1")
    return faults


def _range_faults(covariate: Covariate) -> Iterator[str]:
    name, possible, plausible = covariate.id, covariate.possible, covariate.plausible
    if possible is None or plausible is None:
        yield f"{name}: a continuous covariate needs both ranges, possible and plausible, each as [low, high]"
        return
    if not possible[0] <= plausible[0] < plausible[1] <= possible[1]:
        yield f"{name}.plausible: must lie within possible, both as [low, high]"
    mean = covariate.typical.get("mean")
    if mean is not None and not plausible[0] <= mean <= plausible[1]:
        yield f"{name}.typical.mean: must lie within plausible"


def evidence_faults(row: Evidence, catalogue: Catalogue) -> list[str]:
    """Return what is wrong with one evidence row."""
    faults = []
    known = {*catalogue.variants, *catalogue.somatic, LBD}
    for name in row.variants:
        near = nearest(name, known)
        # a name outside the panel is welcome, a slip of a panel rsID is not: those differ by a swap or one character
        if name not in known and near and name.startswith("rs") and _one_slip(name, near):
            faults.append(f"{row.id}.variants: {name} is not on the panel; did you mean {near!r}?")
    if not row.variants:
        faults.append(f"{row.id}.variants: name at least one")
    faults += _unknown(f"{row.id}.endpoints", row.endpoints, catalogue.endpoints, "an endpoint")
    if (row.ci_low is None) != (row.ci_high is None):
        faults.append(f"{row.id}: give both ends of the interval, or none")
    elif row.ci_low is not None and row.ci_high is not None and row.ci_low >= row.ci_high:
        faults.append(f"{row.id}.ci_low: must be below ci_high")
    return faults


def _one_slip(name: str, known: str) -> bool:
    one_longer = abs(len(name) - len(known)) == 1 and (name in known or known in name)
    return one_longer or sorted(name) == sorted(known)


def endpoint_faults(endpoint: Endpoint, catalogue: Catalogue) -> list[str]:
    """Return what is wrong with an endpoint, the user's own included."""
    covariates = {**catalogue.covariates, **endpoint.declared_covariates}
    variants = {**catalogue.variants, **endpoint.declared_variants}
    somatic = {*catalogue.somatic, LBD}
    faults: list[str] = []
    for own in endpoint.declared_covariates.values():
        faults += [f"declared_covariates.{fault}" for fault in covariate_faults(own)]
    for own_variant in endpoint.declared_variants.values():
        faults += [f"declared_variants.{fault}" for fault in variant_faults(own_variant)]
    faults += _unknown("therapies", endpoint.therapies, catalogue.therapies, "a therapy")
    if endpoint.comparator is not None:
        faults += _unknown("comparator", [endpoint.comparator], endpoint.therapies, "one of this endpoint's therapies")
    faults += _unknown("covariates", endpoint.covariates, covariates, "a covariate")
    faults += _unknown("variants", endpoint.variants, variants, "a variant of the panel")
    faults += _unknown("somatic", endpoint.somatic, somatic, "a somatic variant of the panel")
    inputs = {*endpoint.covariates, *endpoint.variants, *endpoint.somatic, "therapy"}
    faults += _unknown("required", endpoint.required, inputs, "an input of this endpoint")
    pairs = () if endpoint.interactions == "therapy" else endpoint.interactions
    for pair in pairs:
        faults += _unknown("interactions", pair, inputs, "an input of this endpoint")
        if pair[0] == pair[1]:
            faults.append(f"interactions: {pair[0]} cannot interact with itself")
    faults += _unknown("effect_models", endpoint.effect_models, endpoint.variants, "one of this endpoint's variants")
    for label in ("therapies", "covariates", "variants", "somatic", "required"):
        names = getattr(endpoint, label)
        faults += [f"{label}: {name} stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    faults += _outcome_faults(endpoint, covariates)
    for criterion in endpoint.eligibility:
        faults += _criterion_faults(criterion, covariates)
    if endpoint.simulation:
        faults += _simulation_faults(endpoint.simulation, endpoint, covariates)
    return faults


def _outcome_faults(endpoint: Endpoint, covariates: Mapping[str, Covariate]) -> Iterator[str]:
    outcome = endpoint.outcome
    if isinstance(outcome, TimeToEvent) and outcome.horizon_days > endpoint.time_at_risk_days:
        yield "outcome.horizon_days: lies beyond time_at_risk_days"
    if not isinstance(outcome, Change):
        return
    yield from _unknown("outcome.covariate", [outcome.covariate], covariates, "a covariate")
    if (outcome.relative_change is None) == (outcome.absolute_change is None):
        yield "outcome: give relative_change or absolute_change, exactly one of them"
    if 0 in (outcome.relative_change, outcome.absolute_change):
        yield "outcome: the change must not be zero; its sign gives the direction"
    known = covariates.get(outcome.covariate)
    if known and known.kind != "continuous":
        yield f"outcome.covariate: {outcome.covariate} is not continuous"


def _criterion_faults(criterion: Criterion, covariates: Mapping[str, Covariate]) -> Iterator[str]:
    name = criterion.covariate
    yield from _unknown("eligibility", [name], covariates, "a covariate")
    covariate = covariates.get(name)
    if covariate is None:
        return
    bounded = criterion.minimum is not None or criterion.maximum is not None
    if bounded == bool(criterion.any_of):
        yield f"eligibility.{name}: give any_of (levels), or minimum and/or maximum (numbers)"
    if bounded and covariate.kind != "continuous":
        yield f"eligibility.{name}: minimum and maximum need a continuous covariate"
    if criterion.any_of:
        yield from _unknown(f"eligibility.{name}.any_of", criterion.any_of, covariate.levels, "a level")


def _simulation_faults(truth: SimulatedTruth, endpoint: Endpoint, covariates: Mapping[str, Covariate]) -> Iterator[str]:
    used = {name: covariates[name] for name in endpoint.covariates if name in covariates}
    continuous = [name for name, row in used.items() if row.kind == "continuous"]
    genetic = {*endpoint.variants, *endpoint.somatic}
    yield from _unknown("simulation.effects", truth.effects, continuous, "a continuous covariate of this endpoint")
    yield from _unknown("simulation.variant_effects", truth.variant_effects, genetic, "a variant of this endpoint")
    yield from _unknown("simulation.therapies", truth.therapies, endpoint.therapies, "a therapy of this endpoint")
    if truth.therapies and abs(sum(truth.therapies.values()) - 1) > 1e-6:
        yield "simulation.therapies: the shares must sum to 1"
    for name, effects in truth.level_effects.items():
        levels = endpoint.therapies if name == "therapy" else used[name].levels if name in used else ()
        yield from _unknown(f"simulation.level_effects.{name}", effects, levels, "a level")
    for pair in truth.interactions:
        sides = pair.split(":")
        if len(sides) != 2:
            yield f"simulation.interactions: {pair!r} must be two names with a colon between them"
            continue
        yield from _unknown("simulation.interactions", sides, {*used, *genetic}, "an input of this endpoint")


def cohort_faults(cohort: Cohort, catalogue: Catalogue, *, closed: bool = True) -> list[str]:
    """Return what is wrong with a manifest.

    With ``closed = False`` names unknown to the catalogue pass: the user's endpoint may declare them.
    """
    faults: list[str] = []
    known = {**catalogue.variants, **cohort.declared_variants}
    for own in cohort.declared_variants.values():
        faults += [f"declared_variants.{fault}" for fault in variant_faults(own)]
    if closed:
        faults += _unknown("covariates", cohort.covariates, catalogue.covariates, "a covariate")
        faults += _unknown("follow_up", cohort.follow_up, catalogue.covariates, "a covariate")
        faults += _unknown(
            "genotypes", cohort.genotypes, known, "a variant of the panel; declare it in declared_variants"
        )
    therapies = list(cohort.therapy.codes.values())
    if isinstance(cohort.therapy.constant, str):
        therapies.append(cohort.therapy.constant)
    faults += _unknown("therapy", therapies, catalogue.therapies, "a therapy")
    for section in ("covariates", "follow_up"):
        for name, column in getattr(cohort, section).items():
            row = catalogue.covariates.get(name)
            if column.column is None and column.constant is None:
                faults.append(f"{section}.{name}: give column or constant, or leave the row out")
            if row is None:
                continue
            if row.levels:
                faults += _unknown(f"{section}.{name}.codes", column.codes.values(), row.levels, "a level")
            if column.unit and column.unit not in {row.unit, row.display_unit, *row.accepted_units}:
                faults.append(
                    f"{section}.{name}.unit: {column.unit!r} is not accepted; use {row.unit!r} or one of "
                    f"{', '.join(row.accepted_units) or 'no other'}"
                )
    if (cohort.time is None) != (cohort.event is None):
        faults.append("time and event belong together; give both or none")
    if cohort.somatic:
        names = {*catalogue.somatic, LBD}
        faults += _unknown("somatic.columns", cohort.somatic.columns, names, "a somatic variant of the panel")
        if cohort.somatic.columns and not cohort.somatic.covers_esr1:
            faults.append("somatic.covers_esr1: must be true where columns state what the assay found")
    bound = [column.column for column in (*cohort.covariates.values(), *cohort.follow_up.values()) if column.column]
    bound += [genotype.column for genotype in cohort.genotypes.values()]
    faults += [f"column {name!r} is bound twice" for name in sorted({n for n in bound if bound.count(n) > 1})]
    return faults


def _unknown(place: str, names: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """Return a sentence for each name that is not known, with the nearest one that is."""
    choices = list(known)
    faults = []
    for name in names:
        if name not in choices:
            near = nearest(name, choices)
            hint = f"; did you mean {near!r}?" if near else ""
            faults.append(f"{place}: {name!r} is not {what}{hint}")
    return faults


def _at(file: str, faults: Iterable[str]) -> list[str]:
    return [f"{file}: {fault}" for fault in faults]
