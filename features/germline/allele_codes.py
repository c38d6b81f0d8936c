"""The codes by which readings point to alleles, and genotypes written as letters turned into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MISSING = -1
"""Code of an allele that was looked for and not called (``.``, ``-``, ``N``)."""
HAPLOID = -2
"""Code of the second allele where the file gives one allele only."""
SILENT = -3
"""Code of both alleles where a record overlaps the site and says nothing about this sample there."""
REFERENCE = "<REF>"
"""An allele text: the build's reference letter at the site, whatever it is (inside a gVCF block)."""
DELETED = "*"
"""An allele text: the site is deleted on this chromosome."""


def codes_from_letters(texts: Sequence[str | None]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the alleles and the codes of genotypes written as letters, None for a site that was not assayed.

    Anything that is not one or two single letters, with or without ``/`` or ``|``, becomes an allele text of its own:
    deciding what it means is not a reader's task.

    Examples
    --------
    >>> alleles, codes = codes_from_letters(["T/C", "CC", "--", "A", None])
    >>> alleles, codes.tolist()
    (('A', 'C', 'T'), [[2, 1], [1, 1], [-1, -1], [0, -2], [-3, -3]])
    """
    memory: dict[str | None, tuple[str | int, str | int]] = {}
    pairs = [memory[text] if text in memory else memory.setdefault(text, _pair(text)) for text in texts]
    alleles = tuple(sorted({part for pair in memory.values() for part in pair if isinstance(part, str)}))
    index: Mapping[str | int, int] = {text: number for number, text in enumerate(alleles)}
    codes = [[index[p] if isinstance(p, str) else p for p in pair] for pair in pairs]
    return alleles, np.array(codes, dtype=np.int8).reshape(len(pairs), 2)


def _pair(text: str | None) -> tuple[str | int, str | int]:
    if text is None:
        return SILENT, SILENT
    letters = text.strip(" ").upper()
    if letters in ("", ".", "-", "N", "0"):
        return MISSING, MISSING
    parts = letters.replace("|", "/").split("/") if "/" in letters or "|" in letters else list(letters)
    if len(parts) == 1:
        return letters, HAPLOID
    if len(parts) != 2 or not all(len(part) == 1 for part in parts):
        return letters, letters
    one, two = (MISSING if part in ".-N0" else part for part in parts)
    return one, two
