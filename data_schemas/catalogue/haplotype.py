"""Haplotypes of neighbouring sites as features: how an endpoint names them, what a scorecard keeps of them.

An endpoint, or the command line, asks for ``rs2234693-rs9340799:TA``: the sites in the order of the letters, then the
letters of the one haplotype that is counted. `HAPLOTYPE_SETS` gives short names to common choices.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product

from pydantic import Field, model_validator

from data_schemas.catalogue.rows import Letter, Variant
from data_schemas.record import Record

PREFIX = "haplotype:"
"""Begins the name of every haplotype feature."""

POOLED = "pooled"
"""The frequencies of everybody, used where a patient declares no ancestry or one that was not estimated."""

ANCESTRY = "race_ethnicity"
"""The covariate that declares the ancestry."""

HAPLOTYPE_SETS: dict[str, tuple[str, ...]] = {
    "pvuii-xbai": ("rs2234693-rs9340799:TA", "rs2234693-rs9340799:CG"),
    "rs2077647-pvuii-xbai": ("rs2077647-rs2234693-rs9340799:TTA", "rs2077647-rs2234693-rs9340799:CCG"),
}

_NAME = re.compile(r"(rs\d+(?:-rs\d+){1,2}):([ACGT]{2,3})")


class HaplotypeSite(Record):
    """One site: the letter that its dosage counts, and the other one."""

    rsid: str
    effect: Letter
    other: Letter


class HaplotypeFrequencies(Record):
    """Frequencies in one ancestry, in the order of `Haplotype.letters`, estimated from `n` persons."""

    ancestry: str
    n: int
    values: tuple[float, ...]


class Haplotype(Record):
    """What a feature counts: copies of `counted` over `sites`, by the frequencies of the ancestry declared.

    `tables` is empty until a training cohort gives it; then its first entry is `POOLED`.
    """

    sites: tuple[HaplotypeSite, ...] = Field(min_length=2, max_length=3)
    counted: str
    tables: tuple[HaplotypeFrequencies, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """Every combination of letters, the first site varying slowest."""
        return tuple("".join(letters) for letters in product(*((site.other, site.effect) for site in self.sites)))

    @model_validator(mode="after")
    def _consistent(self) -> Haplotype:
        if self.counted not in self.letters:
            raise ValueError(f"the haplotype counted must be one of {', '.join(self.letters)}")
        for table in self.tables:
            if len(table.values) != len(self.letters) or abs(sum(table.values) - 1) > 1e-6:
                raise ValueError(f"the frequencies of {table.ancestry} must be {len(self.letters)}, and sum to 1")
        if self.tables and self.tables[0].ancestry != POOLED:
            raise ValueError(f"the first frequencies must be the {POOLED} ones")
        return self


def split_name(name: str) -> tuple[tuple[str, ...], str]:
    """Return the sites and the letters of a haplotype's name.

    Examples
    --------
    >>> split_name("rs2234693-rs9340799:TA")
    (('rs2234693', 'rs9340799'), 'TA')
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name!r} is no haplotype; write the sites and the letters as in 'rs2234693-rs9340799:TA'")
    return tuple(match[1].split("-")), match[2]


def haplotype_of(name: str, variants: Mapping[str, Variant]) -> Haplotype:
    """Return the haplotype that a name asks for, without frequencies.

    Raises
    ------
    ValueError
        A sentence: a form, a site or a letter that does not exist.
    """
    rsids, counted = split_name(name)
    if len(set(rsids)) < len(rsids) or len(rsids) != len(counted):
        raise ValueError(f"{name!r}: give each site once, and one letter per site")
    sites = []
    for rsid, letter in zip(rsids, counted, strict=True):
        row = variants.get(rsid)
        if row is None:
            raise ValueError(f"{name!r}: {rsid} is no variant of this endpoint")
        others = [allele for allele in row.alleles if allele != row.effect_allele]
        if len(others) != 1:
            raise ValueError(f"{name!r}: {rsid} has more than two alleles; a haplotype needs sites with two")
        if letter not in row.alleles:
            raise ValueError(f"{name!r}: {rsid} has the alleles {' and '.join(row.alleles)}, not {letter}")
        sites.append(HaplotypeSite(rsid=rsid, effect=row.effect_allele, other=others[0]))
    return Haplotype(sites=tuple(sites), counted=counted)


def expand(names: tuple[str, ...]) -> tuple[str, ...]:
    """Put the names of a set in the place of its short name, each name once.

    Examples
    --------
    >>> expand(("pvuii-xbai",))
    ('rs2234693-rs9340799:TA', 'rs2234693-rs9340799:CG')
    """
    return tuple(dict.fromkeys(one for name in names for one in HAPLOTYPE_SETS.get(name, (name,))))


def haplotype_faults(names: tuple[str, ...], variants: Mapping[str, Variant]) -> list[str]:
    """Return what is wrong with an endpoint's haplotypes; `variants` are those of the endpoint."""
    faults = []
    for name in expand(names):
        try:
            haplotype_of(name, variants)
        except ValueError as error:
            faults.append(f"haplotypes: {error}")
    return faults
