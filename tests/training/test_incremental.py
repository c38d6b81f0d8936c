"""The verdict on genetics: one rule, the right test, and nothing from nothing."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_rows import draw_matrix, draw_outcome

from features.outcome import Response
from training.estimators import SELECTED
from training.fit import build_design
from training.grid import build_grid
from training.incremental import CLINICAL, GENETIC, incremental_value, nested_test, suggestion
from training.metrics import person_weights
from training.sample import Sample

N = 1200


@pytest.fixture(scope="module")
def resamples():
    return person_weights(np.arange(N), 200, np.random.default_rng(0))


def pretend(y: np.ndarray, gain: float) -> dict[tuple[str, str], np.ndarray]:
    """Out-of-fold log-odds whose genetic version knows `gain` of each outcome that the clinical one does not."""
    clinical = np.random.default_rng(3).normal(size=(2, len(y)))
    return {(SELECTED, CLINICAL): clinical, (SELECTED, GENETIC): clinical + gain * (2 * y - 1)}


def test_it_adds_only_where_both_agree(make_sample, resamples):
    strong, null = make_sample(N, 5, genetic=0.8), make_sample(N, 5)
    assert nested_test(strong).p < 1e-6
    assert nested_test(null).p > 0.05
    verdicts = {
        (name, gain): incremental_value(sample, pretend(sample.response.y, gain), resamples).verdict
        for name, sample in (("strong", strong), ("null", null))
        for gain in (0.2, 0.0, -0.005, -0.3)
    }
    assert verdicts == {
        ("strong", 0.2): "adds",
        ("strong", 0.0): "no evidence that genetics adds",
        ("strong", -0.005): "no evidence that genetics adds",
        ("strong", -0.3): "harms",
        ("null", 0.2): "no evidence that genetics adds",
        ("null", 0.0): "no evidence that genetics adds",
        ("null", -0.005): "no evidence that genetics adds",
        ("null", -0.3): "harms",
    }


def test_the_sentence_says_what_was_found(make_sample, resamples):
    sample = make_sample(N, 5)
    value = incremental_value(sample, pretend(sample.response.y, 0.0), resamples)
    assert value.sentence.startswith("There is no evidence that genetics adds")
    assert f"p = {value.lrt_p:.2g} ({value.lrt_df} df)" in value.sentence
    assert set(value.differences) == {"auc", "log_loss", "brier"}
    assert value.differences["log_loss"].value == 0.0


def test_the_p_value_is_uniform_where_genetics_does_nothing(make_sample):
    n, times = 400, 80
    x, design = draw_matrix(n, 9), make_sample(n, 9).designs
    p = np.array([nested_test(Sample(Response(draw_outcome(x, i)), np.arange(n), design)).p for i in range(times)])
    assert np.mean(p < 0.05) < 0.15
    assert np.mean(p < 0.5) == pytest.approx(0.5, abs=0.18)


def test_degrees_of_freedom_count_independent_columns(make_sample):
    # three genetic features, each with two therapy contrasts
    assert nested_test(make_sample(N, 5)).df == 9
    sample = make_sample(N, 5)
    x = sample.designs[GENETIC].x.copy()
    x[:, 5] = x[:, 6] = np.nan_to_num(x[:, 5], nan=1.0)
    grid = sample.designs[GENETIC].grid
    doubled = build_design(x, build_grid(x, grid.features, grid.pairs))
    assert nested_test(Sample(sample.response, sample.person, {GENETIC: doubled})).df == 6


def test_repeated_persons_get_a_robust_test(make_sample):
    """Every person four times: the likelihood-ratio test would see four times the evidence, the robust one does not."""
    once = make_sample(N, 5, genetic=0.3)
    times = np.repeat(np.arange(N), 4)
    design = once.designs[GENETIC]
    copies = {GENETIC: build_design(design.x[times], design.grid)}
    repeated = nested_test(Sample(once.response.take(times), times, copies))
    counted = nested_test(Sample(once.response.take(times), np.arange(4 * N), copies))
    assert repeated.name == "robust Wald test"
    assert repeated.statistic == pytest.approx(nested_test(once).statistic, rel=0.15)
    assert counted.statistic == pytest.approx(4 * nested_test(once).statistic, rel=0.05)


def test_censoring_weights_get_a_robust_test(make_sample):
    def censored(x):
        y = draw_outcome(x, 6, genetic=0.8)
        time = np.where(y == 1, 400.0, 100.0)
        lost = np.random.default_rng(0).random(len(x)) < 0.2
        time[lost] = 50.0 + np.arange(lost.sum()) / 10
        event = (y == 0) & ~lost
        return Response(np.where(lost, np.nan, y), time, event, 365.0)

    found = nested_test(make_sample(N, 5, response=censored))
    assert found.name == "robust Wald test"
    assert found.p < 1e-6


def test_a_cohort_without_genotypes_is_not_assessed(make_sample, resamples):
    sample = make_sample(N, 5)
    clinical = Sample(sample.response, sample.person, {CLINICAL: sample.designs[CLINICAL]})
    value = incremental_value(clinical, pretend(sample.response.y, 0.2), resamples)
    assert value.verdict == "genetics not assessed"
    assert value.lrt_p is None
    assert suggestion(value, {CLINICAL: "blend"}) == ("blend", CLINICAL)


def test_the_genetic_model_is_suggested_only_where_it_adds(make_sample, resamples):
    sample = make_sample(N, 5, genetic=0.8)
    chosen = {CLINICAL: "logistic", GENETIC: "blend"}
    adds = incremental_value(sample, pretend(sample.response.y, 0.2), resamples)
    no_evidence = incremental_value(sample, pretend(sample.response.y, 0.0), resamples)
    assert suggestion(adds, chosen) == ("blend", GENETIC)
    assert suggestion(no_evidence, chosen) == ("logistic", CLINICAL)
