"""Phase of heterozygous calls: on which side of the two letters the effect allele stands, and in which phase set."""

from __future__ import annotations

import re

from features.germline.spelling import spelled

_PHASE = re.compile(r"(left|right)(?::(\d{1,15}))?")


def phase_name(rsid: str) -> str:
    """Return the column that says on which side of a phased heterozygote the effect allele stands.

    Its values are ``left`` or ``right``, with a phase set behind a colon where the source numbers them
    (``left:152163335``); None where the call is unphased or not heterozygous.
    """
    return f"phase:{rsid}"


def phase_side(letters: str, effect_allele: str) -> str | None:
    """Return on which side of two phased letters the effect allele stands, None where that says nothing.

    Examples
    --------
    >>> phase_side("T|C", "C"), phase_side("T/C", "C"), phase_side("C|C", "C")
    ('right', None, None)
    """
    pair = spelled(letters) if "|" in letters else None
    if not isinstance(pair, tuple):
        return None
    left, right = pair
    if (left == effect_allele) == (right == effect_allele):
        return None
    return "left" if left == effect_allele else "right"


def phase_number(text: object) -> int:
    """Return a phase as `pairs_of` wants it: signed by side; phases without a number share set 1, none is 0.

    Examples
    --------
    >>> phase_number("left"), phase_number("right:7"), phase_number(None)
    (1, -9, 0)
    """
    match = _PHASE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return 0
    number = 2 + int(match[2]) if match[2] else 1
    return number if match[1] == "left" else -number
