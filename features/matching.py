"""A genotype file matched to the panel, from its path to the report that a person or a program reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data_schemas.catalog import Catalogue, nearest
from data_schemas.errors import InputFileError
from data_schemas.genotypes import FileProof, MatchReport, SampleCalls
from features.calls import PanelCalls
from features.decide import DEFAULT, NOTHING_ASSUMED, Assumption, decide, sites_found
from features.one_reading import Thresholds
from features.proof import BUILD_NAMES
from features.readers.kinds import read_genotypes
from features.readers.opening import UNLIMITED, Limits
from features.readings import Build, Readings, targets


@dataclass(frozen=True, eq=False)
class Match:
    """What a file says, and what it was decided to mean."""

    readings: Readings
    calls: PanelCalls


def match_file(
    path: Path,
    catalogue: Catalogue,
    *,
    build: Build | None = None,
    thresholds: Thresholds = DEFAULT,
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
        As `features.readers.kinds.read_genotypes` and `features.decide.decide`.
    """
    readings = read_genotypes(path, targets(catalogue), limits, name)
    if build is not None:
        readings = replace(readings, declared_build=build)
    return Match(readings, decide(readings, catalogue, thresholds, assumption))


def match_report(match: Match, samples: Sequence[str] | None = None) -> MatchReport:
    """Return the report of some samples, by default of all of them.

    Raises
    ------
    InputFileError
        ``unknown_sample``, with the nearest name where one is close.
    """
    readings, calls = match.readings, match.calls
    numbers = range(readings.n) if samples is None else [_number(readings, name) for name in samples]
    found = sites_found(readings, calls)
    return MatchReport(
        file=readings.file,
        format=readings.format,
        samples_in_file=readings.n,
        records_read=readings.n_read,
        whole_file=readings.whole,
        proof=_proof(match),
        sites_found=len(found),
        samples=tuple(
            SampleCalls(sample=readings.samples[number], sites=tuple(calls.calls(number).values()))
            for number in numbers
        ),
        counts=calls.counts(None if samples is None else numbers),
        notes=(*readings.notes, *_notes(readings, found)),
    )


def _number(readings: Readings, name: str) -> int:
    if name in readings.samples:
        return readings.samples.index(name)
    near = nearest(name[:200], readings.samples[:10_000])
    cure = "did you mean a similar name that it has?" if near else "its names are those of the header"
    raise InputFileError("unknown_sample", f"{readings.file}: has no sample of the name given; {cure}")


def _proof(match: Match) -> FileProof:
    proof = match.calls.proof
    return FileProof(
        build=proof.build if proof.build != 36 else None,
        build_basis=proof.build_basis,
        build_sites=proof.sites,
        header_says=tuple(f"{BUILD_NAMES[hint.build]} ({hint.says})" for hint in match.readings.hints),
        strand=proof.strand,
        strand_basis=proof.strand_basis,
    )


def _notes(readings: Readings, found: Sequence[str]) -> tuple[str, ...]:
    if found:
        return ()
    looked = f"{readings.n_read:,} records read" if readings.whole else "by its index"
    return (f"No ESR1 or ESR2 site of the panel was found ({looked}): nothing is known of any, reference included.",)
