"""How a tumour's VCF is told from a germline one: by its genotypes beside their reads, ESR1's mutations, its header.

A caller's name alone proves little: Strelka calls germline variants too, and next year's callers are not in a list. Its
header says which (``##content``), filters and INFO keys of somatic callers have no germline use, and its records show
genotypes that no germline has: 0/1 with one read of twenty, 1/1 with a fifth of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from data_schemas.errors import InputFileError
from features.files.opening import OpenFile
from features.germline.assemblies import refuse_other_assembly
from features.germline.readers.vcf.header import VcfHeader, parse_header
from features.germline.readings import Readings, Target

_DECLARED = re.compile(
    r"##content=.*\bsomatic\b|"
    r"##INFO=<ID=(SOMATIC|SomaticEVS|SGT|TLOD|NLOD|SSC),|"
    r"##FORMAT=<ID=SSC,|"
    # what a somatic caller takes away: the germline, and what normal samples have too
    r"##FILTER=<ID=(germline|germline_risk|NonSomatic|panel_of_normals|PON|normal_artifact|alt_allele_in_normal),|"
    r"##[^=<]*(somatic|clairs|tnscope|tnhaplotyper|mutect|lancet)[^=<]*=|"
    r"##source=.*(somatic|clairs|tnscope|tnhaplotyper|mutect|lancet|\bMuSE\b|\bSAGE\b)|"
    r"##[^=<]*(command|cmd)[^=]*=.*\s--?(tumou?r(-|_|=|\s)|somatics\b)|"
    r"##GATKCommandLine(\.MuTect2|=<ID=(Mutect2|FilterMutectCalls)\b)|"
    r"##source=(Mutect2|FilterMutectCalls)\b|"
    r"##(MutectVersion|tumor_sample)=|"
    r"##SAMPLE=<ID=TUMOU?R\b",
    re.IGNORECASE,
)
_NAMES = ("TUMOR", "TUMOUR")
_TOO_MANY = 0.1
"""Share of samples whose called variants their reads contradict, above which the file is a tumour's: one sample of a
germline cohort may be contaminated, and then only its calls fail."""


def germline_header(origin: OpenFile, lines: Sequence[bytes]) -> VcfHeader:
    """Return the header of a VCF or BCF that is to give germline genotypes.

    Raises
    ------
    InputFileError
        ``germline_somatic_mix`` for a tumour's file; as `refuse_other_assembly`; whatever `parse_header` finds.
    """
    header = parse_header(origin, lines)
    texts = [line.decode(errors="replace") for line in lines]
    refuse_other_assembly(origin.name, texts)
    if any(name.upper() in _NAMES for name in header.samples) or declares_somatic(texts):
        raise _mix(origin, "is a tumour's VCF")
    return header


def declares_somatic(texts: Iterable[str]) -> bool:
    """Tell whether header lines are those of a somatic caller.

    Examples
    --------
    >>> declares_somatic(["##source=strelka", "##content=strelka germline small-variant calls"])
    False
    >>> declares_somatic(["##content=strelka somatic snv calls"]), declares_somatic(["##INFO=<ID=TLOD,Number=A>"])
    (True, True)
    """
    return any(_DECLARED.match(text) for text in texts)


def refuse_mutations(origin: OpenFile, readings: Readings, wanted: Sequence[Target]) -> None:
    """Refuse a file in which any sample carries a mutation of the panel; no germline has one.

    Raises
    ------
    InputFileError
        ``germline_somatic_mix`` with the place.
    """
    somatic = {one.name: one for one in wanted if one.somatic}
    labels = {hint.build for hint in readings.hints}
    for site in readings.sites:
        target = somatic.get(site.site)
        if target is None or site.ref != target.ref or (labels and site.build not in labels):
            continue  # the same number is another gene's base in the other build
        carried = [number for number, text in enumerate(site.alleles) if text in target.somatic]
        if any((site.codes == number).any() for number in carried):
            raise _mix(origin, f"{site.place}: holds a mutation of ESR1 that tumours acquire")


def refuse_shares(origin: OpenFile, readings: Readings) -> None:
    """Refuse a file whose passed genotypes have reads that no germline gives them: a few per cent for 0/1, or for 1/1.

    Raises
    ------
    InputFileError
        ``germline_somatic_mix`` with the first place.
    """
    found = np.zeros(readings.n, bool)
    places: list[str] = []
    for site in readings.sites:
        if site.contradicted is None or site.filters:
            continue
        carried = (site.codes > 0).any(axis=1)
        here = site.contradicted & carried
        if site.filtered is not None:
            here &= ~site.filtered
        if here.any():
            places.append(site.place)
            found |= here
    if found.sum() > _TOO_MANY * readings.n:
        raise _mix(origin, f"{places[0]}: the reads are too few for the genotype, as a tumour's caller writes it")


def _mix(origin: OpenFile, what: str) -> InputFileError:
    return origin.fault(
        f"{what}; `esr tumour` reads it, germline genotypes come from another one", "germline_somatic_mix"
    )
