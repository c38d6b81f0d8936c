"""The pipeline within folds and replicates: honest, grouped, deterministic."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.errors import TrainingError
from features.cohort.outcome import Response
from training.evaluation.incremental import CLINICAL, GENETIC
from training.fitting.estimators import CANDIDATES, SELECTED
from training.fitting.pipeline import build_design
from training.resampling.bootstrap import bootstrap, draw_persons
from training.resampling.crossfit import cross_fit
from training.resampling.folds import GivenFolds, deal_folds
from training.resampling.metrics import METRICS, evaluate
from training.resampling.sample import Sample, fit_rows, inner_repeats

N = 160
HELD = {
    "logistic": {"knots": 2, "interactions": 1, "l1_ratio": 1.0, "penalty": 0.016},
    "xgboost": {
        "max_depth": 2,
        "leaf_share": 0.04,
        "reg_lambda": 5.0,
        "subsample": 0.5,
        "eta": 0.1,
        "rounds": 20,
    },
}
SEED = np.random.SeedSequence(4)


def quiet() -> None:
    """Advance nothing."""


@pytest.fixture(scope="module")
def sample(make_sample):
    return make_sample(N, 1, genetic=1.0)


@pytest.fixture(scope="module")
def fold(sample):
    return deal_folds(sample.response.y, sample.person, np.random.default_rng(0), folds=2)


@pytest.fixture(scope="module")
def crossed(sample, fold):
    return cross_fit(sample, [fold], SEED, 1, quiet)


def test_every_row_is_scored_by_every_candidate(crossed, sample):
    assert set(crossed.log_odds) == {(c, s) for c in (*CANDIDATES, SELECTED) for s in (CLINICAL, GENETIC)}
    assert all(values.shape == (1, N) and np.isfinite(values).all() for values in crossed.log_odds.values())
    table = crossed.table(np.arange(N) + 1000)
    assert list(table.columns) == ["row", "repeat", "fold", "candidate", "feature_set", "probability"]
    assert len(table) == 8 * N
    assert table["probability"].between(0, 1, inclusive="neither").all()
    assert (
        table.groupby(["candidate", "feature_set"])["row"].apply(set).map(lambda s: s == {*range(1000, 1000 + N)}).all()
    )


def test_the_table_keeps_the_numbers_of_a_file_of_folds(crossed, fold):
    given = GivenFolds(repeat=3, label=np.array([40, 7])[fold], fold=fold)
    table = crossed.table(np.arange(N) + 1000, [given])
    assert set(table["repeat"]) == {3}
    for _, part in table.groupby(["candidate", "feature_set"]):
        assert part.set_index("row")["fold"].loc[1000 + np.arange(N)].tolist() == given.label.tolist()


def test_a_rows_outcome_never_touches_its_own_prediction(crossed, sample, fold):
    """Turn all outcomes of fold 0 around: its predictions must not move by a bit, those of the rest must."""
    turned = sample.response.y.copy()
    turned[fold == 0] = 1.0 - turned[fold == 0]
    only = {CLINICAL: sample.designs[CLINICAL]}
    again = cross_fit(Sample(Response(turned), sample.person, only), [fold], SEED, 1, quiet)
    for key, values in again.log_odds.items():
        assert np.array_equal(values[0, fold == 0], crossed.log_odds[key][0, fold == 0]), key
        assert not np.allclose(values[0, fold == 1], crossed.log_odds[key][0, fold == 1]), key


def test_the_selected_candidate_is_the_inner_choice(crossed, fold):
    for k in (0, 1):
        part = crossed.log_odds[SELECTED, GENETIC][0, fold == k]
        assert any(np.array_equal(part, crossed.log_odds[c, GENETIC][0, fold == k]) for c in CANDIDATES)


def test_small_cohorts_deal_their_inner_folds_more_often():
    assert [inner_repeats(n) for n in (100, 600, 1000, 2000, 100_000)] == [3, 3, 2, 1, 1]


def test_rows_of_a_person_share_their_inner_fold(make_sample):
    """Outcomes are noise and a person stands in five equal rows: only a split person makes a margin look good."""
    sample = make_sample(N, 3)
    five = np.tile(np.arange(N // 5), 5)
    design = build_design(sample.designs[CLINICAL].x[five], sample.designs[CLINICAL].grid)
    noise = Response(np.random.default_rng(1).integers(0, 2, N // 5).astype(float)[five])
    rows, once = np.arange(N), np.ones(N, dtype=int)

    def slope(person):
        pipeline = fit_rows(Sample(noise, person, {CLINICAL: design}), CLINICAL, rows, once, SEED, HELD)
        return pipeline.calibration["xgboost"][0]

    assert slope(rows) > 1.5
    assert slope(five) < 0.7


def test_rows_censored_early_are_scored_and_not_fitted(make_sample):
    def censored(x):
        rng = np.random.default_rng(0)
        time, event = rng.uniform(1, 700, len(x)), rng.random(len(x)) < 0.6
        y = np.where(event & (time <= 365), 0.0, np.where(time > 365, 1.0, np.nan))
        return Response(y, time, event, 365.0)

    sample = make_sample(300, 3, response=censored)
    rows = np.arange(300)
    pipeline = fit_rows(sample, CLINICAL, rows, np.ones(300, dtype=int), SEED, HELD)
    log_odds = pipeline.log_odds(sample.designs[CLINICAL], rows)
    assert all(np.isfinite(values).all() for values in log_odds.values())
    weights = sample.response.weights()[None, :]
    for values in log_odds.values():
        # expected equals observed only with censoring weights: without them too many early events count
        assert evaluate(values, sample.response.y, weights)["expected_observed"][0] == pytest.approx(1, abs=0.03)


@pytest.fixture(scope="module")
def booted(sample):
    return bootstrap(sample, {CLINICAL: HELD, GENETIC: HELD}, 6, SEED, 1, quiet)


def test_replicates_are_the_same_on_two_processes(sample, booted):
    again = bootstrap(sample, {CLINICAL: HELD, GENETIC: HELD}, 6, SEED, 2, quiet)
    assert again.optimism == booted.optimism
    for key, tables in booted.tables.items():
        for one, other in zip(tables, again.tables[key], strict=True):
            assert one.intercept == other.intercept
            assert all(np.array_equal(cells, other.cells[cuts]) for cuts, cells in one.cells.items())


def test_optimism_is_there_for_every_metric_and_positive_for_auc(booted):
    assert {tuple(one) for one in booted.optimism.values()} == {METRICS}
    assert all(one["auc"] > 0 and one["log_loss"] < 0 for one in booted.optimism.values())


def test_unknown_nodes_of_replicates_stand_at_one_value_each(sample, booted):
    """The same stand-in for a feature in all of a replicate's terms, and in both feature sets; others in others."""
    design = sample.designs[GENETIC]
    stand_ins = []
    for replicate, tables in enumerate(booted.tables["logistic", GENETIC]):
        for cuts, cells in tables.cells.items():
            if [cut.feature for cut in cuts] == [4]:
                values = np.unique(design.x[~np.isnan(design.x[:, 4]), 4])
                fits = [v for v in values if np.isclose(cuts[0].read(cells, np.array([v]))[0], cells[-1])]
                assert fits, replicate
                stand_ins.append(fits[0])
    assert len(set(stand_ins)) > 1


def test_no_replicates_give_no_tables(sample):
    none = bootstrap(sample, {CLINICAL: HELD, GENETIC: HELD}, 0, SEED, 1, quiet)
    assert none.tables["blend", GENETIC] == []
    assert none.optimism["blend", GENETIC] == {}


def test_persons_are_drawn_with_all_their_rows(make_sample):
    person = np.repeat(np.arange(N // 2), 2)
    sample = make_sample(N, 1, person=person)
    count = draw_persons(sample, np.random.default_rng(0))
    assert np.array_equal(count[::2], count[1::2])
    assert count.sum() == N


def test_a_replicate_that_cannot_hold_both_outcomes_is_given_up(make_sample):
    """Four persons with a hundred favourable rows: rows are enough, persons never are."""
    person = np.concatenate([np.repeat(np.arange(4), 25), np.arange(4, N - 96)])
    few = make_sample(N, 1, person=person, response=lambda x: Response((np.arange(N) < 100).astype(float)))
    with pytest.raises(TrainingError, match="--bootstrap 0") as caught:
        draw_persons(few, np.random.default_rng(0))
    assert caught.value.code == "too_few_rows"
