"""Several records on one site become one call per sample, or a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from data_schemas.arrays import Bools, Ints
from features.germline.calling.calls import CALLED, CONFLICT, FAILED, IMPUTED, NO_LETTER, REASON_CODES, SiteCalls
from features.germline.readings import SILENT, SiteReading

_FIELDS = ("state", "reason", "letters", "dosage", "phased", "phase_set", "gq", "dp", "quality")
_FOUND = ("other_allele", "unknown_allele", "deletion", "ploidy", "invalid_genotype", "allele_balance")
"""Reasons of a failure that say something of the genotype: a call beside them would overlook it."""
_DOUBTED = ("filtered", "low_gq", "low_dp", "low_imputation_quality", "imputation_quality_unknown")
"""Reasons of a failure by quality: the letters are known, and others than the call's contradict it."""


def merged(decided: Sequence[SiteCalls], readings: Sequence[SiteReading]) -> SiteCalls:
    """Return one call per sample.

    A call wins over a no-call, and over a genotype that failed by quality and is the same. There is no call where a
    record failed because of what it found (another allele, a deletion) or is a conflict. Records that split a
    multi-allelic site (one ALT each) are put together. Otherwise different genotypes make a conflict, whether all are
    called or some failed by quality.
    """
    if len(decided) == 1:
        return decided[0]
    places = tuple(place for one in decided for place in one.places)
    strands = tuple(strand for one in decided for strand in one.strands)
    best = replace(decided[0], places=places, strands=strands, **{f: getattr(decided[0], f).copy() for f in _FIELDS})
    best = replace(best, source=decided[0].source.copy())
    for number, other in enumerate(decided[1:], start=1):
        better = _rank(other) > _rank(best)
        for field in _FIELDS:
            getattr(best, field)[better] = getattr(other, field)[better]
        best.source[better] = number
    split = _split(readings)
    for (i, one), (j, two) in combinations(enumerate(decided), 2):
        differ = _differ(one, two) & np.isin(best.state, (CALLED, IMPUTED))
        if split:
            differ = _together(best, decided[i], decided[j], readings[i], differ)
        best.state[differ], best.reason[differ] = CONFLICT, REASON_CODES["duplicate_calls"]
        best.dosage[differ], best.letters[differ], best.phased[differ] = np.nan, NO_LETTER, False
    return best


def _rank(calls: SiteCalls) -> Ints:
    """Order what a reading says of each sample: nothing, a failure, a call, another allele found, a conflict."""
    found = np.isin(calls.reason, [REASON_CODES[name] for name in _FOUND])
    ranks = [calls.source < 0, calls.state == CONFLICT, np.isin(calls.state, (CALLED, IMPUTED)), found]
    return np.select(ranks, [0, 4, 2, 3], default=1)


def _differ(one: SiteCalls, two: SiteCalls) -> Bools:
    letters = (one.letters != NO_LETTER).all(axis=1) & (two.letters != NO_LETTER).all(axis=1)
    called = [np.isin(calls.state, (CALLED, IMPUTED)) for calls in (one, two)]
    told = [now | _doubted(calls) for now, calls in zip(called, (one, two), strict=True)]
    both = (called[0] & called[1]) | (letters & told[0] & told[1])
    same = np.where(
        letters,
        (np.sort(one.letters, axis=1) == np.sort(two.letters, axis=1)).all(axis=1),
        np.abs(one.dosage - two.dosage) < 0.01,
    )
    return np.asarray(both & ~same)


def _doubted(calls: SiteCalls) -> Bools:
    """Return (n,) whose genotype failed by quality alone."""
    return np.asarray((calls.state == FAILED) & np.isin(calls.reason, [REASON_CODES[name] for name in _DOUBTED]))


def _split(readings: Sequence[SiteReading]) -> bool:
    """Tell whether the readings are one multi-allelic site, split into a record per ALT."""
    if any(one.ref is None or one.block for one in readings) or len({one.ref for one in readings}) > 1:
        return False
    alternates = [{text for text in one.alleles if text in "ACGT" and text != one.ref} for one in readings]
    return all(alternates) and all(a.isdisjoint(b) for a, b in combinations(alternates, 2))


def _together(best: SiteCalls, one: SiteCalls, two: SiteCalls, reading: SiteReading, differ: Bools) -> Bools:
    """Put the ALT letters of two split records together where they make two letters; return what still differs."""
    variant = best.variant
    if variant.ref is None or not differ.any() or (reading.codes == SILENT).all():
        return differ
    ref, effect = variant.alleles.index(variant.ref), variant.alleles.index(variant.effect_allele)
    left = differ.copy()
    for number in np.flatnonzero(differ):
        failed = [calls.letters[number] for calls in (one, two) if calls.state[number] == FAILED]
        if failed:
            # a doubted record without its ALT contradicts nothing, one with it does
            left[number] = any((letters != ref).any() for letters in failed)
            continue
        carried = [code for code in (*one.letters[number], *two.letters[number]) if code not in (ref, NO_LETTER)]
        if len(carried) <= 2:
            pair = sorted([*carried, *[ref] * (2 - len(carried))])
            best.letters[number], best.dosage[number] = pair, pair.count(effect)
            best.phased[number] = False
            left[number] = False
    return left
