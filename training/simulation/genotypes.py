"""Draw genotypes in Hardy-Weinberg equilibrium, with the linkage around ESR1 intron 1, and somatic findings.

Frequencies are the panel's measured ones for Europeans; where nobody measured one, `simulation.toml` assumes
one, and the simulation says so.
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
from data_schemas.reference.simulation import Linked, assumptions


@dataclass(frozen=True)
class Frequency:
    """The frequency that a simulation used for one variant, and where it comes from."""

    variant: str
    allele: str
    value: float
    basis: Literal["measured", "haplotypes", "assumed"]


def frequency_of(variant: Variant) -> Frequency:
    """Return the effect allele's frequency: by haplotype, as measured, or assumed."""
    assumed = assumptions()
    if variant.id in assumed.linked.variants:
        return Frequency(variant.id, variant.effect_allele, _linked_frequency(variant, assumed.linked), "haplotypes")
    for population in assumed.populations:
        if population in variant.frequency:
            return Frequency(variant.id, variant.effect_allele, variant.frequency[population], "measured")
    value = assumed.frequency.get(variant.id, assumed.frequency_elsewhere)
    return Frequency(variant.id, variant.effect_allele, value, "assumed")


def _linked_frequency(variant: Variant, linked: Linked) -> float:
    total = sum(one.share for one in linked.haplotypes)
    if variant.id == linked.third.variant:
        carried = sum(one.share * one.carrying for one in linked.haplotypes) / total
        return carried if variant.effect_allele == linked.third.letter else 1 - carried
    site = linked.sites.index(variant.id)
    return sum(one.share * (one.letters[site] == variant.effect_allele) for one in linked.haplotypes) / total


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
    linked = assumptions().linked
    shares = np.array([one.share for one in linked.haplotypes])
    drawn = rng.choice(len(shares), size=n, p=shares / shares.sum())
    carries = rng.random(n) < np.array([one.carrying for one in linked.haplotypes])[drawn]
    first, second = (np.array([one.letters[site] for one in linked.haplotypes])[drawn] for site in (0, 1))
    third = np.where(carries, linked.third.letter, linked.third.other)
    return dict(zip(linked.variants, (first, second, third), strict=True))


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
    shares = {name: stated.get(name, assumptions().finding) for name in terms.catalogue.somatic}
    return shares | {ESR1_LBD: stated.get(ESR1_LBD, 0.0)}
