"""Where ESR1 codes: from a genome position to the coding change, and to the protein where codons are known.

Exons are those of NM_000125 (RefSeq; ENST00000206249 has the same), coding bases only, on the forward strand. Both
builds differ by one offset over the whole gene. Codons are listed where the panel has mutations; elsewhere a change
keeps its coding name, unless the amino acid alone tells that it is silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Build = Literal[37, 38]

CHROMOSOME = "6"
_OFFSET = {37: 0, 38: -321135}

_EXONS = (  # first and last coding base of each exon, and the first one's position in GRCh37
    (1, 452, 152129048),
    (453, 643, 152163732),
    (644, 760, 152201790),
    (761, 1096, 152265308),
    (1097, 1235, 152332791),
    (1236, 1369, 152382126),
    (1370, 1553, 152415520),
    (1554, 1788, 152419867),
)

CODONS = {380: "GAA", 463: "TCC", 536: "CTC", 537: "TAT", 538: "GAC"}
"""Reference codons of the residues that the panel's mutations change."""

_PROTEIN = (
    "MTMTLHTKASGMALLHQIQGNELEPLNRPQLKIPLERPLGEVYLDSSKPAVYNYPEGAAYEFNAAAAANAQVYGQTGLPYGPGSEAAAFGSNGLGGFPPL"
    "NSVSPSPLMLLHPPPQLSPFLQPHGQQVPYYLENEPSGYTVREAGPPAFYRPNSDNRRQGGRERLASTNDKGSMAMESAKETRYCAVCNDYASGYHYGVW"
    "SCEGCKAFFKRSIQGHNDYMCPATNQCTIDKNRRKSCQACRLRKCYEVGMMKGGIRKDRRGGRMLKHKRQRDDGEGRGEVGSAGDMRAANLWPSPLMIKR"
    "SKKNSLALSLTADQMVSALLDAEPPILYSEYDPTRPFSEASMMGLLTNLADRELVHMINWAKRVPGFVDLTLHDQVHLLECAWLEILMIGLVWRSMEHPG"
    "KLLFAPNLLLDRNQGKCVEGMVEIFDMLLATSSRFRMMNLQGEEFVCLKSIILLNSGVYTFLSSTLKSLEEKDHIHRVLDKITDTLIHLMAKAGLTLQQQ"
    "HQRLAQLLLILSHIRHMSNKGMEHLYSMKCKNVVPLYDLLLEMLDAHRLHAPTSRGGASVEETDQSHLATAGSTSSHSLQKYYITGEAEGFPATV"
)
RESIDUES = dict(enumerate(_PROTEIN, start=1))
"""Amino acids of the receptor (UniProt P03372, canonical isoform); a name with another one is another gene's."""

LENGTH = len(_PROTEIN)
"""Residues of the receptor."""

_ANY_THIRD = ("A", "G", "P", "T", "V")
"""Amino acids whose codons are told by two bases: whatever the third becomes, the residue stays."""

_BASES = "TCAG"
_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
_GENETIC_CODE = {
    a + b + c: _ACIDS[16 * i + 4 * j + k]
    for i, a in enumerate(_BASES)
    for j, b in enumerate(_BASES)
    for k, c in enumerate(_BASES)
}
_SUBSTITUTION = re.compile(r"c\.(\d+)([ACGT])>([ACGT])")
_DELINS = re.compile(r"c\.(\d+)_(\d+)(?:DEL[ACGT]*)?(?:DELINS|INS|>)([ACGT]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """A change of the gene: its coding name, and the protein's short one where that is known (``Y537S``, ``S463=``)."""

    coding: str
    protein: str | None = None

    @property
    def name(self) -> str:
        """The protein change where it is known, else the coding one."""
        return self.protein or self.coding


def coding_position(pos: int, build: Build) -> int | None:
    """Return the coding base at a position of chromosome 6, None outside the coding exons.

    Examples
    --------
    >>> coding_position(152419923, 37), coding_position(152098788, 38), coding_position(152163381, 37)
    (1610, 1610, None)
    """
    for first, last, start in _EXONS:
        base = first + pos - _OFFSET[build] - start
        if first <= base <= last:
            return base
    return None


def builds_of(pos: int) -> tuple[Build, ...]:
    """Return the builds in which a position of chromosome 6 is a coding base; the two never overlap."""
    builds: tuple[Build, ...] = (37, 38)
    return tuple(build for build in builds if coding_position(pos, build) is not None)


def coding_change(pos: int, ref: str, alt: str, build: Build) -> Change | None:
    """Return the change that a VCF record makes, None where it leaves coding bases alone.

    Letters that both alleles share are taken off first, so that ``TATG>TCTG`` is ``A>C``.

    Examples
    --------
    >>> coding_change(152419922, "TATG", "TCTG", 37).protein
    'Y537S'
    >>> coding_change(152419950, "C", "A", 37)
    Change(coding='c.1637C>A', protein=None)
    """
    pos, ref, alt = trimmed(pos, ref, alt)
    if not ref and not alt:
        return None
    base = coding_position(pos, build)
    last = coding_position(pos + max(len(ref), 1) - 1, build)
    if base is None or last is None or not set(ref + alt) <= set("ACGT"):
        touched = base is not None or last is not None
        return Change(f"c.{base or last} (beyond the exon, or not by letters)") if touched else None
    if len(ref) == len(alt) == 1:
        return Change(f"c.{base}{ref}>{alt}", _protein(base, ref, alt))
    if len(ref) == len(alt):
        return Change(f"c.{base}_{last}delins{alt}", _protein(base, ref, alt))
    span = f"{base}" if base == last else f"{base}_{last}"
    if not ref:
        return Change(f"c.{base - 1}_{base}ins{alt}")
    return Change(f"c.{span}delins{alt}" if alt else f"c.{span}del")


def protein_of(coding: str) -> str | None:
    """Return the short protein change of a coding name (upper-case letters), None where the codons are not known.

    Examples
    --------
    >>> protein_of("c.1610A>C"), protein_of("c.1610_1611delinsCA"), protein_of("c.1607_1608delTCinsAG")
    ('Y537S', 'Y537S', 'L536Q')
    """
    one = _SUBSTITUTION.fullmatch(coding)
    if one:
        return _protein(int(one[1]), one[2], one[3])
    many = _DELINS.fullmatch(coding)
    if many and int(many[2]) - int(many[1]) + 1 == len(many[3]):
        return _protein(int(many[1]), None, many[3].upper())
    return None


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Take the letters off that both alleles share, at the end and then at the start."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def reference_base(base: int) -> str | None:
    """Return the reference letter of a coding base, where its codon is listed."""
    codon = CODONS.get((base + 2) // 3)
    return codon[(base - 1) % 3] if codon else None


def may_be_reference(base: int, letter: str) -> bool:
    """Tell whether a coding base can have a letter at all, given the amino acid that its codon stands for.

    Examples
    --------
    >>> may_be_reference(1624, "G"), may_be_reference(1637, "A"), may_be_reference(3140, "A")
    (True, False, False)
    """
    residue, place = (base + 2) // 3, (base - 1) % 3
    if not 1 <= residue <= LENGTH + 1:
        return False
    known = CODONS.get(residue)
    acid = RESIDUES.get(residue, "*")
    codons = [known] if known else [codon for codon, coded in _GENETIC_CODE.items() if coded == acid]
    return any(codon[place] == letter for codon in codons)


def _protein(base: int, ref: str | None, alt: str) -> str | None:
    """Return the short change of one residue; None where codons are unknown, REF disagrees or two residues change."""
    if len(alt) == 1 and base % 3 == 0 and RESIDUES.get(base // 3, "") in _ANY_THIRD:
        return f"{RESIDUES[base // 3]}{base // 3}="
    expected = [reference_base(base + k) for k in range(len(alt))]
    if None in expected or (ref is not None and list(ref) != expected):
        return None
    changed = {}
    for residue in range((base + 2) // 3, (base + len(alt) + 1) // 3 + 1):
        first = 3 * residue - 2
        letters = [
            alt[at - base] if base <= at < base + len(alt) else CODONS[residue][at - first]
            for at in range(first, first + 3)
        ]
        acid = _GENETIC_CODE["".join(letters)]
        if acid != RESIDUES[residue]:
            changed[residue] = acid
    if len(changed) == 1:
        ((residue, acid),) = changed.items()
        return f"{RESIDUES[residue]}{residue}{acid}"
    return f"{RESIDUES[(base + 2) // 3]}{(base + 2) // 3}=" if not changed else None
