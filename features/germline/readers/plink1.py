"""PLINK 1 sets (bed, bim, fam) to readings: our variants alone, whatever the set's size.

The texts beside the binary file are streamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from data_schemas.arrays import Codes
from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.plink_set import Genotypes, SetVariant, beside, refuse_packed, sample_names, set_readings
from features.germline.readings import MISSING, Readings, Target

_BED_START = 3
_SEX = frozenset(("0", "1", "2", "M", "F", "m", "f", "NA", "-9"))


def read_plink1(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read a variant-major .bed with its .bim and .fam.

    Raises
    ------
    InputFileError
        ``file_missing`` where one of the three is; ``corrupt_file`` where their sizes do not fit each other.
    """
    refuse_packed(origin)
    bim, fam = beside(origin, ".bim"), beside(origin, ".fam")
    samples = _fam_samples(fam)
    places = Places.of(wanted)
    rows: list[SetVariant] = []
    count = 0
    for row in _bim_rows(bim):
        count += 1
        if places.has_row(row.name, row.chrom, row.pos):
            rows.append(row)
    _check_bed(origin, len(samples), count)
    copies = _bed_counts(origin, len(samples), count, [row.index for row in rows])
    found = [(row, Genotypes(_codes_of_counts(copies[:, column]))) for column, row in enumerate(rows)]
    return set_readings(origin, "PLINK 1", samples, count, found, places)


def _bed_counts(origin: OpenFile, n: int, count: int, columns: list[int]) -> Codes:
    """Return (n, variants) copies of A1, -127 not called."""
    if not columns:
        return np.empty((n, 0), np.int8)
    from bed_reader import open_bed

    try:
        with open_bed(origin.path, iid_count=n, sid_count=count, properties={}, num_threads=1) as bed:
            found: Codes = bed.read(index=(slice(None), columns), dtype="int8")
    except Exception:  # noqa: BLE001 - bed_reader's many kinds: the sizes were right, so all mean damage
        raise origin.fault("cannot be read as a PLINK 1 bed; copy or create it again") from None
    return found


def _codes_of_counts(copies: Codes) -> Codes:
    """Return (n, 2) codes for the alleles (A1, A2) from copies of A1."""
    codes = np.full((len(copies), 2), MISSING, np.int8)
    for number, pair in ((2, (0, 0)), (1, (0, 1)), (0, (1, 1))):
        codes[copies == number] = pair
    return codes


def _bim_rows(origin: OpenFile) -> Iterator[SetVariant]:
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
        alleles = (fields[4].upper(), fields[5].upper())
        yield SetVariant(index, contig(fields[0]), int(fields[3]), fields[1], alleles)
        index += 1


def _fam_samples(origin: OpenFile) -> tuple[str, ...]:
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


def _check_bed(origin: OpenFile, n: int, count: int) -> None:
    if origin.head[2:3] != b"\x01":
        raise origin.fault("is an individual-major bed; create it again with plink --make-bed", "unknown_format")
    size, expected = os.stat(origin.path).st_size, _BED_START + count * ((n + 3) // 4)
    if size != expected:
        what = "is cut off" if size < expected else "is longer"
        raise origin.fault(
            f"{what}: {size:,} bytes where {count:,} variants (.bim) of {n:,} individuals (.fam) need {expected:,}; "
            "are the three files of one set, none swapped?"
        )
