"""MAF files (Mutation Annotation Format, as of cBioPortal and GDC): ESR1 rows, streamed; absence is not judged here.

The file may be packed with gzip and begin with comment lines; ``#Sequenced_Samples:`` among them lists who was
sequenced. Which columns there are differs from file to file: two are needed, the others are used where they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.reference.gene import ESR1, known_genes
from data_schemas.reference.genome import maf_builds
from data_schemas.wire.tumour import REASONS, OpenReason, TumourVariant
from features.files.header import TableForm, read_header, refuse_columns
from features.files.opening import OpenFile
from features.files.rows import read_rows
from features.germline.contigs import contig
from features.somatic.gene import Build, Receptor, receptor_of
from features.somatic.names import canonical_name
from features.somatic.samples import GenomeChange, allele_fraction, build_of, named

GENE, SAMPLE = "Hugo_Symbol", "Tumor_Sample_Barcode"
NEEDED = (GENE, SAMPLE)
MAF_FORM = TableForm("\t", quotes=False, may_be_empty=True)
"""Quotes are letters in a MAF, and one without rows says that no mutation was found."""

SILENT_CLASSES = frozenset(
    ("Silent", "Intron", "3'UTR", "5'UTR", "3'Flank", "5'Flank", "IGR", "RNA", "Targeted_Region", "lincRNA")
)
"""Classes of rows that change neither the protein nor its splicing."""

_ALTERNATE_READS = "t_alt_count"
_NO_COUNT = frozenset(("", ".", "-", "NA", "N/A", "NAN", "NULL", "NONE", "-1"))
"""What stands where nobody counted the reads of a change."""
_FRACTIONS = ("t_vaf", "VAF", "vaf", "tumor_vaf", "i_tumor_f", "tumor_f", "t_af")


@dataclass
class MafContent:
    """What a MAF file holds of ESR1: variants by sample, found and left open, who has any row and who was sequenced."""

    calls: dict[str, list[TumourVariant]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    sequenced: set[str] | None = None
    builds: Counter[Build] = field(default_factory=Counter)
    open: dict[str, dict[str, OpenReason]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    n_read: int = 0

    def notes(self) -> tuple[str, ...]:
        """Return what was passed over, in sentences."""
        return tuple(f"{count:,} ESR1 rows passed over: {reason}" for reason, count in sorted(self.skipped.items()))


def read_maf(origin: OpenFile, catalogue: Catalogue) -> MafContent:
    """Read the ESR1 rows of a MAF file.

    Raises
    ------
    InputFileError
        ``wrong_columns``, ``wrong_field_count``, ``no_rows``, ``encoding``; ``wrong_genome_build`` and
        ``conflicting_findings`` for an ESR1 row whose position contradicts its build or its name; each with the line.
    """
    content, gene = MafContent(), {ESR1, known_genes()[ESR1].entrez}
    header = read_header(origin, MAF_FORM, NEEDED.__contains__)
    refuse_columns(origin, header, NEEDED)
    for comment in header.comments:
        _read_comment(comment, content)
    for number, fields in read_rows(origin, header):
        content.n_read += 1
        row = dict(zip(header.names, fields, strict=True))
        content.seen.add(row[SAMPLE])
        if gene & {row[GENE].strip().upper(), row.get("Entrez_Gene_Id", "").strip()}:
            _read_row(origin, f"line {number}", row, content, catalogue)
    return content


def _read_comment(line: str, content: MafContent) -> None:
    name, colon, listed = line.lstrip("#").partition(":")
    if colon and name.strip().lower() == "sequenced_samples":
        content.sequenced = set(re.split(r"[ ,\t]+", listed.strip()))


def _read_row(origin: OpenFile, place: str, row: dict[str, str], content: MafContent, catalogue: Catalogue) -> None:
    reason = _passed_over(row)
    if reason:
        content.skipped[reason] += 1
        return
    where, receptor = f"{origin.name}, {place}", receptor_of(catalogue)
    try:
        change = _genome_change(row)
        declared = _declared_build(row, where)
        build = build_of(change, declared, where, receptor) if change else None
        texts = [row.get(name, "") for name in ("HGVSp_Short", "HGVSp", "HGVSc")]
        texts += [row[name] for name in ("Protein_Change", "Amino_Acid_Change", "cDNA_change") if row.get(name)]
        if not row.get("Variant_Classification", "").strip() and any(_is_silent(text, receptor) for text in texts):
            content.skipped["the amino acid stays"] += 1
            return
        described = named(texts, change, build, catalogue)
    except EsrError as error:
        message = error.message if error.message.startswith(where) else f"{where}: {error.message}"
        raise InputFileError(error.code, message) from None
    if build:
        content.builds[build] += 1
    fraction, alt, depth = _reads(row)
    unsettled, opened = _why_open(row, fraction, alt), content.open.setdefault(row[SAMPLE], {})
    reasons = dict.fromkeys(sorted(described.names), unsettled) if unsettled else described.open
    for name, reason in reasons.items():
        opened.setdefault(name, reason)
    for reason in sorted(set(reasons.values()) if unsettled or not described.variants else ()):
        content.skipped[REASONS[reason]] += 1
    if unsettled:
        return
    facts = {"place": place, "vaf": fraction, "alt_reads": alt, "depth": depth}
    found = [one.model_copy(update=facts) for one in described.variants]
    content.calls.setdefault(row[SAMPLE], []).extend(found)


def _passed_over(row: dict[str, str]) -> str | None:
    """Say why a row is no somatic change of the receptor, None where it is one."""
    status = row.get("Mutation_Status", "").strip().lower()
    if status in ("germline", "loh", "none", "wildtype", "wild type"):
        return f"the mutation status is {status}, not somatic"
    if row.get("Variant_Classification", "") in SILENT_CLASSES:
        return "they change neither the protein nor its splicing"
    return None


def _why_open(row: dict[str, str], fraction: float | None, alt: int | None) -> OpenReason | None:
    """Say why a row neither proves its mutation nor excludes it, None where the mutation is found."""
    if row.get("FILTER", "").strip() not in ("", ".", "PASS", "NA"):
        return "filtered"
    if fraction == 0 or alt == 0:
        return "no_support"
    said = row.get(_ALTERNATE_READS, "").strip()
    return "unreadable_row" if alt is None and said.upper() not in _NO_COUNT else None


def _is_silent(text: str, receptor: Receptor) -> bool:
    """Whether a name says that the amino acid stays; asked where the row has no class of its own."""
    name = canonical_name(text)
    return (receptor.protein_of(name) or name).endswith("=")


def _genome_change(row: dict[str, str]) -> GenomeChange | None:
    chrom, pos = row.get("Chromosome", ""), row.get("Start_Position", row.get("Start_position", ""))
    ref, alt = row.get("Reference_Allele", "").strip().upper(), _alternate(row)
    if not chrom or not pos.isascii() or not pos.isdigit() or not (ref and alt):
        return None
    at = int(pos) + (1 if ref == "-" else 0)  # an insertion stands between Start_Position and the next base
    return GenomeChange(contig(chrom), at, ref.strip("-"), alt.strip("-"))


def _alternate(row: dict[str, str]) -> str:
    """Return the tumour's allele that differs from the reference, as a rule the second; nothing where neither does.

    Raises
    ------
    EsrError
        ``conflicting_findings`` where both differ from the reference and from each other: a row is one change.
    """
    ref = row.get("Reference_Allele", "").strip().upper()
    both = [row.get(f"Tumor_Seq_Allele{number}", "").strip().upper() for number in (2, 1)]
    alternates = list(dict.fromkeys(allele for allele in both if allele not in ("", ref)))
    if len(alternates) > 1:
        raise EsrError(
            "conflicting_findings",
            "two tumour alleles that both differ from the reference; write each change as a row of its own, with the "
            "reference as Tumor_Seq_Allele1",
        )
    return alternates[0] if alternates else ""


def _declared_build(row: dict[str, str], where: str) -> Build | None:
    build = maf_builds().get(row.get("NCBI_Build", "").strip().upper())
    if build == 36:
        raise EsrError("wrong_genome_build", f"{where}: is of build 36, which is not read; lift the file to build 38")
    return build


def _reads(row: dict[str, str]) -> tuple[float | None, int | None, int | None]:
    """Return allele fraction, alternate reads and depth, as far as the row has them."""
    alt, ref, depth = (_count(row.get(name, "")) for name in (_ALTERNATE_READS, "t_ref_count", "t_depth"))
    if alt is not None and ref is not None:
        depth = alt + ref
    fraction = allele_fraction(alt, depth)
    for name in _FRACTIONS:
        if fraction is None and re.fullmatch(r"0?\.\d+|0|1(\.0+)?", row.get(name, "")):
            fraction = float(row[name])
    return fraction, alt, depth


def _count(text: str) -> int | None:
    """Return a number of reads; tables that went through a program of floats have 20.0 for 20."""
    whole = re.fullmatch(r"([0-9]{1,9})(\.0*)?", text.strip())
    return int(whole[1]) if whole else None
