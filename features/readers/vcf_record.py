"""One VCF or BCF record to readings of the sites that it covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.readers.vcf_alleles import UNSPECIFIED, AtSite, alleles_at
from features.readings import HAPLOID, MISSING, REFERENCE, SILENT, Build, SiteReading, Target

PLOIDY = "<PLOIDY>"
"""Allele text of a genotype with more than two alleles."""
BEYOND = "<BEYOND ALT>"
"""Allele text of a genotype that points to an ALT which the record does not have."""

QUALITY_KEYS = ("R2", "DR2", "RSQ", "INFO", "AR2")
"""INFO keys of imputation quality: Minimac, Beagle 5, older Minimac, IMPUTE and GLIMPSE, Beagle 4."""
_TYPED = ("TYPED", "TYPED_ONLY", "GENOTYPED")
"""INFO flags by which an imputation server marks sites that were measured."""
_IMPUTED = ("IMP", "IMPUTED")
"""INFO flags of a site that was imputed: Beagle, Minimac."""
INFO_KEYS = frozenset({"END", "SVTYPE", *QUALITY_KEYS, *_TYPED, *_IMPUTED})
"""INFO keys that are looked at."""
PASSED = frozenset({"PASS", ".", "", "RefCall"})
"""A sample's filter (FT) that fails nobody; RefCall is how DeepVariant marks a reference call."""


@dataclass(frozen=True, eq=False)
class Record:
    """A record: its fixed columns as text, and htslib's variant for the genotype columns."""

    chrom: str
    pos: int
    ids: tuple[str, ...]
    ref: str
    alts: tuple[str, ...]
    filters: tuple[str, ...]
    info: Mapping[str, Any]
    place: str
    variant: Any

    @property
    def end(self) -> int:
        """Last position that the record covers."""
        return max(self.pos + len(self.ref) - 1, _integer(self.info.get("END")))

    @property
    def structural(self) -> bool:
        """Whether this is a structural variant without a sequence: it says nothing of the bases that it spans."""
        return "SVTYPE" in self.info and all(alt in UNSPECIFIED for alt in self.alts)

    @property
    def block(self) -> bool:
        """Whether this is a gVCF block: no allele but the reference, and an end."""
        return self.end > self.pos + len(self.ref) - 1 and all(alt in UNSPECIFIED for alt in self.alts)


def site_readings(record: Record, wanted: tuple[Target, ...], n: int, flags_imputed: bool) -> Iterator[SiteReading]:
    """Yield what the record says of each target that it covers by position or names.

    Parameters
    ----------
    n
        Number of samples.
    flags_imputed
        Whether the file marks imputed records (INFO IMP), so that an unmarked one with a dosage was measured.
    """
    genotypes: SiteReading | None = None
    alleles: np.ndarray | None = None
    if record.structural:
        return
    for target, offset, build in _covered(record, wanted):
        at = alleles_at(record.ref, record.alts, offset)
        if at is None:
            continue
        if genotypes is None or alleles is None:
            alleles, phased = _alleles(record.variant, n)
            genotypes = _measures(record, phased, n, flags_imputed)
        yield replace(
            _with_letters(genotypes, alleles, at),
            site=target.name,
            named=target.name in record.ids,
            build=build,
            position=(record.chrom, record.pos + offset),
            ref=at.ref,
        )


def _covered(record: Record, wanted: tuple[Target, ...]) -> Iterator[tuple[Target, int, Build | None]]:
    for target in wanted:
        found = False
        for build, place in ((37, target.grch37), (38, target.grch38)):
            if place is not None and place.chrom == record.chrom and record.pos <= place.pos <= record.end:
                found = True
                yield target, place.pos - record.pos, 37 if build == 37 else 38
        if not found and target.name in record.ids:
            yield target, 0, None


def _alleles(variant: Any, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, 2) allele indices with the codes of `features.readings`, and (n,) phase.

    More than two alleles become the pair (-9, -9).
    """
    if "GT" not in variant.FORMAT:
        return np.full((n, 2), MISSING, np.int16), np.zeros(n, bool)
    table = variant.genotype.array()
    codes, phased = table[:, :-1].astype(np.int16), table[:, -1].astype(bool)
    if codes.shape[1] == 1:
        codes = np.column_stack([codes, np.full(n, HAPLOID, np.int16)])
    pair = codes[:, :2].copy()
    pair[(codes[:, 2:] != HAPLOID).any(axis=1)] = -9
    # htslib gives a lone "." as one missing allele: nothing was called, whatever the ploidy
    pair[(pair[:, 0] == MISSING) & (pair[:, 1] == HAPLOID)] = MISSING
    return pair, phased & (pair >= 0).all(axis=1)


def _with_letters(genotypes: SiteReading, indices: np.ndarray, at: AtSite) -> SiteReading:
    """Put the site's allele texts in place of the record's indices; two alleles with one letter become one."""
    texts = tuple(dict.fromkeys((*at.texts, PLOIDY, BEYOND)))
    letter_of = np.array([texts.index(text) for text in at.texts], dtype=np.int8)
    codes = np.where(indices < 0, indices, np.int16(texts.index(BEYOND))).astype(np.int8)
    known = (indices >= 0) & (indices < len(letter_of))
    codes[known] = letter_of[indices[known]]
    codes[indices == -9] = texts.index(PLOIDY)
    if not at.speaks_of_all:
        codes[~np.isin(codes, [n for n, text in enumerate(texts) if text not in (at.ref, REFERENCE)]).any(axis=1)] = (
            SILENT
        )
    copies = genotypes.copies
    if copies is not None and copies.shape[1] == len(at.texts):
        copies = np.column_stack([copies[:, letter_of == number].sum(axis=1) for number in range(len(texts) - 2)])
    return replace(genotypes, alleles=texts, codes=codes, copies=copies)


def _measures(record: Record, phased: np.ndarray, n: int, flags_imputed: bool) -> SiteReading:
    """Return a reading with everything but the site: qualities, dosage, phase."""
    variant = record.variant
    imputed, typed = origin_of_genotypes(record.info, flags_imputed)
    # what was measured is the genotype: a dosage beside it is the imputation's opinion of it
    copies = None if typed and "GT" in variant.FORMAT else _copies(variant, 1 + len(record.alts))
    depth = [one for one in (_numbers(variant, key) for key in ("DP", "MIN_DP")) if one is not None]
    quality = [one for one in (_numbers(variant, key) for key in ("GQ", "GQX")) if one is not None]
    sets = _numbers(variant, "PS")
    return SiteReading(
        site="",
        place=record.place,
        alleles=(),
        codes=np.empty((n, 2), np.int8),
        copies=copies,
        imputed=imputed or (copies is not None and not typed),
        quality=imputation_quality(record.info),
        phased=phased,
        phase_set=None if sets is None else _phase_sets(sets),
        gq=np.fmin.reduce(quality) if quality else _numbers(variant, "RGQ"),
        dp=np.fmin.reduce(depth) if depth else None,
        filters=record.filters,
        filtered=_filtered(variant),
        block=record.block,
    )


def _copies(variant: Any, n_alleles: int) -> np.ndarray | None:
    """Return (n, A) expected copies of each allele from DS, HDS or GP; None where the record has no such thing."""
    dosage = _matrix(variant, "DS")
    if dosage is None and (halves := _matrix(variant, "HDS")) is not None and n_alleles == 2:
        dosage = halves.sum(axis=1, keepdims=True)
    if dosage is not None and dosage.shape[1] == n_alleles - 1:
        return np.column_stack([2 - dosage.sum(axis=1), dosage])
    chances = _matrix(variant, "GP")
    if chances is None or chances.shape[1] != n_alleles * (n_alleles + 1) // 2:
        return None
    known = ~np.isnan(chances).any(axis=1)
    # VCF 4.2 callers write phred-scaled GP: those are no probabilities, and the record was measured
    if not known.any() or np.abs(chances[known].sum(axis=1) - 1).max() > 0.05:
        return None
    copies = np.zeros((len(chances), n_alleles), np.float32)
    order = [(one, two) for two in range(n_alleles) for one in range(two + 1)]
    for column, pair in enumerate(order):
        for allele in pair:
            copies[:, allele] += chances[:, column]
    return copies


def origin_of_genotypes(info: Mapping[str, Any], flags_imputed: bool = False) -> tuple[bool, bool]:
    """Tell from INFO whether a record says that it was imputed, and whether it says that it was measured.

    A record is imputed by its flag, or by an imputation quality without a flag that it was measured.

    Examples
    --------
    >>> origin_of_genotypes({"R2": "0.9"}), origin_of_genotypes({"R2": "0.9", "TYPED": "true"}), origin_of_genotypes({})
    ((True, False), (False, True), (False, False))
    """
    marked = any(info.get(key) for key in _IMPUTED)
    typed = not marked and (any(info.get(key) for key in _TYPED) or flags_imputed)
    return marked or (not typed and any(key in info for key in QUALITY_KEYS)), typed


def imputation_quality(info: Mapping[str, Any]) -> float | None:
    """Return the imputation quality, the smallest where there is one per ALT; None unless all are within [0, 1].

    Examples
    --------
    >>> imputation_quality({"R2": "0.9,0.3"}), imputation_quality({"R2": (0.9,)}), imputation_quality({"R2": "1.7"})
    (0.3, 0.9, None)
    """
    for key in QUALITY_KEYS:
        value = info.get(key)
        if value is None or isinstance(value, bool):
            continue
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, tuple) else (value,)
        numbers = [_number(part) for part in parts]
        return min(numbers) if all(0 <= number <= 1 for number in numbers) else None
    return None


def _integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _phase_sets(sets: np.ndarray) -> np.ndarray:
    """Return whole numbers, -1 for what is none."""
    known = np.abs(np.nan_to_num(sets, nan=np.inf)) < 2**53
    return np.where(known, sets, -1).astype(np.int64)


def _filtered(variant: Any) -> np.ndarray | None:
    """Return (n,) whose own filter (FT) is neither passed nor unset; None where the record has no such thing."""
    table = variant.format("FT") if "FT" in variant.FORMAT else None
    if table is None:
        return None
    if table.dtype.kind not in "US":
        marks = _matrix(variant, "FT")  # a header that calls it a number: whatever is there is no PASS
        return None if marks is None else np.asarray(~np.isnan(marks).all(axis=1))
    return np.array([str(cell) not in PASSED for cell in table.ravel().tolist()])


def _numbers(variant: Any, key: str) -> np.ndarray | None:
    matrix = _matrix(variant, key)
    return None if matrix is None else matrix[:, 0]


def _matrix(variant: Any, key: str) -> np.ndarray | None:
    """Return (n, k) numbers of a FORMAT key, NaN for unknown; None where the record has none.

    A key that the file's header leaves undefined comes as text.
    """
    if key not in variant.FORMAT:
        return None
    table = variant.format(key)
    if table is None:
        return None
    if table.dtype.kind in "US":
        rows = [str(cell).split(",") for cell in table.tolist()]
        width = max(map(len, rows))
        return np.array(
            [[_number(row[k]) if k < len(row) else np.nan for k in range(width)] for row in rows], np.float32
        )
    if table.dtype.kind == "i":
        # the lowest integers are htslib's codes for missing and for the end of a short vector
        return np.where(table < np.iinfo(table.dtype).min + 8, np.nan, table.astype(np.float64))
    return np.where(np.isfinite(table), table, np.nan).astype(np.float32)


def _number(text: Any) -> float:
    try:
        # beyond the largest float32 there is no quality, depth or dosage
        return number if abs(number := float(text)) < 1e30 else np.nan
    except (TypeError, ValueError):
        return np.nan
