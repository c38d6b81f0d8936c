"""Which chart answers which question of a genotype report."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from features.cohort.report import CohortReport
from features.drawing.svg import COLOURS, Bar, Points, Span, bars, columns, points, spans, triangle
from features.quality.findings import HWE_P, MISSING_P, PERSON_CALL_RATE, SITE_CALL_RATE
from features.quality.records import GenotypeQuality, Section, SiteQuality
from features.quality.sites import EVERYBODY, main_group


def _site_bars(report: CohortReport, _: GenotypeQuality) -> str:
    rows = [Bar(one.variant, one.call_rate, _rates(one), one.call_rate < SITE_CALL_RATE) for one in _everybody(report)]
    return bars(rows, "Call rate of each site", SITE_CALL_RATE)


def _rates(one: SiteQuality) -> str:
    assumed = f", {100 * one.assumed / one.n:.0f} % assumed" if one.assumed else ""
    return f"{100 * one.call_rate:.0f} %{assumed}"


def _people_columns(_: CohortReport, quality: GenotypeQuality) -> str:
    people = quality.people
    if not people.n_sites:
        return ""
    names = [str(k) for k in range(len(people.persons))]
    half = people.n_sites * PERSON_CALL_RATE
    return columns(people.persons, names, "People by number of sites called", lambda k: k <= half) + (
        "<p class='how'>Sites with a call, below each column.</p>"
    )


def _frequency_spans(_: CohortReport, quality: GenotypeQuality) -> str:
    rows = [
        Span(
            f"{one.variant} {one.ancestry}",
            one.frequency,
            one.low,
            one.high,
            one.expected,
            f"{one.effect_allele} {one.frequency:.2f} (n {one.n:,})",
            one.verdict in ("differs", "swapped"),
        )
        for one in sorted(quality.frequencies, key=lambda one: one.variant)
        if one.ancestry != EVERYBODY or not any(two.ancestry != EVERYBODY for two in quality.frequencies)
    ]
    diamond = "<span><i class='d'></i>panel's population of that ancestry</span></p>"
    key = _key([(COLOURS[0], "this cohort")]).removesuffix("</p>") + diamond
    return spans(rows, "Frequency of the effect allele by site and ancestry") + key


def _hwe_points(report: CohortReport, _: GenotypeQuality) -> str:
    groups = list(dict.fromkeys(one.ancestry for one in report.sites))
    rows: list[Points] = []
    for name in dict.fromkeys(one.variant for one in report.sites):
        tested = [(one, p) for one in report.sites if one.variant == name and (p := one.hwe_p_exact) is not None]
        marks = [
            (-math.log10(max(p, 1e-12)), groups.index(one.ancestry), f"{one.ancestry}: {p:.2g}") for one, p in tested
        ]
        lowest = min((p for _, p in tested), default=None)
        text = "no variation" if lowest is None else f"least p {lowest:.2g}"
        rows.append(Points(name, tuple(marks), text, lowest is not None and lowest < HWE_P))
    most = max([4.0, *(value for row in rows for value, _, _ in row.points)])
    chart = points(rows, "Hardy-Weinberg exact test by site and ancestry", most, -math.log10(HWE_P))
    return chart + _key([(COLOURS[k % len(COLOURS)], name) for k, name in enumerate(groups)])


def _ld_triangles(report: CohortReport, _: GenotypeQuality) -> str:
    group = main_group(report.sites)
    who = "everybody" if group == EVERYBODY else f"{group}, the largest ancestry group"
    pairs = [one for one in report.linkage if one.ancestry == group]
    r2 = {frozenset((one.first, one.second)): one.r2 for one in pairs}
    names = list(dict.fromkeys(name for one in pairs for name in (one.first, one.second)))
    genes: list[list[str]] = []
    for name in names:
        home = next((gene for gene in genes if frozenset((gene[0], name)) in r2), None)
        if home is None:
            genes.append([name])
        else:
            home.append(name)
    return f"<p class='how'>In {escape(who)}.</p>" + "".join(
        triangle(gene, [[r2.get(frozenset((a, b))) for b in gene] for a in gene], f"Linkage between sites in {who}")
        for gene in genes
        if len(gene) > 1
    )


def _duplicate_bars(_: CohortReport, quality: GenotypeQuality) -> str:
    found, people = quality.duplicates, max(sum(quality.people.persons), 1)
    pairs = found.same_person_pairs
    rows = [
        Bar("rows that repeat another", found.identical_rows / people, f"{found.identical_rows:,} rows", True),
        Bar(
            "one person, other letters",
            found.discordant / pairs if pairs else 0.0,
            f"{found.discordant:,} of {pairs:,} pairs",
            True,
        ),
        Bar(
            "all genotypes shared",
            found.identical_pairs / found.compared_pairs if found.compared_pairs else 0.0,
            f"{found.identical_pairs:,} pairs",
        ),
    ]
    rows[:2] = [Bar(one.label, one.share, one.text, one.share > 0) for one in rows[:2]]
    return bars(rows, "Repeated and mixed-up people")


def _missing_points(_: CohortReport, quality: GenotypeQuality) -> str:
    rows = [
        Points(
            one.variant,
            (
                (one.favourable_called / one.favourable, 0, "favourable"),
                (one.unfavourable_called / one.unfavourable, 1, "not"),
            ),
            "" if one.p is None else f"p {one.p:.2g}",
            one.p is not None and one.p < MISSING_P,
        )
        for one in quality.missingness
        if one.favourable and one.unfavourable
    ]
    if not rows:
        return ""
    key = _key([(COLOURS[0], "favourable outcome"), (COLOURS[1], "not")])
    return points(rows, "Call rate by outcome", 1.0, joined=True) + key


CHARTS: dict[Section, Callable[[CohortReport, GenotypeQuality], str]] = {
    "sites": _site_bars,
    "people": _people_columns,
    "frequencies": _frequency_spans,
    "hardy_weinberg": _hwe_points,
    "linkage": _ld_triangles,
    "duplicates": _duplicate_bars,
    "missingness": _missing_points,
}


def _key(entries: Sequence[tuple[str, str]]) -> str:
    return (
        "<p class='how key'>"
        + "".join(f"<span><i style='background:{colour}'></i>{escape(name)}</span>" for colour, name in entries)
        + "</p>"
    )


def _everybody(report: CohortReport) -> list[SiteQuality]:
    return [one for one in report.sites if one.ancestry == EVERYBODY]
