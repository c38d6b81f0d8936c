"""Whether two columns of a long table are a person's letters or the two alleles of the SNP, the same in every row."""

from __future__ import annotations

import re
from collections.abc import Collection

from features.files.opening import OpenFile
from features.germline.readers.columns import COPIES

MANY = 10
"""Samples that chance does not make all heterozygous: one half each at the most, so 1 in 1,024."""


def refuse_beside_dosage(origin: OpenFile, line: int, letters: Collection[str], dosage: str) -> None:
    """Refuse a row whose dosage is another genotype than its letters: those are the SNP's alleles.

    Raises
    ------
    InputFileError
        ``wrong_columns`` with the line, and what to call which column.
    """
    two = [text.strip().upper() for text in letters]
    if not all(re.fullmatch("[ACGT]", text) for text in two) or not COPIES.fullmatch(dosage) or float(dosage) > 2:
        return
    if (len(set(two)) == 2) != (abs(float(dosage) - 1) <= 0.5):
        raise origin.fault(
            f"line {line}: the dosage is another genotype than the two alleles, which look like the SNP's; call the "
            "column of the allele that the dosage counts effect_allele, and take the other one out",
            "wrong_columns",
        )


def refuse_same_for_all(origin: OpenFile, site: str, texts: Collection[str], samples: int) -> None:
    """Refuse two different letters that all of many samples have: those are the SNP's alleles.

    Raises
    ------
    InputFileError
        ``wrong_columns`` with the SNP.
    """
    if samples < MANY or len(set(texts)) != 1:
        return
    if len({letter.upper() for letter in re.findall("[ACGTacgt]", next(iter(texts)))}) == 2:
        raise origin.fault(
            f"rows of {site}: the same two letters for all {samples:,} samples look like the SNP's alleles; call the "
            "column of each person's letters genotype",
            "wrong_columns",
        )
