"""Any tumour file to one report: a cBioPortal study's folder, a MAF, a VCF, or a list of names."""

from __future__ import annotations

from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import InputFileError
from data_schemas.wire.tumour import TumourReport
from features.files.opening import OpenFile, opened
from features.files.packing import UNLIMITED, Limits
from features.somatic.gene import Build
from features.somatic.readers.maf import GENE
from features.somatic.readers.names_list import read_findings_list
from features.somatic.readers.study import read_study, report_of
from features.somatic.readers.vcf import read_tumour_vcf
from features.somatic.samples import Assay


def read_tumour(
    path: Path,
    catalogue: Catalogue,
    assay: Assay | None = None,
    *,
    build: Build | None = None,
    tumour: str | None = None,
    limits: Limits = UNLIMITED,
) -> TumourReport:
    """Read what a file says of somatic ESR1 variants.

    Parameters
    ----------
    assay
        What is declared of the assay; without it absence is `not_tested` unless a study's own files say more.
    build
        Declared genome build of a VCF; a MAF states its own, and both are checked by position.
    tumour
        Sample of a VCF to report, or name of the one that a list of variants is of.

    Raises
    ------
    InputFileError
        ``unknown_format`` for a file of another kind, and whatever its reader finds.
    """
    declared = assay or Assay()
    if path.is_dir():
        return read_study(path, catalogue, declared)
    origin = opened(path, limits)
    head = origin.head
    if head.startswith((b"##fileformat=VCF", b"#CHROM\t")):
        return read_tumour_vcf(origin, catalogue, declared, build, tumour)
    if _is_maf(head):
        return report_of(origin, catalogue, declared)
    error = _other(origin, head)
    if error:
        raise error
    return read_findings_list(origin, catalogue, declared, tumour)


def _is_maf(head: bytes) -> bool:
    lines = (line for line in head.splitlines() if line.strip() and not line.startswith(b"#"))
    return GENE.encode() in next(lines, b"").split(b"\t")


def _other(origin: OpenFile, head: bytes) -> InputFileError | None:
    if not head.strip():
        return origin.blank()
    if head.startswith(b"BCF\x02"):
        return origin.fault("is a BCF; tumour reports are read from text: bcftools view -Oz", "unknown_format")
    return None
