"""The few records of a BCF that concern us, found without decoding the others.

The layout is that of section 6 of the VCF specification: a text header, then records of two lengths, of which the first
24 bytes hold chromosome, position and length of REF.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from features.files.opening import MAX_LINE, OpenFile
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.vcf.header import VcfHeader
from features.germline.readers.vcf.lines import MAX_COVERING
from features.germline.readers.vcf.tumour_marks import germline_header

_HEAD = struct.Struct("<2I3i")  # bytes shared by all samples, bytes of the samples, contig, position from 0, length
_CONTIG = re.compile(r"##contig=<.*?ID=([^,>]+)")
_IDX = re.compile(r"[,<]IDX=(\d+)")
_CHARACTERS, _LONG = 7, 15


@dataclass(frozen=True, eq=False)
class Records:
    """What a BCF was searched for: the pieces of a small BCF of the records that concern the targets, and counts."""

    header: VcfHeader
    pieces: list[bytes]
    n_read: int
    chromosomes: frozenset[str]
    sequences: frozenset[str]


def matching_records(origin: OpenFile, places: Places) -> Records:
    """Search a BCF for the records that concern the targets.

    Raises
    ------
    InputFileError
        ``corrupt_file`` where the file is cut off or a length in it is impossible; whatever `germline_header` finds.
    """
    stream = _Stream(origin)
    magic = stream.take(9)
    text = stream.take(struct.unpack_from("<I", magic, 5)[0])
    lines = text.rstrip(b"\n\0").split(b"\n")
    header, names = germline_header(origin, lines), _contigs(lines)
    pieces, n_read = [magic, text], 0
    sequences: set[str] = set()
    while head := stream.take(_HEAD.size, end_allowed=True):
        n_read += 1
        shared, samples, number, start, length = _HEAD.unpack(head)
        if shared < 24 or shared > MAX_LINE:
            raise origin.fault(f"record {n_read:,}: an impossible length; copy or create the file again")
        chrom = contig(names.get(number, ""))
        if chrom not in places.chromosomes:
            stream.skip(shared + samples - 12)
            continue
        sequences.add(names[number])
        rest = stream.take(shared - 12)
        if not places.concern(chrom, start + 1, start + max(length, 1), _name(rest)):
            stream.skip(samples)
            continue
        pieces.append(head + rest + stream.take(samples))
        if len(pieces) > MAX_COVERING:
            raise origin.fault(f"more than {MAX_COVERING:,} records cover the panel's sites; is this one BCF?")
    return Records(header, pieces, n_read, frozenset(map(contig, sequences)), frozenset(sequences))


def _contigs(lines: list[bytes]) -> dict[int, str]:
    """Return the names that records point to by number: that of IDX, or else the place among the contig lines."""
    found: dict[int, str] = {}
    for line in (line.decode(errors="replace") for line in lines if line.startswith(b"##contig=")):
        name, index = _CONTIG.match(line), _IDX.search(line)
        if name:
            found[int(index[1]) if index else len(found)] = name[1]
    return found


def _name(rest: bytes) -> str | None:
    """Return the ID of a record, whose shared part begins with 12 bytes of counts."""
    kind, length, at = rest[12] & 15, rest[12] >> 4, 13
    if kind != _CHARACTERS:
        return None
    if length == _LONG:
        width = {1: "<b", 2: "<h", 3: "<i"}.get(rest[13] & 15, "<b")
        (length,), at = struct.unpack_from(width, rest, 14), 14 + struct.calcsize(width)
    return rest[at : at + length].decode(errors="replace")


class _Stream:
    """Bytes in order, from pieces of any size."""

    def __init__(self, origin: OpenFile) -> None:
        self._origin = origin
        self._chunks: Iterator[bytes] = origin.chunks()
        self._chunk = b""
        self._at = 0

    def take(self, size: int, end_allowed: bool = False) -> bytes:
        """Return the next bytes; b"" at the end, where the file may end here."""
        if size > 4 * MAX_LINE:
            raise self._origin.fault("a record of an impossible length; copy or create the file again")
        have = len(self._chunk) - self._at
        if have >= size:
            self._at += size
            return self._chunk[self._at - size : self._at]
        parts, left = [self._chunk[self._at :]], size - have
        while left > 0:
            if not self._next():
                if end_allowed and left == size:
                    return b""
                raise self._origin.fault("ends within a record; copy or create the file again")
            parts.append(self._chunk[:left])
            self._at = min(left, len(self._chunk))
            left -= self._at
        return b"".join(parts)

    def skip(self, size: int) -> None:
        """Pass over bytes without keeping them."""
        size -= len(self._chunk) - self._at
        while size > 0:
            if not self._next():
                raise self._origin.fault("ends within a record; copy or create the file again")
            size -= len(self._chunk)
        self._at = len(self._chunk) + size

    def _next(self) -> bool:
        self._chunk, self._at = next(self._chunks, b""), 0
        return bool(self._chunk)
