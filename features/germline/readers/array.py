"""Consumer array exports (23andMe, AncestryDNA, MyHeritage, FTDNA, Living DNA, Genes for Good and kin) to readings.

The file is streamed and every row counted; only the rows of our sites are looked at. A vendor gives a label and the
number of fields, nothing else is believed of it: build and strand are proven, and letters are read as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from data_schemas.reference.genome import Build
from features.files.opening import OpenFile
from features.files.rows import NO_ROWS, wrong_width
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.array_markers import marker_build, marker_hints
from features.germline.readers.array_vendors import Vendor, vendor_of
from features.germline.readers.columns import genotype_of, letters_reading, refuse_codes
from features.germline.readers.table import has_sample_column, read_letters
from features.germline.readers.vcf.header import build_hints
from features.germline.readings import BuildHint, Readings, SiteReading, Target

_MAX_HEAD = 2**20
_LAYOUTS = (4, 5)
"""Fields of a row: name, chromosome, position, and two letters together or apart."""
_NOT_READ = {
    b"[Header]": "an Illumina final report",
    b"SNP Name\trsID": "a Mapmygenome report",
    b"SNP.Name\tSample.ID": "a Mapmygenome report",
    b"rsid\tChromosome\tposition\tgenotype": "a tellmeGen export",
}
"""Layouts with names of Illumina's own, or letters on its own strand."""
_HEADERS = (b"rsid", b"rs id", b"rs-id", b"name", b"snp", b"marker")
_POSITION = re.compile(r"0*[1-9][0-9]{0,8}")
_NOWHERE = frozenset({"", "0", "-", "--", "."})
"""What stands for the chromosome of a marker without a place."""


@dataclass
class _Content:
    """What one pass over the file collects; `rows` are the lines of our sites, with their numbers."""

    head: list[bytes] = field(default_factory=list)
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    chromosomes: set[str] = field(default_factory=set)
    positions: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    builds: set[Build] = field(default_factory=set)
    separator: bytes = b""
    width: int = 0
    n_read: int = 0


def read_array(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read an array export of one person.

    Raises
    ------
    InputFileError
        ``no_rows``, ``wrong_field_count``, ``not_a_number``, ``encoding``; ``unknown_format`` for a layout that is not
        known; ``corrupt_file`` where rows are not as their vendor's, or one of our sites' has no place;
        ``invalid_genotype`` for codes where letters belong.
    """
    if has_sample_column(origin):
        return read_letters(origin, wanted)
    for beginning, what in _NOT_READ.items():
        if origin.head.startswith(beginning):
            raise origin.fault(f"is {what}, which is not read; export the letters of the plus strand", "unknown_format")
    places = Places.of(wanted)
    content = _Content()
    for number, line in _data_lines(origin, content):
        if _concerns(origin, number, line, content, places):
            content.rows.append((number, line))
    if content.n_read == 0:
        raise origin.fault(NO_ROWS, "no_rows")
    vendor = _vendor(origin, content)
    _refuse_codes(origin, content, places)
    notes: list[str] = []
    sites = tuple(
        _reading(origin, number, fields, one, notes)
        for number, line in content.rows
        for fields in [_fields(line, content)]
        for one in places.of_row(*_row_place(fields))
    )
    return Readings(
        file=origin.name,
        format=vendor.label,
        samples=("sample 1",),
        sites=sites,
        n_read=content.n_read,
        hints=_hints(content),
        chromosomes=frozenset(content.chromosomes),
        notes=tuple(notes),
    )


def _refuse_codes(origin: OpenFile, content: _Content, places: Places) -> None:
    """Judge the letters of our rows as the column that they are."""
    rows = [_fields(line, content) for _, line in content.rows]
    asked = next((target for row in rows for target in places.of_row(*_row_place(row))), None)
    if asked is not None:
        refuse_codes(origin, asked, [genotype_of(row[3:]) for row in rows])


def _data_lines(origin: OpenFile, content: _Content) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line) of the rows; comments and the header are kept for the layout."""
    size = 0
    for number, text in origin.texts():
        line = text.encode()
        if not line.strip():
            continue
        header = content.n_read == 0 and (line.startswith(b"#") or _is_header(line))
        if header:
            content.head.append(line)
            size += len(line)
            if size > _MAX_HEAD:
                raise origin.fault("begins with more than 1 MiB of comments; is this an array export?")
            continue
        if line.startswith(b"#"):
            continue
        if _is_header(line):  # two exports one after the other (autosomes and X, as FTDNA does)
            continue
        content.n_read += 1
        yield number, line


def _is_header(line: bytes) -> bool:
    start = line[:12].strip(b'"\xef\xbb\xbf').lower()
    return start.startswith(_HEADERS) and any(word in line.lower() for word in (b"pos", b"chromosome"))


def _concerns(origin: OpenFile, number: int, line: bytes, content: _Content, places: Places) -> bool:
    """Check a row's width and say whether it is about one of our sites."""
    if not content.width:
        content.separator = next((one for one in (b"\t", b",") if one in line), b" ")
        content.width = len(_split(line, content))
        if content.width not in _LAYOUTS:
            raise origin.fault(
                f"line {number}: has {content.width} fields where an array export has 4 or 5 (name, chromosome, "
                f"position, letters); is it another kind of table?",
                "unknown_format",
            )
    fields = _split(line, content)
    if len(fields) != content.width:
        raise wrong_width(origin, number, len(fields), content.width)
    here = content.positions.get(fields[1])
    if here is None:
        chrom = contig(fields[1].strip(b'" ').decode(errors="replace"))
        content.chromosomes.add(chrom)
        here = content.positions[fields[1]] = places.positions.get(chrom, ())
    name = fields[0].strip(b'" ').decode(errors="replace")
    if name in places.names:
        return True
    if build := marker_build(name, fields[2].strip(b'" ').decode(errors="replace")):
        content.builds.add(build)
    return bool(here) and fields[2].strip(b'" ').isdigit() and int(fields[2].strip(b'" ')) in here


def _split(line: bytes, content: _Content) -> list[bytes]:
    return line.split() if content.separator == b" " else line.split(content.separator)


def _fields(line: bytes, content: _Content) -> list[str]:
    """Return name, chromosome, position and letters; quotes around letters are taken away only where both are there."""
    fields = [part.decode(errors="replace").strip() for part in _split(line, content)]
    place, letters = [field.strip('" ') for field in fields[:3]], fields[3:]
    return [*place, *(one[1:-1] if len(one) > 1 and one[0] == one[-1] == '"' else one for one in letters)]


def _vendor(origin: OpenFile, content: _Content) -> Vendor:
    vendor = vendor_of(b"\n".join(content.head))
    if vendor is None:
        raise origin.fault(
            "is an array export of no vendor that is read here; save it as rsid, chromosome, position, genotype",
            "unknown_format",
        )
    if content.width not in vendor.widths:
        wanted = " or ".join(map(str, vendor.widths))
        raise origin.fault(
            f"has {content.width} fields in a row where {vendor.label} has {wanted}; export the file again"
        )
    return vendor


def _reading(origin: OpenFile, number: int, fields: list[str], target: Target, notes: list[str]) -> SiteReading:
    name, chrom, pos = _row_place(fields)
    if not name or chrom in _NOWHERE or not pos:
        raise origin.fault(
            f"line {number}: a row of an ESR1 or ESR2 site must have a name, a chromosome, and a position that is a "
            f"whole number; correct or remove it"
        )
    one = letters_reading(target, f"line {number}", [genotype_of(fields[3:])], notes)
    place = (chrom, pos)
    return replace(one, named=name == target.name, build=target.build_at(*place), position=place)


def _row_place(fields: list[str]) -> tuple[str, str, int]:
    """Return name, chromosome and position of a row; position 0 where it is none."""
    return fields[0], contig(fields[1]), int(fields[2]) if _POSITION.fullmatch(fields[2]) else 0


def _hints(content: _Content) -> tuple[BuildHint, ...]:
    said = build_hints(line.decode(errors="replace") for line in content.head)
    return (*said, *marker_hints(content.builds))
