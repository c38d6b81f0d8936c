"""Genotypes of a cohort as a whole: planted faults are found, clean data raise no alarm, every section is drawn."""

from __future__ import annotations

import re
import xml.dom.minidom

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact

from data_schemas.catalogue.load import load_catalogue
from features.cohort.page.html import quality_page, without_names
from features.cohort.report import CohortReport, GenotypeJoin
from features.quality.duplicates import duplicates, value_codes
from features.quality.findings import findings
from features.quality.people import (
    fisher,
    frequency_checks,
    missingness,
    people_calls,
    rare_combinations,
    wilson,
)
from features.quality.records import GenotypeQuality, Site
from features.quality.sites import linkage, site_quality

VARIANTS = load_catalogue().variants
N = 600
LINES = np.arange(2, N + 2)


def _haplotypes(random, n=N):
    """PvuII and XbaI as in Europeans, rs1801132 and rs2077647 at the panel's European frequencies."""
    drawn = random.choice(4, (n, 2), p=(0.58, 0.0, 0.10, 0.32))
    pvuii, xbai = (drawn // 2).sum(axis=1), (drawn % 2).sum(axis=1)
    return {
        "rs2234693": pvuii.astype(float),
        "rs9340799": xbai.astype(float),
        "rs1801132": random.binomial(2, 0.789, n).astype(float),
        "rs2077647": random.binomial(2, 0.441, n).astype(float),
    }


@pytest.fixture
def dosages():
    return _haplotypes(np.random.default_rng(5))


def _sites(dosages):
    return {name: Site(VARIANTS[name], values, {}) for name, values in dosages.items()}


def _quality(dosages, y=None, person=None, values=None, ancestry="European"):
    sites = _sites(dosages)
    n = len(next(iter(dosages.values())))
    lines = np.arange(2, n + 2)
    group = np.full(n, ancestry, dtype=object)
    checked, pairs = site_quality(sites, group), linkage(sites, group)
    found = GenotypeQuality(
        people=people_calls(sites, lines),
        frequencies=tuple(frequency_checks(checked, sites)),
        missingness=() if y is None else tuple(missingness(sites, np.arange(n), y)),
        rare=tuple(rare_combinations(sites, lines)),
        duplicates=duplicates(sites, np.arange(n) if person is None else person, value_codes(values or {}, n), lines),
    )
    found = found.model_copy(update={"findings": findings(found, checked, pairs)})
    return CohortReport(
        cohort="c", file="c.csv", synthetic=False, endpoint=None, n_read=n, n=n, genotypes=found, sites=checked,
        linkage=pairs,
    )  # fmt: skip


def _acts(report):
    return {one.section for one in report.genotypes.findings if one.level == "act"}


def _outcome(random, n=N):
    return random.binomial(1, 0.5, n).astype(float)


def test_clean_genotypes_raise_no_alarm_and_every_section_speaks(dosages):
    report = _quality(dosages, _outcome(np.random.default_rng(1)))
    assert _acts(report) == set()
    sections = {one.section for one in report.genotypes.findings}
    assert sections == {"sites", "people", "frequencies", "hardy_weinberg", "linkage", "duplicates", "missingness"}


def test_a_swapped_letter_is_told_by_its_frequency(dosages):
    report = _quality({**dosages, "rs1801132": 2 - dosages["rs1801132"]})
    assert "frequencies" in _acts(report)
    verdicts = {one.variant: one.verdict for one in report.genotypes.frequencies if one.ancestry == "European"}
    assert verdicts["rs1801132"] == "swapped"
    assert verdicts["rs2077647"] == "agrees"
    assert verdicts["rs9340799"] == "not compared"


def test_an_ancestry_that_says_too_little_is_not_compared(dosages):
    report = _quality(dosages, ancestry="Asian")
    assert {one.verdict for one in report.genotypes.frequencies} == {"not compared"}


def test_lost_heterozygotes_are_out_of_hardy_weinberg(dosages):
    values = dosages["rs2077647"].copy()
    heterozygous = np.flatnonzero(values == 1)
    values[heterozygous[::2]] = 0
    report = _quality({**dosages, "rs2077647": values})
    assert "hardy_weinberg" in _acts(report)
    (finding,) = [one for one in report.genotypes.findings if one.section == "hardy_weinberg"]
    assert "fewer" in finding.text


def test_people_with_an_impossible_haplotype_are_listed(dosages):
    pvuii, xbai = dosages["rs2234693"].copy(), dosages["rs9340799"].copy()
    pvuii[7], xbai[7] = 0, 2
    report = _quality({**dosages, "rs2234693": pvuii, "rs9340799": xbai})
    (rare,) = report.genotypes.rare
    assert (rare.letters, rare.n, rare.lines) == ("T-G", 1, (9,))


def test_missing_calls_that_tell_the_outcome_are_found(dosages):
    random = np.random.default_rng(2)
    y = _outcome(random)
    values = dosages["rs2077647"].copy()
    values[(y == 1) & (random.random(N) < 0.2)] = np.nan
    report = _quality({**dosages, "rs2077647": values}, y)
    assert "missingness" in _acts(report)
    assert [one.variant for one in report.genotypes.missingness if one.p is not None and one.p < 0.01] == ["rs2077647"]


def test_rows_of_one_person_that_differ_are_mixed_up(dosages):
    person = np.arange(N)
    person[1], person[3] = 0, 2
    dosages = {name: values.copy() for name, values in dosages.items()}
    for values in dosages.values():
        values[1] = values[0]
        values[3] = 2 - values[2]
    dosages["rs1801132"][2], dosages["rs1801132"][3] = 0, 2
    found = _quality(dosages, person=person).genotypes.duplicates
    assert (found.same_person_pairs, found.discordant, found.discordant_lines) == (2, 1, (4, 5))


def test_a_row_that_repeats_another_is_found_and_chance_is_not(dosages):
    random = np.random.default_rng(3)
    values = {name: random.normal(size=N) for name in ("a", "b", "c")}
    for column in (*dosages.values(), *values.values()):
        column[50] = column[10]
    found = _quality(dosages, values=values).genotypes.duplicates
    assert (found.identical_rows, found.identical_lines) == (1, (52,))
    coarse = {name: np.round(column) for name, column in values.items()}
    assert _quality(dosages, values=coarse).genotypes.duplicates.identical_rows == 0


def test_people_and_sites_without_calls_are_counted(dosages):
    dosages = {name: values.copy() for name, values in dosages.items()}
    for values in dosages.values():
        values[:90] = np.nan
    dosages["rs3020314"] = np.full(N, np.nan)
    report = _quality(dosages)
    people = report.genotypes.people
    assert (people.n_sites, people.persons[0], people.lines[:2]) == (4, 90, (2, 3))
    assert {"sites", "people"} & _acts(report) == {"people"}
    assert any("Nobody has a call at rs3020314" in one.text for one in report.genotypes.findings)


@pytest.mark.parametrize("table", [(3, 1, 1, 3), (10, 0, 5, 5), (200, 20, 180, 45), (0, 5, 7, 9), (1, 0, 0, 1)])
def test_fisher_is_that_of_scipy(table):
    assert fisher(*table) == pytest.approx(fisher_exact([table[:2], table[2:]]).pvalue, rel=1e-7)


@pytest.mark.parametrize(("k", "n"), [(0, 20), (3, 20), (10, 20), (20, 20), (400, 900)])
def test_the_interval_is_wilsons(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")
    low, high = wilson(np.array([k / n]), np.array([float(n)]), 1.959963984540054)
    np.testing.assert_allclose([low[0], high[0]], [expected.low, expected.high], atol=1e-12)


def test_wilson_holds_at_the_ends():
    assert wilson(0.0, 50, 1.96)[0] == 0
    assert wilson(1.0, 50, 1.96)[1] == 1


def test_the_page_draws_every_section_and_is_well_formed(dosages):
    report = _quality(dosages, _outcome(np.random.default_rng(1)))
    page = quality_page(report)
    for section in ("sites", "people", "frequencies", "hardy_weinberg", "linkage", "duplicates", "missingness"):
        part = page.split(f"<section id='{section}'>")[1].split("</section>")[0]
        assert "<svg" in part, section
        assert "<li" in part, section
    drawn = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(drawn) == 7
    for svg in drawn:
        xml.dom.minidom.parseString(svg)
    assert "nan" not in page.lower().replace("nancestry", "")


def test_the_page_escapes_names_and_says_synthetic(dosages):
    report = _quality(dosages, ancestry="<script>").model_copy(update={"synthetic": True, "cohort": "a&b"})
    page = quality_page(report)
    assert "<script" not in page
    assert "a&amp;b" in page
    assert "SYNTHETIC" in page


def test_a_kept_report_names_no_sample(dosages):
    join = GenotypeJoin(
        file="x.vcf", format="VCF", build=38, build_basis="proven", strand="forward", strand_basis="proven",
        samples_in_file=2, samples_joined=1, samples_without_row=("Jane Doe",), n_samples_without_row=1,
        lines_without_sample=(), n_rows_without_sample=0,
    )  # fmt: skip
    report = _quality(dosages).model_copy(update={"genotype_file": join})
    assert "Jane Doe" in quality_page(report)
    assert "Jane Doe" not in quality_page(without_names(report))
    assert "1 samples have none" in quality_page(without_names(report))


def test_a_cohort_without_genotypes_has_a_page_that_says_so():
    report = CohortReport(cohort="c", file="c.csv", synthetic=False, endpoint=None, n_read=1, n=1)
    assert "no genotypes" in quality_page(report)
