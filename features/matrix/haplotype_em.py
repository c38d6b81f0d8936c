"""Haplotypes from unphased genotypes: frequencies by expectation-maximisation, and the expected copies per person.

Frequencies follow Excoffier and Slatkin (Mol Biol Evol 1995;12:921): each person's possible pairs of haplotypes are
weighed by the product of their frequencies (Hardy-Weinberg within an ancestry), and the weighted pairs are counted,
until nothing moves. A double heterozygote thus carries two weights; a phased call leaves one pair. A person with a
site not called takes no part, and has an unknown dosage: filling it from its neighbours would be imputation. By hand,
since no library that we use estimates haplotypes from genotypes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from data_schemas.arrays import Floats, Ints

_TOLERANCE, _MAX_ROUNDS, _STARTS = 1e-12, 20_000, 6


@dataclass(frozen=True)
class HaplotypeEstimate:
    """Frequencies (haplotypes,) of all haplotypes of k sites from `n` persons; haplotype 0 has no effect allele.

    The bits of a haplotype's number say which sites carry the effect allele, the first site being the highest bit.
    """

    values: Floats
    n: int
    log_likelihood: float


def bits(k: int) -> Ints:
    """Return (2**k, k): the number of effect alleles, 0 or 1, of each haplotype at each site."""
    return (np.arange(2**k)[:, None] >> np.arange(k - 1, -1, -1)) & 1


@lru_cache(maxsize=4096)
def pairs_of(genotype: tuple[int, ...], phase: tuple[int, ...] = ()) -> tuple[tuple[int, int, int], ...]:
    """Return the unordered pairs of haplotypes that a genotype allows, as (one, other, ways).

    Parameters
    ----------
    genotype
        Copies of the effect allele at each site.
    phase
        For each site 0, or the number of a phase set: positive where the effect allele is the left letter of a phased
        heterozygote, negative where it is the right one. Sites of one set are phased against each other.

    Examples
    --------
    >>> pairs_of((1, 1))
    ((0, 3, 2), (1, 2, 2))
    >>> pairs_of((1, 1), (1, 1)), pairs_of((1, 1), (1, -1))
    (((0, 3, 2),), ((1, 2, 2),))
    """
    table = bits(len(genotype))
    found = []
    for one in range(len(table)):
        for other in range(one, len(table)):
            if tuple(table[one] + table[other]) == genotype and _in_phase(table[one] - table[other], phase):
                found.append((one, other, 1 if one == other else 2))
    return tuple(found)


def _in_phase(difference: Ints, phase: tuple[int, ...]) -> bool:
    """Whether the heterozygous sites of each phase set lie on the haplotypes as phased, either way round."""
    sides: dict[int, set[int]] = {}
    for step, number in zip(difference.tolist(), phase, strict=bool(phase)):
        if step and number:
            sides.setdefault(abs(number), set()).add(step if number > 0 else -step)
    return all(len(side) == 1 for side in sides.values())


def estimate(genotypes: Floats, phase: Ints | None = None) -> HaplotypeEstimate | None:
    """Return the maximum-likelihood haplotype frequencies, or None where nobody has every site called.

    Parameters
    ----------
    genotypes
        (n, k) copies of the effect allele, NaN not called; only whole numbers take part.
    phase
        (n, k) as in `pairs_of`; None where nothing is phased.
    """
    k = genotypes.shape[1]
    whole = (np.floor(genotypes) == genotypes).all(axis=1)
    if not whole.any():
        return None
    known = genotypes[whole].astype(np.int64)
    phases = np.zeros_like(known) if phase is None else np.where(known == 1, phase[whole], 0)
    patterns, counts = np.unique(np.hstack([known, phases]), axis=0, return_counts=True)
    rows = [
        (number, *pair)
        for number, pattern in enumerate(patterns.tolist())
        for pair in pairs_of(tuple(pattern[:k]), tuple(pattern[k:]))
    ]
    table = np.array(rows, dtype=np.int64)
    return max((_climb(start, table, counts) for start in _starts(known)), key=lambda found: found.log_likelihood)


def _starts(known: Ints) -> Iterator[Floats]:
    """Yield starting points: independent sites, and seeded others, as the likelihood may have several tops."""
    share = known.mean(axis=0) / 2
    table = bits(known.shape[1])
    yield np.where(table, share, 1 - share).prod(axis=1)
    random = np.random.default_rng(0)
    for _ in range(_STARTS):
        yield random.dirichlet(np.ones(len(table)))


def _climb(values: Floats, table: Ints, counts: Ints) -> HaplotypeEstimate:
    pattern, one, other, ways = table.T
    n = int(counts.sum())
    for _ in range(_MAX_ROUNDS):
        chance = ways * values[one] * values[other]
        total = np.bincount(pattern, chance, minlength=len(counts))
        expected = chance * (counts / np.where(total > 0, total, 1.0))[pattern]
        size = len(values)
        new = (np.bincount(one, expected, size) + np.bincount(other, expected, size)) / (2 * n)
        step = np.abs(new - values).max()
        values = new
        if step < _TOLERANCE:
            break
    chance = np.bincount(pattern, ways * values[one] * values[other], minlength=len(counts))
    return HaplotypeEstimate(values, n, float(counts @ np.log(np.maximum(chance, 1e-300))))


def expected_copies(
    genotype: tuple[int, ...], phase: tuple[int, ...], frequencies: Sequence[float]
) -> tuple[float, ...]:
    """Return the expected copies of each haplotype in one person; NaN where the frequencies rule out every pair.

    Examples
    --------
    >>> expected_copies((1, 1), (), (0.6, 0.0, 0.1, 0.3))
    (1.0, 0.0, 0.0, 1.0)
    """
    pairs = pairs_of(genotype, phase)
    weights = [ways * frequencies[one] * frequencies[other] for one, other, ways in pairs]
    if len(pairs) == 1:
        weights = [1.0]
    total = sum(weights)
    copies = [0.0] * len(frequencies)
    for weight, (one, other, _) in zip(weights, pairs, strict=True):
        copies[one] += weight / total if total else np.nan
        copies[other] += weight / total if total else np.nan
    return tuple(copies) if total else (np.nan,) * len(frequencies)


def linkage(values: Floats) -> tuple[float, float]:
    """Return |D'| and r2 of two sites from their haplotype frequencies (4,); NaN where a site does not vary.

    D' after Lewontin (Genetics 1964;49:49), r2 after Hill and Robertson (Theor Appl Genet 1968;38:226).
    """
    first, second = float(values[2] + values[3]), float(values[1] + values[3])
    spread = first * (1 - first) * second * (1 - second)
    if spread <= 1e-12:
        return np.nan, np.nan
    d = float(values[3]) - first * second
    most = min(first * (1 - second), (1 - first) * second) if d > 0 else min(first * second, (1 - first) * (1 - second))
    return abs(d) / most, d * d / spread


def frequencies_by(genotypes: Floats, phase: Ints | None, group: Sequence[object]) -> Mapping[str, HaplotypeEstimate]:
    """Return an estimate for each group label; persons without a label (None, NaN) are in none.

    `genotypes` are the persons' dosages (n, k) at k sites, `phase` (n, k) as `pairs_of` numbers it.
    """
    labels = np.array([label if isinstance(label, str) else "" for label in group], dtype=object)
    found = {}
    for label in sorted(set(labels) - {""}):
        rows = labels == label
        one = estimate(genotypes[rows], None if phase is None else phase[rows])
        if one is not None:
            found[str(label)] = one
    return found
