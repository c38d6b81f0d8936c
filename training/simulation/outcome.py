"""Draw outcomes from a stated truth: log-odds of the favourable outcome, then something that a study would record."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import expit, ndtri

from data_schemas.arrays import Bools, Floats, Values
from data_schemas.catalogue.endpoint import Change, Endpoint, SimulatedTruth, TimeToEvent
from data_schemas.catalogue.rows import Covariate
from data_schemas.errors import CatalogueError
from training.simulation.covariates import standardise

WEIBULL_SHAPE = 1.2
"""Of event times; above one, the risk grows with time."""

CENSORING = (0.3, 3.0)
"""Follow-up ends uniformly between these multiples of the horizon, independently of everything else."""


def without_genetics(truth: SimulatedTruth, genetic: set[str]) -> SimulatedTruth:
    """Return the truth of a world where no variant matters, interactions with variants included."""
    kept = {pair: value for pair, value in truth.interactions.items() if not genetic.intersection(pair.split(":"))}
    return truth.model_copy(update={"variant_effects": {}, "interactions": kept})


def true_probability(
    truth: SimulatedTruth, endpoint: Endpoint, covariates: Mapping[str, Covariate], values: Mapping[str, Values]
) -> Floats:
    """Return (n,) probabilities of the favourable outcome; `values` also holds ``therapy``, dosages and findings."""
    n = len(values["therapy"])
    log_odds = np.full(n, truth.intercept)
    for name, effect in truth.effects.items():
        log_odds += effect * scale(name, endpoint, covariates, values)
    for name, by_level in truth.level_effects.items():
        for level, effect in by_level.items():
            log_odds += effect * (values[name] == level)
    for name, effect in truth.variant_effects.items():
        log_odds += effect * values[name]
    for pair, effect in truth.interactions.items():
        a, b = pair.split(":")
        log_odds += effect * scale(a, endpoint, covariates, values) * scale(b, endpoint, covariates, values)
    return np.asarray(expit(log_odds))


def scale(name: str, endpoint: Endpoint, covariates: Mapping[str, Covariate], values: Mapping[str, Values]) -> Floats:
    """Return (n,) the number that an effect multiplies.

    Standard deviations of a continuous covariate (0 where the patient has no such value), copies of an effect allele, 1
    for a detected mutation, 1 for any level of a covariate but its first, 1 for any therapy but the comparator.
    """
    if name == "therapy":
        return np.asarray(values[name] != (endpoint.comparator or endpoint.therapies[0])).astype(np.float64)
    covariate = covariates.get(name)
    if covariate is None:
        return values[name]
    if covariate.kind == "continuous":
        return np.asarray(np.nan_to_num(standardise(covariate, values[name])))
    return np.asarray(values[name] != covariate.levels[0]).astype(np.float64)


def follow_up_value(
    outcome: Change, covariate: Covariate, baseline: Floats, probability: Floats, rng: np.random.Generator
) -> Floats:
    """Return (n,) measurements at the end; each has changed by the threshold with exactly its probability.

    The change is normal, with a standard deviation of the threshold's size, and centred so that the threshold is passed
    with the true probability. Rounding goes away from the threshold, so that it decides nobody's outcome.
    """
    relative = outcome.relative_change is not None
    threshold = outcome.relative_change if outcome.relative_change is not None else outcome.absolute_change
    if threshold is None:
        raise CatalogueError("catalogue_invalid", "outcome: give relative_change or absolute_change")
    unit = baseline if relative else np.ones_like(baseline)
    limit = baseline + threshold * unit
    # positive where the threshold is passed: P(beyond > 0) = probability
    beyond = rng.standard_normal(len(baseline)) + ndtri(probability)
    direction = np.sign(threshold)
    value = limit + direction * np.abs(threshold) * unit * beyond
    tick = 10.0**-covariate.decimals
    low, high = covariate.possible or (-np.inf, np.inf)
    value = np.clip(value, low, high)
    up = (beyond > 0) == (direction > 0)
    rounded = np.where(up, np.ceil(value / tick), np.floor(value / tick))
    # never exactly on the threshold, whatever a reader's arithmetic makes of it
    rounded += np.where(np.abs(rounded * tick - limit) < tick / 2, np.where(up, 1, -1), 0)
    return np.asarray(np.round(rounded * tick, covariate.decimals))


def event_times(outcome: TimeToEvent, probability: Floats, rng: np.random.Generator) -> tuple[Floats, Bools]:
    """Return (n,) whole days of follow-up, and whether it ended with the event.

    Event times are Weibull with ``P(T > horizon) = probability``.
    """
    horizon = outcome.horizon_days
    log_survival = np.log(1 - rng.random(len(probability)))
    certain = np.log(np.clip(probability, 1e-12, 1 - 1e-12))
    event_at = np.ceil(horizon * (log_survival / certain) ** (1 / WEIBULL_SHAPE))
    event_at = np.maximum(event_at, 1)
    censored_at = np.ceil(horizon * rng.uniform(*CENSORING, len(probability)))
    return np.minimum(event_at, censored_at), event_at <= censored_at
