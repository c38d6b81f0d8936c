"""A tumour's VCF: ESR1 variants by annotation (CSQ, ANN) where there is one, and by position always.

Absence from a VCF says nothing unless the caller declares what the assay covers. A record that did not pass its
filters, and a genotype that was not called, leave that mutation open. Samples that the header names as the normal are
left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from data_schemas.catalog import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.tumour import TumourReport, TumourVariant
from features.esr1_gene import CHROMOSOME, Build, coding_change
from features.readers.opening import Source
from features.readers.tumour_build import builds_of_change, file_build
from features.readers.tumour_columns import present, reads_of, why_open
from features.readers.vcf_annotation import Annotation, Annotations
from features.readers.vcf_header import header_lines, parse_header
from features.tumour import (
    Assay,
    Coverage,
    GenomeChange,
    below_limit,
    build_of,
    declared_coverage,
    named,
    tumour_sample,
)

_NORMAL = re.compile(r"##(?:normal_sample=|SAMPLE=<ID=NORMAL,.*SampleName=)([^,>\s]+)", re.IGNORECASE)
_NORMAL_NAMES = ("NORMAL", "GERMLINE", "BLOOD_NORMAL")
_CHROMOSOME = re.compile(rb"(?:chr)?0?6\t|NC_000006\.", re.IGNORECASE)


@dataclass(frozen=True)
class _Record:
    """The columns of one line: texts, INFO by key, FORMAT keys and each sample's column."""

    number: int
    pos: int
    ref: str
    alts: tuple[str, ...]
    filters: tuple[str, ...]
    info: dict[str, str]
    keys: tuple[str, ...]
    samples: tuple[str, ...]

    def change(self, number: int) -> GenomeChange:
        """Return the change of one ALT (counted from 0)."""
        return GenomeChange(CHROMOSOME, self.pos, self.ref, self.alts[number])


@dataclass
class _Reading:
    """What a file is read with, and what its records say by sample."""

    origin: Source
    catalogue: Catalogue
    layout: Annotations | None
    wanted: list[tuple[int, str]]
    calls: dict[str, list[TumourVariant]] = field(default_factory=dict)
    open: dict[str, set[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    n_read: int = 0
    unnamed: int = 0

    def concerns(self, record: _Record, number: int) -> bool:
        """Whether an ALT may be a change of ESR1: annotated so, or at its coding bases in either build."""
        if self.layout and self.layout.of_allele(record.info, record.ref, record.alts, number):
            return True
        if self.layout and self.layout.of_another_gene(record.info, record.ref, record.alts, number):
            return False
        return bool(builds_of_change(record.change(number)))

    def read(self, record: _Record, number: int, build: Build | None) -> None:
        """Read one ALT (counted from 0) of a record, in the file's build."""
        where = f"{self.origin.name}, line {record.number}"
        change = record.change(number)
        effect = self.layout.of_allele(record.info, record.ref, record.alts, number) if self.layout else None
        try:
            if build not in builds_of_change(change):
                if effect is None:
                    self.skipped["they stand at coding bases of ESR1 in the other genome build than the file's"] += 1
                    return
                build = None
            else:
                build_of(change, None, where)
            reason = _no_somatic_change(change, build, effect, self.catalogue)
            if reason:
                self.skipped[reason] += 1
                return
            names = (effect.protein, effect.coding) if effect else ()
            variant = named(names, change, build, self.catalogue)
        except EsrError as error:
            message = error.message if error.message.startswith(where) else f"{where}: {error.message}"
            raise InputFileError(error.code, message) from None
        if effect is None and variant.change.startswith("c."):
            self.unnamed += 1
        for column, name in self.wanted:
            self._note(record, number, variant, name, record.samples[column])

    def _note(self, record: _Record, number: int, variant: TumourVariant, name: str, column: str) -> None:
        values = dict(zip(record.keys, column.split(":"), strict=False))
        if present(values, number + 1) is False:
            return
        fraction, reads, depth = reads_of(values, record.ref, record.alts, number + 1)
        reason = why_open(values, number + 1, record.filters, fraction)
        if reason:
            self.open.setdefault(name, set()).add(variant.variant)
            self.skipped[reason] += 1
            return
        facts = {"place": f"line {record.number}", "vaf": fraction, "alt_reads": reads, "depth": depth}
        self.calls.setdefault(name, []).append(variant.model_copy(update=facts))


def read_tumour_vcf(
    origin: Source, catalogue: Catalogue, assay: Assay, build: Build | None = None, tumour: str | None = None
) -> TumourReport:
    """Read a text VCF of somatic variants.

    Parameters
    ----------
    build
        As declared; None to prove it by the coding positions of ESR1, which never overlap between builds.
    tumour
        The one sample to report; None for every sample that the header does not name as the normal.

    Raises
    ------
    InputFileError
        As `parse_header`; ``wrong_genome_build``; ``unknown_field`` where there is no such sample.
    """
    lines = header_lines(origin)
    header = parse_header(origin, lines)
    texts = [line.decode() for line in lines]
    wanted = _tumours(origin, header.samples, texts, tumour)
    found = _Reading(origin, catalogue, Annotations.of(texts), wanted)
    alleles = [
        (record, number)
        for record in _records(header.lines, header.columns, found)
        for number in range(len(record.alts))
        if found.concerns(record, number)
    ]
    labels = {hint.build for hint in header.hints}
    changes = [record.change(number) for record, number in alleles]
    proven = file_build(origin, changes, labels, build, catalogue)
    for record, number in alleles:
        found.read(record, number, proven)
    coverage = declared_coverage(assay)
    if coverage.tested and proven is None and not labels:
        # both builds' positions were looked for, but an older build's would have gone unseen
        coverage = Coverage(None, "nothing tells the file's genome build, so absence says nothing", assay=assay.name)
    samples = [
        tumour_sample(
            name, found.calls.get(name, ()), coverage, catalogue, unsettled=frozenset(found.open.get(name, ()))
        )
        for _, name in wanted
    ]
    notes = [f"{count:,} ESR1 alleles passed over: {reason}" for reason, count in sorted(found.skipped.items())]
    if found.unnamed:
        notes.append(
            f"{found.unnamed:,} ESR1 alleles without annotation: whether they change the protein or its splicing is "
            f"not known from the position; they are kept as another ESR1 variant (VEP or SnpEff can tell)"
        )
    return TumourReport(
        file=origin.name,
        format=f"VCF {header.version}" + (f", annotated ({found.layout.key})" if found.layout else ", not annotated"),
        build=proven,
        n_read=found.n_read,
        samples=tuple(samples),
        notes=(*notes, *below_limit(samples)),
    )


def _records(skip: int, columns: int, found: _Reading) -> Iterator[_Record]:
    for number, line in enumerate(found.origin.lines(), start=1):
        if number <= skip or not line:
            continue
        found.n_read += 1
        if not _CHROMOSOME.match(line):
            continue
        fields = line.decode("utf-8", errors="replace").split("\t")
        if len(fields) != columns or not fields[1].isdigit():
            raise found.origin.fault(
                f"line {number}: has {len(fields):,} fields where the header has {columns:,}, or no position",
                "wrong_field_count",
            )
        yield _Record(
            number=number,
            pos=int(fields[1]),
            ref=fields[3].upper(),
            alts=tuple(fields[4].upper().split(",")),
            filters=tuple(one for one in fields[6].split(";") if one not in ("PASS", ".", "")),
            info=dict(part.partition("=")[::2] for part in fields[7].split(";")),
            keys=tuple(fields[8].split(":")),
            samples=tuple(fields[9:]),
        )


def _no_somatic_change(
    change: GenomeChange, build: Build | None, effect: Annotation | None, catalogue: Catalogue
) -> str | None:
    """Say why an allele is no somatic change of the receptor, None where it is one."""
    if not set(change.ref + change.alt) <= set("ACGT"):
        return "they are not written as letters"
    for row in catalogue.variants.values():
        site = row.grch37 if build == 37 else row.grch38
        if build and site and (site.chrom, site.pos) == (change.chrom, change.pos) and change.alt in row.alleles:
            return "they are germline SNPs of the panel, which tumour files do not tell; give the germline file"
    if effect is not None:
        return None if effect.alters else "they change neither the protein nor its splicing"
    coding = coding_change(change.pos, change.ref, change.alt, build) if build else None
    if coding is None:
        return "they leave the coding bases as they are; splicing is not judged by position"
    if (coding.protein or "").endswith("="):
        return "their codon is of the same amino acid; splicing is not judged by position"
    return None


def _tumours(origin: Source, samples: tuple[str, ...], header: list[str], tumour: str | None) -> list[tuple[int, str]]:
    if tumour is not None:
        if tumour not in samples:
            raise origin.fault("has no sample of the name given; look at its #CHROM line", "unknown_field")
        return [(samples.index(tumour), tumour)]
    normal = {match[1] for line in header if (match := _NORMAL.match(line))}
    kept = [
        (number, name)
        for number, name in enumerate(samples)
        if name not in normal and name.upper() not in _NORMAL_NAMES
    ]
    if not kept:
        raise origin.fault("every sample is named as the normal; name the tumour's sample", "unknown_field")
    return kept
