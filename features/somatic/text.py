"""Tumour findings written as text: a list of HGVS names, each with an allele fraction where the report gives one.

``ESR1 p.Tyr537Ser (c.1610A>C) VAF 3.2 %; D538G 0.4%`` is read, ``Y537S/D538G`` and ``VAF 0.032`` as well; a number
above 1 needs its per cent sign. A sentence is not: whether ``no D538G`` or ``D538G not
seen`` means found or not found is never guessed, so any word that is no part of such a list refuses the whole text.
So does another gene's variant, and a name that may be another gene's (``E542K``) without ESR1 before it.
"""

from __future__ import annotations

import re

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError
from data_schemas.wire.patient import SomaticFinding
from features.somatic.findings import found_by
from features.somatic.names import canonical_name, names_another_gene, names_receptor
from features.somatic.states import looks_somatic

_SPLIT = re.compile(r"[;,\n]|\band\b|\+(?!\d)")
_SLASH = re.compile(r"(?<=[A-Za-z*)])\s*/\s*(?=(?:ESR1\b|[pc]\.|[A-Z]{1,3}\d))", re.IGNORECASE)
_WORD = r"(?:VAF|MAF|AF|allele fraction)"
_BEFORE_FRACTION = re.compile(rf"\s*[,;]\s*(?={_WORD}\b)", re.IGNORECASE)
_FRACTION = (
    rf"(?:[(\[]?\s*(?:{_WORD}?\s*[:=]?\s*(\d{{1,3}}(?:\.\d+)?)\s*%|{_WORD}\s*[:=]?\s*([01]?\.\d+|[01]))\s*[)\]]?)?"
)
_ITEM = re.compile(
    r"((?:ESR1|ESR-1)\b[ :]*)?((?:[A-Z]{2,4}_?\d+(?:\.\d+)?:)?(?:p\.\(?|c\.)?[A-Za-z*]*\d+[^\s()\[\]]*\)?)"
    r"(?:\s*[(\[]\s*((?:[A-Z]{2,4}_?\d+(?:\.\d+)?:)?[pc]\.[^\s()\[\]]+)\s*[)\]])?\s*" + _FRACTION,
    re.IGNORECASE,
)


def findings_in_text(text: str, catalogue: Catalogue) -> tuple[SomaticFinding, ...]:
    """Return what a text names as detected, in its order; a variant keeps the gene that the text gives it.

    Raises
    ------
    EsrError
        ``unknown_somatic_variant`` where any part is no variant of ESR1 with an optional allele fraction, or may be
        another gene's; ``conflicting_findings`` where a protein and a coding name stand together that are of different
        mutations.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> [(one.variant, one.vaf) for one in findings_in_text("ESR1 p.Tyr537Ser (VAF 3.2%); D538G", load_catalogue())]
    [('ESR1 p.Tyr537Ser', 0.032), ('D538G', None)]
    """
    return tuple(_finding(part, catalogue) for part in _parts(text))


def is_list_of_variants(text: str, catalogue: Catalogue) -> bool:
    """Tell whether every part of a text has the form of a variant's name, be it ESR1's or another gene's.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> [is_list_of_variants(text, load_catalogue()) for text in ("PIK3CA E542K; D538G 2 %", "dear colleague", "chr6")]
    [True, False, False]
    """
    items = [(part, _ITEM.fullmatch(part)) for part in _parts(text)]
    return all(names_another_gene(part) or (item and looks_somatic(item[2], catalogue)) for part, item in items)


def _parts(text: str) -> list[str]:
    joined = _SLASH.sub("; ", _BEFORE_FRACTION.sub(" ", text))
    return [part.strip(" .") for part in _SPLIT.split(joined) if part.strip(" .")]


def _finding(part: str, catalogue: Catalogue) -> SomaticFinding:
    if names_another_gene(part):
        raise EsrError("unknown_somatic_variant", "a variant of another gene than ESR1; give ESR1's variants only")
    match = _ITEM.fullmatch(part)
    if match is None:
        raise EsrError(
            "unknown_somatic_variant",
            "text that is no list of ESR1 variants, as in 'p.Y537S 3.2 %; D538G'; a sentence is not interpreted",
        )
    gene, name, other, percent, share = match.groups()
    names = [one for one in (name, other) if one]
    of_esr1 = bool(gene) or any(names_receptor(one) for one in names)
    # of a pair, the protein's name tells the gene
    first, *rest = sorted(names, key=lambda one: canonical_name(one).startswith("c."))
    known = found_by(first, catalogue, of_esr1=of_esr1)
    others = [found_by(one, catalogue, of_esr1=True) for one in rest]
    definite = [frozenset(one.ids) for one in (known, *others) if not one.open]
    if len(set(definite)) > 1:
        raise EsrError("conflicting_findings", "a protein and a coding name of different mutations; correct one")
    fraction = float(share) if share else None if percent is None else float(percent) / 100
    if fraction is not None and fraction > 1:
        raise EsrError("out_of_range", "an allele fraction above 100 %")
    return SomaticFinding(variant=f"ESR1 {name}" if of_esr1 or rest else name, vaf=fraction)
