"""A tumour's VCF: ESR1 variants by annotation (CSQ, ANN) where there is one, and by position always.

Absence from a VCF says nothing unless the caller declares what the assay covers, and nothing at a residue of which a
record says that it has no reads, no call or a failed filter. Changes of one codon are put together by their phase.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.wire.tumour import REASONS, OpenReason, TumourReport, TumourSample
from features.files.opening import OpenFile
from features.somatic.gene import Build, receptor_of
from features.somatic.molecules import Allele, put_together
from features.somatic.readers.vcf_annotation import Annotation, Annotations
from features.somatic.readers.vcf_build import file_build
from features.somatic.readers.vcf_columns import phase_of, present, reads_of, why_open, why_site_open
from features.somatic.readers.vcf_lines import Line, tumour_header, tumour_lines, tumours
from features.somatic.residues import Outcome
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
    outcome_at,
    tumour_sample,
)
from features.somatic.witness import mutations_at

_SILENT = (
    "their codon is of the same amino acid; splicing is not judged by position",
    "they change neither the protein nor its splicing",
)
_NO_LETTERS = "they are not written as letters"


@dataclass
class _Reading:
    """What a file is read with, and what its records say by sample."""

    origin: OpenFile
    catalogue: Catalogue
    layout: Annotations | None
    wanted: list[tuple[int, str]]
    alleles: dict[str, list[Allele]] = field(default_factory=dict)
    open: dict[str, dict[str, OpenReason]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    doubts: list[str] = field(default_factory=list)
    unnamed: int = 0

    def concerns(self, line: Line, number: int) -> bool:
        """Whether an ALT may be a change of ESR1: annotated so, or at its coding bases in either build."""
        if self.effect(line, number):
            return True
        if self.layout and self.layout.of_another_gene(line.record.info, line.record.ref, line.alts, number):
            return False
        return bool(builds_of_change(line.change(number), receptor_of(self.catalogue)))

    def covers(self, line: Line) -> bool:
        """Whether a line speaks of a residue of the panel, in either build."""
        receptor = receptor_of(self.catalogue)
        builds: tuple[Build, ...] = (37, 38)
        return not line.record.structural and any(
            receptor.panel_residues(line.record.pos, line.last, build) for build in builds
        )

    def effect(self, line: Line, number: int) -> Annotation | None:
        """Return what the file's annotation says of an ALT."""
        if self.layout is None:
            return None
        return self.layout.of_allele(line.record.info, line.record.ref, line.alts, number)

    def read(self, line: Line, number: int, build: Build | None) -> None:
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
                self.skipped[reason] += line.alts != (".",)  # a record of the reference is no allele
                self._pass_over(line, number, build, reason)
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

    def read_site(self, line: Line, build: Build) -> None:
        """Leave the residues of a line open in each sample of which the line is no witness."""
        residues = receptor_of(self.catalogue).panel_residues(line.record.pos, line.last, build)
        for column, name in self.wanted:
            reason = why_site_open(line.samples[column], line.record.filters, line.record.info)
            if reason:
                self._leave_open(name, mutations_at(residues, self.catalogue), reason)

    def _pass_over(self, line: Line, number: int, build: Build | None, reason: str) -> None:
        """Keep a silent change, which counts with others of its codon; an allele without letters opens its residues."""
        residues = receptor_of(self.catalogue).panel_residues(line.record.pos, line.last, build) if build else ()
        if not residues or line.alts == (".",) or "SVTYPE" in line.record.info:
            return
        for column, name in self.wanted:
            values = line.samples[column]
            if present(values, number + 1) is False:
                continue
            doubt = why_open(values, number + 1, line.record)
            if reason == _NO_LETTERS:
                doubt = doubt or "complex_change"
                self._leave_open(name, mutations_at(residues, self.catalogue), doubt)
            elif reason not in _SILENT:
                continue
            passed = Allele(line.change(number), Named(()), line.record.place, phase_of(values, number + 1), doubt)
            self.alleles.setdefault(name, []).append(passed)

    def _note(self, line: Line, number: int, described: Named, name: str, values: Mapping[str, str]) -> None:
        if present(values, number + 1) is False:
            return
        read = fraction, reads, depth = reads_of(values, line.record.ref, line.alts, number + 1)
        reason = why_open(values, number + 1, line.record, read)
        if reason or not described.variants:
            code: OpenReason = reason or "unreadable_row"
            self._leave_open(name, described.names, code)
            self.skipped[REASONS[code]] += 1
            doubted = Allele(line.change(number), described, line.record.place, phase_of(values, number + 1), code)
            self.alleles.setdefault(name, []).append(doubted)
            return
        facts = {"place": line.record.place, "vaf": fraction, "alt_reads": reads, "depth": depth}
        found = Named(tuple(one.model_copy(update=facts) for one in described.variants), described.open)
        phase = phase_of(values, number + 1)
        self.alleles.setdefault(name, []).append(Allele(line.change(number), found, line.record.place, phase))

    def _leave_open(self, name: str, mutations: frozenset[str], reason: OpenReason) -> None:
        for one in sorted(mutations):
            self.open.setdefault(name, {}).setdefault(one, reason)

    def samples(self, coverage: Coverage, build: Build | None) -> list[TumourSample]:
        """Return each sample wanted with what was found in it and what was left open."""
        samples = []
        for _, name in self.wanted:
            together = put_together(self.alleles.get(name, ()), build, self.catalogue)
            self.doubts += together.doubts
            unsettled = {**together.open, **self.open.get(name, {})}
            samples.append(tumour_sample(name, together.variants, coverage, self.catalogue, unsettled))
        return samples

    def notes(self) -> list[str]:
        """Say what was passed over, what could not be told apart, and what nobody named."""
        notes = [f"{count:,} ESR1 alleles passed over: {reason}" for reason, count in sorted((+self.skipped).items())]
        notes += [
            f"{count:,} samples have changes of one codon of which the file does not say whether they are on one "
            f"molecule: {text}"
            for text, count in sorted(Counter(self.doubts).items())
        ]
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
        The one sample to report, or the name of the sample of a file without columns of samples; None for every sample
        that the header does not name as the normal.

    Raises
    ------
    InputFileError
        As `tumour_header` and `tumours`; ``wrong_genome_build``.
    """
    head = tumour_header(origin, tumour)
    found = _Reading(origin, catalogue, Annotations.of(head.texts), tumours(origin, head, tumour))
    alleles: list[tuple[Line, int]] = []
    sites: list[Line] = []
    n_read = 0
    for line in tumour_lines(origin, head):
        n_read += 1
        if line is not None:
            alleles += [(line, number) for number in range(len(line.alts)) if found.concerns(line, number)]
            sites += [line] if found.covers(line) else []
    labels = {hint.build for hint in head.header.hints}
    proven = file_build(origin, [line.change(number) for line, number in alleles], labels, build, catalogue)
    for line, number in alleles:
        found.read(line, number, proven)
    if proven is not None:
        for line in sites:
            found.read_site(line, proven)
    coverage = declared_coverage(assay)
    if coverage.tested and proven is None:
        # both builds' positions were looked for, but an older build's would have gone unseen
        coverage = Coverage(None, "nothing tells the file's genome build, so absence says nothing", assay=assay.name)
    samples = found.samples(coverage, proven)
    annotated = f", annotated ({found.layout.key})" if found.layout else ", not annotated"
    return TumourReport(
        file=origin.name,
        format=f"VCF {head.header.version}{annotated}",
        build=proven,
        n_read=n_read,
        samples=tuple(samples),
        notes=(*found.notes(), *below_limit(samples)),
    )


def _no_somatic_change(
    change: GenomeChange, build: Build | None, effect: Annotation | None, catalogue: Catalogue
) -> str | None:
    """Say why an allele is no somatic change of the receptor, None where it is one."""
    if not set(change.ref + change.alt) <= set("ACGT"):
        return _NO_LETTERS
    for row in catalogue.variants.values():
        site = row.grch37 if build == 37 else row.grch38
        if build and site and (site.chrom, site.pos) == (change.chrom, change.pos) and change.alt in row.alleles:
            return "they are germline SNPs of the panel, which tumour files do not tell; give the germline file"
    if effect is not None:
        return None if effect.alters else _SILENT[1]
    coding = receptor_of(catalogue).coding_change(change.pos, change.ref, change.alt, build) if build else None
    if coding is None:
        return "they leave the coding bases as they are; splicing is not judged by position"
    if build and outcome_at(change, build, receptor_of(catalogue)) == Outcome():
        return _SILENT[0]
    return None
