"""Names of chromosomes in genotype files: plain, with a ``chr`` prefix, or RefSeq accessions of one build."""

from __future__ import annotations

from collections.abc import Iterable

from data_schemas.reference.genome import Build, accession_builds

_PREFIXES = ("", "chr", "Chr", "CHR", "0", "chr0", "Chr0", "CHR0")


def contig(name: str) -> str:
    """Return a chromosome's name without prefix.

    Examples
    --------
    >>> contig("chr6"), contig("6"), contig("CHR14"), contig("NC_000006.12")
    ('6', '6', '14', '6')
    >>> contig("06"), contig("chr06")
    ('6', '6')
    """
    text = name.removeprefix("NC_0000").split(".")[0].lstrip("0") if name.startswith("NC_0000") else name
    plain = text[3:] if text[:3].lower() == "chr" else text
    return plain.lstrip("0") or plain


def build_of_accession(name: str) -> Build | None:
    """Return the build that has this sequence of chromosome 6 or 14, None for any other name.

    Examples
    --------
    >>> build_of_accession("NC_000006.12"), build_of_accession("chr6")
    (38, None)
    """
    return accession_builds().get(name)


def line_beginnings(chromosomes: Iterable[str]) -> tuple[bytes, ...]:
    r"""Return how tab-separated lines about some chromosomes (names without prefix) begin, in any spelling.

    Examples
    --------
    >>> b"chr6\t1\t.".startswith(line_beginnings(["6"])), b"NC_000014.9\t1".startswith(line_beginnings(["6"]))
    (True, False)
    """
    wanted = tuple(chromosomes)
    plain = [f"{prefix}{name}\t" for name in wanted for prefix in _PREFIXES]
    return tuple(text.encode() for text in (*plain, *(f"NC_{name:0>6}." for name in wanted)))
