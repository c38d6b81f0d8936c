"""A sample's column of a somatic VCF: whether an allele is there, in how many reads, and what leaves it open."""

from __future__ import annotations

import re

from data_schemas.wire.tumour import OpenReason
from features.somatic.samples import allele_fraction


def why_open(
    values: dict[str, str], allele: int, filters: tuple[str, ...], fraction: float | None
) -> OpenReason | None:
    """Say why a sample's allele (counted from 1) is neither found nor excluded, None where it is found.

    Examples
    --------
    >>> why_open({"GT": "0/1", "FT": "weak"}, 1, (), 0.1), why_open({"GT": "0/1", "FT": "PASS"}, 1, (), 0.1)
    ('filtered', None)
    """
    if filters or values.get("FT", ".") not in ("PASS", ".", ""):
        return "filtered"
    if present(values, allele) is None:
        return "not_called"
    return "no_support" if fraction == 0 else None


def present(values: dict[str, str], allele: int) -> bool | None:
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


def reads_of(
    values: dict[str, str], ref: str, alts: tuple[str, ...], allele: int
) -> tuple[float | None, int | None, int | None]:
    """Return allele fraction, alternate reads and depth from AD, from Strelka's tiers, or the fraction from AF."""
    counts = [int(one) if one.isdigit() else None for one in values.get("AD", "").split(",")]
    if len(counts) == len(alts) + 1 and None not in counts:
        depth = sum(one for one in counts if one is not None)
        return allele_fraction(counts[allele], depth), counts[allele], depth
    tiers = {key[0]: values[key].split(",")[0] for key in ("AU", "CU", "GU", "TU") if key in values}
    alt = alts[allele - 1]
    if {ref, alt} <= tiers.keys() and all(one.isdigit() for one in tiers.values()):
        reads, depth = int(tiers[alt]), int(tiers[alt]) + int(tiers[ref])
        return allele_fraction(reads, depth), reads, depth
    for key in ("AF", "VAF", "FREQ"):
        parts = values.get(key, "").split(",")
        text = parts[allele - 1] if len(parts) >= allele else ""
        match = re.fullmatch(r"(\d*\.?\d+(?:[eE]-?\d+)?)(%?)", text)
        if match:
            fraction = float(match[1]) / (100 if match[2] else 1)
            return (fraction if fraction <= 1 else None), None, None
    return None, None, None
