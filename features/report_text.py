"""Tumour findings written as text: a list of HGVS names, each with an allele fraction where the report gives one.

``ESR1 p.Tyr537Ser (c.1610A>C) VAF 3.2 %; D538G 0.4%`` is read, ``Y537S/D538G`` and ``VAF 0.032`` as well; a number
above 1 needs its per cent sign. A sentence is not: whether ``no D538G`` or ``D538G not
seen`` means found or not found is never guessed, so any word that is no part of such a list refuses the whole text.
"""

from __future__ import annotations

import re

from data_schemas.catalog import Catalogue
from data_schemas.errors import EsrError
from data_schemas.patient import SomaticFinding
from features.somatic import somatic_id

_SPLIT = re.compile(r"[;,\n]|\band\b|\+(?!\d)")
_SLASH = re.compile(r"(?<=[A-Za-z*)])\s*/\s*(?=(?:ESR1\b|[pc]\.|[A-Z]{1,3}\d))", re.IGNORECASE)
_WORD = r"(?:VAF|MAF|AF|allele fraction)"
_BEFORE_FRACTION = re.compile(rf"\s*[,;]\s*(?={_WORD}\b)", re.IGNORECASE)
_FRACTION = (
    rf"(?:[(\[]?\s*(?:{_WORD}?\s*[:=]?\s*(\d{{1,3}}(?:\.\d+)?)\s*%|{_WORD}\s*[:=]?\s*([01]?\.\d+|[01]))\s*[)\]]?)?"
)
_ITEM = re.compile(
    r"(?:(?:ESR1|ESR-1)\b[ :]*)?((?:[A-Z]{2,4}_?\d+(?:\.\d+)?:)?(?:p\.\(?|c\.)?[A-Za-z*]*\d+[^\s()\[\]]*\)?)"
    r"(?:\s*[(\[]\s*((?:[A-Z]{2,4}_?\d+(?:\.\d+)?:)?[pc]\.[^\s()\[\]]+)\s*[)\]])?\s*" + _FRACTION,
    re.IGNORECASE,
)


def findings_in_text(text: str, catalogue: Catalogue) -> tuple[SomaticFinding, ...]:
    """Return what a text names as detected, in its order.

    Raises
    ------
    EsrError
        ``unknown_somatic_variant`` where any part is no variant of ESR1 with an optional allele fraction, and where a
        protein and a coding name stand together that are of different mutations.

    Examples
    --------
    >>> from data_schemas.catalog import load_catalogue
    >>> [(one.variant, one.vaf) for one in findings_in_text("ESR1 p.Tyr537Ser (VAF 3.2%); D538G", load_catalogue())]
    [('p.Tyr537Ser', 0.032), ('D538G', None)]
    """
    joined = _SLASH.sub("; ", _BEFORE_FRACTION.sub(" ", text))
    parts = [part.strip(" .") for part in _SPLIT.split(joined) if part.strip(" .")]
    return tuple(_finding(part, catalogue) for part in parts)


def _finding(part: str, catalogue: Catalogue) -> SomaticFinding:
    match = _ITEM.fullmatch(part)
    if match is None:
        raise EsrError(
            "unknown_somatic_variant",
            "text that is no list of ESR1 variants, as in 'p.Y537S 3.2 %; D538G'; a sentence is not interpreted",
        )
    name, other, percent, share = match.groups()
    known = somatic_id(name, catalogue)
    if other and somatic_id(other, catalogue) != known:
        raise EsrError("conflicting_findings", "a protein and a coding name of different mutations; correct one")
    fraction = float(share) if share else None if percent is None else float(percent) / 100
    if fraction is not None and fraction > 1:
        raise EsrError("out_of_range", "an allele fraction above 100 %")
    return SomaticFinding(variant=name, vaf=fraction)
