"""Tumour findings written as text: a list of HGVS names, each with an allele fraction where the report gives one.

``ESR1 p.Tyr537Ser (c.1610A>C) VAF 3.2 %; D538G 0.4%`` is read. A sentence is not: whether ``no D538G`` or ``D538G not
seen`` means found or not found is never guessed, so any word that is no part of such a list refuses the whole text.
"""

from __future__ import annotations

import re

from data_schemas.catalog import Catalogue
from data_schemas.errors import EsrError
from data_schemas.patient import SomaticFinding
from features.somatic import somatic_id

_SPLIT = re.compile(r"[;,\n]|\band\b|\+(?!\d)")
_FRACTION = r"(?:[(\[]?\s*(?:VAF|MAF|AF|allele fraction)?\s*[:=]?\s*(\d{1,3}(?:\.\d+)?)\s*%\s*[)\]]?)?"
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
    parts = [part.strip(" .") for part in _SPLIT.split(text) if part.strip(" .")]
    return tuple(_finding(part, catalogue) for part in parts)


def _finding(part: str, catalogue: Catalogue) -> SomaticFinding:
    match = _ITEM.fullmatch(part)
    if match is None:
        raise EsrError(
            "unknown_somatic_variant",
            "text that is no list of ESR1 variants, as in 'p.Y537S 3.2 %; D538G'; a sentence is not interpreted",
        )
    name, other, percent = match.groups()
    known = somatic_id(name, catalogue)
    if other and somatic_id(other, catalogue) != known:
        raise EsrError("conflicting_findings", "a protein and a coding name of different mutations; correct one")
    fraction = None if percent is None else float(percent) / 100
    if fraction is not None and fraction > 1:
        raise EsrError("out_of_range", "an allele fraction above 100 %")
    return SomaticFinding(variant=name, vaf=fraction)
