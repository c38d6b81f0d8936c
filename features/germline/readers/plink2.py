"""PLINK 2 sets (pgen, pvar, psam) to readings: our variants alone, whatever the set's size.

Names come from the .psam, variants from the .pvar, which are streamed, and genotypes of few variants from the .pgen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from data_schemas.arrays import Codes, Singles
from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.plink_set import Genotypes, SetVariant, beside, refuse_packed, sample_names, set_readings
from features.germline.readings import MISSING, Readings, Target

_ZST = b"\x28\xb5\x2f\xfd"


def read_pgen(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read a .pgen with its .pvar (plain or ``.zst``) and .psam.

    Raises
    ------
    InputFileError
        ``file_missing`` where one of the three is; ``corrupt_file`` where their sizes do not fit each other.
    """
    refuse_packed(origin)
    samples = _psam_samples(beside(origin, ".psam", ".fam"))
    places = Places.of(wanted)
    rows: list[SetVariant] = []
    extra: list[tuple[int, int]] = []
    count = 0
    for row in _pvar_rows(beside(origin, ".pvar", ".pvar.zst", ".bim")):
        count += 1
        if len(row.alleles) > 2:
            extra.append((row.index, len(row.alleles) - 2))
        if places.has_row(row.name, row.chrom, row.pos):
            rows.append(row)
    genotypes = _pgen_genotypes(origin, len(samples), count, extra, rows)
    return set_readings(origin, "PLINK 2", samples, count, zip(rows, genotypes, strict=True), places)


def _psam_samples(origin: OpenFile) -> tuple[str, ...]:
    """Return the names of the samples.

    Raises
    ------
    InputFileError
        ``wrong_columns`` where there is no IID column, ``no_rows`` where there is no sample.
    """
    header: list[str] | None = None
    rows: list[tuple[str, str]] = []
    for line, raw in enumerate(origin.lines(), start=1):
        fields = raw.decode("utf-8", errors="replace").split()
        if not fields or fields[0].startswith("##"):
            continue
        if fields[0].startswith("#"):
            header = [fields[0].removeprefix("#"), *fields[1:]]
            continue
        names = header or ["FID", "IID"]
        if "IID" not in names or len(fields) < len(names):
            raise origin.fault(f"line {line}: has no IID, or fewer fields than the header", "wrong_columns")
        family = fields[names.index("FID")] if "FID" in names else "0"
        rows.append((family, fields[names.index("IID")]))
    if not rows:
        raise origin.fault("names no sample; is it the whole file?", "no_rows")
    return sample_names(rows, origin.name)


def _pvar_rows(origin: OpenFile) -> Iterator[SetVariant]:
    """Yield each variant, its alleles with REF first.

    A .bim in its place, or a .pvar without header, has PLINK 1's columns: its A2 is REF.
    """
    columns: list[str] | None = None
    index = 0
    for line, raw in enumerate(_lines(origin), start=1):
        text = raw.decode("utf-8", errors="replace")
        if not text or text.startswith("##"):
            continue
        if text.startswith("#"):
            columns = text.removeprefix("#").split("\t") if "\t" in text else text.removeprefix("#").split()
            continue
        fields = text.split("\t") if "\t" in text else text.split()
        columns = columns or _bim_columns(len(fields))
        row = dict(zip(columns, fields, strict=False))
        if len(fields) < len(columns) or not row.get("POS", "").isdigit() or not row.get("REF"):
            raise origin.fault(f"line {line}: is no variant of a .pvar; is the file cut off?", "wrong_field_count")
        alts = row["ALT"].upper().split(",") if row["ALT"] != "." else []
        alleles = (row["REF"].upper(), *alts)
        yield SetVariant(index, contig(row["CHROM"]), int(row["POS"]), row.get("ID", "."), alleles, row.get("INFO", ""))
        index += 1


def _pgen_genotypes(
    origin: OpenFile, n: int, count: int, extra: list[tuple[int, int]], rows: list[SetVariant]
) -> list[Genotypes]:
    """Return the genotypes of some variants; `extra` is (variant, alleles beyond two) of each multi-allelic one."""
    from pgenlib import PgenReader

    offsets = None
    if extra:
        more = np.zeros(count + 1, np.uintp)
        for variant, alleles in extra:
            more[variant + 1] = alleles
        offsets = 2 * np.arange(count + 1, dtype=np.uintp) + np.cumsum(more, dtype=np.uintp)
    try:
        reader = PgenReader(str(origin.path).encode(), raw_sample_ct=n, variant_ct=count, allele_idx_offsets=offsets)
        found = [_genotypes(reader, n, row) for row in rows]
        reader.close()
        return found
    except (RuntimeError, ValueError, MemoryError, OSError):
        raise origin.fault(
            f"cannot be read as a pgen of {count:,} variants (.pvar) and {n:,} samples (.psam); are the three files of "
            "one set, none swapped or cut off?"
        ) from None


def _genotypes(reader: Any, n: int, row: SetVariant) -> Genotypes:
    codes, phase = np.empty(2 * n, np.int32), np.empty(n, np.bool_)
    reader.read_alleles_and_phasepresent(row.index, codes, phase)
    pairs = np.where(codes.reshape(n, 2) < 0, MISSING, codes.reshape(n, 2)).astype(np.int8)
    phased = phase & (pairs[:, 0] != pairs[:, 1])
    copies = _dosages(reader, n, row.index, pairs) if len(row.alleles) == 2 else None
    return Genotypes(pairs, copies, phased if phased.any() else None)


def _dosages(reader: Any, n: int, variant: int, pairs: Codes) -> Singles | None:
    """Return (n, 2) copies of REF and ALT where any dosage is not its genotype's own, else None."""
    alt = np.empty(n, np.float32)
    reader.read_dosages(variant, alt)
    known = alt >= 0
    hard = pairs.sum(axis=1)
    same = ~known | ((pairs[:, 0] != MISSING) & (np.abs(alt - hard) < 1e-4))
    if same.all():
        return None
    alt[~known] = np.nan
    return np.column_stack([2 - alt, alt])


def _lines(origin: OpenFile) -> Iterator[bytes]:
    with origin.path.open("rb") as raw:
        packed = raw.read(4) == _ZST
    if not packed:
        yield from origin.lines()
        return
    import pyarrow

    try:
        with pyarrow.OSFile(str(origin.path)) as file, pyarrow.CompressedInputStream(file, "zstd") as stream:
            rest = b""
            while chunk := stream.read(2**20):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
            if rest:
                yield rest
    except OSError:
        raise origin.fault("the zstd data is cut off or damaged; copy or create the file again") from None


def _bim_columns(width: int) -> list[str]:
    return ["CHROM", "ID", "CM", "POS", "ALT", "REF"] if width == 6 else ["CHROM", "ID", "POS", "ALT", "REF"]
