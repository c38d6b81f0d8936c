"""Consumer array exports (23andMe, AncestryDNA, MyHeritage, FTDNA, Living DNA, Genes for Good and kin) to readings.

The file is streamed; only its comments, its header and the rows of our sites go to the `snps` package, which knows the
vendors' layouts. What `snps` would pass over in silence is checked here: a row of another width, text that it takes for
a comment or for a missing value, a layout that it does not know. Build and strand are never taken from it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from data_schemas.errors import InputFileError
from data_schemas.reference.genome import Build
from features.files.opening import OpenFile
from features.files.rows import NO_ROWS, wrong_width
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.array_markers import marker_build, marker_hints
from features.germline.readers.columns import letters_reading, refuse_codes
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
"""Layouts that `snps` reads only with files from the network, or on Illumina's own strand."""
_LABEL = {
    "PLINK": "PLINK text export",
    "GenesForGood": "Genes for Good",
    "LivingDNA": "Living DNA",
    "generic": "generic array table",
}
_HEADERS = (b"rsid", b"rs id", b"rs-id", b"name", b"snp", b"marker")
_NO_CALL = re.compile(r"[-0.]{1,2}|")


@dataclass
class _Content:
    """What one pass over the file collects; `rows` are the lines of our sites, with their numbers."""

    head: list[bytes] = field(default_factory=list)
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    chromosomes: set[str] = field(default_factory=set)
    positions: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    builds: set[Build] = field(default_factory=set)
    first: bytes = b""
    separator: bytes = b""
    width: int = 0
    n_read: int = 0


def read_array(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read an array export of one person.

    Raises
    ------
    InputFileError
        ``no_rows``, ``wrong_field_count``, ``not_a_number``, ``encoding``; ``unknown_format`` for a layout that is not
        known; ``corrupt_file`` where `snps` reads a row in another way than it is written.
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
    _refuse_codes(origin, content, places)
    source, parsed = _by_snps(origin, content)
    notes: list[str] = []
    sites = tuple(
        _reading(origin, number, fields, row, one, notes)
        for (number, line), row in zip(content.rows, parsed, strict=True)
        for fields in [_fields(line, content)]
        for one in places.of_row(*_row_place(fields))
    )
    return Readings(
        file=origin.name,
        format=_LABEL.get(source, source),
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
        refuse_codes(origin, asked, [" ".join(row[3:]) for row in rows])


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
        content.first = content.first or line
        yield number, line


def _is_header(line: bytes) -> bool:
    start = line[:12].strip(b'"\xef\xbb\xbf').lower()
    return start.startswith(_HEADERS) and b"pos" in line.lower()


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
    return [part.decode(errors="replace").strip().strip('"') for part in _split(line, content)]


def _by_snps(origin: OpenFile, content: _Content) -> tuple[str, list[tuple[str, str, int, str | None]]]:
    """Return the vendor, and for each of our rows (name, chromosome, position, letters or None) as `snps` reads it."""
    from snps.io.reader import Reader

    rows = [line for _, line in content.rows] or [content.first]
    small = b"\n".join([*content.head, *rows]) + b"\n"
    try:
        with warnings.catch_warnings():
            # snps uses calls that pandas is about to drop; its results are checked row by row
            warnings.simplefilter("ignore", DeprecationWarning)
            found: dict[str, Any] = Reader(small.removeprefix(b"\xef\xbb\xbf")).read()
    except UnicodeDecodeError:
        raise origin.fault("is not UTF-8 text; save the file as UTF-8", "encoding") from None
    except Exception:  # noqa: BLE001 - of pandas and snps many kinds; all mean that a row is not what its vendor writes
        raise _unreadable(origin, content) from None
    if not found["source"]:
        raise origin.fault(
            "is an array export of no vendor that is read here; save it as rsid, chromosome, position, genotype",
            "unknown_format",
        )
    frame = found["snps"]
    if len(frame) != len(rows):
        raise _unreadable(origin, content)
    letters = [text if isinstance(text, str) else None for text in frame["genotype"]]
    parsed = list(zip(frame.index, frame["chrom"], frame["pos"].tolist(), letters, strict=True))
    return found["source"], parsed if content.rows else []


def _reading(
    origin: OpenFile,
    number: int,
    fields: list[str],
    row: tuple[str, str, int, str | None],
    target: Target,
    notes: list[str],
) -> SiteReading:
    name, chrom, pos, letters = row
    written = "".join(fields[3:]).replace("/", "")
    same = name == fields[0] and contig(chrom) == contig(fields[1]) and str(pos) == fields[2].lstrip("0")
    if not same or (letters is not None and letters != written) or (letters is None and not _no_call(written)):
        raise origin.fault(f"line {number}: is not a row as this vendor writes it; correct or remove it")
    place = (contig(chrom), int(pos))
    one = letters_reading(target, f"line {number}", [" ".join(fields[3:])], notes)
    return replace(one, named=name == target.name, build=target.build_at(*place), position=place)


def _no_call(written: str) -> bool:
    """Whether letters hold a mark for an allele not called; one such mark makes the whole missing to `snps`."""
    return bool(_NO_CALL.fullmatch(written)) or any(mark in written for mark in "-0.")


def _row_place(fields: list[str]) -> tuple[str, str, int]:
    """Return name, chromosome and position of a row; position 0 where it is no number."""
    return fields[0], contig(fields[1]), int(fields[2]) if fields[2].isdigit() else 0


def _hints(content: _Content) -> tuple[BuildHint, ...]:
    said = build_hints(line.decode(errors="replace") for line in content.head)
    return (*said, *marker_hints(content.builds))


def _unreadable(origin: OpenFile, content: _Content) -> InputFileError:
    where = f"line {content.rows[0][0]} or a later one" if content.rows else "a row"
    return origin.fault(f"{where} about an ESR1 or ESR2 site is not as this vendor writes it; export the file again")
