"""Tumour findings to one state per somatic ESR1 variant of an endpoint.

A variant that no finding mentions is `not_tested`: absence from a report is not a negative result. `ESR1_LBD` stands
for the ligand-binding domain as a whole: detected where any of the panel's mutations is, not detected only where a
finding says so of the domain or of every one of them. An ESR1 variant outside the panel is kept as `OTHER_VARIANT`: a
domain in which nothing else was found is then `other_variant`, unknown to a model, and never counted as wild type.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError, nearest
from data_schemas.wire.patient import SomaticFinding
from data_schemas.wire.prediction import SomaticState
from features.somatic.gene import receptor_of
from features.somatic.names import (
    canonical_name,
    contradicts_receptor,
    is_change,
    names_another_gene,
    names_receptor,
    why_another_gene,
)
from features.somatic.residues import Outcome, outcome_of_name

SOMATIC_DOSAGE: dict[SomaticState, float | None] = {
    "detected": 1.0,
    "not_detected": 0.0,
    "not_tested": None,
    "other_variant": None,
}
"""What a state is in the design matrix."""

_PROTEIN = re.compile(r"[A-Z]\d+([A-Z*=?]|FS.*|DEL.*|INS.*|DUP.*)", re.IGNORECASE)
_RANGE = re.compile(r"[A-Z]\d+_[A-Z]\d+(DEL|INS|DUP|>)|[A-Z]{2,}\d+[A-Z]{2,}$|\d+_\d+[A-Z]{2,}>")
_CODING = re.compile(r"c\.[-*]?\d+")

OTHER_VARIANT = "other ESR1 variant"
"""The name under which an ESR1 variant outside the panel is kept."""


def looks_somatic(text: str, catalogue: Catalogue) -> bool:
    """Tell whether a name is that of a protein or coding change rather than of a germline SNP."""
    name = canonical_name(text)
    return name in _index(catalogue) or bool(_PROTEIN.fullmatch(name) or _CODING.match(name) or _RANGE.match(name))


def somatic_id(text: str, catalogue: Catalogue, *, of_esr1: bool = False) -> str:
    """Return the panel's id of a finding, `ESR1_LBD`, or `OTHER_VARIANT` for another change of ESR1.

    A change of several residues is `OTHER_VARIANT` here; `features.somatic.findings` says what it contains.

    A change outside the panel must be ESR1's beyond doubt: one that another gene has as well, or a coding name, needs
    the gene or the transcript before it.

    Parameters
    ----------
    of_esr1
        Whether it is known from elsewhere that the finding is ESR1's.

    Raises
    ------
    EsrError
        ``germline_somatic_mix`` for a germline SNP, ``unknown_somatic_variant`` with the nearest panel name otherwise.
    """
    name = canonical_name(text)
    known = _index(catalogue).get(name)
    if known is not None:
        return known
    germline = {alias for row in catalogue.variants.values() for alias in (row.id, *row.names)}
    if text in germline or re.fullmatch(r"rs\d+", text.strip(" "), re.IGNORECASE):
        raise EsrError("germline_somatic_mix", "a germline SNP among the somatic findings; move it to genotypes")
    if not is_change(name, receptor_of(catalogue)):
        raise EsrError("unknown_somatic_variant", _why_no_change(text, name, catalogue))
    protein = receptor_of(catalogue).protein_of(name) or ""
    if protein.endswith("=") or outcome_of_name(name, receptor_of(catalogue)) == Outcome():
        raise EsrError("unknown_somatic_variant", "a silent change of ESR1: the amino acid stays; leave it out")
    if protein in _index(catalogue):
        return _index(catalogue)[protein]
    doubt = None if of_esr1 or names_receptor(text) else why_another_gene(name)
    if doubt:
        raise EsrError("unknown_somatic_variant", f"{doubt}; where it is ESR1's, write ESR1 before it")
    return OTHER_VARIANT


def _why_no_change(text: str, name: str, catalogue: Catalogue) -> str:
    if names_another_gene(text):
        return "a variant of another gene than ESR1, or by another transcript than NM_000125; leave it out"
    near = nearest(name, [*catalogue.somatic, ESR1_LBD])
    if contradicts_receptor(name, receptor_of(catalogue)):
        cure = f"did you mean {near}?" if near else "leave it out where it is another gene's"
        return f"the amino acid or base before the change is not ESR1's there; {cure}"
    cure = f"did you mean {near}?" if near else f"expected {', '.join(catalogue.somatic)} or {ESR1_LBD}"
    return f"not a somatic ESR1 variant of the panel; {cure}"


def stated_states(findings: Sequence[tuple[str, SomaticFinding]]) -> dict[str, SomaticState]:
    """Return what the findings say of each id they mention; found in any specimen is found.

    Raises
    ------
    EsrError
        ``conflicting_findings``.
    """
    places: dict[tuple[object, ...], dict[str, set[SomaticState]]] = defaultdict(lambda: defaultdict(set))
    for name, one in findings:
        if (one.state == "not_detected" and one.vaf) or (one.state == "detected" and one.vaf == 0):
            raise EsrError("conflicting_findings", f"{name}: state and variant allele fraction contradict; correct one")
        if one.state == "detected" or (one.state == "not_detected" and name != OTHER_VARIANT):
            places[one.specimen, one.collected, one.assay][name].add(one.state)
    stated: dict[str, SomaticState] = {}
    for here in places.values():
        _refuse_conflicts(here)
        for name, (state,) in here.items():
            if stated.get(name) != "detected":
                stated[name] = state
    return stated


def _refuse_conflicts(here: dict[str, set[SomaticState]]) -> None:
    both = [name for name, states in here.items() if len(states) > 1]
    if "not_detected" in here.get(ESR1_LBD, ()):
        both += [name for name, states in here.items() if "detected" in states and name != OTHER_VARIANT]
    if both:
        raise EsrError(
            "conflicting_findings",
            f"{both[0]}: detected and not detected in one specimen; tell findings apart by specimen, date or assay",
        )


def state_of(name: str, stated: dict[str, SomaticState], catalogue: Catalogue) -> SomaticState:
    """Return the state of one id, given what is stated of each; the domain and its mutations inform each other."""
    if name != ESR1_LBD:
        if name in stated:
            return stated[name]
        return "not_detected" if stated.get(ESR1_LBD) == "not_detected" else "not_tested"
    members = [stated.get(member, "not_tested") for member in catalogue.domain]
    if "detected" in members:
        return "detected"
    later = any(stated.get(member) == "detected" for member in catalogue.later)
    # a report that names a later mutation may call the whole domain detected for that mutation's sake
    if ESR1_LBD in stated and not (later and stated[ESR1_LBD] == "detected"):
        return stated[ESR1_LBD]
    if later or stated.get(OTHER_VARIANT) == "detected":
        return "other_variant"
    return "not_detected" if set(members) == {"not_detected"} else "not_tested"


def _index(catalogue: Catalogue) -> dict[str, str]:
    """Map every spelling of the panel's mutations to their ids."""
    return _spellings(tuple((row.id, row.hgvs_p, row.hgvs_c) for row in catalogue.somatic.values()))


@lru_cache(maxsize=8)
def _spellings(names: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    index = {ESR1_LBD: ESR1_LBD}
    for name, protein, coding in names:
        index |= dict.fromkeys((name, canonical_name(protein), canonical_name(coding)), name)
    return index
