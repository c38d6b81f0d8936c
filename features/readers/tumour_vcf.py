"""A tumour's VCF: ESR1 variants by annotation (CSQ, ANN) where there is one, and by position always.

Absence from a VCF says nothing unless the caller declares what the assay covers. A record that did not pass its
filters, and a genotype that was not called, leave that mutation open. Samples that the header names as the normal are
left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from data_schemas.catalog import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.tumour import TumourReport, TumourVariant
from features.esr1_gene import CHROMOSOME, Build, coding_change
from features.readers.opening import Source
from features.readers.vcf_annotation import Annotation, Annotations
from features.readers.vcf_header import header_lines, parse_header
from features.tumour import (
    Assay,
    Coverage,
    GenomeChange,
    allele_fraction,
    build_of,
    declared_coverage,
    named,
    tumour_sample,
)

_NORMAL = re.compile(r"##(?:normal_sample=|SAMPLE=<ID=NORMAL,.*SampleName=)([^,>\s]+)", re.IGNORECASE)
_NORMAL_NAMES = ("NORMAL", "GERMLINE", "BLOOD_NORMAL")
_CHROMOSOME = re.compile(rb"(?:chr)?6\t|NC_000006\.", re.IGNORECASE)


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


@dataclass
class _Reading:
    """What a file is read with, and what its records say by sample."""

    origin: Source
    catalogue: Catalogue
    layout: Annotations | None
    declared: Build | None
    wanted: list[tuple[int, str]]
    calls: dict[str, list[TumourVariant]] = field(default_factory=dict)
    open: dict[str, set[str]] = field(default_factory=dict)
    builds: set[Build] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)
    n_read: int = 0

    def read(self, record: _Record, number: int) -> None:
        """Read one ALT (counted from 0) of a record."""
        where = f"{self.origin.name}, line {record.number}"
        change = GenomeChange(CHROMOSOME, record.pos, record.ref, record.alts[number])
        effect = self.layout.of_allele(record.info, record.ref, record.alts, number) if self.layout else None
        try:
            build = build_of(change, self.declared, where)
            if build is None and effect is None:
                return
            if build:
                self.builds.add(build)
            reason = _no_somatic_change(change, build, effect, self.catalogue)
            if reason:
                self.skipped[reason] += 1
                return
            variant = named((effect.protein, effect.coding) if effect else (), change, build, self.catalogue)
        except EsrError as error:
            message = error.message if error.message.startswith(where) else f"{where}: {error.message}"
            raise InputFileError(error.code, message) from None
        for column, name in self.wanted:
            self._note(record, number, variant, name, record.samples[column])

    def _note(self, record: _Record, number: int, variant: TumourVariant, name: str, column: str) -> None:
        values = dict(zip(record.keys, column.split(":"), strict=False))
        present = _present(values, number + 1)
        if present is False:
            return
        if record.filters or present is None:
            self.open.setdefault(name, set()).add(variant.variant)
            self.skipped[
                "they did not pass the caller's filters" if record.filters else "the genotype was not called"
            ] += 1
            return
        fraction, reads, depth = _reads(values, number + 1, record)
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
    found = _Reading(origin, catalogue, Annotations.of(texts), build, wanted)
    for record in _records(header.lines, header.columns, found):
        for number in range(len(record.alts)):
            found.read(record, number)
    labels = {hint.build for hint in header.hints}
    proven = _one_build(origin, found, labels, build)
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
    notes = tuple(f"{count:,} ESR1 alleles passed over: {reason}" for reason, count in sorted(found.skipped.items()))
    return TumourReport(
        file=origin.name,
        format=f"VCF {header.version}" + (f", annotated ({found.layout.key})" if found.layout else ", not annotated"),
        build=proven,
        n_read=found.n_read,
        samples=tuple(samples),
        notes=notes,
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
    if coding is None or (coding.protein or "").endswith("="):
        return "they change neither the protein nor its splicing"
    return None


def _present(values: dict[str, str], allele: int) -> bool | None:
    """Whether a sample has an allele: by its genotype, else by its reads; None where neither says."""
    genotype = re.split(r"[/|]", values["GT"]) if "GT" in values else []
    if genotype and set(genotype) != {"."}:
        return str(allele) in genotype
    if genotype:
        return None
    depths = values.get("AD", "").split(",")
    if len(depths) > allele and depths[allele].isdigit():
        return int(depths[allele]) > 0
    return True


def _reads(values: dict[str, str], allele: int, record: _Record) -> tuple[float | None, int | None, int | None]:
    """Return allele fraction, alternate reads and depth from AD, from Strelka's tiers, or the fraction from AF."""
    counts = [int(one) if one.isdigit() else None for one in values.get("AD", "").split(",")]
    if len(counts) == len(record.alts) + 1 and None not in counts:
        depth = sum(one for one in counts if one is not None)
        return allele_fraction(counts[allele], depth), counts[allele], depth
    tiers = {key[0]: values[key].split(",")[0] for key in ("AU", "CU", "GU", "TU") if key in values}
    alt = record.alts[allele - 1]
    if {record.ref, alt} <= tiers.keys() and all(one.isdigit() for one in tiers.values()):
        reads, depth = int(tiers[alt]), int(tiers[alt]) + int(tiers[record.ref])
        return allele_fraction(reads, depth), reads, depth
    for key in ("AF", "VAF", "FREQ"):
        parts = values.get(key, "").split(",")
        text = parts[allele - 1] if len(parts) >= allele else ""
        match = re.fullmatch(r"(\d*\.?\d+(?:[eE]-?\d+)?)(%?)", text)
        if match:
            fraction = float(match[1]) / (100 if match[2] else 1)
            return (fraction if fraction <= 1 else None), None, None
    return None, None, None


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


def _one_build(origin: Source, found: _Reading, labels: Collection[int], declared: Build | None) -> Build | None:
    if len(found.builds) > 1:
        raise origin.fault(
            "has coding bases of ESR1 at positions of build 37 and of build 38; it mixes two builds, create it again",
            "wrong_genome_build",
        )
    proven = next(iter(found.builds), None)
    if set(labels) == {36} and proven is None:
        raise origin.fault(
            "its header says build 36, which is not read; lift it over to build 38", "wrong_genome_build"
        )
    if proven is not None and labels and proven not in labels and declared is None:
        raise origin.fault(
            f"its header names another genome build than {proven}, of which its records are; correct the header, or "
            f"state the build",
            "wrong_genome_build",
        )
    return proven or declared
