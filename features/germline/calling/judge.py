"""What one record says of one panel site, as six-state calls: strand first, then completeness, then quality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Bools, Codes, Floats, Singles
from data_schemas.catalogue.cohort import CallQuality
from data_schemas.catalogue.rows import COMPLEMENT, Variant
from data_schemas.wire.genotypes import StrandNote
from features.germline.calling.calls import (
    CALLED,
    CONFLICT,
    FAILED,
    IMPUTED,
    NO_LETTER,
    NOT_ASSAYED,
    REASON_CODES,
    REASON_OF_TEXT,
    SiteCalls,
)
from features.germline.calling.proof import Proof
from features.germline.calling.strand import ENOUGH, Orientation
from features.germline.readers.vcf.imputation import ORIGIN_FLAGS
from features.germline.readings import HAPLOID, MISSING, REFERENCE, SILENT, Readings, SiteReading

PASSING_FILTERS = frozenset({"RefCall", *ORIGIN_FLAGS})
"""FILTER entries that mark a reference call (DeepVariant) or its origin (Minimac 3) rather than a doubtful one."""


@dataclass(frozen=True)
class _Verdict:
    """State and reason of every sample, (n,) each, while they are decided."""

    state: Codes
    reason: Codes

    def turn(self, where: Bools, state: int, why: str) -> None:
        """Give the samples at `where` (n,) another state, and its reason."""
        self.state[where], self.reason[where] = state, REASON_CODES[why]


def reading_calls(
    reading: SiteReading, variant: Variant, proof: Proof, readings: Readings, thresholds: CallQuality
) -> SiteCalls:
    """Return the calls that one reading makes; `source` is -1 for samples of whom it says nothing."""
    n = readings.n
    strand, note = _strand(reading, readings, proof)
    letter_of, reason_of = _letters(reading, variant, strand)
    silent = (reading.codes == SILENT).any(axis=1)
    letters = np.where(reading.codes >= 0, letter_of[np.maximum(reading.codes, 0)], NO_LETTER).astype(np.int8)
    reason = _incomplete(reading, reason_of)
    dosage = _dosage(reading, variant, letters, strand)
    if reading.copies is not None:
        unknown = (reading.codes == MISSING).all(axis=1)
        reason[unknown & ~np.isnan(dosage)] = 0
        reason[(reason == 0) & np.isnan(dosage)] = REASON_CODES["no_call"]
        letters = _letters_of_dosage(letters, dosage, variant, unknown, reading.imputed)
    counted = (letters == variant.alleles.index(variant.effect_allele)).sum(axis=1)
    apart = np.where((letters != NO_LETTER).all(axis=1) & (reason == 0), np.abs(counted - dosage), 0.0)
    # a rounded dosage, or the likeliest genotype, is at most one copy away from its dosage
    letters[apart > 0.5] = NO_LETTER
    verdict = _Verdict(np.where(reason == 0, IMPUTED if reading.imputed else CALLED, FAILED).astype(np.int8), reason)
    _apply_quality(reading, thresholds, verdict)
    verdict.turn(apart > 1.01, CONFLICT, "dosage_mismatch")
    whole = _whole_site_reason(reading, variant, proof, readings, strand)
    _apply_conflicts(reading, variant, whole, strand, letters, verdict)
    verdict.turn(silent, NOT_ASSAYED, "not_in_file")
    confident = np.isin(verdict.state, (CALLED, IMPUTED))
    return SiteCalls(
        variant=variant,
        state=verdict.state,
        reason=verdict.reason,
        letters=letters,
        dosage=np.where(confident, dosage, np.nan),
        phased=np.zeros(n, bool) if reading.phased is None else reading.phased & confident,
        phase_set=np.full(n, -1, np.int64) if reading.phase_set is None else reading.phase_set,
        gq=_or_nan(reading.gq, n),
        dp=_or_nan(reading.dp, n),
        quality=np.full(n, np.nan if reading.quality is None else reading.quality, np.float32),
        source=np.where(silent, -1, 0).astype(np.int16),
        places=(reading.place,),
        strands=(note,),
    )


def _strand(reading: SiteReading, readings: Readings, proof: Proof) -> tuple[Orientation | None, StrandNote | None]:
    """Return the strand that the letters are on, None where it is known from nothing but the letters themselves."""
    declared = reading.strand if reading.strand is not None else readings.strand
    if declared != "undeclared":
        return declared, "forward, declared" if declared == "forward" else "reverse, declared"
    if proof.strand is not None:
        return proof.strand, "forward, proven" if proof.strand == "forward" else "reverse, proven"
    return None, "forward, by its letters"


def _letters(reading: SiteReading, variant: Variant, strand: Orientation | None) -> tuple[Codes, Codes]:
    """Return for each allele text its index in the panel's alleles, or `NO_LETTER` and the reason for it."""
    index: dict[str, int] = {letter: number for number, letter in enumerate(variant.alleles)}
    letters = [index.get(_forward(text, variant, strand), NO_LETTER) for text in reading.alleles or ("",)]
    # letters without a reference beside them fail by the name that a request's do
    other = "other_allele" if reading.ref is not None or reading.block else "unknown_allele"
    reasons = [
        0 if letter != NO_LETTER else REASON_CODES[REASON_OF_TEXT.get(text, other)]
        for text, letter in zip(reading.alleles or ("",), letters, strict=True)
    ]
    return np.array(letters, np.int8), np.array(reasons, np.int8)


def _forward(text: str, variant: Variant, strand: Orientation | None) -> str:
    if text == REFERENCE:
        return variant.ref or ""
    return text.translate(COMPLEMENT) if strand == "reverse" else text


def _incomplete(reading: SiteReading, reason_of: Codes) -> Codes:
    """Return (n,) the reason why two alleles are not two letters, 0 where they are."""
    codes = reading.codes
    reason: Codes = np.where(codes >= 0, reason_of[np.maximum(codes, 0)], 0).max(axis=1).astype(np.int8)
    missing = (codes == MISSING).sum(axis=1)
    reason[missing == 1] = REASON_CODES["half_call"]
    reason[(codes[:, 1] == HAPLOID) & (reason == 0)] = REASON_CODES["haploid"]
    reason[missing == 2] = REASON_CODES["no_call"]
    return reason


def _dosage(reading: SiteReading, variant: Variant, letters: Codes, strand: Orientation | None) -> Floats:
    """Return (n,) copies of the effect allele, from fractional copies where the reading has them."""
    effect = variant.alleles.index(variant.effect_allele)
    if reading.copies is None:
        both = (letters != NO_LETTER).all(axis=1)
        return np.asarray(np.where(both, (letters == effect).sum(axis=1), np.nan))
    letter_of, _ = _letters(reading, variant, strand)
    columns = reading.copies.astype(float)
    held = letter_of[: columns.shape[1]]
    if effect in held:
        copies = columns[:, held == effect].sum(axis=1)
    elif len(variant.alleles) == 2 and (held != NO_LETTER).any():
        copies = 2 - columns[:, held != NO_LETTER].sum(axis=1)
    else:
        copies = np.full(len(columns), np.nan)
    others = columns[:, held == NO_LETTER].sum(axis=1)
    copies[others > 0.5] = np.nan  # mostly an allele that the panel does not have
    return np.asarray(np.where((copies > -0.01) & (copies < 2.01), np.clip(copies, 0, 2), np.nan))


def _letters_of_dosage(letters: Codes, dosage: Floats, variant: Variant, unknown: Bools, imputed: bool) -> Codes:
    """Give whole dosages of a two-letter site their letters, where the file has the dosage alone."""
    if imputed or len(variant.alleles) != 2:
        return letters
    effect = variant.alleles.index(variant.effect_allele)
    filled = letters.copy()
    for copies, pair in enumerate(((1 - effect, 1 - effect), (0, 1), (effect, effect))):
        filled[unknown & (dosage == copies)] = pair
    return filled


def _apply_quality(reading: SiteReading, thresholds: CallQuality, verdict: _Verdict) -> None:
    def fail(where: Bools, why: str) -> None:
        verdict.turn(where & (verdict.reason == 0), FAILED, why)

    everybody = np.ones(len(verdict.state), bool)
    if not PASSING_FILTERS.issuperset(reading.filters):
        fail(everybody, "filtered")
    own = ((reading.filtered, "filtered"), (reading.unread, "no_reads"), (reading.contradicted, "allele_balance"))
    for where, why in own:
        if where is not None:
            fail(where, why)
    if reading.imputed and thresholds.min_r2 > 0:
        if reading.quality is None:
            fail(everybody, "imputation_quality_unknown")
        elif reading.quality < thresholds.min_r2:
            fail(everybody, "low_imputation_quality")
    if reading.gq is not None:
        fail(reading.gq < thresholds.min_gq, "low_gq")
    if reading.dp is not None:
        fail(reading.dp < thresholds.min_dp, "low_dp")


def _apply_conflicts(
    reading: SiteReading,
    variant: Variant,
    whole: str | None,
    strand: Orientation | None,
    letters: Codes,
    verdict: _Verdict,
) -> None:
    """Turn calls that the file's own evidence contradicts, or cannot carry, into conflicts."""
    if whole is not None:
        stated = (reading.codes >= 0).any(axis=1) | np.isin(verdict.state, (CALLED, IMPUTED))
        verdict.turn(stated, FAILED if whole == "unverified_position" else CONFLICT, whole)
    elif reading.ref is None:
        verdict.turn(_fits_other_strand(reading, variant, strand, letters), CONFLICT, "strand_mismatch")


def _fits_other_strand(reading: SiteReading, variant: Variant, strand: Orientation | None, letters: Codes) -> Bools:
    """Return (n,) who has two letters that do not both fit the strand as read, and do fit the other one."""
    other: Orientation = "forward" if strand == "reverse" else "reverse"
    fits = np.array([_forward(text, variant, other) in variant.alleles for text in reading.alleles] or [False])
    both = ((reading.codes >= 0) & fits[np.maximum(reading.codes, 0)]).all(axis=1)
    return np.asarray(both & (letters == NO_LETTER).any(axis=1))


def _whole_site_reason(
    reading: SiteReading, variant: Variant, proof: Proof, readings: Readings, strand: Orientation | None
) -> str | None:
    """Return why nobody's letters of this reading can stand."""
    if variant.status != "verified" and not reading.named:
        return "unverified_position"
    if variant.status == "verified" and reading.position is not None and reading.build != proof.build:
        return "position_mismatch"
    if reading.ref is not None and variant.ref is not None:
        read = reading.ref.translate(COMPLEMENT) if strand == "reverse" else reading.ref
        if read != variant.ref:
            return "reference_mismatch"
    # other genes' columns may be on another strand; an array has one convention, and a witness of it is enough
    witnesses = ENOUGH if readings.strand_per_site else 1
    undeclared = (reading.strand or readings.strand) == "undeclared" and not readings.reference_based
    if variant.palindromic and undeclared and proof.agreeing.get(variant.gene, 0) < witnesses:
        return "ambiguous_strand"
    if strand is None and not reading.block:
        if variant.palindromic:
            return "ambiguous_strand"
        if proof.reverse and proof.majority != "forward":
            return "mixed_strands" if proof.forward else None
    return None


def _or_nan(values: Singles | None, n: int) -> Singles:
    return np.full(n, np.nan, np.float32) if values is None else values.astype(np.float32)
