"""Genotype quality of a cohort: call rates, allele frequencies, Hardy-Weinberg proportions, linkage; by ancestry.

A site out of Hardy-Weinberg proportions points to typing errors or to mixed ancestry; that is why every number is
given within ancestry groups too, where the manifest has them. The exact test is by hand, since SciPy has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from data_schemas.arrays import Floats, Ints, Objects
from features.quality.records import Linkage, Site, SiteQuality

EVERYBODY = "all"
MIN_GROUP = 20
"""Persons in an ancestry group below which it is not reported."""


def site_quality(sites: Mapping[str, Site], ancestry: Objects | None = None) -> tuple[SiteQuality, ...]:
    """Return the quality of each site, for everybody and by ancestry.

    Parameters
    ----------
    ancestry
        (n,) group names, None unknown; or None where the cohort has no such column.
    """
    return tuple(_quality(site, name, rows) for site in sites.values() for name, rows in _groups(site, ancestry))


def linkage(sites: Mapping[str, Site], ancestry: Objects | None = None) -> tuple[Linkage, ...]:
    """Return the genotype r2 of every two sites of one gene, for everybody and by `ancestry` (n,), None unknown."""
    found = []
    for one, two in combinations(sites.values(), 2):
        if one.variant.gene != two.variant.gene:
            continue
        for name, rows in _groups(one, ancestry):
            a, b = one.dosage[rows], two.dosage[rows]
            both = ~np.isnan(a) & ~np.isnan(b)
            r2 = genotype_r2(a[both], b[both])
            found.append(Linkage(first=one.variant.id, second=two.variant.id, ancestry=name, n=int(both.sum()), r2=r2))
    return tuple(found)


def main_group(sites: Sequence[SiteQuality]) -> str:
    """Return the largest ancestry group, everybody where none is declared: mixed groups look linked."""
    sizes = {one.ancestry: one.n for one in sites if one.ancestry != EVERYBODY}
    return max(sizes, key=lambda name: sizes[name], default=EVERYBODY)


def genotype_r2(a: Floats, b: Floats) -> float | None:
    """Return the squared correlation of two columns of dosages (n,), None where one does not vary.

    Examples
    --------
    >>> genotype_r2(np.array([0.0, 1.0, 2.0]), np.array([2.0, 1.0, 0.0]))
    1.0
    """
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return round(float(np.corrcoef(a, b)[0, 1] ** 2), 12)


def hardy_weinberg(counts: tuple[int, int, int]) -> tuple[float, float] | None:
    """Return chi-square (one degree of freedom, no continuity correction) and its p, None where nothing varies.

    Examples
    --------
    >>> hardy_weinberg((25, 50, 25))
    (0.0, 1.0)
    """
    n = sum(counts)
    p = (counts[1] + 2 * counts[2]) / (2 * n) if n else 0.0
    if p in (0.0, 1.0):
        return None
    expected = (n * (1 - p) ** 2, 2 * n * p * (1 - p), n * p**2)
    statistic = sum((o - e) ** 2 / e for o, e in zip(counts, expected, strict=True))
    return statistic, math.erfc(math.sqrt(statistic / 2))


def exact_hardy_weinberg(counts: tuple[int, int, int]) -> float | None:
    """Return the p of the exact test: the chance of heterozygote counts as rare as this one or rarer.

    The recurrence over heterozygote counts is that of Wigginton 2005 (Am J Hum Genet 76:887).
    """
    rare, n = min(counts[1] + 2 * counts[0], counts[1] + 2 * counts[2]), sum(counts)
    if rare == 0:
        return None
    start = _likely_heterozygotes(rare, n)
    weights = {start: 1.0}
    for het in range(start, rare % 2, -2):
        minor, major = (rare - het) / 2, n - (rare + het) / 2
        weights[het - 2] = weights[het] * het * (het - 1) / (4 * (minor + 1) * (major + 1))
    for het in range(start, rare - 1, 2):
        minor, major = (rare - het) / 2, n - (rare + het) / 2
        weights[het + 2] = weights[het] * 4 * minor * major / ((het + 2) * (het + 1))
    limit = weights[counts[1]] * (1 + 1e-9)
    return min(1.0, sum(w for w in weights.values() if w <= limit) / sum(weights.values()))


def _likely_heterozygotes(rare: int, n: int) -> int:
    """Return the heterozygote count nearest to expectation that has the parity of the rare allele's count."""
    middle = int(rare * (2 * n - rare) / (2 * n))
    return middle if middle % 2 == rare % 2 else middle + 1


def _groups(site: Site, ancestry: Objects | None) -> Iterator[tuple[str, Ints]]:
    yield EVERYBODY, np.arange(len(site.dosage))
    if ancestry is None:
        return
    names = sorted({name for name in ancestry.tolist() if name is not None})
    for name in names:
        rows = np.flatnonzero(ancestry == name)
        if len(rows) >= MIN_GROUP:
            yield name, rows


def _quality(site: Site, ancestry: str, rows: Ints) -> SiteQuality:
    dosage = site.dosage[rows]
    called = dosage[~np.isnan(dosage)]
    n0, n1, n2 = (int(np.count_nonzero(called == copies)) for copies in (0, 1, 2))
    chi2 = hardy_weinberg((n0, n1, n2))
    return SiteQuality(
        variant=site.variant.id,
        ancestry=ancestry,
        n=len(dosage),
        called=len(called),
        effect_allele=site.variant.effect_allele,
        counts=(n0, n1, n2),
        frequency=float(called.mean() / 2) if len(called) else None,
        hwe_chi2=chi2[0] if chi2 else None,
        hwe_p=chi2[1] if chi2 else None,
        hwe_p_exact=exact_hardy_weinberg((n0, n1, n2)),
        assumed=0 if site.assumed is None else int(np.count_nonzero(site.assumed[rows])),
    )
