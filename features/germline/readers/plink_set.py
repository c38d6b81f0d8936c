"""What the PLINK 1 and PLINK 2 sets have in common: three files of one name, rows of variants, names of persons.

A1 and A2, or REF and ALT, are letters as somebody wrote them: neither is taken for the genome's reference, and their
strand is not known until it is proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data_schemas.arrays import Bools, Codes, Singles
from data_schemas.errors import InputFileError
from features.files.opening import OpenFile, opened
from features.files.sample_names import checked_names
from features.germline.places import Places
from features.germline.readers.vcf.imputation import IMPUTATION_KEYS, imputation_quality, origin_of_genotypes
from features.germline.readers.vcf.record import info_of_text
from features.germline.readings import MISSING, Readings, SiteReading, Target
from features.germline.spelling import spelled, unreadable


@dataclass(frozen=True)
class SetVariant:
    """A line of a .bim or .pvar; `index` counts variants from 0, `chrom` has no prefix."""

    index: int
    chrom: str
    pos: int
    name: str
    alleles: tuple[str, ...]
    info: str = ""


@dataclass(frozen=True, eq=False)
class Genotypes:
    """One variant: codes (n, 2), copies of each allele (n, A) where it has dosages, phase (n,) where it is known."""

    codes: Codes
    copies: Singles | None = None
    phased: Bools | None = None


def refuse_packed(origin: OpenFile) -> None:
    """Refuse a binary file that was sent alone, or is packed.

    Raises
    ------
    InputFileError
        ``unknown_format``.
    """
    if origin.limits.size is not None:
        # a limit is what the service sets, where a file is uploaded alone
        raise origin.fault(
            "is one of the three files of a PLINK set, which cannot be sent alone; use esr genotypes, or export it as "
            "VCF (plink2 --export vcf bgz)",
            "unknown_format",
        )
    if origin.packing != "plain":
        raise origin.fault("is packed; unpack it, PLINK's binary files are read from disk", "unknown_format")


def beside(origin: OpenFile, *endings: str) -> OpenFile:
    """Return the file of the same name with one of these endings.

    Raises
    ------
    InputFileError
        ``file_missing``.
    """
    stem = origin.path.with_suffix("")
    for ending in endings:
        path = Path(f"{stem}{ending}")
        if path.is_file():
            return opened(path, origin.limits) if not ending.endswith(".zst") else OpenFile(
                path, path.name, "plain", origin.limits
            )  # fmt: skip
    raise InputFileError(
        "file_missing",
        f"{origin.name}: there is no {' or '.join(endings)} file of the same name beside it; a set is three files",
    )


def sample_names(rows: list[tuple[str, str]], file: str) -> tuple[str, ...]:
    """Return a name for each (family, individual): the individual's where those differ, else both."""
    individuals = [individual for _, individual in rows]
    if len(set(individuals)) < len(individuals):
        individuals = [f"{family} {individual}" for family, individual in rows]
    return checked_names(individuals, file)


def set_readings(
    origin: OpenFile,
    format_name: str,
    samples: tuple[str, ...],
    count: int,
    found: Iterable[tuple[SetVariant, Genotypes]],
    places: Places,
) -> Readings:
    """Return what a set of `count` variants says, of which those `found` concern the targets.

    Raises
    ------
    InputFileError
        ``invalid_genotype`` where a variant's alleles are codes, 1 and 2 or A and B, and no letters.
    """
    sites = [
        _reading(origin, row, genotypes, target)
        for row, genotypes in found
        for target in places.of_row(row.name, row.chrom, row.pos)
    ]
    return Readings(
        file=origin.name,
        format=format_name,
        samples=samples,
        sites=tuple(sites),
        n_read=count,
        strand_per_site=True,
    )


def _reading(origin: OpenFile, row: SetVariant, genotypes: Genotypes, target: Target) -> SiteReading:
    for why in map(spelled, row.alleles):
        if why in ("digits", "array_codes"):
            error = unreadable(why, target.name, target.alleles)
            raise origin.fault(f"variant {row.index + 1}: {error.message}", error.code)
    at = (row.chrom, row.pos)
    info = info_of_text(row.info, IMPUTATION_KEYS)
    imputed, typed = origin_of_genotypes(info)
    # what was measured is the genotype
    copies = None if typed and (genotypes.codes != MISSING).any() else genotypes.copies
    return SiteReading(
        site=target.name,
        place=f"variant {row.index + 1}",
        alleles=row.alleles,
        codes=genotypes.codes,
        named=row.name == target.name,
        build=target.build_at(*at) if row.pos > 0 else None,
        position=at if row.pos > 0 else None,
        copies=copies,
        imputed=imputed or (copies is not None and not typed),
        quality=imputation_quality(info),
        phased=genotypes.phased,
    )
