"""Simulated covariates are eligible, plausible, rarely missing, and hang together."""

from __future__ import annotations

import pytest
from simulated_world import CATALOGUE, endpoint_of

from data_schemas.catalogue.terms import Terms
from training.simulation.covariates import simulated_covariates
from training.simulation.simulate import simulate


def test_everybody_is_eligible_and_plausible(endpoint, simulation):
    table = simulation.table
    for name, row in simulated_covariates(Terms(endpoint, CATALOGUE)).items():
        if name not in table:
            continue
        known = table[name].dropna()
        if row.kind == "continuous":
            assert row.plausible[0] <= known.min() <= known.max() <= row.plausible[1]
        else:
            assert set(known) <= set(row.levels)
    for rule in endpoint.eligibility:
        if rule.covariate not in table:
            assert simulation.manifest.covariates[rule.covariate].constant == rule.any_of[0]
            continue
        known = table[rule.covariate].dropna()
        if rule.any_of:
            assert set(known) <= set(rule.any_of)
        assert rule.minimum is None or known.min() >= rule.minimum
        assert rule.maximum is None or known.max() <= rule.maximum


def test_a_few_fields_are_missing_but_nothing_required(endpoint, simulation):
    table = simulation.table
    for name in endpoint.required:
        assert table[name].notna().all(), name
    optional = [name for name in (*endpoint.covariates, *endpoint.variants) if name not in endpoint.required]
    optional = [name for name in optional if name != "years_since_menopause" and table.get(name) is not None]
    shares = table[[name for name in optional if table[name].isna().any()]].isna().mean()
    assert len(shares) >= len(optional) - 1  # the baseline of the outcome is always there
    assert shares.between(0.005, 0.06).all()


def test_covariates_hang_together():
    table = simulate(Terms(endpoint_of("mht-ldl-response"), CATALOGUE), 20_000, seed=3).table
    friedewald = table["ldl_cholesterol"] + table["hdl_cholesterol"] + table["triglycerides"] / 5
    assert (table["total_cholesterol"] - friedewald).abs().quantile(0.99) < 15
    assert table["weight"].corr(table["bmi"]) > 0.7
    assert table["hdl_cholesterol"].corr(table["triglycerides"]) < -0.2
    assert (table.loc[table["oral_antidiabetics"] == "yes", "diabetes"].dropna() == "yes").all()
    assert (table["age"] - table["years_since_menopause"] >= 35)[table["years_since_menopause"].notna()].all()
    assert table["ldl_cholesterol"].mean() == pytest.approx(140, abs=1)
    assert table["ldl_cholesterol"].std() == pytest.approx(35, abs=1)


def test_years_since_menopause_are_those_of_postmenopausal_women():
    table = simulate(Terms(endpoint_of("mht-symptom-response"), CATALOGUE), 5000, seed=3).table
    known = table.dropna(subset=["menopausal_status", "years_since_menopause"])
    assert set(known["menopausal_status"]) == {"postmenopausal"}
    assert (table["menopausal_status"] == "perimenopausal").mean() == pytest.approx(0.29, abs=0.03)
