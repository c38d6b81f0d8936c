"""The index beside a BGZF file: found, and checked against the very file before it is used.

An index made for another file, or for an earlier state of this one, sends a reader to the wrong place, where it finds
nothing and reports an absent site. So the places that the index names are looked up: the first record of a chromosome
must be of that chromosome, and the one after its last must not. By hand, since htslib takes any index at its word.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from features.files.local import open_file
from features.files.opening import OpenFile, opened
from features.files.packing import Limits
from features.germline.contigs import contig

_LIMITS = Limits(size=512 * 2**20)
_TBI_SUMMARY = 37450
_ENOUGH = 256
"""Bytes of a record that hold its chromosome."""


@dataclass(frozen=True)
class Index:
    """An index file: chromosome names as the data file writes them, and the virtual offsets where each begins and ends.

    An index of a BCF has no names: they are the contigs of its header, in order.
    """

    path: Path
    names: tuple[str, ...]
    spans: tuple[tuple[int, int] | None, ...]

    def names_of(self, chromosomes: frozenset[str]) -> list[str]:
        """Return the names, as the file writes them, of chromosomes given without prefix that have records."""
        return [
            name
            for name, span in zip(self.names, self.spans, strict=True)
            if span is not None and contig(name) in chromosomes
        ]


def find_index(origin: OpenFile) -> Path | None:
    """Return the index file beside a BGZF file, if there is one."""
    if origin.packing != "bgzf":
        return None
    beside = (origin.path.with_name(origin.path.name + ending) for ending in (".tbi", ".csi"))
    return next((path for path in beside if path.is_file()), None)


def read_index(
    origin: OpenFile, path: Path, chromosomes: frozenset[str], contigs: tuple[str, ...] | None = None
) -> Index:
    """Read an index and check it against its file at some chromosomes, or at its first where it has none of them.

    Parameters
    ----------
    chromosomes
        Names without prefix.
    contigs
        Contig names of a BCF's header, whose index has none.

    Raises
    ------
    InputFileError
        ``corrupt_file`` where the index cannot be read or is not this file's.
    """
    content = b"".join(opened(path, _LIMITS).chunks())
    try:
        names, spans = _parse(content)
    except (struct.error, ValueError, IndexError):
        raise origin.fault(
            f"its index {path.name} is no tabix or CSI index; make it anew (tabix -f, bcftools index -f)"
        ) from None
    if contigs is not None:
        names, spans = contigs[: len(spans)], spans[: len(contigs)]
    index = Index(path, names, spans)
    with open_file(origin.path) as raw:
        for number in _to_check(index, chromosomes):
            expected = str(number) if contigs is not None else names[number]
            first, after = (_chromosome(raw, offset, contigs is not None) for offset in spans[number] or ())
            if first != expected or after == expected:
                raise origin.fault(
                    f"its index {path.name} belongs to another file or an earlier state of this one; make it anew "
                    "(tabix -f, bcftools index -f) or remove it"
                )
        last = max((span[1] for span in spans if span is not None), default=None)
        if last is not None and _content(raw, last) != b"":
            raise origin.fault(
                f"its index {path.name} ends before the file does, as one made of an earlier state of it; make it anew "
                "(tabix -f, bcftools index -f) or remove it"
            )
    return index


def _to_check(index: Index, chromosomes: frozenset[str]) -> list[int]:
    filled = [number for number, span in enumerate(index.spans) if span is not None]
    return [number for number in filled if contig(index.names[number]) in chromosomes] or filled[:1]


def _parse(content: bytes) -> tuple[tuple[str, ...], tuple[tuple[int, int] | None, ...]]:
    magic = content[:4]
    if magic == b"TBI\x01":
        n_ref, *_, length = struct.unpack_from("<8i", content, 4)
        names, at, summary, head = content[36 : 36 + length], 36 + length, _TBI_SUMMARY, 8
    elif magic == b"CSI\x01":
        _, depth, length = struct.unpack_from("<3i", content, 4)
        names = content[16 + 28 : 16 + length] if length > 28 else b""
        (n_ref,) = struct.unpack_from("<i", content, 16 + length)
        at, summary, head = 20 + length, ((1 << (depth * 3 + 3)) - 1) // 7 + 1, 16
    else:
        raise ValueError("not an index")
    spans = []
    for _ in range(n_ref):
        span, at = _span(content, at, summary, head, magic == b"TBI\x01")
        spans.append(span)
    return tuple(name.decode() for name in names.split(b"\0")[:-1]), tuple(spans)


def _span(content: bytes, at: int, summary: int, head: int, linear: bool) -> tuple[tuple[int, int] | None, int]:
    """Return where a chromosome's records begin and end, and the place of the next chromosome in the index."""
    (n_bins,) = struct.unpack_from("<i", content, at)
    at += 4
    span = None
    for _ in range(n_bins):
        (number,) = struct.unpack_from("<I", content, at)
        (n_chunks,) = struct.unpack_from("<i", content, at + head - 4)
        if number == summary:
            span = struct.unpack_from("<2Q", content, at + head)
        at += head + 16 * n_chunks
    if linear:
        (n_intervals,) = struct.unpack_from("<i", content, at)
        at += 4 + 8 * n_intervals
    return span, at


def _chromosome(raw: BinaryIO, offset: int, binary: bool) -> str | None:
    """Return the chromosome of the record at a virtual offset (its number in a BCF), None at the end or off a block."""
    record = _content(raw, offset) or b""
    if binary:
        return str(struct.unpack_from("<i", record, 8)[0]) if len(record) >= 12 else None
    name, tab, _ = record.partition(b"\t")
    return name.decode(errors="replace") if tab else None


def _content(raw: BinaryIO, offset: int) -> bytes | None:
    """Return the first bytes at a virtual offset: none at the end of the file, None off a block.

    It inflates by itself, from the block that the index names; the one opener reads a file from its start.
    """
    raw.seek(offset >> 16)
    inflate, content = zlib.decompressobj(wbits=31), b""
    within = offset & 0xFFFF
    enough = within + _ENOUGH
    while len(content) < enough and (chunk := raw.read(2**16)):
        while chunk and len(content) < enough:
            try:
                content += inflate.decompress(chunk, enough - len(content))
            except zlib.error:
                return None
            chunk = inflate.unconsumed_tail
            if inflate.eof:
                chunk, inflate = inflate.unused_data, zlib.decompressobj(wbits=31)
    return content[within:]
