"""The few lines of a text VCF that concern us, found without parsing the others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.readers.opening import Source
from features.readers.somatic_marks import germline_header
from features.readers.vcf_header import Header, header_lines
from features.readers.vcf_places import Places
from features.readers.vcf_record import INFO_KEYS, Record
from features.readings import contig

MAX_COVERING = 1000
"""Records over the panel's few sites that one file may have."""
_NUMERIC = {
    "GT": "Number=1,Type=String",
    "GQ": "Number=1,Type=Float",
    "RGQ": "Number=1,Type=Float",
    "DP": "Number=1,Type=Float",
    "MIN_DP": "Number=1,Type=Float",
    "DS": "Number=.,Type=Float",
    "HDS": "Number=.,Type=Float",
    "GP": "Number=.,Type=Float",
    "PS": "Number=1,Type=Integer",
}
"""FORMAT keys that are read as numbers, whatever type the file's header gives them."""
_ACCESSIONS = {"6": (b"NC_000006.",), "14": (b"NC_000014.",)}
_PREFIXES = (b"", b"chr", b"Chr", b"CHR", b"0", b"chr0", b"Chr0", b"CHR0")
_SIGNED = re.compile(rb"(?<=\t)([/|])([^\t:]*)")
_SEQUENCE = re.compile(rb"[ACGTNacgtn.*]+|[ACGTRYSWKMBDHVNacgtryswkmbdhvn]+")


@dataclass(frozen=True, eq=False)
class Line:
    """A line that covers a target. `genotypes` is FORMAT and all sample columns."""

    number: int
    chrom: str
    pos: int
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    filters: tuple[str, ...]
    info: Mapping[str, str]
    genotypes: bytes

    def record(self, variant: Any) -> Record:
        """Return the record of this line and of what htslib made of its genotypes."""
        place = f"line {self.number}"
        return Record(self.chrom, self.pos, self.ids, self.ref, self.alts, self.filters, self.info, place, variant)


@dataclass(frozen=True, eq=False)
class Lines:
    """What a VCF was searched for: the lines that concern the targets, how many records there are, and where.

    `sequences` are the names of our chromosomes as those lines write them.
    """

    header: Header
    found: list[Line]
    n_read: int
    chromosomes: frozenset[str]
    sequences: frozenset[str] = frozenset()


def matching_lines(origin: Source, places: Places) -> Lines:
    """Search a VCF for the lines that concern the targets.

    Raises
    ------
    InputFileError
        ``wrong_field_count`` or ``corrupt_file`` with the line; whatever `germline_header` finds.
    """
    header = germline_header(origin, header_lines(origin))
    begins = _beginnings(places)
    found: list[Line] = []
    chromosomes: set[str] = set()
    sequences: set[str] = set()
    number, n_read, last = 0, 0, b""
    for block in origin.line_blocks():
        skip = max(0, header.lines - number)
        hits = [(k, line) for k, line in enumerate(block) if line.startswith(begins)]
        for k, line in hits:
            chrom, ours = _line(origin, number + k + 1, line, header, places)
            chromosomes.add(chrom)
            if ours is not None:
                found.append(ours)
                sequences.add(line.split(b"\t", 1)[0].decode())
        if len(found) > MAX_COVERING:
            raise origin.fault(f"more than {MAX_COVERING:,} records cover the panel's sites; is this one VCF?")
        records = block[skip:] if skip else block
        if records:
            _count_fields(origin, header, records[0], number + skip + 1)
            n_read += len(records) - records.count(b"") - records.count(b"\r")
            last = records[-1] or last
        number += len(block)
    _count_fields(origin, header, last, number)
    return Lines(header, found, n_read, frozenset(chromosomes), frozenset(sequences))


def small_vcf(header: Header, lines: list[Line]) -> Iterator[bytes]:
    """Yield a VCF of these lines alone, under a header of our own that types the keys we read."""
    keys = sorted({key for line in lines for key in line.genotypes.split(b"\t", 1)[0].split(b":")})
    yield b"##fileformat=VCFv4.2\n"
    for chrom in sorted({line.chrom for line in lines}):
        yield f"##contig=<ID={chrom}>\n".encode()
    for key in (key.decode(errors="replace") for key in keys):
        yield f'##FORMAT=<ID={key},{_NUMERIC.get(key, "Number=.,Type=String")},Description="">\n'.encode()
    names = "\t".join(str(number) for number in range(len(header.samples)))
    yield f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode()
    for line in lines:
        yield f"{line.chrom}\t{line.pos}\t.\t{line.ref}\t{','.join(line.alts) or '.'}\t.\t.\t.\t".encode()
        yield _unsigned(line.genotypes) + b"\n"


def _unsigned(genotypes: bytes) -> bytes:
    """Take away the sign that VCF 4.4 may put before a genotype's first allele; ``/0|1`` is not phased throughout."""
    if not genotypes.startswith(b"GT") or (b"\t/" not in genotypes and b"\t|" not in genotypes):
        return genotypes
    return _SIGNED.sub(lambda found: found[2].replace(b"|", b"/") if found[1] == b"/" else found[2], genotypes)


def _beginnings(places: Places) -> tuple[bytes, ...]:
    plain = [prefix + name.encode() + b"\t" for name in places.positions for prefix in _PREFIXES]
    return (*plain, *(one for name in places.positions for one in _ACCESSIONS.get(name, ())))


def _count_fields(origin: Source, header: Header, line: bytes, number: int) -> None:
    """Check a record's field count; the first of each piece read and the file's last one are checked."""
    if not line.strip():
        return
    fields = line.count(b"\t") + 1
    if fields != header.columns:
        raise origin.fault(
            f"line {number}: has {fields:,} tab-separated fields where the header has {header.columns:,}; "
            "the line is cut off or the file damaged",
            "wrong_field_count",
        )


def _line(origin: Source, number: int, raw: bytes, header: Header, places: Places) -> tuple[str, Line | None]:
    """Return the chromosome of a line, and the line taken apart where it concerns a target."""
    fields = raw.removesuffix(b"\r").split(b"\t", 8)
    if len(fields) < 9:
        _count_fields(origin, header, raw, number)
    if not fields[1].isdigit():
        raise origin.fault(f"line {number}: is not a VCF record; correct or remove it")
    chrom, pos = contig(fields[0].decode()), int(fields[1])
    info = dict(_info(fields[7]))
    end = _end(info.get("END"))
    if not places.concern(chrom, pos, max(pos + len(fields[3]) - 1, end), fields[2].decode(errors="replace")):
        return chrom, None
    _count_fields(origin, header, raw, number)
    if not _SEQUENCE.fullmatch(fields[3]):
        raise origin.fault(f"line {number}: REF must be letters; correct or remove the record")
    filters = fields[6].decode(errors="replace").split(";")
    alts = fields[4].decode(errors="replace")
    return chrom, Line(
        number=number,
        chrom=chrom,
        pos=pos,
        ids=tuple(fields[2].decode(errors="replace").split(";")),
        ref=fields[3].decode(),
        alts=() if alts == "." else tuple(alts.split(",")),
        filters=tuple(one for one in filters if one not in ("PASS", ".", "")),
        info=info,
        genotypes=fields[8],
    )


def _info(text: bytes) -> Iterable[tuple[str, str]]:
    for part in text.decode(errors="replace").split(";"):
        key, _, value = part.partition("=")
        if key in INFO_KEYS:
            yield key, value or "true"


def _end(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0
