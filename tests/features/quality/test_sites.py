"""Hardy-Weinberg, linkage and call rates against formulas of their own."""

from fractions import Fraction
from math import comb, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from data_schemas.catalogue.load import load_catalogue
from features.quality.records import Site
from features.quality.sites import MIN_GROUP, exact_hardy_weinberg, genotype_r2, hardy_weinberg, linkage, site_quality

PANEL = load_catalogue().variants
counts = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))


def site(rsid, dosage):
    return Site(PANEL[rsid], np.array(dosage, dtype=float), {})


def enumerated(n0, n1, n2):
    """Return the exact p by counting arrangements of alleles, in fractions."""
    n, rare = n0 + n1 + n2, 2 * n2 + n1
    weights = {}
    for het in range(rare % 2, min(rare, 2 * n - rare) + 1, 2):
        hom = (rare - het) // 2
        arrangements = factorial(n) // (factorial(hom) * factorial(het) * factorial(n - hom - het))
        weights[het] = Fraction(arrangements * 2**het, comb(2 * n, rare))
    return float(sum(w for w in weights.values() if w <= weights[n1]))


@given(counts=counts)
def test_the_exact_test_equals_enumeration(counts):
    p = exact_hardy_weinberg(counts)
    if p is None:
        assert min(2 * counts[0] + counts[1], 2 * counts[2] + counts[1]) == 0
    else:
        assert p == pytest.approx(enumerated(*counts), abs=1e-9)


@given(counts=counts)
def test_the_chi_square_p_is_that_of_one_degree_of_freedom(counts):
    found = hardy_weinberg(counts)
    if found is not None:
        assert found[1] == pytest.approx(chi2.sf(found[0], 1), rel=1e-9)
        assert hardy_weinberg(counts[::-1])[0] == pytest.approx(found[0], abs=1e-9)


def test_no_heterozygotes_at_all_are_far_from_proportions():
    assert hardy_weinberg((50, 0, 50))[0] == pytest.approx(100)
    assert exact_hardy_weinberg((50, 0, 50)) < 1e-20


def test_a_site_that_does_not_vary_has_no_test():
    assert hardy_weinberg((10, 0, 0)) is None
    assert exact_hardy_weinberg((0, 0, 10)) is None
    assert hardy_weinberg((0, 0, 0)) is None


def test_call_rate_and_frequency():
    (row,) = site_quality({"rs2234693": site("rs2234693", [0, 1, 2, 2, np.nan])})
    assert (row.ancestry, row.n, row.called, row.counts, row.effect_allele) == ("all", 5, 4, (1, 1, 2), "C")
    assert row.call_rate == 0.8
    assert row.frequency == 5 / 8


def test_groups_are_reported_from_a_minimum_size():
    n = MIN_GROUP + 5
    ancestry = np.array(["x"] * n + ["small"] * 3 + [None] * 2, dtype=object)
    rows = site_quality({"rs2234693": site("rs2234693", [0, 1] * ((n + 5) // 2))}, ancestry)
    assert [(row.ancestry, row.n) for row in rows] == [("all", n + 5), ("x", n)]


def test_mixing_two_populations_in_proportions_breaks_them():
    def population(p, n=400):
        return [0.0] * round(n * (1 - p) ** 2) + [1.0] * round(2 * n * p * (1 - p)) + [2.0] * round(n * p * p)

    one, two = population(0.1), population(0.9)
    ancestry = np.array(["one"] * len(one) + ["two"] * len(two), dtype=object)
    pooled, first, second = site_quality({"rs2234693": site("rs2234693", one + two)}, ancestry)
    assert pooled.hwe_p < 1e-20
    assert min(first.hwe_p, second.hwe_p) > 0.9


def test_linkage_is_measured_within_a_gene_on_persons_with_both_calls():
    sites = {
        "rs2234693": site("rs2234693", [0, 1, 2, np.nan, 1]),
        "rs9340799": site("rs9340799", [0, 1, 2, 1, np.nan]),
        "rs4986938": site("rs4986938", [0, 1, 2, 1, 1]),
    }
    (pair,) = linkage(sites)
    assert (pair.first, pair.second, pair.n, pair.r2) == ("rs2234693", "rs9340799", 3, 1.0)


def test_linkage_of_a_constant_site_is_not_known():
    assert genotype_r2(np.ones(5), np.arange(5.0)) is None
    assert genotype_r2(np.array([1.0]), np.array([2.0])) is None
