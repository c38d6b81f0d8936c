"""A genotype file matched to the panel, from its path to the report that a person or a program reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import USUAL, CallQuality
from data_schemas.errors import InputFileError, nearest
from data_schemas.reference.genome import Build, build_label
from data_schemas.wire.genotypes import FileProof, MatchReport, SampleCalls
from features.files.packing import UNLIMITED, Limits
from features.germline.calling.calls import PanelCalls
from features.germline.calling.decide import NOTHING_ASSUMED, Assumption, decide, sites_found
from features.germline.calling.regions import Regions
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import Readings, targets


@dataclass(frozen=True, eq=False)
class Match:
    """What a file says, and what it was decided to mean."""

    readings: Readings
    calls: PanelCalls


# What a caller may declare, ask for and allow: each by its name, each with a default.
def match_file(  # noqa: PLR0913
    path: Path,
    catalogue: Catalogue,
    *,
    build: Build | None = None,
    thresholds: CallQuality = USUAL,
    assumption: Assumption = NOTHING_ASSUMED,
    limits: Limits = UNLIMITED,
    name: str | None = None,
) -> Match:
    """Read a genotype file of any known format and make calls of it.

    Parameters
    ----------
    build
        Declared build: used where nothing proves one, and contradicted loudly where something proves another.
    name
        Shown instead of the path's name.

    Raises
    ------
    InputFileError
        As `features.germline.readers.kinds.read_genotypes` and `features.germline.calling.decide.decide`.
    """
    readings = read_genotypes(path, targets(catalogue), limits, name)
    if build is not None:
        readings = replace(readings, declared_build=build)
    calls = decide(readings, catalogue, thresholds, assumption)
    if assumption.callable is not None and not _covers_any(assumption.callable, calls):
        note = f"No site of the panel is within a region of {assumption.callable.file}: nothing is assumed by it."
        readings = replace(readings, notes=(*readings.notes, note))
    return Match(readings, calls)


def _covers_any(regions: Regions, calls: PanelCalls) -> bool:
    rows = [site.variant for site in calls.sites.values()]
    places = [row.grch37 if calls.proof.build == 37 else row.grch38 for row in rows]
    return any(place in regions for place in places if place is not None)


def match_report(match: Match, samples: Sequence[str] | None = None, shown: int | None = None) -> MatchReport:
    """Return the report of some samples, by default of all of them.

    Parameters
    ----------
    shown
        How many samples' calls the report holds at most; the counts are those of all that were asked for.

    Raises
    ------
    InputFileError
        ``unknown_sample``; names of samples are not repeated.
    """
    readings, calls = match.readings, match.calls
    numbers = sample_numbers(match, samples)
    found = sites_found(calls)
    return MatchReport(
        file=readings.file,
        format=readings.format,
        samples_in_file=readings.n,
        records_read=readings.n_read,
        whole_file=readings.whole,
        proof=_proof(match),
        sites_found=len(found),
        samples=tuple(sample_calls(match, number) for number in numbers[:shown]),
        counts=calls.counts(None if samples is None else numbers),
        notes=(*readings.notes, *_notes(match, found)),
    )


def sample_numbers(match: Match, samples: Sequence[str] | None) -> Sequence[int]:
    """Return where some samples are in a file, by default all.

    Raises
    ------
    InputFileError
        ``unknown_sample``.
    """
    if samples is None:
        return range(match.readings.n)
    return [_number(match.readings, name) for name in samples]


def sample_calls(match: Match, number: int) -> SampleCalls:
    """Return the calls of one sample."""
    return SampleCalls(sample=match.readings.samples[number], sites=tuple(match.calls.calls(number).values()))


def _number(readings: Readings, name: str) -> int:
    composed = unicodedata.normalize("NFC", name)
    if composed in readings.samples:
        return readings.samples.index(composed)
    near = nearest(name[:200], readings.samples[:10_000])
    cure = "did you mean a similar name that it has?" if near else "its names are those of the header"
    raise InputFileError("unknown_sample", f"{readings.file}: has no sample of the name given; {cure}")


def _proof(match: Match) -> FileProof:
    proof = match.calls.proof
    return FileProof(
        build=proof.build if proof.build != 36 else None,
        build_basis=proof.build_basis,
        build_sites=proof.sites,
        header_says=tuple(f"{build_label(hint.build)} ({hint.says})" for hint in match.readings.hints),
        strand=proof.strand,
        strand_basis=proof.strand_basis,
    )


def _notes(match: Match, found: Sequence[str]) -> tuple[str, ...]:
    if found:
        return ()
    readings, rows = match.readings, [site.variant for site in match.calls.sites.values()]
    genes = " or ".join(dict.fromkeys(row.gene for row in rows))
    chromosomes = dict.fromkeys(place.chrom for row in rows for place in (row.grch37, row.grch38) if place)
    looked = f"{readings.n_read:,} records read" if readings.whole else "by its index"
    if readings.chromosomes is not None and readings.chromosomes.isdisjoint(chromosomes):
        looked += f", none on chromosome {' or '.join(chromosomes)}"
    return (f"No {genes} site of the panel was found ({looked}): nothing is known of any, reference included.",)
