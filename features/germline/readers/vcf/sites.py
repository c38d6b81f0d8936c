"""One VCF or BCF record to readings of the sites that it covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from data_schemas.arrays import Shorts
from data_schemas.reference.genome import Build
from features.germline.readers.vcf.alleles import AtSite, alleles_at
from features.germline.readers.vcf.genotypes import TOO_MANY, genotype_alleles, measured
from features.germline.readers.vcf.header import VcfHeader
from features.germline.readers.vcf.imputation import IMPUTATION_KEYS
from features.germline.readers.vcf.record import VcfRecord
from features.germline.readings import REFERENCE, SILENT, SiteReading, Target

PLOIDY = "<PLOIDY>"
"""Allele text of a genotype with more than two alleles."""
BEYOND = "<BEYOND ALT>"
"""Allele text of a genotype that points to an ALT which the record does not have."""
INFO_KEYS = frozenset({"END", "SVTYPE", "PR", *IMPUTATION_KEYS})
"""INFO keys that are looked at."""


def site_readings(
    record: VcfRecord, variant: Any, wanted: tuple[Target, ...], header: VcfHeader
) -> Iterator[SiteReading]:
    """Yield what a record says of each target that it covers by position or names.

    Parameters
    ----------
    variant
        htslib's record, for its genotypes.
    """
    genotypes: SiteReading | None = None
    alleles: Shorts | None = None
    if record.structural:
        return
    # PLINK's flag of a REF that is the commoner letter: it is a letter of the site, and no witness of the reference
    provisional = record.info.get("PR") in (True, "true")
    for target, offset, build in _covered(record, wanted):
        at = alleles_at(record.ref, record.alts, offset)
        if at is None:
            continue
        if genotypes is None or alleles is None:
            alleles, phased = genotype_alleles(variant, len(header.samples))
            genotypes = measured(record, variant, alleles, phased, header.flags_imputed)
        yield replace(
            _with_letters(genotypes, alleles, at),
            site=target.name,
            named=target.name in record.ids,
            build=build,
            position=(record.chrom, record.pos + offset),
            ref=None if provisional else at.ref,
            provisional=provisional,
        )


def _covered(record: VcfRecord, wanted: tuple[Target, ...]) -> Iterator[tuple[Target, int, Build | None]]:
    for target in wanted:
        found = False
        for build, place in target.places():
            if place.chrom == record.chrom and record.pos <= place.pos <= record.end:
                found = True
                yield target, place.pos - record.pos, build
        if not found and target.name in record.ids:
            yield target, 0, None


def _with_letters(genotypes: SiteReading, indices: Shorts, at: AtSite) -> SiteReading:
    """Put the site's allele texts in place of the record's indices; two alleles with one letter become one."""
    texts = tuple(dict.fromkeys((*at.texts, PLOIDY, BEYOND)))
    letter_of = np.array([texts.index(text) for text in at.texts], dtype=np.int8)
    codes = np.where(indices < 0, indices, np.int16(texts.index(BEYOND))).astype(np.int8)
    known = (indices >= 0) & (indices < len(letter_of))
    codes[known] = letter_of[indices[known]]
    codes[indices == TOO_MANY] = texts.index(PLOIDY)
    if not at.speaks_of_all:
        telling = [number for number, text in enumerate(texts) if text not in (at.ref, REFERENCE)]
        codes[~np.isin(codes, telling).any(axis=1)] = SILENT
    copies = genotypes.copies
    if copies is not None and copies.shape[1] == len(at.texts):
        copies = np.column_stack([copies[:, letter_of == number].sum(axis=1) for number in range(len(texts) - 2)])
    return replace(genotypes, alleles=texts, codes=codes, copies=copies)
