"""The verdict on genetics: one rule, and nothing from nothing."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.incremental import CLINICAL, GENETIC, incremental_value, suggestion
from training.fitting.estimators import SELECTED
from training.resampling.metrics import person_weights
from training.resampling.sample import Sample

N = 1200
SEED = np.random.SeedSequence(8)


@pytest.fixture(scope="module")
def resamples():
    return person_weights(np.arange(N), 200, np.random.default_rng(0))


def pretend(y: np.ndarray, gain: float) -> dict[tuple[str, str], np.ndarray]:
    """Out-of-fold log-odds whose genetic version knows `gain` of each outcome that the clinical one does not."""
    clinical = np.random.default_rng(3).normal(size=(2, len(y)))
    return {(SELECTED, CLINICAL): clinical, (SELECTED, GENETIC): clinical + gain * (2 * y - 1)}


def test_it_adds_only_where_both_agree(make_sample, resamples):
    strong, null = make_sample(N, 5, genetic=0.8), make_sample(N, 5)
    verdicts = {
        (name, gain): incremental_value(sample, pretend(sample.response.y, gain), resamples, SEED).verdict
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
    value = incremental_value(sample, pretend(sample.response.y, 0.0), resamples, SEED)
    assert value.sentence.startswith("There is no evidence that genetics adds")
    assert f"{value.test_name} p = {value.test_p:.2g} ({value.test_df} df)" in value.sentence
    assert set(value.differences) == {"auc", "log_loss", "brier"}
    assert value.differences["log_loss"].value == 0.0


def test_a_cohort_without_genotypes_is_not_assessed(make_sample, resamples):
    sample = make_sample(N, 5)
    clinical = Sample(sample.response, sample.person, {CLINICAL: sample.designs[CLINICAL]})
    value = incremental_value(clinical, pretend(sample.response.y, 0.2), resamples, SEED)
    assert value.verdict == "genetics not assessed"
    assert value.test_p is None
    assert suggestion(value, {CLINICAL: "blend"}) == ("blend", CLINICAL)


def test_the_genetic_model_is_suggested_only_where_it_adds(make_sample, resamples):
    sample = make_sample(N, 5, genetic=0.8)
    chosen = {CLINICAL: "logistic", GENETIC: "blend"}
    adds = incremental_value(sample, pretend(sample.response.y, 0.2), resamples, SEED)
    no_evidence = incremental_value(sample, pretend(sample.response.y, 0.0), resamples, SEED)
    assert suggestion(adds, chosen) == ("blend", GENETIC)
    assert suggestion(no_evidence, chosen) == ("logistic", CLINICAL)
