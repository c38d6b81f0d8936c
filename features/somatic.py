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

from data_schemas.catalog import ESR1_LBD, Catalogue, nearest
from data_schemas.errors import EsrError
from data_schemas.patient import SomaticFinding
from data_schemas.prediction import SomaticState
from features.esr1_gene import LENGTH, RESIDUES, protein_of

SOMATIC_DOSAGE: dict[SomaticState, float | None] = {
    "detected": 1.0,
    "not_detected": 0.0,
    "not_tested": None,
    "other_variant": None,
}
"""What a state is in the design matrix."""

_AMINO_ACIDS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip
_THREE_LETTERS = re.compile("|".join(_AMINO_ACIDS), re.IGNORECASE)
_ACCESSION = re.compile(r"((?:N[MP]_|ENS[TP])\d+)(?:\.\d+)?:")
_OURS = ("NM_000125", "NP_000116", "ENST00000206249", "ENSP00000206249")
_PROTEIN = re.compile(r"[A-Z]\d+([A-Z*=?]|FS.*|DEL.*|INS.*|DUP.*)", re.IGNORECASE)
_CODING = re.compile(r"c\.[-*]?\d+")
_PROTEIN_CHANGE = re.compile(
    r"([ACDEFGHIKLMNPQRSTVWY])([1-9]\d{0,2})(?:_[ACDEFGHIKLMNPQRSTVWY]\d{1,3})?"
    r"([ACDEFGHIKLMNPQRSTVWY*]|(?:[ACDEFGHIKLMNPQRSTVWY]?FS|DEL|INS|DUP|DELINS|_SPLICE).*)"
)
_CODING_CHANGE = re.compile(r"c\.\d+(?:[+-]\d+)?(?:_\d+(?:[+-]\d+)?)?(?:[ACGT]>[ACGT]|(?:DEL|INS|DUP|>)[ACGTINSDEL]*)")

OTHER_VARIANT = "other ESR1 variant"
"""The name under which an ESR1 variant outside the panel is kept."""


def canonical_name(text: str) -> str:
    """Return the one spelling under which a finding is looked up.

    Examples
    --------
    >>> [canonical_name(t) for t in ("p.Tyr537Ser", "ESR1 Y537S", "NM_000125.4:c.1610A>C", "p.(Y537S)", "esr1_lbd")]
    ['Y537S', 'Y537S', 'c.1610A>C', 'Y537S', 'ESR1_LBD']
    """
    name = text.strip(" ")
    if re.fullmatch(r"ESR1[_ -]LBD", name, re.IGNORECASE):
        return ESR1_LBD
    name = re.sub(r"^ESR1[ :]+", "", name, flags=re.IGNORECASE)
    name = _ACCESSION.sub(lambda m: "" if m[1] in _OURS else m[0], name)
    if name[:2].lower() == "c.":
        return "c." + name[2:].upper()
    name = re.sub(r"^p\.", "", name, flags=re.IGNORECASE).strip("()")
    return _THREE_LETTERS.sub(lambda m: _AMINO_ACIDS[m[0].title()], name).upper()


def looks_somatic(text: str, catalogue: Catalogue) -> bool:
    """Tell whether a name is that of a protein or coding change rather than of a germline SNP."""
    name = canonical_name(text)
    return name in _index(catalogue) or bool(_PROTEIN.fullmatch(name)) or bool(_CODING.match(name))


def is_change(name: str) -> bool:
    """Tell whether a canonical name is that of a change of the receptor or of its coding sequence.

    A residue that is known must be the one named; no residue lies beyond the protein's end.

    Examples
    --------
    >>> [is_change(name) for name in ("A546D", "V422DEL", "c.1637C>A", "D537S", "Y537X", "A999V")]
    [True, True, True, False, False, False]
    """
    if _CODING_CHANGE.fullmatch(name):
        return True
    match = _PROTEIN_CHANGE.fullmatch(name)
    if match is None:
        return False
    residue = int(match[2])
    return 1 <= residue <= LENGTH and RESIDUES.get(residue, match[1]) == match[1] != match[3]


def contradicts_receptor(name: str) -> bool:
    """Tell whether a canonical protein name begins with another amino acid than the receptor has there.

    Examples
    --------
    >>> contradicts_receptor("E545K"), contradicts_receptor("D545N"), contradicts_receptor("c.1633G>A")
    (True, False, False)
    """
    match = re.match(r"([ACDEFGHIKLMNPQRSTVWY])([1-9]\d{0,2})(?!\d)", name)
    return match is not None and RESIDUES.get(int(match[2]), match[1]) != match[1]


def _misspelt(name: str, catalogue: Catalogue) -> bool:
    """Whether a change is a panel mutation but for the order of its digits (``D358G``)."""
    return any((name[0], name[-1], sorted(name)) == (known[0], known[-1], sorted(known)) for known in catalogue.somatic)


def somatic_id(text: str, catalogue: Catalogue) -> str:
    """Return the panel's id of a finding, `ESR1_LBD`, or `OTHER_VARIANT` for a change of ESR1 outside the panel.

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
    if is_change(name) and not _misspelt(name, catalogue):
        protein = protein_of(name) or ""
        if protein.endswith("="):
            raise EsrError("unknown_somatic_variant", "a silent change of ESR1: the amino acid stays; leave it out")
        return _index(catalogue).get(protein, OTHER_VARIANT)
    near = nearest(name, [*catalogue.somatic, ESR1_LBD])
    cure = f"did you mean {near}?" if near else f"expected {', '.join(catalogue.somatic)} or {ESR1_LBD}"
    raise EsrError("unknown_somatic_variant", f"not a somatic ESR1 variant of the panel; {cure}")


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
    members = [stated.get(member, "not_tested") for member in catalogue.somatic]
    if "detected" in members:
        return "detected"
    if ESR1_LBD in stated:
        return stated[ESR1_LBD]
    if stated.get(OTHER_VARIANT) == "detected":
        return "other_variant"
    return "not_detected" if set(members) == {"not_detected"} else "not_tested"


@lru_cache(maxsize=8)
def _index(catalogue: Catalogue) -> dict[str, str]:
    """Map every spelling of the panel's mutations to their ids."""
    index = {ESR1_LBD: ESR1_LBD}
    for row in catalogue.somatic.values():
        index |= dict.fromkeys((row.id, canonical_name(row.hgvs_p), canonical_name(row.hgvs_c)), row.id)
    return index
