"""The strand of a file's letters: which sites fit the panel on one strand only, and what they prove together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import COMPLEMENT
from data_schemas.errors import InputFileError
from data_schemas.wire.genotypes import Basis
from features.germline.readings import Readings, SiteReading, Target

Orientation = Literal["forward", "reverse"]
Fit = Literal["forward", "reverse", "either", "neither"]
ENOUGH = 2
"""Sites that must agree before letters alone prove anything: one fits by chance too often."""


def fit(letters: Iterable[str], allowed: Iterable[str]) -> Fit:
    """Return the strand on which letters are among the allowed ones.

    Examples
    --------
    >>> fit("CT", "TC"), fit("GA", "TC"), fit("GC", "GC"), fit("TA", "TC")
    ('forward', 'reverse', 'either', 'neither')
    """
    seen, known = set(letters), set(allowed)
    forward, reverse = seen <= known, {one.translate(COMPLEMENT) for one in seen} <= known
    if forward and reverse:
        return "either"
    return "forward" if forward else "reverse" if reverse else "neither"


def letters_of(reading: SiteReading) -> set[str]:
    """Return the single letters that a reading calls in anybody, or that its dosages count."""
    codes = np.unique(reading.codes)
    seen = {reading.alleles[code] for code in codes if code >= 0}
    if reading.copies is not None:
        seen |= set(reading.alleles)
    return {text for text in seen if text in ("A", "C", "G", "T")}


def letters_known(target: Target, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the forward-strand letters that a site may have."""
    return tuple(catalogue.variants[target.name].alleles) if target.kind == "panel" else (target.ref or "",)


def orientations(
    here: Iterable[SiteReading], wanted: Mapping[str, Target], catalogue: Catalogue
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sites that fit on the forward strand only, and those that fit on the reverse strand only.

    A site that fits neither way, or both in different people, is on both lists: it contradicts either.
    """
    forward: dict[str, None] = {}
    reverse: dict[str, None] = {}
    for one in here:
        target = wanted[one.site]
        if not target.verified or (one.strand is not None and one.strand != "undeclared"):
            continue
        verdict = _orientation(one, target, catalogue)
        if verdict in ("forward", "neither"):
            forward[one.site] = None
        if verdict in ("reverse", "neither"):
            reverse[one.site] = None
    return tuple(forward), tuple(reverse)


def _orientation(reading: SiteReading, target: Target, catalogue: Catalogue) -> Fit | None:
    if reading.ref is not None and target.ref is not None:
        # a VCF: its REF must be the reference letter, so even a palindromic site tells
        return fit(reading.ref, target.ref)
    if reading.block:
        return None
    seen = letters_of(reading)
    verdict = fit(seen, letters_known(target, catalogue)) if seen else "either"
    return None if verdict == "either" else verdict


def strand_of_file(
    readings: Readings, forward: tuple[str, ...], reverse: tuple[str, ...]
) -> tuple[Orientation | None, Basis]:
    """Return the strand of a file and how it is known, given the sites that fit on one strand only.

    Raises
    ------
    InputFileError
        ``strand_mismatch`` where the declared strand is contradicted by all letters.
    """
    if readings.strand != "undeclared":
        against = reverse if readings.strand == "forward" else forward
        agreeing = forward if readings.strand == "forward" else reverse
        if len(against) >= ENOUGH and not agreeing:
            raise InputFileError(
                "strand_mismatch",
                f"{readings.file}: declared as the {readings.strand} strand, but the letters of {', '.join(against)} "
                "fit only on the other one; correct the declaration",
            )
        return readings.strand, "declared"
    if readings.reference_based and forward and not reverse:
        return "forward", "proven"
    if len(forward) >= ENOUGH and not reverse:
        return "forward", "proven"
    if len(reverse) >= ENOUGH and not forward:
        return "reverse", "proven"
    return None, "unproven"
