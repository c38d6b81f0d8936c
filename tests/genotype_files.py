"""Genotype files for tests: VCF text, BGZF, and a tabix index, each written with a few lines."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from data_schemas.catalogue.load import load_catalogue

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
GENOTYPES = {
    "rs2234693": "T/C",
    "rs9340799": "A/G",
    "rs1801132": "G/C",
    "rs3020314": "C/C",
    "rs2077647": "T/C",
    "rs4986938": "C/T",
    "rs1256049": "C/C",
}
"""One made-up person."""


def vcf(
    records: Iterable[str],
    samples: Sequence[str] = ("S1",),
    header: Sequence[str] = (),
    version: str = "4.2",
) -> str:
    """Return a VCF; a record is written with spaces for tabs and gets its missing columns from the left."""
    lines = [f"##fileformat=VCFv{version}", *header]
    lines.append("\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]))
    return "\n".join([*lines, *("\t".join(record.split()) for record in records)]) + "\n"


def person(
    build: int = 37, genotypes: dict[str, str] | None = None, prefix: str = "", phased: bool = False
) -> list[str]:
    """Return the VCF records of one person in the order of positions."""
    rows = []
    for name, letters in (GENOTYPES if genotypes is None else genotypes).items():
        row = load_catalogue().variants[name]
        place = row.grch37 if build == 37 else row.grch38
        alleles = [row.ref, *(letter for letter in row.alleles if letter != row.ref)]
        indices = sorted(alleles.index(letter) for letter in letters.split("/"))
        call = ("|" if phased else "/").join(map(str, indices))
        rows.append(
            (
                int(place.chrom),
                place.pos,
                f"{prefix}{place.chrom} {place.pos} . {alleles[0]} {alleles[1]} . PASS . GT {call}",
            )
        )
    return [text for *_, text in sorted(rows)]


def bgzf(content: bytes, block: int = 4096, end: bool = True) -> bytes:
    """Return content as blocked gzip."""
    packed = b"".join(_block(content[start : start + block]) for start in range(0, len(content), block))
    return packed + BGZF_END if end else packed


def _block(part: bytes) -> bytes:
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = squeeze.compress(part) + squeeze.flush()
    head = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff" + struct.pack("<H2s2H", 6, b"BC", 2, len(data) + 25)
    return head + data + struct.pack("<2I", zlib.crc32(part), len(part))


def write_indexed(path: Path, text: str, block: int = 4096) -> Path:
    """Write a BGZF VCF and its tabix index: one bin that holds everything, which is legal and coarse."""
    content = text.encode()
    path.write_bytes(bgzf(content, block))
    starts = _block_starts(content, block)
    names: list[str] = []
    spans: dict[str, list[int]] = {}
    offset = 0
    for line in content.splitlines(keepends=True):
        if not line.startswith(b"#"):
            name = line.split(b"\t", 1)[0].decode()
            names += [] if name in spans else [name]
            spans.setdefault(name, [offset, 0])[1] = offset + len(line)
        offset += len(line)
    body = b""
    for name in names:
        begin, end = (_virtual(starts, block, place, len(content)) for place in spans[name])
        body += struct.pack("<i", 2)
        body += struct.pack("<Ii2Q", 0, 1, begin, end)
        body += struct.pack("<Ii4Q", 37450, 2, begin, end, 1, 0)
        body += struct.pack("<i", 0)
    text_names = b"".join(name.encode() + b"\0" for name in names)
    head = b"TBI\1" + struct.pack("<8i", len(names), 2, 1, 2, 0, ord("#"), 0, len(text_names)) + text_names
    path.with_name(path.name + ".tbi").write_bytes(bgzf(head + body))
    return path


def write_bcf(path: Path, text: str, block: int = 4096, packed: bool = True, indexed: bool = False) -> Path:
    """Write a VCF's text as BCF, through htslib, with blocks of our size and, where asked, a CSI index."""
    from cyvcf2 import VCF, Writer

    plain = path.with_name("plain.vcf")
    plain.write_text(text)
    file = VCF(str(plain))
    writer = Writer(str(path), file, "wbu")
    for variant in file:
        writer.write_record(variant)
    writer.close()
    plain.unlink()
    content = _unpacked(path.read_bytes())
    path.write_bytes(bgzf(content, block) if packed else content)
    if indexed:
        starts = _block_starts(content, block)
        spans: dict[int, list[int]] = {}
        at = 9 + struct.unpack_from("<I", content, 5)[0]
        while at < len(content):
            shared, each, number = struct.unpack_from("<2Ii", content, at)
            end = at + 8 + shared + each
            spans.setdefault(number, [at, end])[1] = end
            at = end
        path.with_name(path.name + ".csi").write_bytes(bgzf(_csi(spans, starts, block, len(content))))
    return path


def _csi(spans: dict[int, list[int]], starts: list[int], block: int, size: int) -> bytes:
    body = b"CSI\1" + struct.pack("<4i", 14, 5, 0, max(spans) + 1)
    for number in range(max(spans) + 1):
        if number not in spans:
            body += struct.pack("<i", 0)
            continue
        begin, end = (_virtual(starts, block, place, size) for place in spans[number])
        body += struct.pack("<i", 2)
        body += struct.pack("<IQi2Q", 0, begin, 1, begin, end)
        body += struct.pack("<IQi4Q", 37450, 0, 2, begin, end, 1, 0)
    return body


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def _block_starts(content: bytes, block: int) -> list[int]:
    starts, at = [], 0
    for start in range(0, len(content), block):
        starts.append(at)
        at += len(_block(content[start : start + block]))
    return [*starts, at]


def _virtual(starts: list[int], block: int, offset: int, size: int) -> int:
    if offset == size:
        return starts[-1] << 16
    return starts[offset // block] << 16 | offset % block
