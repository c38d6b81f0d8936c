"""The sample columns of a VCF or BCF record, as htslib gives them: alleles, phase, qualities and dosages."""

from __future__ import annotations

from typing import Any

import numpy as np

from data_schemas.arrays import Bools, Ints, Shorts, Singles
from features.germline.readers.vcf import reads
from features.germline.readers.vcf.imputation import imputation_quality, origin_of_genotypes
from features.germline.readers.vcf.record import VcfRecord, format_matrix, format_numbers
from features.germline.readings import HAPLOID, MISSING, SiteReading

TOO_MANY = -9
"""Code of both alleles of a genotype with more than two."""
PASSED = frozenset({"PASS", ".", "", "RefCall"})
"""A sample's filter (FT) that fails nobody; RefCall is how DeepVariant marks a reference call."""


def genotype_alleles(variant: Any, n: int) -> tuple[Shorts, Bools]:
    """Return (n, 2) int16 indices of a record's alleles, or the codes of `germline.readings`, and (n,) phase.

    A genotype of more than two alleles becomes the pair (`TOO_MANY`, `TOO_MANY`).
    """
    if "GT" not in variant.FORMAT:
        return np.full((n, 2), MISSING, np.int16), np.zeros(n, bool)
    table = variant.genotype.array()
    codes, phased = table[:, :-1].astype(np.int16), table[:, -1].astype(bool)
    if codes.shape[1] == 1:
        codes = np.column_stack([codes, np.full(n, HAPLOID, np.int16)])
    pair = codes[:, :2].copy()
    pair[(codes[:, 2:] != HAPLOID).any(axis=1)] = TOO_MANY
    # htslib gives a lone "." as one missing allele: nothing was called, whatever the ploidy
    pair[(pair[:, 0] == MISSING) & (pair[:, 1] == HAPLOID)] = MISSING
    return pair, phased & (pair >= 0).all(axis=1)


def measured(record: VcfRecord, variant: Any, pairs: Shorts, phased: Bools, flags_imputed: bool) -> SiteReading:
    """Return a reading with everything but the site and its alleles: qualities, dosages, phase, what the reads say.

    Parameters
    ----------
    pairs
        (n, 2) indices of the alleles called, as `genotype_alleles` gives them.
    phased
        (n,) whether the order of the letters is that of the chromosomes.
    flags_imputed
        Whether the file marks imputed records (INFO IMP), so that an unmarked one with a dosage was measured.
    """
    imputed, typed = origin_of_genotypes({**record.info, **dict.fromkeys(record.filters, True)}, flags_imputed)
    # what was measured is the genotype: a dosage beside it is the imputation's opinion of it
    n_alleles = 1 + len(record.alts)
    copies = None if typed and "GT" in variant.FORMAT else _copies(variant, n_alleles)
    imputed = imputed or (copies is not None and not typed)
    sets = format_numbers(variant, "PS")
    return SiteReading(
        site="",
        place=record.place,
        alleles=(),
        codes=np.empty((len(phased), 2), np.int8),
        copies=copies,
        imputed=imputed,
        quality=imputation_quality(record.info),
        phased=phased,
        phase_set=None if sets is None else _phase_sets(sets),
        gq=_genotype_quality(variant, imputed),
        dp=reads.depth(variant, n_alleles),
        filters=record.filters,
        filtered=_filtered(variant),
        block=record.block,
        # an imputed genotype rests on other people's, and may have no read of its own
        unread=None if imputed else reads.unread(variant, len(phased), n_alleles),
        contradicted=None if imputed else reads.contradicted(variant, pairs, n_alleles),
    )


def _copies(variant: Any, n_alleles: int) -> Singles | None:
    """Return (n, A) expected copies of each allele from DS, HDS or GP; None where the record has no such thing."""
    dosage = format_matrix(variant, "DS")
    if dosage is None and (halves := format_matrix(variant, "HDS")) is not None and n_alleles == 2:
        dosage = halves.sum(axis=1, keepdims=True)
    if dosage is not None and dosage.shape[1] == n_alleles - 1:
        return np.column_stack([2 - dosage.sum(axis=1), dosage])
    chances = format_matrix(variant, "GP")
    if chances is None or chances.shape[1] != n_alleles * (n_alleles + 1) // 2:
        return None
    known = ~np.isnan(chances).any(axis=1)
    # VCF 4.2 callers write phred-scaled GP: those are no probabilities, and the record was measured
    if not known.any() or np.abs(chances[known].sum(axis=1) - 1).max() > 0.05:
        return None
    copies = np.zeros((len(chances), n_alleles), np.float32)
    order = [(one, two) for two in range(n_alleles) for one in range(two + 1)]
    for column, pair in enumerate(order):
        for allele in pair:
            copies[:, allele] += chances[:, column]
    return copies


def _phase_sets(sets: Singles) -> Ints:
    """Return whole numbers, -1 for what is none."""
    known = np.abs(np.nan_to_num(sets, nan=np.inf)) < 2**53
    return np.where(known, sets, -1).astype(np.int64)


def _filtered(variant: Any) -> Bools | None:
    """Return (n,) whose own filter (FT) is neither passed nor unset; None where the record has no such thing."""
    table = variant.format("FT") if "FT" in variant.FORMAT else None
    if table is None:
        return None
    if table.dtype.kind not in "US":
        marks = format_matrix(variant, "FT")  # a header that calls it a number: whatever is there is no PASS
        return None if marks is None else np.asarray(~np.isnan(marks).all(axis=1))
    return np.array([str(cell) not in PASSED for cell in table.ravel().tolist()])


def _genotype_quality(variant: Any, imputed: bool) -> Singles | None:
    """Return (n,) GQ or GQX, the smaller; else RGQ; where a sample has none, what its likelihoods say.

    Likelihoods beside imputed genotypes were the imputation's input.
    """
    found = [one for one in (format_numbers(variant, key) for key in ("GQ", "GQX")) if one is not None]
    stated = np.fmin.reduce(found) if found else format_numbers(variant, "RGQ")
    told = None if imputed else reads.quality(variant)
    if stated is None or told is None:
        return told if stated is None else stated
    return np.where(np.isnan(stated), told, stated).astype(np.float32)
