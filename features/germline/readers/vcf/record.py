"""The fixed columns of a VCF or BCF record, and how a line of text is taken apart into them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data_schemas.arrays import Singles
from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import names_in
from features.germline.readers.vcf.alleles import UNSPECIFIED


@dataclass(frozen=True, eq=False)
class VcfRecord:
    """A record without its genotypes; `chrom` has no prefix, `filters` are those other than PASS."""

    chrom: str
    pos: int
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    filters: tuple[str, ...]
    info: Mapping[str, Any]
    place: str

    @property
    def end(self) -> int:
        """Last position that the record covers."""
        return max(self.pos + len(self.ref) - 1, whole_number(self.info.get("END")))

    @property
    def structural(self) -> bool:
        """Whether this is a structural variant without a sequence: it says nothing of the bases that it spans."""
        return "SVTYPE" in self.info and all(alt in UNSPECIFIED for alt in self.alts)

    @property
    def block(self) -> bool:
        """Whether this is a gVCF block: no allele but the reference, and an end."""
        return self.end > self.pos + len(self.ref) - 1 and all(alt in UNSPECIFIED for alt in self.alts)


def split_line(origin: OpenFile, line: bytes, line_number: int, columns: int) -> list[bytes]:
    """Return the eight fixed columns of a line and, as the ninth part, FORMAT with all samples.

    Raises
    ------
    InputFileError
        As `check_width` where there are fewer parts; ``corrupt_file`` where the position is no number.
    """
    fields = line.removesuffix(b"\r").split(b"\t", 8)
    if len(fields) < 9:
        check_width(origin, line, line_number, columns)
    if not fields[1].isdigit():
        raise origin.fault(f"line {line_number}: is not a VCF record; correct or remove it")
    return fields


def check_width(origin: OpenFile, line: bytes, line_number: int, columns: int) -> None:
    """Refuse a line (unless it is blank) with another number of fields than the header has.

    Raises
    ------
    InputFileError
        ``wrong_field_count``.
    """
    width = line.count(b"\t") + 1
    if width != columns and line.strip():
        raise origin.fault(
            f"line {line_number}: has {width:,} tab-separated fields where the header has {columns:,}; "
            "the line is cut off or the file damaged",
            "wrong_field_count",
        )


def record_of_line(fields: list[bytes], info: Mapping[str, str], line_number: int) -> VcfRecord:
    """Return the record of a line that `split_line` took apart; alleles in upper case."""
    chrom, _, ids, ref, alts, _, filters = (field.decode(errors="replace") for field in fields[:7])
    return VcfRecord(
        chrom=contig(chrom),
        pos=int(fields[1]),
        ids=names_in(ids),
        ref=ref.upper(),
        alts=() if alts == "." else tuple(alts.upper().split(",")),
        filters=tuple(one for one in filters.split(";") if one not in ("PASS", ".", "")),
        info=info,
        place=f"line {line_number}",
    )


def info_of_text(text: str, wanted: Collection[str] | None = None) -> dict[str, str]:
    """Return INFO by key, all keys or those wanted; a flag is ``true``.

    Examples
    --------
    >>> info_of_text("END=12;IMP;R2=0.9", {"IMP", "END"})
    {'END': '12', 'IMP': 'true'}
    """
    parts = [part.partition("=") for part in text.split(";")]
    return {key: value or "true" for key, _, value in parts if wanted is None or key in wanted}


def whole_number(value: Any) -> int:
    """Return a value of INFO as a whole number, 0 where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def decimal_number(text: Any) -> float:
    """Return a value as a number, NaN where it is none: beyond 1e30 there is no quality, depth or dosage."""
    try:
        found = float(text)
    except (TypeError, ValueError):
        return math.nan
    return found if abs(found) < 1e30 else math.nan


def format_numbers(variant: Any, key: str) -> Singles | None:
    """Return (n,) the first number of a FORMAT key, NaN for unknown; None where htslib's record has none."""
    matrix = format_matrix(variant, key)
    return None if matrix is None else matrix[:, 0]


def format_matrix(variant: Any, key: str) -> Singles | None:
    """Return (n, k) numbers of a FORMAT key, NaN for unknown; None where the record has none.

    A key that the file's header leaves undefined comes as text.
    """
    table = variant.format(key) if key in variant.FORMAT else None
    if table is None:
        return None
    if table.dtype.kind in "US":
        rows = [[decimal_number(part) for part in str(cell).split(",")] for cell in table.tolist()]
        width = max(map(len, rows))
        return np.array([row + [np.nan] * (width - len(row)) for row in rows], np.float32)
    if table.dtype.kind == "i":
        # the lowest integers are htslib's codes for missing and for the end of a short vector
        return np.where(table < np.iinfo(table.dtype).min + 8, np.nan, table.astype(np.float64))
    return np.where(np.isfinite(table), table, np.nan).astype(np.float32)
