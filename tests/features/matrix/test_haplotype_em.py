"""Haplotype frequencies by EM, and expected copies: by hand-worked cases, simulation and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matrix.haplotype_em import bits, estimate, expected_copies, frequencies_by, linkage, pairs_of


def _drawn(values, n, seed):
    """Draw n persons, two haplotypes each; return genotypes (n, k) and the true copies (n, 2**k)."""
    random = np.random.default_rng(seed)
    k = int(np.log2(len(values)))
    one, two = random.choice(len(values), n, p=values), random.choice(len(values), n, p=values)
    copies = np.zeros((n, len(values)))
    for drawn in (one, two):
        np.add.at(copies, (np.arange(n), drawn), 1)
    return (bits(k)[one] + bits(k)[two]).astype(float), copies, one, two


def test_without_double_heterozygotes_frequencies_are_counts():
    genotypes = np.array([[0, 0]] * 3 + [[1, 0]] * 2 + [[2, 2]], dtype=float)
    found = estimate(genotypes)
    assert found.n == 6
    np.testing.assert_allclose(found.values, [8 / 12, 0, 2 / 12, 2 / 12], atol=1e-9)


@pytest.mark.parametrize(
    "values", [(0.58, 0.0, 0.11, 0.31), (0.4, 0.1, 0.2, 0.3), (0.5, 0, 0.03, 0.03, 0.07, 0, 0.08, 0.29)]
)
def test_em_finds_the_frequencies_that_were_drawn_from(values):
    genotypes, *_ = _drawn(values, 20_000, 1)
    np.testing.assert_allclose(estimate(genotypes).values, values, atol=0.01)


def test_missing_and_imputed_genotypes_take_no_part_in_the_estimate():
    genotypes, *_ = _drawn((0.4, 0.1, 0.2, 0.3), 500, 2)
    more = np.vstack([genotypes, [[np.nan, 1], [0.7, 1], [np.nan, np.nan]]])
    again = estimate(more)
    assert again.n == 500
    np.testing.assert_allclose(again.values, estimate(genotypes).values, atol=1e-9)
    assert estimate(np.array([[np.nan, 1.0]])) is None


def test_phase_settles_what_double_heterozygotes_leave_open():
    # nobody but double heterozygotes: genotypes alone cannot tell coupling from repulsion
    genotypes = np.ones((40, 2))
    coupling = estimate(genotypes, np.ones((40, 2), dtype=int))
    np.testing.assert_allclose(coupling.values, [0.5, 0, 0, 0.5], atol=1e-9)
    repulsion = estimate(genotypes, np.tile([1, -1], (40, 1)))
    np.testing.assert_allclose(repulsion.values, [0, 0.5, 0.5, 0], atol=1e-9)


def test_different_phase_sets_are_not_phased_against_each_other():
    assert pairs_of((1, 1), (1, -2)) == pairs_of((1, 1))
    assert pairs_of((1, 1, 1), (3, 3, 0)) == ((0, 7, 2), (1, 6, 2))


def test_phased_data_give_the_true_frequencies_exactly():
    genotypes, copies, one, two = _drawn((0.3, 0.2, 0.3, 0.2), 300, 3)
    phase = np.where(bits(2)[one] > bits(2)[two], 1, -1)
    np.testing.assert_allclose(estimate(genotypes, phase).values, copies.mean(axis=0) / 2, atol=1e-9)


def test_a_double_heterozygote_carries_two_weights():
    copies = expected_copies((1, 1), (), (0.4, 0.1, 0.2, 0.3))
    share = 0.4 * 0.3 / (0.4 * 0.3 + 0.1 * 0.2)
    assert copies == pytest.approx((share, 1 - share, 1 - share, share))


def test_frequencies_that_rule_a_genotype_out_leave_it_unknown_unless_it_has_one_pair():
    assert np.isnan(expected_copies((1, 1), (), (1.0, 0.0, 0.0, 0.0))).all()
    assert expected_copies((0, 2), (), (1.0, 0.0, 0.0, 0.0)) == (0, 2, 0, 0)


@given(
    st.integers(2, 3).flatmap(
        lambda k: st.tuples(
            st.tuples(*[st.integers(0, 2)] * k), st.lists(st.floats(0.01, 1), min_size=2**k, max_size=2**k)
        )
    )
)
def test_expected_copies_add_up_to_two_and_to_the_genotype(case):
    genotype, weights = case
    values = np.array(weights) / sum(weights)
    copies = np.array(expected_copies(genotype, (), values))
    assert copies.sum() == pytest.approx(2)
    np.testing.assert_allclose(copies @ bits(len(genotype)), genotype, atol=1e-12)


def test_linkage_of_complete_and_of_no_association():
    assert linkage(np.array([0.5, 0, 0, 0.5])) == pytest.approx((1, 1))
    assert linkage(np.array([0.42, 0.18, 0.28, 0.12])) == pytest.approx((0, 0), abs=1e-12)
    assert all(np.isnan(linkage(np.array([0.5, 0, 0.5, 0]))))


def test_groups_are_estimated_apart_and_people_without_a_label_are_in_none():
    genotypes = np.array([[0, 0]] * 4 + [[2, 2]] * 4 + [[2, 0]], dtype=float)
    found = frequencies_by(genotypes, None, ["white"] * 4 + ["asian"] * 4 + [None])
    assert {name: one.n for name, one in found.items()} == {"asian": 4, "white": 4}
    np.testing.assert_allclose(found["white"].values, [1, 0, 0, 0], atol=1e-9)
