"""The letter that each allele of a VCF record has at one site, whatever the record's representation.

A record may be left- or right-padded, join several changes, or span the site with an indel; only what it says of the
site's own base counts. An indel that merely begins or ends beside the site says nothing about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from features.germline.readings import DELETED, REFERENCE

UNSPECIFIED = frozenset({"<NON_REF>", "<*>", ".", "<X>"})
"""ALT texts that stand for any other allele: a record with no other ALT is a reference record."""


@dataclass(frozen=True)
class AtSite:
    """Allele texts at a site, in the order of the record's allele indices (REF first).

    `ref` is the reference letter where the record shows it. `speaks_of_all` is false where the record only tells who
    carries a deletion, and nothing about everybody else's base.
    """

    ref: str | None
    texts: tuple[str, ...]
    speaks_of_all: bool


def alleles_at(ref: str, alts: Sequence[str], offset: int) -> AtSite | None:
    """Return the alleles at the base `offset` bases after the record's position, or None where it says nothing of it.

    Examples
    --------
    >>> alleles_at("T", ["C"], 0).texts, alleles_at("GTA", ["GCA"], 1).texts
    (('T', 'C'), ('T', 'C'))
    >>> alleles_at("TA", ["T"], 0) is None  # the next base is deleted
    True
    >>> alleles_at("GT", ["G"], 1)
    AtSite(ref='T', texts=('T', '*'), speaks_of_all=False)
    >>> alleles_at("TT", ["T"], 0) is None  # whichever T is deleted, one is left
    True
    >>> alleles_at("G", ["<NON_REF>"], 50).texts  # within a block
    ('<REF>', '<NON_REF>')
    """
    letters = ref.upper()
    letter = letters[offset] if offset < len(letters) else None
    texts = [_text(letters, alt.upper(), offset) for alt in alts]
    reference = letter or REFERENCE
    if all(alt.upper() in UNSPECIFIED for alt in alts):
        return AtSite(letter, (reference, *texts), True)
    if all(text in (reference, *UNSPECIFIED) for text in texts):
        return None
    substitutes = any(
        alt == DELETED or (text != letter and len(text) == 1 and text.isalpha())
        for text, alt in zip(texts, alts, strict=True)
    )
    return AtSite(letter, (reference, *texts), substitutes)


def _text(ref: str, alt: str, offset: int) -> str:
    if alt in UNSPECIFIED or alt == DELETED:
        return alt
    inside = ref[offset] if offset < len(ref) else REFERENCE
    if alt.startswith("<"):
        # a symbolic allele begins after the record's base
        if offset == 0:
            return inside
        return DELETED if alt.startswith("<DEL") else alt
    if not alt.isalpha():
        return inside  # a breakend
    if len(alt) == len(ref):
        return alt[offset] if offset < len(ref) else inside
    spans = (_changed(ref, alt, head_first=True), _changed(ref, alt, head_first=False))
    if not all(start <= offset < end for start, end in spans):
        return inside  # where a repeat lets the change stand elsewhere, the base beside it has the same letter
    start, end = spans[0]
    return DELETED if len(ref) - len(alt) == end - start else alt


def _changed(ref: str, alt: str, head_first: bool) -> tuple[int, int]:
    """Return the part of REF that the allele replaces, after trimming what both have in common at either end."""
    short = min(len(ref), len(alt))
    head = tail = 0
    if head_first:
        head = _common(ref, alt, short)
        tail = _common(ref[::-1], alt[::-1], short - head)
    else:
        tail = _common(ref[::-1], alt[::-1], short)
        head = _common(ref, alt, short - tail)
    return head, len(ref) - tail


def _common(one: str, two: str, most: int) -> int:
    length = 0
    while length < most and one[length] == two[length]:
        length += 1
    return length
