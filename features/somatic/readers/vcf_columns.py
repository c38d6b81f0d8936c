"""A sample's column of a somatic VCF: whether an allele is there, in how many reads, and what leaves it open."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data_schemas.wire.tumour import OpenReason
from features.germline.readers.vcf.record import VcfRecord
from features.somatic.molecules import Phase
from features.somatic.samples import allele_fraction

_REFERENCE_CALL = frozenset(("REFCALL", "REF_CALL"))
"""Filters that say of a record without the allele that it is the reference: no failure."""
_EMPTY = ("", ".")


def why_open(
    values: Mapping[str, str],
    allele: int,
    record: VcfRecord,
    reads: tuple[float | None, int | None, int | None] = (None, None, None),
) -> OpenReason | None:
    """Say why a sample's allele (counted from 1) is neither found nor excluded, None where it is found.

    `reads` are its fraction, its reads and the depth, as `reads_of` gives them.
    """
    fraction, alt, _ = reads
    if not alt and _without_reads(values, record.info):
        return "no_reads"
    if record.filters or _failed(values):
        return "filtered"
    if present(values, allele) is None:
        return "not_called"
    return "no_support" if fraction == 0 or alt == 0 else None


def why_site_open(values: Mapping[str, str], filters: tuple[str, ...], info: Mapping[str, str]) -> OpenReason | None:
    """Say why a record is no witness of its site in a sample: no read, a failed filter, or no call; None where it is.

    Examples
    --------
    >>> why_site_open({"GT": "0/0", "AD": "0,0"}, (), {}), why_site_open({"GT": "0/0", "AD": "90,0"}, (), {})
    ('no_reads', None)
    >>> why_site_open({"GT": "0/0", "AD": "9", "DP": "90"}, (), {})  # most reads are not the reference
    'not_called'
    """
    alleles = _alleles(values)
    if _without_reads(values, info):
        return "no_reads"
    reference = bool(alleles) and set(alleles) == {"0"}
    if _failed(values) or [one for one in filters if not (reference and one.upper() in _REFERENCE_CALL)]:
        return "filtered"
    called = {one for one in alleles if one != "."}
    if (alleles and "." in alleles and called <= {"0"}) or not any(one not in _EMPTY for one in values.values()):
        return "not_called"
    return "not_called" if reference and _mostly_other(values) else None


def present(values: Mapping[str, str], allele: int) -> bool | None:
    """Whether a sample has an allele: by its genotype, else by its reads; None where neither says."""
    genotype = _alleles(values)
    if genotype and set(genotype) != {"."}:
        return str(allele) in genotype
    if genotype or not any(one not in _EMPTY for one in values.values()):
        return None
    depths = values.get("AD", "").split(",")
    if len(depths) > allele and depths[allele].isdigit():
        return int(depths[allele]) > 0
    return True


def phase_of(values: Mapping[str, str], allele: int) -> Phase | None:
    """Return on which sides of which phase set an allele is: by PGT and PID, HP, or GT with or without PS.

    Examples
    --------
    >>> phase_of({"GT": "0|1", "PS": "71"}, 1), phase_of({"GT": "0/1"}, 1)
    (Phase(group='PS 71', sides=frozenset({1})), None)
    """
    local, name = values.get("PGT", "."), values.get("PID", ".")
    if "|" in local and name not in _EMPTY:
        return _sides(f"PID {name}", local.split("|"), allele)
    marks = values.get("HP", ".")
    if marks not in _EMPTY and "-" in marks and "|" not in values.get("GT", ""):
        sides = [mark for mark, one in zip(marks.split(","), _alleles(values), strict=False) if one == str(allele)]
        numbers = [mark.rpartition("-") for mark in sides]
        if len(numbers) == 1 and numbers[0][2].isdigit():
            return Phase(f"HP {numbers[0][0]}", frozenset({int(numbers[0][2])}))
        return None
    genotype = values.get("GT", ".").lstrip("/|")
    if "|" in genotype and "/" not in values.get("GT", ""):
        group = values.get("PS", ".")
        return _sides(f"PS {group}" if group not in _EMPTY else "the file", genotype.split("|"), allele)
    return None


def reads_of(
    values: Mapping[str, str], ref: str, alts: tuple[str, ...], allele: int
) -> tuple[float | None, int | None, int | None]:
    """Return allele fraction, alternate reads and depth from AD, from Strelka's tiers, or the fraction from AF."""
    counts = _counts(values)
    if len(counts) == len(alts) + 1:
        depth = sum(counts)
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


def values_of_info(info: Mapping[str, str]) -> dict[str, str]:
    """Return what INFO says of the one sample of a file without sample columns: DP, AF, and AD out of DP4.

    Examples
    --------
    >>> values_of_info({"DP": "800", "AF": "0.05", "DP4": "380,380,20,20", "SB": "0"})
    {'DP': '800', 'AF': '0.05', 'AD': '760,40'}
    """
    values = {key: info[key] for key in ("DP", "AF", "VAF", "AD") if key in info}
    strands = info.get("DP4", "").split(",")
    if len(strands) == 4 and all(one.isdigit() for one in strands):
        forward, back, alt_forward, alt_back = map(int, strands)
        alt = alt_forward + alt_back
        depth = int(info["DP"]) if info.get("DP", "").isdigit() else 0
        values["AD"] = f"{max(depth - alt, forward + back)},{alt}"
    return values


def _sides(group: str, genotype: list[str], allele: int) -> Phase | None:
    sides = frozenset(number for number, one in enumerate(genotype) if one == str(allele))
    return Phase(group, sides) if sides else None


def _alleles(values: Mapping[str, str]) -> list[str]:
    """Return the alleles of the genotype, none without one; VCF 4.4 may put a sign before the first."""
    text = values.get("GT", "").lstrip("/|")
    return re.split(r"[/|]", text) if text else []


def _failed(values: Mapping[str, str]) -> bool:
    return values.get("FT", ".") not in ("PASS", ".", "")


def _counts(values: Mapping[str, str]) -> list[int]:
    """Return the reads of the reference and of each ALT, none unless all are numbers: AD, RD with AD, or RO with AO."""
    texts = values.get("AD", "").split(",")
    if len(texts) == 1 and "RD" in values:  # VarScan's AD has the alternate reads alone
        texts = [values["RD"], *texts]
    elif "AD" not in values and "RO" in values:
        texts = [values["RO"], *values.get("AO", "").split(",")]
    return [int(one) for one in texts] if all(one.isdigit() for one in texts) else []


def _without_reads(values: Mapping[str, str], info: Mapping[str, str]) -> bool:
    counts = _counts(values)
    if any(counts[1:]):
        return False
    keys = [key for key in ("MIN_DP", "DP") if values.get(key, ".") not in _EMPTY]
    depths = [values[key] for key in keys] or ([info["DP"]] if not counts and "DP" in info else [])
    tiers = [values[key] for key in ("AU", "CU", "GU", "TU") if key in values]
    no_tier = len(tiers) == 4 and all(set(tier.split(",")) == {"0"} for tier in tiers)
    return no_tier or "0" in depths or (bool(counts) and not any(counts))


def _mostly_other(values: Mapping[str, str]) -> bool:
    """Whether most reads are not of the reference."""
    counts = _counts(values)
    if not counts:
        return False
    depth = int(values["DP"]) if values.get("DP", "").isdigit() else sum(counts)
    return 2 * counts[0] < max(depth, sum(counts))
