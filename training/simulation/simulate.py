"""Simulate a cohort for an endpoint from a stated truth. Always synthetic, and the manifest says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data_schemas.arrays import Floats, Values
from data_schemas.catalogue.cohort import SYNTHETIC, Cohort, Column, GenotypeColumn, SomaticSource
from data_schemas.catalogue.endpoint import Change, Endpoint, SimulatedTruth, TimeToEvent
from data_schemas.catalogue.rows import Covariate, Variant
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import TrainingError
from data_schemas.reference.simulation import assumptions
from training.simulation.covariates import draw_covariates, simulated_covariates
from training.simulation.genotypes import Frequency, draw_dosages, draw_somatic, finding_shares, frequency_of, letters
from training.simulation.outcome import event_times, follow_up_value, true_probability, without_genetics

if TYPE_CHECKING:
    import pandas as pd

SOMATIC_WORDS = ("not_detected", "detected", "not_tested")


@dataclass(frozen=True)
class Simulation:
    """A simulated cohort and everything that is known about it.

    `table` is what a study would have recorded, missing fields included; `probability` (n,) is each row's true
    probability of the favourable outcome; `truth` is what it came from, after ``null``; `frequencies` are the
    effect alleles' and `findings` the somatic shares that were drawn from.
    """

    table: pd.DataFrame
    manifest: Cohort
    endpoint: Endpoint
    truth: SimulatedTruth
    frequencies: tuple[Frequency, ...]
    findings: dict[str, float]
    probability: Floats
    seed: int
    null: bool


def simulate(terms: Terms, n: int, seed: int, *, null: bool = False) -> Simulation:
    """Draw `n` eligible patients of an endpoint and their outcomes.

    Parameters
    ----------
    null
        Genetics has no effect: effects of variants and somatic findings, and their interactions, are dropped. The
        patients are the same ones as without it.

    Raises
    ------
    TrainingError
        ``refused_setting`` where the endpoint states no truth to simulate from.
    """
    import pandas as pd

    endpoint = terms.endpoint
    if endpoint.simulation is None:
        raise TrainingError(
            "refused_setting", f"endpoint {endpoint.id} has no [simulation] table to draw from; add one to its file"
        )
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(6)]
    covariates = simulated_covariates(terms)
    variants = _variants(terms)
    clinical = draw_covariates(terms, n, streams[0])
    dosages = draw_dosages(variants, n, streams[1])
    somatic = draw_somatic(terms, n, streams[2])
    therapies = endpoint.simulation.therapies or {endpoint.therapies[0]: 1.0}
    therapy = streams[3].choice(np.array(list(therapies), dtype=object), size=n, p=list(therapies.values()))

    genetic = {*endpoint.variants, *endpoint.somatic}
    truth = without_genetics(endpoint.simulation, genetic) if null else endpoint.simulation
    values = {"therapy": therapy, **clinical, **dosages, **somatic}
    probability = true_probability(truth, endpoint, covariates, values)

    command = f"esr simulate {endpoint.id} -n {n} --seed {seed}{' --null' if null else ''}"
    holes = streams[4]
    columns = {"id": [f"S{number:06d}" for number in range(1, n + 1)], "therapy": therapy}
    for name in _stated(endpoint, covariates):
        columns[name] = _emptied(
            clinical[name], 0.0 if _needed(endpoint, name) else assumptions().missing.covariate, holes
        )
    for variant in variants:
        missing = 0.0 if _needed(endpoint, variant.id) else assumptions().missing.genotype
        columns[variant.id] = _emptied(letters(variant, dosages[variant.id]), missing, holes)
    for name, found in somatic.items():
        untested = 0.0 if _needed(endpoint, name) else assumptions().missing.genotype
        state = np.where(holes.random(n) < untested, 2, found.astype(int))
        columns[name] = np.array(SOMATIC_WORDS, dtype=object)[state]
    columns |= _outcome_columns(endpoint, covariates, clinical, probability, streams[5])
    table = pd.DataFrame(columns | {SYNTHETIC: "yes"})
    whole = [
        name
        for name in _stated(endpoint, covariates)
        if table[name].dtype.kind == "f" and not covariates[name].decimals
    ]
    return Simulation(
        table=table.astype(dict.fromkeys(whole, "Int64")),
        manifest=_manifest(endpoint, covariates, variants, list(therapies), command=command, null=null),
        endpoint=endpoint,
        truth=truth,
        frequencies=tuple(frequency_of(variant) for variant in variants),
        findings=finding_shares(terms) if endpoint.somatic else {},
        probability=probability,
        seed=seed,
        null=null,
    )


def _variants(terms: Terms) -> list[Variant]:
    rows = (terms.variant(rsid) for rsid in terms.endpoint.variants)
    return [row for row in rows if row is not None]


def _stated(endpoint: Endpoint, covariates: dict[str, Covariate]) -> list[str]:
    """Return the covariates that get a column; one that eligibility fixes to a single level is a constant instead."""
    fixed = _fixed(endpoint)
    return [name for name in covariates if name not in fixed]


def _fixed(endpoint: Endpoint) -> dict[str, str]:
    return {rule.covariate: rule.any_of[0] for rule in endpoint.eligibility if len(rule.any_of) == 1}


def _needed(endpoint: Endpoint, name: str) -> bool:
    baseline = endpoint.outcome.covariate if isinstance(endpoint.outcome, Change) else None
    strict = {rule.covariate for rule in endpoint.eligibility if rule.unknown_is == "ineligible"}
    return name in endpoint.required or name == baseline or name in strict


def _emptied(values: Values, share: float, rng: np.random.Generator) -> Values:
    gone = rng.random(len(values)) < share
    kept = values.copy()
    kept[gone] = None if values.dtype == object else np.nan
    return kept


def _outcome_columns(
    endpoint: Endpoint,
    covariates: dict[str, Covariate],
    clinical: dict[str, Values],
    probability: Floats,
    rng: np.random.Generator,
) -> dict[str, Values]:
    outcome = endpoint.outcome
    if isinstance(outcome, TimeToEvent):
        days, event = event_times(outcome, probability, rng)
        return {"days": days.astype(int), "event": np.where(event, "yes", "no").astype(object)}
    if isinstance(outcome, Change):
        name = outcome.covariate
        value = follow_up_value(outcome, covariates[name], clinical[name], probability, rng)
        return {f"{name}_follow_up": _emptied(value, assumptions().missing.outcome, rng)}
    response = np.where(rng.random(len(probability)) < probability, "yes", "no").astype(object)
    return {"response": _emptied(response, assumptions().missing.outcome, rng)}


def _manifest(
    endpoint: Endpoint,
    covariates: dict[str, Covariate],
    variants: list[Variant],
    therapies: list[str],
    *,
    command: str,
    null: bool,
) -> Cohort:
    flag = {"yes": "true", "no": "false"}
    bound = {name: Column(column=name, unit=covariates[name].unit) for name in _stated(endpoint, covariates)}
    bound |= {name: Column(constant=level) for name, level in _fixed(endpoint).items()}
    outcome: dict[str, object] = {"response": Column(column="response", codes=flag)}
    if isinstance(endpoint.outcome, TimeToEvent):
        outcome = {"time": Column(column="days", unit="d"), "event": Column(column="event", codes=flag)}
    elif isinstance(endpoint.outcome, Change):
        name = endpoint.outcome.covariate
        outcome = {"follow_up": {name: Column(column=f"{name}_follow_up", unit=covariates[name].unit)}}
    words = {word: word for word in SOMATIC_WORDS}
    somatic = SomaticSource(
        assay="simulated",
        covers_esr1=True,
        columns={name: Column(column=name, codes=words) for name in endpoint.somatic},
    )
    world = "genetics has no effect in it" if null else "its truth is stated in the endpoint's file"
    return Cohort.model_validate(
        {
            "id": f"{endpoint.id}-synthetic",
            "title": f"Simulated cohort: {endpoint.title}",
            "design": "randomised" if len(therapies) > 1 else "single-arm",
            "synthetic": True,
            "licence": "none needed: no patient stands behind these rows",
            "citation": command,
            "ancestry": "simulated with European allele frequencies",
            "population": endpoint.population,
            "note": f"Synthetic. Therapies were drawn by lot, covariates from assumed distributions; {world}.",
            "ignored_columns": (SYNTHETIC,),
            "row_id": "id",
            "therapy": Column(column="therapy", codes={name: name for name in therapies}),
            "covariates": bound,
            "genotypes": {row.id: GenotypeColumn(column=row.id, strand="forward", separator="/") for row in variants},
            "somatic": somatic if endpoint.somatic else None,
            **outcome,
        }
    )
