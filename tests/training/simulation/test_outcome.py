"""The simulated outcome follows the stated probability, and the probability follows the stated effects."""

from __future__ import annotations

import numpy as np
import pytest
from simulated_world import CATALOGUE, endpoint_of, typical_people

from data_schemas.catalogue.endpoint import Change, TimeToEvent
from data_schemas.catalogue.terms import Terms
from training.simulation.covariates import simulated_covariates
from training.simulation.outcome import CENSORING, WEIBULL_SHAPE, event_times, follow_up_value, true_probability


def test_the_recorded_outcome_follows_the_true_probability(endpoint, simulation):
    table, p = simulation.table, simulation.probability
    match endpoint.outcome:
        case Change(covariate=name, relative_change=relative, absolute_change=absolute):
            change = table[f"{name}_follow_up"] - table[name]
            limit = relative * table[name] if relative is not None else absolute
            y = (change <= limit) if (relative or absolute) < 0 else (change >= limit)
            known = change.notna()
        case TimeToEvent(horizon_days=horizon):
            y = table["days"] > horizon
            known = y | (table["event"] == "yes")
            p = favourable_among_seen(p)
        case _:
            y, known = table["response"] == "yes", table["response"].notna()
    y, p = y[known].to_numpy(float), p[known]
    z = (y - p).sum() / np.sqrt((p * (1 - p)).sum())
    assert abs(z) < 4
    high = p > np.median(p)
    assert y[high].mean() > y[~high].mean()


def favourable_among_seen(p):
    """Return P(favourable | not censored before the horizon): events are seen more often than freedom from them."""
    first, last = CENSORING
    grid = np.linspace(0, 1, 401)
    uncensored = np.clip((last - grid) / (last - first), 0, 1)
    survival = p[:, None] ** grid[None, :] ** WEIBULL_SHAPE
    seen_event = (-np.diff(survival, axis=1) * (uncensored[1:] + uncensored[:-1]) / 2).sum(axis=1)
    seen_free = p * uncensored[-1]
    return seen_free / (seen_free + seen_event)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_follow_up_passes_the_threshold_with_its_probability_and_never_sits_on_it(p):
    n = 40_000
    baseline = np.round(np.random.default_rng(0).uniform(60, 250, n), 1)
    outcome = Change(kind="change", covariate="ldl_cholesterol", relative_change=-0.15)
    value = follow_up_value(
        outcome, CATALOGUE.covariates["ldl_cholesterol"], baseline, np.full(n, p), np.random.default_rng(1)
    )
    distance = value - 0.85 * baseline
    assert np.abs(distance).min() > 0.04
    assert (distance < 0).mean() == pytest.approx(p, abs=0.01)
    assert value.min() >= 1


def test_follow_up_may_rise_by_an_absolute_amount():
    n = 40_000
    outcome = Change(kind="change", covariate="bmd_spine", absolute_change=0.02)
    baseline = np.full(n, 0.9)
    value = follow_up_value(
        outcome, CATALOGUE.covariates["bmd_spine"], baseline, np.full(n, 0.7), np.random.default_rng(1)
    )
    assert (value - baseline >= 0.02).mean() == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("p", [0.05, 0.5, 0.97])
def test_event_times_leave_the_stated_share_event_free_at_the_horizon(p):
    outcome = TimeToEvent(kind="time-to-event", event="death", horizon_days=365)
    n = 60_000
    days, event = event_times(outcome, np.full(n, p), np.random.default_rng(2))
    assert days.min() >= 1
    assert (days == days.astype(int)).all()
    # Kaplan-Meier at the horizon
    at = np.arange(1, 366)
    died = np.bincount(days[event].astype(int), minlength=2000)[1:366]
    risk = n - np.searchsorted(np.sort(days), at, side="left")
    assert np.prod(1 - died / risk) == pytest.approx(p, abs=0.012)
    assert 0.05 < (~event & (days <= 365)).mean() < 0.35 or p < 0.1


def test_an_effect_is_per_allele_and_per_standard_deviation():
    endpoint = endpoint_of("mht-ldl-response")
    covariates = simulated_covariates(Terms(endpoint, CATALOGUE))
    people = typical_people(covariates, 3)
    people |= {name: np.zeros(3) for name in endpoint.variants}
    people["therapy"] = np.array(["placebo"] * 3, dtype=object)
    people["rs2234693"] = np.array([0.0, 2.0, 0.0])
    ldl = covariates["ldl_cholesterol"].typical
    people["ldl_cholesterol"] = ldl["mean"] + np.array([0, 0, 1]) * ldl["sd"]
    p = true_probability(endpoint.simulation, endpoint, covariates, people)
    steps = np.diff(np.log(p / (1 - p))[[0, 1]]).item(), np.diff(np.log(p / (1 - p))[[0, 2]]).item()
    assert steps[0] == pytest.approx(2 * endpoint.simulation.variant_effects["rs2234693"])
    assert steps[1] == pytest.approx(endpoint.simulation.effects["ldl_cholesterol"])


def test_an_interaction_is_the_product_of_both():
    endpoint = endpoint_of("mht-ldl-response")
    truth = endpoint.simulation.model_copy(update={"interactions": {"rs2234693:statins": 0.7}})
    covariates = simulated_covariates(Terms(endpoint, CATALOGUE))
    people = typical_people(covariates, 2)
    people |= {name: np.zeros(2) for name in endpoint.variants} | {"rs2234693": np.full(2, 2.0)}
    people |= {"therapy": np.array(["placebo"] * 2, dtype=object), "statins": np.array(["no", "yes"], dtype=object)}
    p = true_probability(truth, endpoint, covariates, people)
    step = np.diff(np.log(p / (1 - p))).item()
    assert step == pytest.approx(2 * 0.7 + truth.level_effects["statins"]["yes"])
