"""PLINK 1 (bed, bim, fam) and PLINK 2 (pgen, pvar, psam) sets to readings: our variants alone, whatever the set's size.

The texts beside the binary file are streamed. A1 and A2, or REF and ALT, are letters as somebody wrote them: neither is
taken for the genome's reference, and their strand is not known until it is proven.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_schemas.errors import InputFileError
from features.readers.opening import Source, source
from features.readers.vcf_places import Places
from features.readers.vcf_record import INFO_KEYS, imputation_quality, origin_of_genotypes
from features.readings import MISSING, Readings, SiteReading, Target, contig
from features.samples import checked_names

_BED_START = 3
_SEX = frozenset(("0", "1", "2", "M", "F", "m", "f", "NA", "-9"))


@dataclass(frozen=True)
class _Row:
    """A line of a .bim or .pvar that is about one of our sites; `index` counts variants from 0."""

    index: int
    line: int
    chrom: str
    pos: int
    name: str
    alleles: tuple[str, ...]
    info: str = ""


def read_plink1(origin: Source, wanted: tuple[Target, ...]) -> Readings:
    """Read a variant-major .bed with its .bim and .fam.

    Raises
    ------
    InputFileError
        ``file_missing`` where one of the three is; ``corrupt_file`` where their sizes do not fit each other.
    """
    _refuse_packed(origin)
    bim, fam = _beside(origin, ".bim"), _beside(origin, ".fam")
    samples = _fam_samples(fam)
    places = Places.of(wanted)
    rows: list[_Row] = []
    count = 0
    for row in _bim_rows(bim):
        count += 1
        if _concerns(row, places):
            rows.append(row)
    _check_bed(origin, len(samples), count)
    copies = _bed_counts(origin, len(samples), count, [row.index for row in rows])
    sites = [
        _reading(origin, row, target, _codes_of_counts(copies[:, column]))
        for column, row in enumerate(rows)
        for target in _targets(row, wanted)
    ]
    return _readings(origin, "PLINK 1", samples, sites, count)


def read_pgen(origin: Source, wanted: tuple[Target, ...]) -> Readings:
    """Read a .pgen with its .pvar (plain or ``.zst``) and .psam.

    Raises
    ------
    InputFileError
        As `read_plink1`.
    """
    from features.readers.pgen import pgen_sites, psam_samples, pvar_rows

    _refuse_packed(origin)
    samples = psam_samples(_beside(origin, ".psam", ".fam"))
    places = Places.of(wanted)
    rows: list[_Row] = []
    extra: list[tuple[int, int]] = []
    count = 0
    pvar = _beside(origin, ".pvar", ".pvar.zst", ".bim")
    for number, line, chrom, pos, name, alleles, info in pvar_rows(pvar):
        count += 1
        if len(alleles) > 2:
            extra.append((number, len(alleles) - 2))
        row = _Row(number, line, contig(chrom), pos, name, alleles, info)
        if _concerns(row, places):
            rows.append(row)
    found = pgen_sites(origin, len(samples), count, extra, [(row.index, len(row.alleles)) for row in rows])
    sites = []
    for row, (codes, copies, phased) in zip(rows, found, strict=True):
        sites += [
            _reading(origin, row, target, codes, copies, phased, _info(row.info)) for target in _targets(row, wanted)
        ]
    return _readings(origin, "PLINK 2", samples, sites, count)


def _bed_counts(origin: Source, n: int, count: int, columns: list[int]) -> np.ndarray:
    """Return (n, variants) copies of A1, -127 not called."""
    if not columns:
        return np.empty((n, 0), np.int8)
    from bed_reader import open_bed

    try:
        with open_bed(origin.path, iid_count=n, sid_count=count, properties={}, num_threads=1) as bed:
            found: np.ndarray = bed.read(index=(slice(None), columns), dtype="int8")
    except Exception:
        # the Rust reader raises several kinds of errors; the sizes were right, so all mean damage
        raise origin.fault("cannot be read as a PLINK 1 bed; copy or create it again") from None
    return found


def _codes_of_counts(copies: np.ndarray) -> np.ndarray:
    """Return (n, 2) codes for the alleles (A1, A2) from copies of A1."""
    codes = np.full((len(copies), 2), MISSING, np.int8)
    for number, pair in ((2, (0, 0)), (1, (0, 1)), (0, (1, 1))):
        codes[copies == number] = pair
    return codes


def _reading(
    origin: Source,
    row: _Row,
    target: Target,
    codes: np.ndarray,
    copies: np.ndarray | None = None,
    phased: np.ndarray | None = None,
    info: Mapping[str, str] | None = None,
) -> SiteReading:
    at = (row.chrom, row.pos)
    imputed, typed = origin_of_genotypes(info or {})
    if typed and (codes != MISSING).any():
        copies = None  # what was measured is the genotype
    return SiteReading(
        site=target.name,
        place=f"variant {row.index + 1}",
        alleles=row.alleles,
        codes=codes,
        named=row.name == target.name,
        build=target.builds_at(*at) if row.pos > 0 else None,
        position=at if row.pos > 0 else None,
        copies=copies,
        imputed=imputed or (copies is not None and not typed),
        quality=imputation_quality(info or {}),
        phased=phased,
    )


def _readings(
    origin: Source, format_name: str, samples: tuple[str, ...], sites: list[SiteReading], count: int
) -> Readings:
    return Readings(
        file=origin.name,
        format=format_name,
        samples=samples,
        sites=tuple(sites),
        n_read=count,
        strand_per_site=True,
    )


def _concerns(row: _Row, places: Places) -> bool:
    return row.name in places.names or row.pos in places.positions.get(row.chrom, ())


def _targets(row: _Row, wanted: tuple[Target, ...]) -> Iterator[Target]:
    for target in wanted:
        if target.name == row.name or target.builds_at(row.chrom, row.pos) is not None:
            yield target


def _bim_rows(origin: Source) -> Iterator[_Row]:
    index = 0
    for line, raw in enumerate(origin.lines(), start=1):
        fields = raw.decode("utf-8", errors="replace").split()
        if not fields:
            continue
        if len(fields) != 6 or not fields[3].lstrip("-").isdigit():
            raise origin.fault(
                f"line {line}: is not chromosome, name, centimorgan, position, A1 and A2; are .bim and .fam swapped?",
                "wrong_field_count",
            )
        yield _Row(index, line, contig(fields[0]), int(fields[3]), fields[1], (fields[4].upper(), fields[5].upper()))
        index += 1


def _fam_samples(origin: Source) -> tuple[str, ...]:
    """Return the individuals' names; with their family where names repeat between families."""
    rows: list[tuple[str, str]] = []
    for line, raw in enumerate(origin.lines(), start=1):
        fields = raw.decode("utf-8", errors="replace").split()
        if not fields:
            continue
        if len(fields) < 5 or fields[4] not in _SEX:
            raise origin.fault(
                f"line {line}: is not family, individual, father, mother, sex and phenotype; are the .bim and .fam "
                "swapped?",
                "wrong_field_count",
            )
        rows.append((fields[0], fields[1]))
    if not rows:
        raise origin.fault("names no individual; is it the whole file?", "no_rows")
    return sample_names(rows, origin.name)


def sample_names(rows: list[tuple[str, str]], file: str) -> tuple[str, ...]:
    """Return a name for each (family, individual): the individual's where those differ, else both."""
    individuals = [individual for _, individual in rows]
    if len(set(individuals)) < len(individuals):
        individuals = [f"{family} {individual}" for family, individual in rows]
    return checked_names(individuals, file)


def _check_bed(origin: Source, n: int, count: int) -> None:
    if origin.head[2:3] != b"\x01":
        raise origin.fault("is an individual-major bed; create it again with plink --make-bed", "unknown_format")
    size, expected = os.stat(origin.path).st_size, _BED_START + count * ((n + 3) // 4)
    if size != expected:
        what = "is cut off" if size < expected else "is longer"
        raise origin.fault(
            f"{what}: {size:,} bytes where {count:,} variants (.bim) of {n:,} individuals (.fam) need {expected:,}; "
            "are the three files of one set, none swapped?"
        )


def _refuse_packed(origin: Source) -> None:
    if origin.limits.size is not None:
        # a limit is what the service sets, where a file is uploaded alone
        raise origin.fault(
            "is one of the three files of a PLINK set, which cannot be sent alone; use esr genotypes, or export it as "
            "VCF (plink2 --export vcf bgz)",
            "unknown_format",
        )
    if origin.packing != "plain":
        raise origin.fault("is packed; unpack it, PLINK's binary files are read from disk", "unknown_format")


def _beside(origin: Source, *endings: str) -> Source:
    """Return the file of the same name with one of these endings."""
    stem = origin.path.with_suffix("")
    for ending in endings:
        path = Path(f"{stem}{ending}")
        if path.is_file():
            return source(path, origin.limits) if not ending.endswith(".zst") else Source(
                path, path.name, "plain", origin.limits
            )  # fmt: skip
    raise InputFileError(
        "file_missing",
        f"{origin.name}: there is no {' or '.join(endings)} file of the same name beside it; a set is three files",
    )


def _info(text: str) -> dict[str, str]:
    """Return the keys of a .pvar's INFO; a flag is ``true``."""
    parts = [part.partition("=") for part in text.split(";")]
    return {key: value or "true" for key, _, value in parts if key in INFO_KEYS}
