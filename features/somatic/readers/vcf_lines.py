"""The lines of a tumour's VCF that concern ESR1's chromosome, and whose columns they have.

A caller for one tumour may write no sample at all (LoFreq): what it says of the reads then stands in INFO, and the
file is that of one sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from data_schemas.reference.gene import ESR1, known_genes
from features.files.opening import OpenFile
from features.germline.contigs import line_beginnings
from features.germline.readers.vcf.alleles import UNSPECIFIED
from features.germline.readers.vcf.header import FIXED, VcfHeader, header_lines, parse_header
from features.germline.readers.vcf.record import VcfRecord, check_width, info_of_text, record_of_line, split_line
from features.somatic.readers.vcf_columns import values_of_info
from features.somatic.samples import GenomeChange

_NORMAL = re.compile(r"##(?:normal_sample=|SAMPLE=<ID=NORMAL,.*SampleName=)([^,>\s]+)", re.IGNORECASE)
_NORMAL_NAMES = ("NORMAL", "GERMLINE", "BLOOD_NORMAL")
_INFO = re.compile(r"##INFO=<ID=([^,>]+)")


@dataclass(frozen=True)
class Line:
    """One line: its record, and each sample's values by key."""

    record: VcfRecord
    samples: tuple[Mapping[str, str], ...]

    @property
    def alts(self) -> tuple[str, ...]:
        """The ALT alleles; of a record without any a dot, which is no change and yet tells the build by its place."""
        return self.record.alts or (".",)

    @property
    def last(self) -> int:
        """The last position that the line speaks of: that of its block, else of its reference letters."""
        record = self.record
        return record.end if all(alt in UNSPECIFIED for alt in record.alts) else record.pos + len(record.ref) - 1

    def change(self, number: int) -> GenomeChange:
        """Return the change of one ALT (counted from 0)."""
        return GenomeChange(known_genes()[ESR1].chromosome, self.record.pos, self.record.ref, self.alts[number])


@dataclass(frozen=True)
class TumourHeader:
    """A header, its lines as text, and the number of fields that the lines have before what is missing is put in."""

    header: VcfHeader
    texts: tuple[str, ...]
    written: int

    @property
    def without_samples(self) -> bool:
        """Whether the file has no sample column."""
        return self.written < self.header.columns


def tumour_header(origin: OpenFile, sample: str | None) -> TumourHeader:
    """Read the header; a file without samples is one of reads where its INFO says so, and else refused.

    Raises
    ------
    InputFileError
        As `parse_header`; ``no_rows`` for a file without samples that is no caller's, as those of databases are.
    """
    head = header_lines(origin)
    columns = head[-1].removesuffix(b"\r").split(b"\t") if head else []
    texts = tuple(line.decode(errors="replace") for line in head)
    if head and tuple(columns[:8]) == FIXED and columns[8:] in ([], [b"FORMAT"]):
        keys = {match[1] for text in texts if (match := _INFO.match(text))}
        if not ("DP4" in keys or ("DP" in keys and keys & {"AF", "VAF"})) or keys & {"AN", "AC"}:
            raise origin.fault(
                "the VCF has no sample column, and its INFO has no reads of one tumour (DP4, or DP with AF); give the "
                "caller's own VCF",
                "no_rows",
            )
        name = sample or re.sub(r"(\.vcf)?(\.b?gz|\.zip)?$", "", Path(origin.name).name, flags=re.IGNORECASE)
        head[-1] = b"\t".join((*FIXED, b"FORMAT", (name or "sample 1").encode()))
    return TumourHeader(parse_header(origin, head), texts, len(columns))


def tumour_lines(origin: OpenFile, head: TumourHeader) -> Iterator[Line | None]:
    """Yield a line for each record on the gene's chromosome, and None for each other record."""
    ours, header = line_beginnings([known_genes()[ESR1].chromosome]), head.header
    for number, line in enumerate(origin.lines(), start=1):
        if number <= header.lines or not line:
            continue
        if not line.startswith(ours):
            yield None
            continue
        check_width(origin, line, number, head.written)
        if head.without_samples:
            line = line.removesuffix(b"\r") + b"\t." * (header.columns - head.written)
        *fields, genotypes = split_line(origin, line, number, header.columns)
        record = record_of_line(fields, info_of_text(fields[7].decode(errors="replace")), number)
        keys, *samples = genotypes.decode(errors="replace").split("\t")
        values = tuple(dict(zip(keys.split(":"), one.split(":"), strict=False)) for one in samples)
        yield Line(record, (values_of_info(record.info),) if head.without_samples else values)


def tumours(origin: OpenFile, head: TumourHeader, tumour: str | None) -> list[tuple[int, str]]:
    """Return the number and name of each sample wanted: the one named, else all but the normal.

    Raises
    ------
    InputFileError
        ``unknown_sample`` where there is no such sample, or none but the normal.
    """
    samples = head.header.samples
    if tumour is not None:
        if tumour not in samples:
            raise origin.fault("has no sample of the name given; look at its #CHROM line", "unknown_sample")
        return [(samples.index(tumour), tumour)]
    normal = {match[1] for line in head.texts if (match := _NORMAL.match(line))}
    kept = [
        (number, name)
        for number, name in enumerate(samples)
        if head.without_samples or (name not in normal and name.upper() not in _NORMAL_NAMES)
    ]
    if not kept:
        raise origin.fault("every sample is named as the normal; name the tumour's sample", "unknown_sample")
    return kept
