"""The test of genetics: the right size, some power, and persons that stay whole."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.model.scorecard import Feature
from features.cohort.outcome import Response
from training.evaluation.incremental import GENETIC
from training.evaluation.permutation import NAME, PERMUTATIONS, nested_test
from training.fitting.grid import build_grid
from training.fitting.pipeline import build_design
from training.resampling.sample import Sample

N = 600
SEED = np.random.SeedSequence(8)
CLINICAL = tuple(
    Feature(name=f"c{k}", kind="continuous", group="clinical", label=f"covariate {k}", n_unknown=0) for k in range(16)
)
THERAPY = Feature(name="therapy", kind="therapy", group="therapy", label="Therapy", levels=("placebo", "drug"))
VARIANTS = tuple(
    Feature(name=f"rs{k}", kind="dosage", group="genetic", label=f"rs{k}", effect_allele="C") for k in range(6)
)
FEATURES = (THERAPY, *CLINICAL, *VARIANTS)


def crowded(n: int, seed: int, linked: float = 0.0) -> Sample:
    """Few patients, 17 clinical and 12 genetic columns; `linked` moves a covariate that matters with a variant."""
    rng = np.random.default_rng(seed)
    therapy, c, g = rng.integers(0, 2, (n, 1)), rng.normal(size=(n, 16)), rng.binomial(2, 0.4, (n, 6))
    c[:, 0] += linked * g[:, 0]
    x = np.hstack([therapy, c, g]).astype(float)
    eta = 0.8 * therapy[:, 0] + c[:, :6].sum(axis=1) / 2 - 1
    y = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    pairs = tuple((0, j) for j in range(1, len(FEATURES)))
    return Sample(Response(y), np.arange(n), {GENETIC: build_design(x, build_grid(x, FEATURES, pairs))})


@pytest.mark.parametrize("linked", [0.0, 0.7])
def test_its_size_is_right_where_a_chi_square_is_not(linked):
    """At 170 patients a likelihood-ratio test rejects 15 to 21 % of such cohorts; 150 draws tell that from 5 %."""
    p = [nested_test(crowded(170, i, linked), GENETIC, SEED, permutations=99).p for i in range(150)]
    assert 0.01 < np.mean(np.array(p) <= 0.05) < 0.095
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.12)


def test_an_effect_is_found_and_the_smallest_p_is_one_permutation(make_sample):
    found = nested_test(make_sample(N, 5, genetic=0.8), GENETIC, SEED)
    assert found.name == NAME
    assert found.p == 1 / (1 + PERMUTATIONS)
    assert nested_test(make_sample(N, 5), GENETIC, SEED).p > 0.05


def test_the_same_seed_gives_the_same_p(make_sample):
    sample = make_sample(N, 5, genetic=0.15)
    first, again, other = (
        nested_test(sample, GENETIC, np.random.SeedSequence(seed), permutations=199).p for seed in (1, 1, 2)
    )
    assert first == again
    assert first == pytest.approx(other, abs=0.1)


def test_degrees_of_freedom_count_independent_columns(make_sample):
    # three genetic features, each with two therapy contrasts
    sample = make_sample(N, 5)
    assert nested_test(sample, GENETIC, SEED, permutations=1).df == 9
    x = sample.designs[GENETIC].x.copy()
    x[:, 5] = x[:, 6] = np.nan_to_num(x[:, 5], nan=1.0)
    grid = sample.designs[GENETIC].grid
    doubled = {GENETIC: build_design(x, build_grid(x, grid.features, grid.pairs))}
    once = np.delete(x, 6, axis=1)
    fewer = grid.features[:6], tuple(pair for pair in grid.pairs if pair[1] != 6)
    single = {GENETIC: build_design(once, build_grid(once, *fewer))}
    two, one = (
        nested_test(Sample(sample.response, sample.person, designs), GENETIC, SEED, permutations=99)
        for designs in (doubled, single)
    )
    assert two.df == one.df == 6
    assert two.statistic == pytest.approx(one.statistic)
    assert two.p == one.p


def test_rows_of_a_person_stay_together(make_sample):
    """Everybody four times over is no more evidence: the same persons are swapped, so p is about the same."""
    once = make_sample(N, 5, genetic=0.17)
    times = np.tile(np.arange(N), 4)
    copies = {GENETIC: build_design(once.designs[GENETIC].x[times], once.designs[GENETIC].grid)}
    response = once.response.take(times)
    single = nested_test(once, GENETIC, SEED).p
    repeated = nested_test(Sample(response, times, copies), GENETIC, SEED)
    counted = nested_test(Sample(response, np.arange(4 * N), copies), GENETIC, SEED)
    assert 0.02 < single < 0.5
    assert repeated.p == pytest.approx(single, abs=0.06)
    assert counted.p < 0.005


def test_censoring_weights_take_part_by_what_they_tell(make_sample):
    """All are lost before the first event, so all weights are the same: then they are as good as none."""
    sample = make_sample(N, 5, genetic=0.8)
    y, lost = sample.response.y, np.random.default_rng(0).random(N) < 0.2
    time = np.where(y == 1, 400.0, 100.0)
    time[lost] = 50.0 + np.arange(lost.sum()) / 10
    known = np.where(lost, np.nan, y)
    censored = Response(known, time, (y == 0) & ~lost, 365.0)
    assert len(set(censored.weights())) == 2
    weighted, plain = (
        nested_test(Sample(response, sample.person, sample.designs), GENETIC, SEED)
        for response in (censored, Response(known))
    )
    assert weighted.statistic == pytest.approx(plain.statistic, rel=1e-3)
    assert weighted.p == pytest.approx(plain.p, abs=0.005)
    assert plain.p < 0.05
