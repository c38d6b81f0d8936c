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

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.reference.gene import ESR1, known_genes
from data_schemas.wire.tumour import REASONS, OpenReason, TumourReport, TumourSample, TumourVariant
from features.files.opening import OpenFile
from features.germline.contigs import line_beginnings
from features.germline.readers.vcf.header import VcfHeader, header_lines, parse_header
from features.germline.readers.vcf.record import VcfRecord, check_width, info_of_text, record_of_line, split_line
from features.somatic.gene import Build, receptor_of
from features.somatic.readers.vcf_annotation import Annotation, Annotations
from features.somatic.readers.vcf_build import file_build
from features.somatic.readers.vcf_columns import present, reads_of, why_open
from features.somatic.samples import (
    Assay,
    Coverage,
    GenomeChange,
    Named,
    below_limit,
    build_of,
    builds_of_change,
    declared_coverage,
    named,
    tumour_sample,
)

_NORMAL = re.compile(r"##(?:normal_sample=|SAMPLE=<ID=NORMAL,.*SampleName=)([^,>\s]+)", re.IGNORECASE)
_NORMAL_NAMES = ("NORMAL", "GERMLINE", "BLOOD_NORMAL")


@dataclass(frozen=True)
class _Line:
    """One line: its record, FORMAT keys and each sample's column."""

    record: VcfRecord
    keys: tuple[str, ...]
    samples: tuple[str, ...]

    @property
    def alts(self) -> tuple[str, ...]:
        """The ALT alleles; of a record without any a dot, which is no change and yet tells the build by its place."""
        return self.record.alts or (".",)

    def change(self, number: int) -> GenomeChange:
        """Return the change of one ALT (counted from 0)."""
        return GenomeChange(known_genes()[ESR1].chromosome, self.record.pos, self.record.ref, self.alts[number])


@dataclass
class _Reading:
    """What a file is read with, and what its records say by sample."""

    origin: OpenFile
    catalogue: Catalogue
    layout: Annotations | None
    wanted: list[tuple[int, str]]
    calls: dict[str, list[TumourVariant]] = field(default_factory=dict)
    open: dict[str, dict[str, OpenReason]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    n_read: int = 0
    unnamed: int = 0

    def concerns(self, line: _Line, number: int) -> bool:
        """Whether an ALT may be a change of ESR1: annotated so, or at its coding bases in either build."""
        if self.effect(line, number):
            return True
        if self.layout and self.layout.of_another_gene(line.record.info, line.record.ref, line.alts, number):
            return False
        return bool(builds_of_change(line.change(number), receptor_of(self.catalogue)))

    def effect(self, line: _Line, number: int) -> Annotation | None:
        """Return what the file's annotation says of an ALT."""
        if self.layout is None:
            return None
        return self.layout.of_allele(line.record.info, line.record.ref, line.alts, number)

    def read(self, line: _Line, number: int, build: Build | None) -> None:
        """Read one ALT (counted from 0) of a line, in the file's build."""
        where = f"{self.origin.name}, {line.record.place}"
        change, effect, receptor = line.change(number), self.effect(line, number), receptor_of(self.catalogue)
        try:
            if build not in builds_of_change(change, receptor):
                if effect is None:
                    self.skipped["they stand at coding bases of ESR1 in the other genome build than the file's"] += 1
                    return
                build = None
            else:
                build_of(change, None, where, receptor)
            reason = _no_somatic_change(change, build, effect, self.catalogue)
            if reason:
                self.skipped[reason] += 1
                return
            names = (effect.protein, effect.coding) if effect else ()
            described = named(names, change, build, self.catalogue)
        except EsrError as error:
            message = error.message if error.message.startswith(where) else f"{where}: {error.message}"
            raise InputFileError(error.code, message) from None
        if effect is None and any(one.change.startswith("c.") for one in described.variants):
            self.unnamed += 1
        for column, name in self.wanted:
            self._note(line, number, described, name, line.samples[column])

    def _note(self, line: _Line, number: int, described: Named, name: str, column: str) -> None:
        values = dict(zip(line.keys, column.split(":"), strict=False))
        if present(values, number + 1) is False:
            return
        fraction, reads, depth = reads_of(values, line.record.ref, line.alts, number + 1)
        reason = why_open(values, number + 1, line.record.filters, fraction)
        opened = dict.fromkeys(sorted(described.names), reason) if reason else described.open
        for one, code in opened.items():
            self.open.setdefault(name, {}).setdefault(one, code)
        for code in sorted(set(opened.values()) if reason or not described.variants else ()):
            self.skipped[REASONS[code]] += 1
        if reason:
            return
        facts = {"place": line.record.place, "vaf": fraction, "alt_reads": reads, "depth": depth}
        self.calls.setdefault(name, []).extend(one.model_copy(update=facts) for one in described.variants)

    def samples(self, coverage: Coverage) -> list[TumourSample]:
        """Return each sample wanted with what was found in it and what was left open."""
        return [
            tumour_sample(name, self.calls.get(name, ()), coverage, self.catalogue, self.open.get(name, {}))
            for _, name in self.wanted
        ]

    def notes(self) -> list[str]:
        """Say what was passed over, and what nobody named."""
        notes = [f"{count:,} ESR1 alleles passed over: {reason}" for reason, count in sorted(self.skipped.items())]
        if self.unnamed:
            notes.append(
                f"{self.unnamed:,} ESR1 alleles without annotation: whether they change the protein or its splicing is "
                f"not known from the position; they are kept as another ESR1 variant (VEP or SnpEff can tell)"
            )
        return notes


def read_tumour_vcf(
    origin: OpenFile, catalogue: Catalogue, assay: Assay, build: Build | None = None, tumour: str | None = None
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
        As `parse_header`; ``wrong_genome_build``; ``unknown_sample`` where there is no such sample.
    """
    head = header_lines(origin)
    header = parse_header(origin, head)
    texts = [line.decode() for line in head]
    found = _Reading(origin, catalogue, Annotations.of(texts), _tumours(origin, header.samples, texts, tumour))
    alleles = [
        (line, number)
        for line in _lines(header, found)
        for number in range(len(line.alts))
        if found.concerns(line, number)
    ]
    labels = {hint.build for hint in header.hints}
    changes = [line.change(number) for line, number in alleles]
    proven = file_build(origin, changes, labels, build, catalogue)
    for line, number in alleles:
        found.read(line, number, proven)
    coverage = declared_coverage(assay)
    if coverage.tested and proven is None and not labels:
        # both builds' positions were looked for, but an older build's would have gone unseen
        coverage = Coverage(None, "nothing tells the file's genome build, so absence says nothing", assay=assay.name)
    samples = found.samples(coverage)
    return TumourReport(
        file=origin.name,
        format=f"VCF {header.version}" + (f", annotated ({found.layout.key})" if found.layout else ", not annotated"),
        build=proven,
        n_read=found.n_read,
        samples=tuple(samples),
        notes=(*found.notes(), *below_limit(samples)),
    )


def _lines(header: VcfHeader, found: _Reading) -> Iterator[_Line]:
    """Yield the lines about the gene's chromosome; all records are counted."""
    ours = line_beginnings([known_genes()[ESR1].chromosome])
    for number, line in enumerate(found.origin.lines(), start=1):
        if number <= header.lines or not line:
            continue
        found.n_read += 1
        if not line.startswith(ours):
            continue
        check_width(found.origin, line, number, header.columns)
        *fields, genotypes = split_line(found.origin, line, number, header.columns)
        record = record_of_line(fields, info_of_text(fields[7].decode(errors="replace")), number)
        keys, *samples = genotypes.decode(errors="replace").split("\t")
        yield _Line(record, tuple(keys.split(":")), tuple(samples))


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
    coding = receptor_of(catalogue).coding_change(change.pos, change.ref, change.alt, build) if build else None
    if coding is None:
        return "they leave the coding bases as they are; splicing is not judged by position"
    if (coding.protein or "").endswith("="):
        return "their codon is of the same amino acid; splicing is not judged by position"
    return None


def _tumours(
    origin: OpenFile, samples: tuple[str, ...], header: list[str], tumour: str | None
) -> list[tuple[int, str]]:
    if tumour is not None:
        if tumour not in samples:
            raise origin.fault("has no sample of the name given; look at its #CHROM line", "unknown_sample")
        return [(samples.index(tumour), tumour)]
    normal = {match[1] for line in header if (match := _NORMAL.match(line))}
    kept = [
        (number, name)
        for number, name in enumerate(samples)
        if name not in normal and name.upper() not in _NORMAL_NAMES
    ]
    if not kept:
        raise origin.fault("every sample is named as the normal; name the tumour's sample", "unknown_sample")
    return kept
