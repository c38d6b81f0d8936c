"""Regions of a BED file, to say where the absence of a variant was looked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data_schemas.catalogue.rows import Position
from features.files.opening import OpenFile, opened
from features.germline.contigs import contig


@dataclass(frozen=True)
class Regions:
    """Intervals by chromosome without prefix: 0-based starts and half-open ends, sorted and merged."""

    file: str
    intervals: Mapping[str, tuple[tuple[int, int], ...]]

    def __contains__(self, position: Position) -> bool:
        """Tell whether a 1-based position lies in a region.

        Examples
        --------
        >>> regions = Regions("a.bed", {"6": ((99, 200),)})
        >>> [Position(chrom="6", pos=pos) in regions for pos in (99, 100, 200, 201)]
        [False, True, True, False]
        """
        intervals = self.intervals.get(position.chrom, ())
        number = bisect_right(intervals, (position.pos - 1, 2**63)) - 1
        return number >= 0 and position.pos - 1 < intervals[number][1]


def read_regions(path: Path) -> Regions:
    """Read a BED file.

    Raises
    ------
    InputFileError
        ``corrupt_file`` or ``not_a_number`` with the line; ``no_rows`` where it has no region.
    """
    origin = opened(path)
    found: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(origin.lines(), start=1):
        if line.strip() and not line.startswith((b"#", b"track", b"browser")):
            chrom, start, end = _region(origin, number, line)
            found.setdefault(chrom, []).append((start, end))
    if not found:
        raise origin.fault("has no region; a BED file has lines of chromosome, start and end", "no_rows")
    return Regions(origin.name, {chrom: _joined(intervals) for chrom, intervals in found.items()})


def _region(origin: OpenFile, number: int, line: bytes) -> tuple[str, int, int]:
    fields = line.decode(errors="replace").split("\t" if b"\t" in line else None)
    if len(fields) < 3 or not (fields[1].isdecimal() and fields[2].strip().isdecimal()):
        raise origin.fault(f"line {number}: must be chromosome, start and end; is this a BED file?", "not_a_number")
    start, end = int(fields[1]), int(fields[2])
    if end < start:
        raise origin.fault(f"line {number}: the region ends before it starts; BED counts from 0, end excluded")
    return contig(fields[0]), start, end


def _joined(intervals: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
