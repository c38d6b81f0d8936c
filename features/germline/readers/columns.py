"""One site's texts, a sample each, to a reading: letters, or copies of a counted allele."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from features.files.opening import OpenFile
from features.germline.readings import MISSING, SILENT, SiteReading, Target
from features.germline.spelling import is_absent, read_column, unreadable, why_no_letters

COPIES = re.compile(r"[012]|[01]?\.\d+|[012]\.\d*")
"""Copies of an allele, as texts."""


def refuse_codes(origin: OpenFile, target: Target, texts: Iterable[str]) -> None:
    """Refuse a column of codes, `target` being a site that it is about.

    Raises
    ------
    InputFileError
        ``invalid_genotype``, as a request with one of its texts.
    """
    distinct = set(texts)
    why = why_no_letters(distinct)
    if why is None:
        return
    error = unreadable(why, target.name, target.alleles)
    counts = all(COPIES.fullmatch(text) or is_absent(text) for text in distinct)
    cure = f"name the column after the allele that they count, as in {target.name}_{target.ref or 'A'}"
    advice = f". For digits without a counted allele, {cure}" if counts else ""
    raise origin.fault(f"{error.message}{advice}", error.code)


def genotype_of(cells: Sequence[str]) -> str:
    """Return the genotype of a row's cells of letters; one of two that is empty is an allele not called."""
    return " ".join(cell or "-" for cell in cells) if any(cells) else ""


def letters_reading(target: Target, place: str, texts: Sequence[str | None], notes: list[str]) -> SiteReading:
    """Return the reading of letters, one text per sample; what is no genotype goes to `notes`."""
    column = read_column(texts)
    notes.extend(column.notes(target.name, target.alleles))
    return SiteReading(target.name, place, column.alleles, column.codes, named=True, phased=column.phased)


def copies_reading(target: Target, place: str, allele: str, texts: Sequence[str]) -> SiteReading:
    """Return the reading of copies of one allele, one text per sample; fractions are imputed."""
    copies = np.array([[np.nan if is_absent(text) else float(text)] for text in texts], dtype=np.float32)
    codes = np.full((len(texts), 2), MISSING, dtype=np.int8)
    codes[np.isnan(copies[:, 0])] = SILENT
    fractional = bool((np.nan_to_num(copies) % 1 != 0).any())
    return SiteReading(target.name, place, (allele,), codes, named=True, copies=copies, imputed=fractional)
