"""What a record's reads say of each genotype: how many there are, that there are none, that they speak against it.

A genotype is written down by a caller; reference is a claim that needs reads of its own. Joint callers write 0/0 where
no read is, and a tumour's caller writes 0/1 for a variant in a few reads of a hundred.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from data_schemas.arrays import Bools, Floats, Shorts, Singles
from features.germline.readers.vcf.record import format_matrix, format_numbers

_BY_ALLELE = ("AD", "LAD", "DPR")
"""FORMAT keys with the reads of each allele, REF first; LAD is that of the sample's own alleles."""
_IN_TWO = (("RO", "AO"), ("RD", "AD"), ("NR",), ("DP4",))
"""FORMAT keys that are a depth only together: freebayes, VarScan; Platypus; four counts by strand."""
_LIKELIHOODS = {"PL": -1.0, "LPL": -1.0, "GL": 10.0}
"""FORMAT keys with a likelihood of each genotype, and what makes it phred-scaled with the best one highest."""
_SHARES = ("VAF", "AF", "VF")
"""FORMAT keys with the share of the reads that each ALT has."""
_LEAST_DEPTH = 20
"""Reads below which a share of them contradicts no genotype."""
_USUAL_DEPTH = 40
"""Taken as the depth where a share stands without one."""
_HELD_ONCE, _HELD_TWICE, _NOT_HELD = 0.25, 0.75, 0.25
"""Shares of the reads beyond which an allele is not held once, held twice, or absent."""
_CHANCE = 1e-3
"""A share is believed to be beyond where the germline's own would be as far off more rarely than this."""


def depth(variant: Any, n_alleles: int) -> Singles | None:
    """Return (n,) reads of each sample, NaN unknown; None where the record tells nothing of them.

    DP and MIN_DP first; where a sample has neither, the reads of its alleles count.
    """
    known = [one for one in (format_numbers(variant, key) for key in ("DP", "MIN_DP")) if one is not None]
    stated = np.fmin.reduce(known) if known else None
    counted = _counted(variant, n_alleles)
    if stated is None or counted is None:
        return stated if counted is None else counted
    return np.where(np.isnan(stated), counted, stated).astype(np.float32)


def quality(variant: Any) -> Singles | None:
    """Return (n,) how sure each genotype is by its likelihoods, as GQ: the best one's lead on the next."""
    for key, scale in _LIKELIHOODS.items():
        table = format_matrix(variant, key)
        if table is not None and table.shape[1] > 1:
            ordered = np.sort(np.where(np.isnan(table), -np.inf, table * scale), axis=1)
            known = np.isfinite(ordered[:, -2])
            lead = np.subtract(ordered[:, -1], ordered[:, -2], where=known, out=np.full(len(table), np.nan))
            return np.asarray(lead, np.float32)
    return None


def unread(variant: Any, n: int, n_alleles: int) -> Bools | None:
    """Return (n,) whose genotype no read supports; None where the record does not tell.

    That is a depth of 0, no read of any allele, likelihoods that are all the same, and GLnexus' reason for no call.
    """
    found = np.zeros(n, bool)
    stated, counted = depth(variant, n_alleles), _counted(variant, n_alleles)
    for reads in (stated, counted):
        if reads is not None:
            found |= reads == 0
    for key in _LIKELIHOODS:
        table = format_matrix(variant, key)
        if table is not None and table.shape[1] > 1:
            known = np.isfinite(table).sum(axis=1) > 1
            found |= known & (np.nanmax(table, axis=1, initial=-np.inf) == np.nanmin(table, axis=1, initial=np.inf))
    reasons = variant.format("RNC") if "RNC" in variant.FORMAT else None
    if reasons is not None:
        found |= np.array([bool(str(cell).strip("., \0")) for cell in np.ravel(reasons).tolist()])[:n]
    return found if found.any() else None


def contradicted(variant: Any, pairs: Shorts, n_alleles: int) -> Bools | None:
    """Return (n,) whose reads cannot be those of a germline genotype like the one called; None where that is nobody.

    An ALT held once has about half of the reads, one held twice nearly all, one that is not held nearly none. That a
    REF has too few beside an ALT held once proves nothing: records that split a site count the other ALT's reads away.

    Parameters
    ----------
    pairs
        (n, 2) indices of the alleles called, below 0 for none.
    """
    shares = _shares(variant, n_alleles)
    if shares is None:
        return None
    stated = depth(variant, n_alleles)
    reads = np.full(len(pairs), _USUAL_DEPTH, float)
    if stated is not None:
        reads[~np.isnan(stated)] = stated[~np.isnan(stated)]
    found = np.zeros(len(pairs), bool)
    for allele in range(1, n_alleles):
        share = shares[:, allele - 1]
        held = (pairs == allele).sum(axis=1)
        rare = np.where(held == 1, _tail(share, reads, 0.4), np.where(held == 2, _tail(share, reads, 0.9), 1.0))
        far = np.where(held == 1, share < _HELD_ONCE, np.where(held == 2, share < _HELD_TWICE, False))
        absent = (held == 0) & (share > _NOT_HELD)
        rare = np.where(absent, _tail(1 - share, reads, 0.9), rare)
        found |= (far | absent) & (rare < _CHANCE)
    found &= (pairs >= 0).all(axis=1) & (reads >= _LEAST_DEPTH)
    return found if found.any() else None


def _shares(variant: Any, n_alleles: int) -> Floats | None:
    """Return (n, A - 1) share of the reads that each ALT has, NaN unknown."""
    if n_alleles < 2:
        return None
    counts = _by_allele(variant, n_alleles)
    if counts is not None:
        stated = format_numbers(variant, "DP")
        total = np.nansum(counts, axis=1)
        whole = total if stated is None else np.fmax(total, stated)
        alts = counts[:, 1:]
        shares = np.divide(alts, whole[:, None], where=whole[:, None] > 0, out=np.full(alts.shape, np.nan))
        return np.asarray(shares, float)
    for key in _SHARES:
        table = format_matrix(variant, key)
        if table is not None and table.shape[1] == n_alleles - 1 and not (table > 1).any():
            return table.astype(float)
    return None


def _by_allele(variant: Any, n_alleles: int) -> Floats | None:
    """Return (n, A) reads of each allele, NaN unknown."""
    for key in _BY_ALLELE:
        table = format_matrix(variant, key)
        if key != "LAD" and table is not None and table.shape[1] == n_alleles:
            return table.astype(float)
    for ref, alt in (("RO", "AO"), ("RD", "AD")):
        parts = format_matrix(variant, ref), format_matrix(variant, alt)
        if parts[0] is not None and parts[1] is not None and parts[1].shape[1] == n_alleles - 1:
            return np.column_stack([parts[0][:, :1], parts[1]]).astype(float)
    return None


def _counted(variant: Any, n_alleles: int) -> Singles | None:
    """Return (n,) sum of the reads of alleles, NaN unknown; one number beside several alleles may be any of them."""
    for keys in (*((key,) for key in _BY_ALLELE), *_IN_TWO):
        tables = [table for key in keys if (table := format_matrix(variant, key)) is not None]
        alone = keys[0] in ("AD", "DPR") and n_alleles > 1
        if len(tables) == len(keys) and not (alone and tables[0].shape[1] == 1):
            every = np.column_stack(tables)
            if keys == ("NR",):
                return np.asarray(np.nan_to_num(every, nan=-1).max(axis=1), np.float32)
            known = ~np.isnan(every).all(axis=1)
            return np.where(known, np.nansum(every, axis=1), np.nan).astype(np.float32)
    return None


def _tail(share: Floats, reads: Floats, expected: float) -> Floats:
    """Return (n,) at most how often a share as low is met by chance (Hoeffding's bound with relative entropy)."""
    low = np.clip(np.nan_to_num(share, nan=1.0), 1e-9, expected)
    apart = low * np.log(low / expected) + (1 - low) * np.log((1 - low) / (1 - expected))
    return np.asarray(np.exp(-reads * apart), float)
