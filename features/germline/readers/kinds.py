"""What kind of genotype file a file is, told by its content, and which reader reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from features.files.opening import OpenFile, opened
from features.files.packing import UNLIMITED, Limits
from features.germline.readers.array import read_array
from features.germline.readers.plink1 import read_plink1
from features.germline.readers.plink2 import read_pgen
from features.germline.readers.table import read_letters
from features.germline.readers.vcf.read import read_vcf
from features.germline.readings import Readings, Target

Kind = Literal["vcf", "bcf", "plink1", "pgen", "array", "table"]
Reader = Callable[[OpenFile, tuple[Target, ...]], Readings]

READERS: dict[Kind, Reader] = {
    "vcf": read_vcf,
    "bcf": read_vcf,
    "plink1": read_plink1,
    "pgen": read_pgen,
    "array": read_array,
    "table": read_letters,
}
"""Reader of each kind; each imports its library where it needs it, so that a service starts without them."""

_BED = re.compile(rb"\S+[\t ]\d+[\t ]\d+(\s|$)")
_VCF = re.compile(rb"^(##fileformat=VCF|#CHROM\tPOS\t)", re.MULTILINE)
_ARRAY = re.compile(
    rb"rs ?-?id|23andme|ancestrydna|myheritage|family ?tree ?dna|living ?dna|genes for good|"
    rb"chromosome\W+position\W+(genotype|result|allele)",
    re.IGNORECASE,
)


def read_genotypes(
    path: Path, wanted: tuple[Target, ...], limits: Limits = UNLIMITED, name: str | None = None
) -> Readings:
    """Read what a file says about the targets, whatever its format.

    Parameters
    ----------
    name
        Shown in messages instead of the path's own name (an upload is read from a temporary file).

    Raises
    ------
    InputFileError
        ``file_missing``, ``no_rows``, ``corrupt_file``, ``too_large``; ``unknown_format`` with what the file looks
        like and what is read; and whatever the format's reader finds.
    """
    origin = opened(path, limits, name)
    return READERS[kind_of(origin)](origin, wanted)


def kind_of(origin: OpenFile) -> Kind:
    """Return the kind of a file.

    Raises
    ------
    InputFileError
        ``no_rows`` for a file that unpacks to nothing, ``unknown_format`` for one that no reader reads.
    """
    head = origin.head
    if not head.strip():
        raise origin.blank()
    if head.startswith(b"BCF\x02"):
        return "bcf"
    if head.startswith(b"\x6c\x1b"):
        return "plink1" if head[2:3] in (b"\x00", b"\x01") else "pgen"
    if head.startswith(b"#") and _VCF.search(head):
        return "vcf"
    other = _other(head, Path(origin.name).suffix.lower())
    if other:
        raise origin.fault(
            f"{other}. Genotypes are read from VCF, BCF, array exports, PLINK and tables of letters", "unknown_format"
        )
    return "array" if _ARRAY.search(head[:8192]) else "table"


def _first_line_is_text(head: bytes) -> bool:
    """Whether a file begins as a table does; a NUL further down is then the fault of its line."""
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0]
    return line.isascii() and line.decode().replace("\t", " ").isprintable()


def _other(head: bytes, suffix: str) -> str | None:
    """Say what a file is that is no genotype file."""
    first = head.lstrip()[:1]
    lines = [line for line in head.splitlines() if line and not line.startswith((b"#", b"track", b"browser"))]
    if b"\0" in head and not _first_line_is_text(head):
        return "is a binary file of no kind that is known here"
    if first in (b"{", b"["):
        return "is JSON (a FHIR bundle or a phenopacket, perhaps); give the genotype file it was made from"
    if any(line.startswith((b"Hugo_Symbol\t", b"Hugo_Symbol,")) for line in lines[:5]):
        return "is a MAF file of somatic variants; esr tumour reads it, germline genotypes it has none"
    if suffix in (".bim", ".fam", ".pvar", ".psam"):
        return "is one part of a PLINK set; name its .bed or .pgen file"
    if lines and not _ARRAY.search(head[:8192]) and all(_BED.match(line) for line in lines[:20]):
        return "is a BED file of regions; give it with --callable if the regions are callable"
    if suffix in (".yaml", ".yml", ".json", ".xml", ".pb", ".fa", ".fasta", ".bam", ".cram", ".pdf"):
        return f"is a {suffix} file"
    return None
