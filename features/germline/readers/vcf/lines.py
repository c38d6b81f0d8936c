"""The few lines of a text VCF that concern us, found without parsing the others.

By hand, since htslib parses every record: one sample takes it more than twice as long, thousands several times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from features.files.opening import OpenFile
from features.germline.assemblies import refuse_other_sequence
from features.germline.contigs import contig, line_beginnings
from features.germline.places import Places
from features.germline.readers.vcf.header import VcfHeader, header_lines
from features.germline.readers.vcf.record import (
    VcfRecord,
    check_width,
    info_of_text,
    record_of_line,
    split_line,
    whole_number,
)
from features.germline.readers.vcf.sites import INFO_KEYS
from features.germline.readers.vcf.tumour_marks import germline_header

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
    **dict.fromkeys(("AD", "PL", "GL"), "Number=.,Type=Float"),
}
"""FORMAT keys that are read as numbers, whatever type the file's header gives them."""
_SIGNED = re.compile(rb"(?<=\t)([/|])([^\t:]*)")
_SEQUENCE = re.compile(r"[ACGTN.*]+|[ACGTRYSWKMBDHVN]+")


@dataclass(frozen=True, eq=False)
class VcfLine:
    """A line that covers a target. `genotypes` is FORMAT and all sample columns."""

    record: VcfRecord
    genotypes: bytes


@dataclass(frozen=True, eq=False)
class Lines:
    """What a VCF was searched for: the lines that concern the targets, how many records there are, and where.

    `sequences` are the names of our chromosomes as those lines write them.
    """

    header: VcfHeader
    found: list[VcfLine]
    n_read: int
    chromosomes: frozenset[str]
    sequences: frozenset[str] = frozenset()


def matching_lines(origin: OpenFile, places: Places) -> Lines:
    """Search a VCF for the lines that concern the targets.

    The width of the first line of each piece read, of the file's last one and of those that concern us is checked.

    Raises
    ------
    InputFileError
        ``wrong_field_count`` or ``corrupt_file`` with the line; whatever `germline_header` finds.
    """
    header = germline_header(origin, header_lines(origin))
    begins = (*line_beginnings(places.positions), b"##fileformat=", b"#CHROM\t")
    found: list[VcfLine] = []
    chromosomes: set[str] = set()
    sequences: set[str] = set()
    number, n_read, last = 0, 0, b""
    for block in origin.line_blocks():
        skip = max(0, header.lines - number)
        hits = [(k, line) for k, line in enumerate(block) if line.startswith(begins)]
        for k, line in hits:
            if line.startswith(b"#"):
                _refuse_second_header(origin, number + k + 1, header)
                continue
            chrom, ours = _line(origin, number + k + 1, line, header, places)
            chromosomes.add(chrom)
            if ours is not None:
                found.append(ours)
                sequences.add(line.split(b"\t", 1)[0].decode(errors="replace"))
        if len(found) > MAX_COVERING:
            raise origin.fault(f"more than {MAX_COVERING:,} records cover the panel's sites; is this one VCF?")
        records = block[skip:] if skip else block
        if records:
            check_width(origin, records[0], number + skip + 1, header.columns)
            refuse_other_sequence(origin.name, records[0].split(b"\t", 1)[0].decode(errors="replace"))
            n_read += len(records) - records.count(b"") - records.count(b"\r")
            last = records[-1] or last
        number += len(block)
    check_width(origin, last, number, header.columns)
    return Lines(header, found, n_read, frozenset(chromosomes), frozenset(sequences))


def _refuse_second_header(origin: OpenFile, number: int, header: VcfHeader) -> None:
    """Refuse a header's line after the header: its samples need not be the first one's."""
    if number > header.lines:
        raise origin.fault(
            f"line {number}: a second VCF header begins here, so this is more than one VCF; give each as a file of its "
            "own, or join them with bcftools concat or merge"
        )


def line_of_record(origin: OpenFile, header: VcfHeader, variant: Any) -> VcfLine:
    """Return a record that htslib read as the line that it is in a text VCF.

    Its values are read from there, as those of any line: the types that a damaged BCF gives them can end the process
    within htslib, and a header may give them any.

    Raises
    ------
    InputFileError
        ``corrupt_file`` where it makes no line, or more than one.
    """
    place = f"record {variant.CHROM}:{variant.POS}"
    text = str(variant).removesuffix("\n")
    if text.count("\t") + 1 != header.columns or not text.replace("\t", " ").isprintable():
        raise origin.fault(f"{place}: is damaged; copy or create the file again")
    fields = text.encode().split(b"\t", 8)
    record = record_of_line(fields, info_of_text(fields[7].decode(), INFO_KEYS), 0)
    return VcfLine(replace(record, place=place), fields[8])


def small_vcf(header: VcfHeader, lines: list[VcfLine]) -> Iterator[bytes]:
    """Yield a VCF of these lines alone, under a header of our own that types the keys we read."""
    keys = sorted({key for line in lines for key in line.genotypes.split(b"\t", 1)[0].split(b":")})
    yield b"##fileformat=VCFv4.2\n"
    for chrom in sorted({line.record.chrom for line in lines}):
        yield f"##contig=<ID={chrom}>\n".encode()
    for key in (key.decode(errors="replace") for key in keys):
        yield f'##FORMAT=<ID={key},{_NUMERIC.get(key, "Number=.,Type=String")},Description="">\n'.encode()
    names = "\t".join(str(number) for number in range(len(header.samples)))
    yield f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode()
    for line in lines:
        one = line.record
        yield f"{one.chrom}\t{one.pos}\t.\t{one.ref}\t{','.join(one.alts) or '.'}\t.\t.\t.\t".encode()
        yield _unsigned(line.genotypes) + b"\n"


def _unsigned(genotypes: bytes) -> bytes:
    """Take away the sign that VCF 4.4 may put before a genotype's first allele; ``/0|1`` is not phased throughout."""
    if not genotypes.startswith(b"GT") or (b"\t/" not in genotypes and b"\t|" not in genotypes):
        return genotypes
    return _SIGNED.sub(lambda found: found[2].replace(b"|", b"/") if found[1] == b"/" else found[2], genotypes)


def _line(origin: OpenFile, number: int, raw: bytes, header: VcfHeader, places: Places) -> tuple[str, VcfLine | None]:
    """Return the chromosome of a line, and the line taken apart where it concerns a target."""
    fields = split_line(origin, raw, number, header.columns)
    chrom, pos = contig(fields[0].decode(errors="replace")), int(fields[1])
    info = info_of_text(fields[7].decode(errors="replace"), INFO_KEYS)
    end = max(pos + len(fields[3]) - 1, whole_number(info.get("END")))
    if not places.concern(chrom, pos, end, fields[2].decode(errors="replace")):
        return chrom, None
    check_width(origin, raw, number, header.columns)
    record = record_of_line(fields, info, number)
    if not _SEQUENCE.fullmatch(record.ref):
        raise origin.fault(f"line {number}: REF must be letters; correct or remove the record")
    return chrom, VcfLine(record, fields[8])
