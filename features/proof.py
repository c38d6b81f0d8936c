"""Genome build and strand of a genotype file, proven from its own records at sites whose letters are known.

A header says what its author believed. The proof is in the records: a REF that is the reference letter where one build
has the site, an rsID at one build's position, letters that fit the panel on one strand only. What the header says is
mentioned, and contradicts the proof loudly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from data_schemas.catalog import Catalogue
from data_schemas.errors import InputFileError
from features.readings import Build, Readings, SiteReading, Target, targets

COMPLEMENT = str.maketrans("ACGT", "TGCA")
Orientation = Literal["forward", "reverse"]
Fit = Literal["forward", "reverse", "either", "neither"]
Basis = Literal["proven", "declared", "by name only", "unproven"]

BUILD_NAMES: dict[Build, str] = {36: "NCBI36 (hg18)", 37: "GRCh37 (hg19)", 38: "GRCh38 (hg38)"}
ENOUGH = 2
"""Non-palindromic sites that must agree before letters alone prove a strand."""


@dataclass(frozen=True)
class Proof:
    """What is known of a file's build and strand.

    `build` is None where there was nothing to prove it with, or no need to; `sites` are those that prove it. `strand`
    is that of the file's letters; None where it is not proven: then letters count only where they speak for themselves.
    `forward` and `reverse` are the sites that fit on one strand only, `majority` is what most of them say. `agreeing`
    counts the sites of each gene's panel that fit on the proven strand only.
    """

    build: Build | None
    build_basis: Basis
    sites: tuple[str, ...]
    strand: Orientation | None
    strand_basis: Basis
    majority: Orientation | None
    forward: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    agreeing: Mapping[str, int] = field(default_factory=dict)


def prove(readings: Readings, catalogue: Catalogue) -> Proof:
    """Return the build and the strand of a file.

    Raises
    ------
    InputFileError
        ``wrong_genome_build`` where the records contradict the header or the declared build, and for build 36;
        ``genome_build_unknown`` where records could be at panel sites of either build and nothing tells which;
        ``strand_mismatch`` where the declared strand is contradicted by all letters.
    """
    wanted = {target.name: target for target in targets(catalogue)}
    build, basis, sites = _build(readings, wanted, catalogue)
    here = [one for one in readings.sites if one.build == build or (one.named and one.position is None)]
    forward, reverse = _orientations(readings, here, wanted, catalogue)
    strand, strand_basis = _strand(readings, forward, reverse)
    majority: Orientation | None = None
    if len(forward) != len(reverse):
        majority = "forward" if len(forward) > len(reverse) else "reverse"
    told = forward if strand == "forward" else reverse if strand == "reverse" else ()
    agreeing = Counter(catalogue.variants[name].gene for name in told if name in catalogue.variants)
    return Proof(build, basis, sites, strand, strand_basis, majority, forward, reverse, agreeing)


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


def _build(
    readings: Readings, wanted: dict[str, Target], catalogue: Catalogue
) -> tuple[Build | None, Basis, tuple[str, ...]]:
    support: dict[Build, list[str]] = {37: [], 38: []}
    named: dict[Build, list[str]] = {37: [], 38: []}
    elsewhere: list[SiteReading] = []
    telling: set[Build] = set()
    for one in readings.sites:
        if one.position is None or not wanted[one.site].verified:
            continue
        if one.build is None:
            elsewhere.append(one)
        elif one.named:
            named[one.build].append(one.site)
        elif not one.block and _letters_agree(one, wanted[one.site], catalogue):
            support[one.build].append(one.site)
            if wanted[one.site].kind == "panel" and any(text in ("A", "C", "G", "T") for text in one.alleles[1:]):
                telling.add(one.build)
    proven = _winner(readings, support, named, telling)
    _refuse_other_labels(readings, proven, elsewhere, (*named[37], *named[38]))
    if proven is not None:
        return proven, "proven", tuple(dict.fromkeys((*named[proven], *support[proven])))
    if readings.declared_build is not None:
        return readings.declared_build, "declared", ()
    unclear = [
        one
        for one in readings.sites
        if one.build is not None and (one.block or one.site in (*support[one.build], *named[one.build]))
    ]
    if unclear:
        raise InputFileError(
            "genome_build_unknown",
            f"{readings.file}, {unclear[0].place}: covers a panel site of build {unclear[0].build}, but no record "
            f"proves the build{_hinted(readings)}; state it with --build 37 or --build 38",
        )
    by_name = any(one.named and one.position is None for one in readings.sites)
    return None, "by name only" if by_name else "unproven", ()


def _letters_agree(reading: SiteReading, target: Target, catalogue: Catalogue) -> bool:
    """Tell whether an unnamed record at a target's position has the target's letters, on either strand."""
    alleles = catalogue.variants[target.name].alleles if target.kind == "panel" else (target.ref or "",)
    if reading.ref is None:
        seen = letters_of(reading)
        return bool(seen) and fit(seen, alleles) != "neither"
    alternates = {text for text in reading.alleles[1:] if text in ("A", "C", "G", "T")}
    for ref, others in ((reading.ref, alternates), (reading.ref.translate(COMPLEMENT), _complements(alternates))):
        if ref == target.ref and (target.kind == "anchor" or not others or not others.isdisjoint(alleles)):
            return True
    return False


def _complements(letters: Iterable[str]) -> set[str]:
    return {letter.translate(COMPLEMENT) for letter in letters}


def _winner(
    readings: Readings, support: dict[Build, list[str]], named: dict[Build, list[str]], telling: set[Build]
) -> Build | None:
    """Return the build with more sites.

    One unnamed site is enough only where both REF and ALT are the panel's: one letter agrees by chance in a quarter of
    all places. `telling` are the builds with such a site.
    """
    weight = {}
    for build in support:
        least = 1 if readings.reference_based and build in telling else ENOUGH
        unnamed = len(set(support[build]))
        weight[build] = len(set(named[build])) + (unnamed if unnamed >= least else 0)
    if weight[37] == weight[38]:
        return None
    return 37 if weight[37] > weight[38] else 38


def _refuse_other_labels(
    readings: Readings, proven: Build | None, elsewhere: list[SiteReading], named: tuple[str, ...]
) -> None:
    declared, labels = readings.declared_build, {hint.build for hint in readings.hints}
    if proven is None:
        if elsewhere and not named:
            first = elsewhere[0]
            raise _wrong(
                readings, f"{first.place}: {first.site} is at a position of neither build 37 nor 38, as in build 36"
            )
        if 36 in labels and declared is None and labels == {36}:
            raise _wrong(readings, f"by its {readings.hints[0].says} it is {BUILD_NAMES[36]}")
        return
    if declared is not None and declared != proven:
        raise _wrong(
            readings, f"build {declared} was declared, but its records are those of {BUILD_NAMES[proven]}", proven
        )
    # a header may speak of several builds, a record's own sequence name is of one
    named_otherwise = [hint for hint in readings.hints if hint.says == "sequence names" and hint.build != proven]
    if declared is None and labels and (proven not in labels or named_otherwise):
        label = next(iter((*named_otherwise, *readings.hints)))
        raise _wrong(
            readings,
            f"by its {label.says} it is {BUILD_NAMES[label.build]}, but its records are those of {BUILD_NAMES[proven]}",
            proven,
        )


def _wrong(readings: Readings, what: str, proven: Build | None = None) -> InputFileError:
    cure = f"correct it, or confirm with --build {proven}" if proven else "lift the file over to build 37 or 38 first"
    return InputFileError("wrong_genome_build", f"{readings.file}: {what}; {cure}")


def _hinted(readings: Readings) -> str:
    return "".join(
        f" (by its {hint.says} it is {BUILD_NAMES[hint.build]}, which is no proof)" for hint in readings.hints[:1]
    )


def _orientations(
    readings: Readings, here: list[SiteReading], wanted: dict[str, Target], catalogue: Catalogue
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
    allowed = catalogue.variants[target.name].alleles if target.kind == "panel" else (target.ref or "",)
    seen = letters_of(reading)
    verdict = fit(seen, allowed) if seen else "either"
    return None if verdict == "either" else verdict


def _strand(readings: Readings, forward: tuple[str, ...], reverse: tuple[str, ...]) -> tuple[Orientation | None, Basis]:
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
