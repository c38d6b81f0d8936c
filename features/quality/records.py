"""What the genotypes of a cohort look like beyond single sites: people, frequencies, missingness, and advice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from pydantic import Field

from data_schemas.arrays import Bools, Floats, Objects
from data_schemas.catalogue.rows import Variant
from data_schemas.record import Record
from data_schemas.wire.prediction import GenotypeState

Section = Literal["sites", "people", "frequencies", "hardy_weinberg", "linkage", "duplicates", "missingness"]


@dataclass(frozen=True)
class Site:
    """The calls of all persons at one germline site. `dosage` (n,) is NaN where there is no call.

    `phase` (n,) says on which side of a phased heterozygote the effect allele stands, as `phase_name` describes; None
    where nothing is phased. `assumed` (n,) marks whose dosage is reference by assertion only; None for nobody.
    """

    variant: Variant
    dosage: Floats
    states: dict[GenotypeState, int]
    phase: Objects | None = None
    assumed: Bools | None = None

    def seen(self) -> Site:
        """Return the site with the dosages that somebody looked at only."""
        if self.assumed is None:
            return self
        return replace(self, dosage=np.where(self.assumed, np.nan, self.dosage))


class SiteQuality(Record):
    """One germline site in one ancestry group (``all`` for everybody).

    `n` persons, `called` of them with a call, `assumed` more reference by assertion alone, which nothing else here
    counts; copies of the effect allele 0, 1, 2 in `counts`. Hardy-Weinberg by
    chi-square without continuity correction and by the exact test; None where nothing varies.
    """

    variant: str
    ancestry: str
    n: int
    called: int
    effect_allele: str
    counts: tuple[int, int, int]
    frequency: float | None
    hwe_chi2: float | None
    hwe_p: float | None
    hwe_p_exact: float | None
    assumed: int = 0

    @property
    def call_rate(self) -> float:
        """Share of persons with a call."""
        return self.called / self.n if self.n else 0.0


class Linkage(Record):
    """Squared correlation of two sites' dosages among `n` persons with both calls."""

    first: str
    second: str
    ancestry: str
    n: int
    r2: float | None


class PeopleCalls(Record):
    """How many sites people have calls at: `persons[k]` people have k; `lines` are the first of those with none."""

    n_sites: int
    persons: tuple[int, ...]
    lines: tuple[int, ...] = ()


class FrequencyCheck(Record):
    """The effect allele's frequency in one ancestry group, with a 95 % interval, against the panel's population.

    `verdict` is ``swapped`` where the other letter's frequency would fit: then letters, strand or effect allele may be
    exchanged. ``not compared``: the panel knows no frequency of that ancestry, or too few people have a call.
    """

    variant: str
    ancestry: str
    effect_allele: str
    n: int
    frequency: float
    low: float
    high: float
    population: str | None = None
    expected: float | None = None
    verdict: Literal["agrees", "differs", "swapped", "not compared"]


class Missingness(Record):
    """Calls at one site by outcome; `p` of Fisher's exact test."""

    variant: str
    favourable: int
    favourable_called: int
    unfavourable: int
    unfavourable_called: int
    p: float | None


class RareCombination(Record):
    """People who must carry a haplotype of two linked sites that nearly nobody has."""

    first: str
    second: str
    letters: str
    frequency: float
    n: int
    lines: tuple[int, ...]


class Duplicates(Record):
    """Repeats of people.

    `same_person_pairs` are pairs of rows of one declared person with a call in both, `discordant` those of them that
    differ at a site. `identical_rows` have the genotypes and every other value of an earlier row. `identical_pairs`
    share all genotypes, of `compared_pairs`: with few sites that is chance.
    """

    same_person_pairs: int = 0
    discordant: int = 0
    discordant_lines: tuple[int, ...] = ()
    identical_rows: int = 0
    identical_lines: tuple[int, ...] = ()
    compared_pairs: int = 0
    identical_pairs: int = 0


class Advice(Record):
    """One thing to know or to do about the genotypes."""

    section: Section
    level: Literal["ok", "note", "act"]
    text: str
    action: str


class GenotypeQuality(Record):
    """Everything of a cohort's genotype report that is not about one site or one pair of sites alone."""

    people: PeopleCalls
    frequencies: tuple[FrequencyCheck, ...] = ()
    missingness: tuple[Missingness, ...] = ()
    rare: tuple[RareCombination, ...] = ()
    duplicates: Duplicates = Duplicates()
    findings: tuple[Advice, ...] = Field(())
