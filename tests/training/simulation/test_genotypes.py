"""Simulated genotypes have the measured frequencies and linkage, and say where one is assumed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from simulated_world import CATALOGUE, endpoint_of

from data_schemas.catalogue.terms import Terms
from data_schemas.reference.simulation import assumptions
from training.simulation.genotypes import draw_dosages, frequency_of
from training.simulation.simulate import simulate


@pytest.fixture(scope="module")
def panel_dosages():
    return draw_dosages(list(CATALOGUE.variants.values()), 200_000, np.random.default_rng(1))


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
    pvuii, xbai, codon10 = (panel_dosages[name] for name in assumptions().linked.variants)
    assert r2(pvuii, xbai) == pytest.approx(0.628, abs=0.01)
    assert r2(pvuii, codon10) == pytest.approx(0.638, abs=0.01)
    assert r2(xbai, codon10) == pytest.approx(0.485, abs=0.01)
    # T-G hardly exists: who carries no C at PvuII carries (nearly) no G at XbaI
    assert (xbai[pvuii == 0] > 0).mean() < 0.01


def test_unlinked_variants_are_independent(panel_dosages):
    assert r2(panel_dosages["rs2234693"], panel_dosages["rs4986938"]) < 0.001


def test_measured_frequencies_are_used_and_unknown_ones_say_assumed():
    bases = {
        row.variant: row.basis for row in simulate(Terms(endpoint_of("mht-ldl-response"), CATALOGUE), 10, 0).frequencies
    }
    assert bases["rs1801132"] == "measured"
    assert bases["rs2234693"] == "haplotypes"
    assert {name for name, basis in bases.items() if basis == "assumed"} == {
        name for name, row in CATALOGUE.variants.items() if not {"eur", "famuss_white"} & set(row.frequency)
    }
