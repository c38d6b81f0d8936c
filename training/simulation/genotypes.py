"""Draw genotypes in Hardy-Weinberg equilibrium, with the linkage around ESR1 intron 1, and somatic findings.

Frequencies are the panel's measured ones for Europeans; where nobody measured one, an assumed frequency stands here,
and the simulation says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data_schemas.arrays import Floats, Objects
from data_schemas.catalogue.rows import ESR1_LBD, Variant
from data_schemas.catalogue.terms import Terms

LINKED = ("rs2234693", "rs9340799", "rs2077647")
"""PvuII, XbaI and codon 10 of ESR1."""

# PvuII-XbaI haplotypes of 590 white FAMuSS participants (EM estimate); the fourth number is the share of each haplotype
# that carries C at rs2077647. Those four shares solve: r2 with PvuII 0.638, with XbaI 0.485 (FAMuSS), frequency 0.441
# (1000 Genomes EUR); T-G is too rare to tell anything and gets one half.
HAPLOTYPES: tuple[tuple[str, str, float, float], ...] = (
    ("T", "A", 0.5804, 0.1039),
    ("C", "G", 0.3126, 0.9540),
    ("C", "A", 0.1060, 0.7738),
    ("T", "G", 0.0009, 0.5),
)

POPULATIONS = ("eur", "famuss_white")
"""Keys of a panel row's frequencies, the preferred one first."""

# No panel row has these for Europeans. Round numbers of our own, for simulation only.
ASSUMED_FREQUENCY = {"rs3020314": 0.33, "rs4986938": 0.38, "rs1256049": 0.05, "rs1271572": 0.55}
ASSUMED_ELSEWHERE = 0.30
"""Frequency of a declared variant's effect allele where its row has none for `POPULATIONS`."""

ASSUMED_FINDING = 0.02
"""Share of patients with a somatic mutation that the endpoint's truth states no share for."""


@dataclass(frozen=True)
class Frequency:
    """The frequency that a simulation used for one variant, and where it comes from."""

    variant: str
    allele: str
    value: float
    basis: Literal["measured", "haplotypes", "assumed"]


def frequency_of(variant: Variant) -> Frequency:
    """Return the effect allele's frequency: by haplotype, as measured, or assumed."""
    if variant.id in LINKED:
        site = LINKED.index(variant.id)
        total = sum(share for _, _, share, _ in HAPLOTYPES)
        carriers = [share * (c if site == 2 else hap[site] == variant.effect_allele) for *hap, share, c in HAPLOTYPES]
        carried = sum(carriers) / total
        if site == 2 and variant.effect_allele != "C":
            carried = 1 - carried
        return Frequency(variant.id, variant.effect_allele, carried, "haplotypes")
    for population in POPULATIONS:
        if population in variant.frequency:
            return Frequency(variant.id, variant.effect_allele, variant.frequency[population], "measured")
    assumed = ASSUMED_FREQUENCY.get(variant.id, ASSUMED_ELSEWHERE)
    return Frequency(variant.id, variant.effect_allele, assumed, "assumed")


def draw_dosages(variants: Sequence[Variant], n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return (n,) counts of the effect allele by rsID; two independent gametes make one person.

    Every linked site is drawn, asked for or not, so that one more variant leaves the others as they were.
    """
    gametes = _linked_gametes(2 * n, rng)
    dosages: dict[str, Floats] = {}
    for variant in variants:
        if variant.id in gametes:
            carried = gametes[variant.id] == variant.effect_allele
            dosages[variant.id] = carried.reshape(2, n).sum(axis=0).astype(np.float64)
        else:
            dosages[variant.id] = rng.binomial(2, frequency_of(variant).value, n).astype(np.float64)
    return dosages


def _linked_gametes(n: int, rng: np.random.Generator) -> dict[str, NDArray[np.str_]]:
    shares = np.array([share for _, _, share, _ in HAPLOTYPES])
    drawn = rng.choice(len(HAPLOTYPES), size=n, p=shares / shares.sum())
    carries_c = rng.random(n) < np.array([c for *_, c in HAPLOTYPES])[drawn]
    return {
        LINKED[0]: np.array([hap[0] for hap in HAPLOTYPES])[drawn],
        LINKED[1]: np.array([hap[1] for hap in HAPLOTYPES])[drawn],
        LINKED[2]: np.where(carries_c, "C", "T"),
    }


def letters(variant: Variant, dosage: Floats) -> Objects:
    """Return forward-strand genotypes (n,), as in ``C/T``, letters in alphabetical order, of dosages (n,).

    The other allele is the reference where the effect allele is not, else the first alternate one.
    """
    effect = variant.effect_allele
    other = next(letter for letter in variant.alleles if letter != effect)
    names = ["/".join(sorted(pair)) for pair in ((other, other), (other, effect), (effect, effect))]
    return np.asarray(np.array(names, dtype=object)[dosage.astype(int)])


def draw_somatic(terms: Terms, n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return (n,) 1 detected or 0 not by somatic id.

    ESR1_LBD is any of the panel's mutations; a share stated for ESR1_LBD itself adds reports that name no mutation.
    """
    shares = finding_shares(terms)
    found = {name: rng.random(n) < share for name, share in shares.items()}
    found[ESR1_LBD] = np.any(list(found.values()), axis=0)
    return {name: found[name].astype(np.float64) for name in terms.endpoint.somatic}


def finding_shares(terms: Terms) -> dict[str, float]:
    """Return the share of patients with each somatic finding: the endpoint's own, else the assumed one."""
    stated = terms.endpoint.simulation.somatic_frequency if terms.endpoint.simulation else {}
    shares = {name: stated.get(name, ASSUMED_FINDING) for name in terms.catalogue.somatic}
    return shares | {ESR1_LBD: stated.get(ESR1_LBD, 0.0)}
