"""Names of tumour findings: HGVS protein and coding names, short or long, and whether a name is a change of ESR1.

A name without its gene is ESR1's only as far as the receptor's own sequence bears it out: other genes' mutations are
reported beside ESR1's, and some begin with the very amino acid that the receptor has at that residue. By hand, since a
library that checks HGVS names asks a database of transcripts, and one gene's residues are a table of ours.
"""

from __future__ import annotations

import re

from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.reference.gene import ESR1, known_genes
from features.somatic.gene import Receptor
from features.somatic.residues import outcome_of_name

_AMINO_ACIDS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V",
}  # fmt: skip
_THREE_LETTERS = re.compile("|".join(_AMINO_ACIDS), re.IGNORECASE)
_ACCESSION = re.compile(r"((?:N[MP]_|ENS[TP])\d+)(?:\.\d+)?:")
_PROTEIN_CHANGE = re.compile(
    r"([ACDEFGHIKLMNPQRSTVWY])[1-9]\d{0,2}(?:_[ACDEFGHIKLMNPQRSTVWY]\d{1,3})?"
    r"([ACDEFGHIKLMNPQRSTVWY*]|(?:[ACDEFGHIKLMNPQRSTVWY]?FS|DEL|INS|DUP|DELINS|_SPLICE).*)"
)
_PLAIN = re.compile(r"[A-Z]\d+[A-Z*=]")
_RESIDUES_NAMED = re.compile(
    r"([ACDEFGHIKLMNPQRSTVWY])([1-9]\d{0,2})(?!\d)(?:_([ACDEFGHIKLMNPQRSTVWY])(\d{1,3})(?!\d))?"
)
_CODING_CHANGE = re.compile(
    r"c\.(\d+)([+-]\d+)?(?:_\d+(?:[+-]\d+)?)?(?:([ACGT])>[ACGT]|(?:DEL|INS|DUP|>)[ACGTINSDEL]*)"
)
_GENE = re.compile(r"\s*ESR-?1[ :]+", re.IGNORECASE)
_OTHER_GENE = re.compile(
    r"\s*(?!NOT? |(?:[pc]\.)?[A-Z]\d+[A-Z*])(?:[A-Z][A-Z0-9-]{1,14}|(?:N[MP]_|ENS[TP])\d+(?:\.\d+)?)[ :]+"
    r"(?:c\.\d|(?:p\.)?\(?[A-Z][a-z]{0,2}\d+[A-Za-z*=_])"
)


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
    name = _GENE.sub("", name, count=1) if _GENE.match(name) else name
    name = _ACCESSION.sub(lambda m: "" if _is_ours(m[1]) else m[0], name)
    if name[:2].lower() == "c.":
        return "c." + name[2:].upper()
    name = re.sub(r"^p\.", "", name, flags=re.IGNORECASE).strip("()")
    return _THREE_LETTERS.sub(lambda m: _AMINO_ACIDS[m[0].title()], name).upper()


def is_change(name: str, receptor: Receptor) -> bool:
    """Tell whether a canonical name is that of a change of the receptor or of its coding sequence.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> from features.somatic.gene import receptor_of
    >>> esr1 = receptor_of(load_catalogue())
    >>> [is_change(name, esr1) for name in ("A546D", "V422DEL", "c.1637C>A", "D537S", "Y537X", "A999V", "c.1637A>G")]
    [True, True, True, False, False, False, False]
    """
    protein = _PROTEIN_CHANGE.fullmatch(name)
    formed = protein[1] != protein[2] if protein else bool(_CODING_CHANGE.fullmatch(name))
    outcome = None if formed or _PLAIN.fullmatch(name) else outcome_of_name(name, receptor)
    return (formed or outcome is not None) and not contradicts_receptor(name, receptor)


def contradicts_receptor(name: str, receptor: Receptor) -> bool:
    """Tell whether a canonical name has another amino acid or base than the receptor at its place, or none is there.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> from features.somatic.gene import receptor_of
    >>> esr1 = receptor_of(load_catalogue())
    >>> [contradicts_receptor(name, esr1) for name in ("E545K", "D545N", "Y328_A329DEL", "c.1633G>A", "c.1637A>G")]
    [True, False, True, False, True]
    """
    coding = _CODING_CHANGE.fullmatch(name)
    if coding:
        base, offset, ref = int(coding[1]), coding[2], coding[3]
        return not (
            receptor.may_be_reference(base, ref) if ref and not offset else 1 <= base <= 3 * (receptor.length + 1)
        )
    named, residues = _RESIDUES_NAMED.match(name), receptor.gene.residues
    return named is not None and any(
        acid and residues.get(int(number)) != acid for acid, number in (named.groups()[:2], named.groups()[2:])
    )


def names_receptor(text: str) -> bool:
    """Tell whether a finding is written with its gene, or with a sequence of ours.

    Examples
    --------
    >>> [names_receptor(text) for text in ("ESR1 E542K", "NM_000125.4:c.1624G>A", "E542K", "NM_006218.4:c.1624G>A")]
    [True, True, False, False]
    """
    accession = _ACCESSION.match(text.strip(" "))
    return bool(_GENE.match(text)) or (accession is not None and _is_ours(accession[1]))


def names_another_gene(text: str) -> bool:
    """Tell whether a finding is written with another gene than ESR1, or with a sequence that is not ours.

    Examples
    --------
    >>> [names_another_gene(text) for text in ("PIK3CA E542K", "NM_006218.4:c.1624G>A", "ESR1 E542K", "E542K")]
    [True, True, False, False]
    """
    return bool(_OTHER_GENE.match(text)) and not names_receptor(text)


def why_another_gene(name: str) -> str | None:
    """Say why a change without its gene may be another gene's, None where nothing speaks for that."""
    other = known_genes()[ESR1].shared.get(name)
    if other is not None:
        return f"a mutation that {other} has as well"
    return "a coding name without its transcript, which any gene may have" if name.startswith("c.") else None


def _is_ours(accession: str) -> bool:
    gene = known_genes()[ESR1]
    return accession in gene.transcripts or accession in gene.proteins
