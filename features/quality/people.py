"""Genotypes of a cohort as a whole: who has calls, do frequencies fit, who is rare, mixed up or missing.

Fisher's test and Wilson's interval are by hand, since SciPy is a library of training alone; a test compares with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from data_schemas.arrays import Floats, Ints
from data_schemas.reference.populations import population_of
from features.matrix.haplotype_em import bits, estimate, linkage, pairs_of
from features.quality.duplicates import first_lines
from features.quality.records import (
    FrequencyCheck,
    Missingness,
    PeopleCalls,
    RareCombination,
    Site,
    SiteQuality,
)

MIN_COMPARED = 25
"""People with a call that a frequency needs before it is compared with the panel's."""
TOLERANCE = 0.05
"""How far a frequency may lie from the panel's, besides its own uncertainty: populations of one name differ."""
RARE, LINKED = 0.005, 0.3
"""A haplotype of two sites with an r2 from `LINKED` on is rare below this frequency."""
_Z95, _Z999 = 1.959964, 3.290527


def people_calls(sites: Mapping[str, Site], lines: Ints) -> PeopleCalls:
    """Count the sites at which each person, of the rows on `lines` (n,), has a call; sites without any are left out."""
    called = np.array([~np.isnan(site.dosage) for site in sites.values() if not np.isnan(site.dosage).all()])
    if not len(called):
        return PeopleCalls(n_sites=0, persons=(len(lines),))
    per_person = called.sum(axis=0)
    persons = np.bincount(per_person, minlength=len(called) + 1)
    return PeopleCalls(
        n_sites=len(called), persons=tuple(persons.tolist()), lines=first_lines(lines, np.flatnonzero(per_person == 0))
    )


def frequency_checks(quality: Sequence[SiteQuality], sites: Mapping[str, Site]) -> Iterator[FrequencyCheck]:
    """Yield the frequency of each site in each ancestry group that has a call."""
    for one in quality:
        if one.frequency is None:
            continue
        population = population_of(one.ancestry)
        expected = sites[one.variant].variant.frequency.get(population or "")
        low, high = wilson(one.frequency, 2 * one.called, _Z95)
        yield FrequencyCheck(
            variant=one.variant,
            ancestry=one.ancestry,
            effect_allele=one.effect_allele,
            n=one.called,
            frequency=one.frequency,
            low=float(low),
            high=float(high),
            population=population if expected is not None else None,
            expected=expected,
            verdict=_verdict(one.frequency, one.called, expected),
        )


def wilson(share: float | Floats, n: float | Floats, z: float) -> tuple[Floats, Floats]:
    """Return Wilson's interval of a share (JASA 1927;22:209), or of each of several.

    Parameters
    ----------
    share, n
        Numbers or (m,): the shares, and of how many.
    z
        Standard normal quantile of the interval's level.

    Examples
    --------
    >>> [round(float(edge), 3) for edge in wilson(0.5, 100, 1.96)]
    [0.404, 0.596]
    """
    share, n = np.asarray(share), np.asarray(n)
    centre, scale = share + z * z / (2 * n), 1 + z * z / n
    spread = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # at a share of 0 or 1 rounding may leave the bound a hair on the wrong side of it
    return np.clip((centre - spread) / scale, 0.0, share), np.clip((centre + spread) / scale, share, 1.0)


def _verdict(frequency: float, n: int, expected: float | None) -> str:
    if expected is None or n < MIN_COMPARED:
        return "not compared"
    low, high = wilson(frequency, 2 * n, _Z999)
    low, high = low - TOLERANCE, high + TOLERANCE
    if low <= expected <= high:
        return "agrees"
    return "swapped" if low <= 1 - expected <= high else "differs"


def missingness(sites: Mapping[str, Site], rows: Ints, favourable: Floats) -> Iterator[Missingness]:
    """Yield the calls at each site by outcome.

    Parameters
    ----------
    rows
        (m,) rows of the file that count.
    favourable
        (m,) 1 favourable, 0 not, NaN unknown.
    """
    yes, no = favourable == 1, favourable == 0
    for name, site in sites.items():
        called = ~np.isnan(site.dosage[rows])
        table = int(called[yes].sum()), int((~called[yes]).sum()), int(called[no].sum()), int((~called[no]).sum())
        yield Missingness(
            variant=name,
            favourable=int(yes.sum()),
            favourable_called=table[0],
            unfavourable=int(no.sum()),
            unfavourable_called=table[2],
            p=fisher(*table),
        )


def fisher(a: int, b: int, c: int, d: int) -> float | None:
    """Return the two-sided p of Fisher's exact test of a table of two rows; None where a margin is empty.

    Examples
    --------
    >>> round(fisher(3, 1, 1, 3), 6), fisher(3, 0, 5, 0)
    (0.485714, None)
    """
    first, column, n = a + b, a + c, a + b + c + d
    if 0 in (first, c + d, column, b + d):
        return None

    def chance(k: int) -> float:
        return math.exp(_log_choose(first, k) + _log_choose(n - first, column - k) - _log_choose(n, column))

    limit = chance(a) * (1 + 1e-7)
    smallest, largest = max(0, column - (n - first)), min(first, column)
    return min(1.0, sum(p for k in range(smallest, largest + 1) if (p := chance(k)) <= limit))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def rare_combinations(sites: Mapping[str, Site], lines: Ints) -> Iterator[RareCombination]:
    """Yield, for every two closely linked sites, the people who must carry a haplotype that nearly nobody has.

    `lines` (n,) holds the line of each person's row.
    """
    for one, two in combinations(sites.values(), 2):
        pair = np.column_stack([one.dosage, two.dosage])
        found = estimate(pair) if one.variant.gene == two.variant.gene else None
        if found is None or found.n < MIN_COMPARED or not linkage(found.values)[1] >= LINKED:
            continue
        for number in np.flatnonzero(found.values < RARE):
            carriers = np.flatnonzero([_must_carry(genotype, int(number)) for genotype in pair.tolist()])
            if len(carriers):
                yield RareCombination(
                    first=one.variant.id,
                    second=two.variant.id,
                    letters="-".join(_letters(one, two, int(number))),
                    frequency=float(found.values[number]),
                    n=len(carriers),
                    lines=first_lines(lines, carriers),
                )


def _must_carry(genotype: list[float], number: int) -> bool:
    """Whether every pair of haplotypes that a genotype allows holds one of them."""
    if any(copies not in (0.0, 1.0, 2.0) for copies in genotype):
        return False
    return all(number in pair[:2] for pair in pairs_of((int(genotype[0]), int(genotype[1]))))


def _letters(one: Site, two: Site, number: int) -> Iterator[str]:
    for site, has_effect in zip((one, two), bits(2)[number], strict=True):
        effect = site.variant.effect_allele
        yield effect if has_effect else next(letter for letter in site.variant.alleles if letter != effect)
