"""The header of a VCF: its version, its samples, and what it says about the genome build."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from data_schemas.reference.genome import Build, known_builds
from features.files.opening import OpenFile
from features.files.sample_names import checked_names
from features.germline.contigs import build_of_accession
from features.germline.readings import BuildHint

FIXED = (b"#CHROM", b"POS", b"ID", b"REF", b"ALT", b"QUAL", b"FILTER", b"INFO")

_MAX_HEADER = 64 * 2**20
_BCF_START = 9
"""Bytes before the text of a BCF's header: five that name the format, four that say how long it is."""
_VERSIONS = ("4.0", "4.1", "4.2", "4.3", "4.4", "4.5")
_CONTIG = re.compile(r"ID=(?:chr)?([^,>]+)", re.IGNORECASE)
_LENGTH = re.compile(r"length=(\d+)")


@dataclass(frozen=True)
class VcfHeader:
    """What the reader needs of a header. `lines` is the number of its lines, the column line included."""

    version: str
    samples: tuple[str, ...]
    hints: tuple[BuildHint, ...]
    flags_imputed: bool
    lines: int

    @property
    def columns(self) -> int:
        """Number of tab-separated fields of a record."""
        return len(FIXED) + 1 + len(self.samples)


def parse_header(origin: OpenFile, lines: Sequence[bytes]) -> VcfHeader:
    """Return the header that ends with the ``#CHROM`` line.

    Raises
    ------
    InputFileError
        ``corrupt_file`` for a missing or wrong column line, ``no_rows`` for a VCF without samples,
        ``invalid_sample_name`` as `features.files.sample_names.checked_names`, ``encoding`` for text that is not UTF-8.
    """
    if not lines or not lines[-1].startswith(b"#CHROM"):
        raise origin.fault("the VCF has no #CHROM line; copy or create it again")
    samples, most = lines[-1].count(b"\t") + 1 - len(FIXED) - 1, origin.limits.samples
    if most is not None and samples > most:
        raise origin.fault(f"has {samples:,} samples (at most {most:,} here); give fewer samples", "too_large")
    columns = lines[-1].removesuffix(b"\r").split(b"\t")
    if tuple(columns[:8]) != FIXED:
        raise origin.fault(
            f"line {len(lines)}: must begin with the tab-separated columns #CHROM POS ID REF ALT QUAL FILTER INFO",
            "wrong_columns",
        )
    if len(columns) < 10 or columns[8] != b"FORMAT":
        raise origin.fault("the VCF has no sample columns, so no genotypes; give one that has", "no_rows")
    try:
        names = [name.decode() for name in columns[9:]]
        texts = [line.decode() for line in lines[:-1]]
    except UnicodeDecodeError:
        raise origin.fault("the header is not UTF-8 text; save it as UTF-8", "encoding") from None
    return VcfHeader(
        version=_version(origin, texts),
        samples=checked_names(names, origin.name),
        hints=tuple(build_hints(texts)),
        flags_imputed=any(text.startswith("##INFO=<ID=IMP,") for text in texts),
        lines=len(lines),
    )


def sequence_hints(names: Iterable[str]) -> tuple[BuildHint, ...]:
    """Return the builds that records name by RefSeq accession.

    Examples
    --------
    >>> sequence_hints(["NC_000006.12", "14"])
    (BuildHint(build=38, says='sequence names'),)
    """
    found = {build for name in names if (build := build_of_accession(name))}
    return tuple(BuildHint(build, "sequence names") for build in sorted(found))


def header_lines(origin: OpenFile) -> list[bytes]:
    """Read the header alone, the column line included."""
    lines: list[bytes] = []
    size = 0
    for line in origin.lines():
        if not line.startswith(b"#"):
            break
        lines.append(line)
        size += len(line)
        if line.startswith(b"#CHROM"):
            break
        if size > _MAX_HEADER:
            raise origin.fault("the VCF header is longer than 64 MiB; is this a VCF?")
    return lines


def bcf_header_lines(origin: OpenFile) -> list[bytes]:
    """Read the header of a BCF alone, as text; htslib would refuse one that we can say more about, and counts nothing.

    Raises
    ------
    InputFileError
        ``corrupt_file`` where the file ends within it, or where its length is impossible.
    """
    content, size = bytearray(), _BCF_START
    for chunk in origin.chunks():
        content += chunk
        if len(content) >= _BCF_START:
            size = _BCF_START + int.from_bytes(content[5:_BCF_START], "little")
        if size > _MAX_HEADER:
            raise origin.fault("a BCF header of an impossible length; copy or create the file again")
        if len(content) >= size:
            return bytes(content[_BCF_START:size]).rstrip(b"\n\0").split(b"\n")
    raise origin.fault("ends within the header; copy or create the file again")


def build_hints(texts: Iterable[str]) -> list[BuildHint]:
    """Return what header lines say about the build: names in them, contig lengths, accessions; each build once.

    Examples
    --------
    >>> build_hints(["##reference=file:///ref/hs37d5.fa", "##contig=<ID=chr6,length=170805979>"])
    [BuildHint(build=37, says='##reference'), BuildHint(build=38, says='contig lengths')]
    """
    found: dict[Build, str] = {}
    for text in texts:
        key = re.match(r"#*\s*([A-Za-z_]*)", text)
        word = f"##{key[1]}" if key and key[1] and text.startswith("##") else "header"
        if word not in ("##INFO", "##FORMAT", "##FILTER", "##ALT"):
            for build, pattern in _names().items():
                if pattern.search(text.replace("_", " ")):
                    found.setdefault(build, word)
        if text.startswith("##contig"):
            _contig_hint(text, found)
    return [BuildHint(build, says) for build, says in found.items()]


def _contig_hint(text: str, found: dict[Build, str]) -> None:
    name, length = _CONTIG.search(text), _LENGTH.search(text)
    if name and (build := build_of_accession(name[1])):
        found.setdefault(build, "contig names")
    if name and length:
        for row in known_builds().values():
            if row.lengths.get(name[1]) == int(length[1]):
                found.setdefault(row.number, "contig lengths")


@cache
def _names() -> dict[Build, re.Pattern[str]]:
    return {
        number: re.compile(rf"\b(?:{'|'.join(map(re.escape, row.names))})(?![0-9])", re.IGNORECASE)
        for number, row in known_builds().items()
    }


def _version(origin: OpenFile, texts: Sequence[str]) -> str:
    """Return the version; a file without the line is read, one of another major version is not."""
    lines = (text.removeprefix("\ufeff") for text in texts)
    first = next((text for text in lines if text.startswith("##fileformat=")), "")
    if not first:
        return "?"
    version = first.removeprefix("##fileformat=").strip().removeprefix("VCFv")
    if version not in _VERSIONS:
        raise origin.fault("##fileformat: VCF versions 4.0 to 4.5 are read; convert the file", "unknown_format")
    return version
