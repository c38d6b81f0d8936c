"""Haplotypes as columns of the design matrix: expected copies in [0, 2], from frequencies that the scorecard holds.

Encoding has no fit: `learn` gives a feature its frequencies once, from a training cohort's genotypes and never from its
outcomes, and they travel with the feature from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np

from data_schemas.arrays import Floats, Ints
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.haplotype import (
    ANCESTRY,
    POOLED,
    PREFIX,
    Haplotype,
    HaplotypeFrequencies,
    expand,
    haplotype_of,
    split_name,
)
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from data_schemas.model.scorecard import COPIES, Feature
from data_schemas.wire.prediction import Notice
from features.germline.phase import phase_name, phase_number
from features.matrix.haplotype_em import HaplotypeEstimate, estimate, expected_copies, frequencies_by

MIN_PERSONS = 25
"""Persons with every site called that an ancestry needs for frequencies of its own; fewer use the pooled ones."""


@dataclass(frozen=True)
class HaplotypeInputs:
    """The canonical values that an endpoint's haplotypes need besides its own inputs: none where it has none.

    `ancestry` is the covariate by which frequencies differ, `phases` the phase of each site.
    """

    ancestry: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.ancestry, *self.phases)


def haplotype_inputs(endpoint: Endpoint) -> HaplotypeInputs:
    """Return the canonical values that an endpoint's haplotypes need besides its own inputs."""
    rsids = dict.fromkeys(rsid for name in expand(endpoint.haplotypes) for rsid in split_name(name)[0])
    return HaplotypeInputs((ANCESTRY,), tuple(map(phase_name, rsids))) if rsids else HaplotypeInputs()


def endpoint_haplotypes(terms: Terms) -> list[Feature]:
    """Return the haplotype features that an endpoint asks for, still without frequencies."""
    variants = {rsid: row for rsid in terms.endpoint.variants if (row := terms.variant(rsid))}
    features = []
    for name in expand(terms.endpoint.haplotypes):
        try:
            haplotype = haplotype_of(name, variants)
        except ValueError as error:
            raise EsrError("catalogue_invalid", f"{terms.endpoint.id}: haplotypes: {error}") from None
        rows = [variants[site.rsid] for site in haplotype.sites]
        known = [set(terms.evidence_for(row.id)) for row in rows]
        where = "-".join(row.names[0] if row.names else row.id for row in rows)
        features.append(
            Feature(
                name=PREFIX + name,
                kind="dosage",
                group="genetic",
                label=f"{rows[0].gene} {where} haplotype {'-'.join(haplotype.counted)}{COPIES}it",
                decimals=2,
                haplotype=haplotype,
                evidence=tuple(sorted(set.intersection(*known))),
            )
        )
    return features


def replaced_sites(features: Iterable[Feature]) -> set[str]:
    """Return the sites that haplotypes cover: as columns of their own they would say the same letters twice."""
    return {site.rsid for feature in features if feature.haplotype for site in feature.haplotype.sites}


def inputs(features: Iterable[Feature]) -> list[str]:
    """Return the canonical values that `encode` reads for these features, each name once."""
    names: list[str] = []
    for feature in features:
        if feature.haplotype is None:
            names.append(feature.name)
            continue
        rsids = [site.rsid for site in feature.haplotype.sites]
        names += [*rsids, *map(phase_name, rsids), ANCESTRY]
    return list(dict.fromkeys(names))


def covered(feature: Feature, available: Collection[str]) -> bool:
    """Whether a cohort has every site of a haplotype."""
    return feature.haplotype is not None and all(site.rsid in available for site in feature.haplotype.sites)


def learn(features: Sequence[Feature], columns: Mapping[str, Sequence[Any]]) -> tuple[Feature, ...]:
    """Give haplotype features the frequencies of a cohort, pooled and by declared ancestry; others pass unchanged.

    Raises
    ------
    EsrError
        ``too_few_rows`` where fewer than `MIN_PERSONS` persons have all sites called.
    """
    found: dict[tuple[str, ...], tuple[HaplotypeFrequencies, ...]] = {}
    out = []
    for feature in features:
        if feature.haplotype is None:
            out.append(feature)
            continue
        rsids = tuple(site.rsid for site in feature.haplotype.sites)
        if rsids not in found:
            found[rsids] = _tables(feature.haplotype, columns)
        haplotype = feature.haplotype.model_copy(update={"tables": found[rsids]})
        out.append(feature.model_copy(update={"haplotype": haplotype}))
    return tuple(out)


def haplotype_column(columns: Mapping[str, Sequence[Any]], feature: Feature) -> Floats:
    """Return (n,) expected copies of the feature's haplotype, NaN where a site is not called.

    An imputed dosage between two whole genotypes is shared between them, so that its mean stays what it is; sites are
    then taken as independent given their dosages.

    Raises
    ------
    EsrError
        ``schema_incompatible`` where the feature has no frequencies.
    """
    haplotype = feature.haplotype
    assert haplotype is not None
    if not haplotype.tables:
        raise EsrError("schema_incompatible", f"{feature.name}: has no frequencies; a training has to give them")
    genotypes = _genotypes(haplotype, columns)
    table = _copies(haplotype)
    ancestry = _ancestry_rows(haplotype, columns, len(genotypes))
    unknown = np.isnan(genotypes.sum(axis=1, keepdims=True))
    low = np.where(unknown, 0.0, np.minimum(np.floor(genotypes), 1.0))
    share = np.where(unknown, 0.0, genotypes - low)
    copies = np.zeros(len(genotypes))
    for corner in product((0, 1), repeat=len(haplotype.sites)):
        weight = np.prod(np.where(corner, share, 1.0 - share), axis=1)
        code = (low + corner).astype(np.int64) @ 3 ** np.arange(len(corner))[::-1]
        copies += np.where(weight > 0, weight * table[ancestry, code], 0.0)
    copies[unknown[:, 0]] = np.nan
    _use_phase(copies, genotypes, haplotype, ancestry, _phases(haplotype, columns, len(genotypes)))
    return copies


def ancestry_notice(features: Sequence[Feature], values: Mapping[str, Any]) -> Notice | None:
    """Return a warning where a patient's haplotypes are weighed by the frequencies of everybody, else None."""
    for feature in features:
        haplotype = feature.haplotype
        if haplotype is None or any(values.get(site.rsid) is None for site in haplotype.sites):
            continue
        declared = values.get(ANCESTRY)
        if declared not in {table.ancestry for table in haplotype.tables[1:]}:
            reason = "is not declared" if declared is None else "had too few people in the training cohort"
            detail = (
                f"The ancestry ({ANCESTRY}) {reason}, so haplotypes are weighed by the frequencies of the whole "
                f"training cohort."
            )
            return Notice(code="pooled_haplotype_frequencies", detail=detail)
    return None


def _tables(haplotype: Haplotype, columns: Mapping[str, Sequence[Any]]) -> tuple[HaplotypeFrequencies, ...]:
    genotypes = _genotypes(haplotype, columns)
    phase = _phases(haplotype, columns, len(genotypes))
    pooled = estimate(genotypes, phase)
    where = "-".join(site.rsid for site in haplotype.sites)
    if pooled is None or pooled.n < MIN_PERSONS:
        raise EsrError(
            "too_few_rows",
            f"haplotypes of {where}: fewer than {MIN_PERSONS} people have every site called; leave the haplotypes out",
        )
    groups = frequencies_by(genotypes, phase, list(columns[ANCESTRY])) if ANCESTRY in columns else {}
    kept = {name: one for name, one in groups.items() if one.n >= MIN_PERSONS}
    return tuple(_stored(name, one) for name, one in {POOLED: pooled, **kept}.items())


def _stored(ancestry: str, found: HaplotypeEstimate) -> HaplotypeFrequencies:
    values = np.round(found.values, 12)
    return HaplotypeFrequencies(ancestry=ancestry, n=found.n, values=tuple((values / values.sum()).tolist()))


def _genotypes(haplotype: Haplotype, columns: Mapping[str, Sequence[Any]]) -> Floats:
    sites = [site.rsid for site in haplotype.sites]
    lacking = [rsid for rsid in sites if rsid not in columns]
    if lacking:
        raise EsrError("schema_incompatible", f"no column {lacking[0]}; the haplotypes of this model need it")
    return np.column_stack([np.asarray(columns[rsid], dtype=np.float64) for rsid in sites])


def _ancestry_rows(haplotype: Haplotype, columns: Mapping[str, Sequence[Any]], n: int) -> Ints:
    if ANCESTRY not in columns:
        return np.zeros(n, dtype=np.int64)
    number = {table.ancestry: row for row, table in enumerate(haplotype.tables) if row > 0}
    return np.array([number.get(label, 0) for label in columns[ANCESTRY]], dtype=np.int64)


def _phases(haplotype: Haplotype, columns: Mapping[str, Sequence[Any]], n: int) -> Ints:
    """Return (n, k) phase sets as `pairs_of` wants them: a phase without a number is set 1."""
    phases = np.zeros((n, len(haplotype.sites)), dtype=np.int64)
    for k, site in enumerate(haplotype.sites):
        if phase_name(site.rsid) in columns:
            phases[:, k] = [phase_number(text) for text in columns[phase_name(site.rsid)]]
    return phases


@lru_cache(maxsize=64)
def _copies(haplotype: Haplotype) -> Floats:
    """Return (ancestries, 3**k): expected copies for every unphased genotype, the first site varying slowest."""
    counted = haplotype.letters.index(haplotype.counted)
    genotypes = list(product((0, 1, 2), repeat=len(haplotype.sites)))
    return np.array([[expected_copies(g, (), table.values)[counted] for g in genotypes] for table in haplotype.tables])


def _use_phase(copies: Floats, genotypes: Floats, haplotype: Haplotype, ancestry: Ints, phases: Ints) -> None:
    """Replace the expectation of people whose heterozygous sites are phased."""
    counted = haplotype.letters.index(haplotype.counted)
    usable = (phases != 0) & (genotypes == 1)
    whole = (np.floor(genotypes) == genotypes).all(axis=1)
    for row in np.flatnonzero((usable.sum(axis=1) > 1) & whole):
        genotype = tuple(genotypes[row].astype(int).tolist())
        phase = tuple(np.where(usable[row], phases[row], 0).tolist())
        copies[row] = expected_copies(genotype, phase, haplotype.tables[ancestry[row]].values)[counted]
