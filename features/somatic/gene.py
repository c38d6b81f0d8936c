"""Where ESR1 codes: from a genome position to the coding change, and to the protein where codons are known.

Codons are known where the panel has mutations: whole where a row states its codon, else as far as the row's letters and
amino acids leave one outcome. Elsewhere a change keeps its coding name, unless the amino acid alone tells that it is
silent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.reference.gene import ESR1, GENETIC_CODE, Gene, known_genes

Build = Literal[37, 38]

_ANY_THIRD = ("A", "G", "P", "T", "V")
"""Amino acids whose codons are told by two bases: whatever the third becomes, the residue stays."""

_SUBSTITUTION = re.compile(r"c\.(\d+)([ACGT])>([ACGT])")
_DELINS = re.compile(r"c\.(\d+)_(\d+)(?:DEL[ACGT]*)?(?:DELINS|INS|>)([ACGT]+)", re.IGNORECASE)


@dataclass(frozen=True)
class CodingChange:
    """A change of the gene: its coding name, and the protein's short one where that is known (``Y537S``, ``S463=``)."""

    coding: str
    protein: str | None = None

    @property
    def name(self) -> str:
        """The protein change where it is known, else the coding one."""
        return self.protein or self.coding


@dataclass(frozen=True, eq=False)
class Receptor:
    """The gene, and the reference codons that the panel's mutations leave possible at the residues that they change.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> esr1 = receptor_of(load_catalogue())
    >>> esr1.coding_position(152419923, 37), esr1.coding_position(152098788, 38), esr1.coding_position(152163381, 37)
    (1610, 1610, None)
    >>> esr1.coding_change(152419922, "TATG", "TCTG", 37).protein
    'Y537S'
    >>> esr1.coding_change(152419950, "C", "A", 37)
    CodingChange(coding='c.1637C>A', protein=None)
    >>> [esr1.protein_of(name) for name in ("c.1610A>C", "c.1610_1611delinsCA", "c.1607_1608delTCinsAG")]
    ['Y537S', 'Y537S', 'L536Q']
    >>> esr1.may_be_reference(1624, "G"), esr1.may_be_reference(1637, "A"), esr1.may_be_reference(3140, "A")
    (True, False, False)
    """

    gene: Gene
    codons: Mapping[int, tuple[str, ...]]

    @property
    def length(self) -> int:
        """Residues of the receptor."""
        return len(self.gene.protein)

    def coding_position(self, pos: int, build: Build) -> int | None:
        """Return the coding base at a position of the gene's chromosome, None outside the coding exons."""
        in_37 = pos - (self.gene.grch38_offset if build == 38 else 0)
        if in_37 not in self.gene.span:
            return None
        for exon in self.gene.exons:
            base = exon.first + in_37 - exon.grch37
            if exon.first <= base <= exon.last:
                return base
        return None

    def genome_position(self, base: int, build: Build) -> int:
        """Return the position on the chromosome of a coding base."""
        exon = next(exon for exon in self.gene.exons if exon.first <= base <= exon.last)
        return exon.grch37 + base - exon.first + (self.gene.grch38_offset if build == 38 else 0)

    def panel_residues(self, first: int, last: int, build: Build) -> frozenset[int]:
        """Return the residues with mutations of the panel of which any base lies between two positions."""
        return frozenset(
            residue
            for residue in self.codons
            if any(first <= self.genome_position(3 * residue - k, build) <= last for k in range(3))
        )

    def reference_at(self, pos: int, build: Build) -> str | None:
        """Return the reference letter at a position, None where it is not known."""
        base = self.coding_position(pos, build)
        return None if base is None else self.reference_base(base)

    def builds_of(self, pos: int) -> tuple[Build, ...]:
        """Return the builds in which a position of the chromosome is a coding base; the two never overlap."""
        builds: tuple[Build, ...] = (37, 38)
        return tuple(build for build in builds if self.coding_position(pos, build) is not None)

    def is_within(self, pos: int) -> bool:
        """Tell whether a position of the chromosome lies in the gene, in either build."""
        return pos in self.gene.span or pos - self.gene.grch38_offset in self.gene.span

    def coding_change(self, pos: int, ref: str, alt: str, build: Build) -> CodingChange | None:
        """Return the change that a VCF record makes, None where it leaves coding bases alone.

        Letters that both alleles share are taken off first, so that ``TATG>TCTG`` is ``A>C``.
        """
        pos, ref, alt = trimmed(pos, ref, alt)
        if not ref and not alt:
            return None
        base = self.coding_position(pos, build)
        last = self.coding_position(pos + max(len(ref), 1) - 1, build)
        if base is None or last is None or not set(ref + alt) <= set("ACGT"):
            touched = base is not None or last is not None
            return CodingChange(f"c.{base or last} (beyond the exon, or not by letters)") if touched else None
        if len(ref) == len(alt) == 1:
            return CodingChange(f"c.{base}{ref}>{alt}", self._protein(base, ref, alt))
        if len(ref) == len(alt):
            return CodingChange(f"c.{base}_{last}delins{alt}", self._protein(base, ref, alt))
        span = f"{base}" if base == last else f"{base}_{last}"
        if not ref:
            return CodingChange(f"c.{base - 1}_{base}ins{alt}")
        return CodingChange(f"c.{span}delins{alt}" if alt else f"c.{span}del")

    def protein_of(self, coding: str) -> str | None:
        """Return the short protein change of a coding name (upper-case letters), None where codons are not known."""
        one = _SUBSTITUTION.fullmatch(coding)
        if one:
            return self._protein(int(one[1]), one[2], one[3])
        many = _DELINS.fullmatch(coding)
        if many and int(many[2]) - int(many[1]) + 1 == len(many[3]):
            return self._protein(int(many[1]), None, many[3].upper())
        return None

    def reference_base(self, base: int) -> str | None:
        """Return the reference letter of a coding base, where it is known."""
        letters = {codon[(base - 1) % 3] for codon in self.codons.get(_residue(base), ())}
        return letters.pop() if len(letters) == 1 else None

    def may_be_reference(self, base: int, letter: str) -> bool:
        """Tell whether a coding base can have a letter at all, given the amino acid that its codon stands for."""
        residue = _residue(base)
        if not 1 <= residue <= self.length + 1:
            return False
        acid = self.gene.residues.get(residue, "*")
        codons = self.codons.get(residue) or [codon for codon, coded in GENETIC_CODE.items() if coded == acid]
        return any(codon[(base - 1) % 3] == letter for codon in codons)

    def _protein(self, base: int, ref: str | None, alt: str) -> str | None:
        """Return the short change of one residue; None where codons do not tell, or two residues change."""
        residues = self.gene.residues
        changed = {}
        for residue in range(_residue(base), _residue(base + len(alt) - 1) + 1):
            acid = self.acid(residue, base, ref, alt)
            if acid is None:
                return None
            if acid != residues.get(residue, "*"):
                changed[residue] = acid
        if len(changed) > 1:
            return None
        for residue, acid in changed.items():
            return f"{residues[residue]}{residue}{acid}"
        return f"{residues[_residue(base)]}{_residue(base)}="

    def acid(self, residue: int, base: int, ref: str | None, alt: str) -> str | None:
        """Return what a residue becomes, None where its possible codons differ in that or none has these letters."""
        first = 3 * residue - 2
        places = range(max(base, first), min(base + len(alt), first + 3))
        own = self.gene.residues.get(residue, "")
        if places == range(first + 2, first + 3) and own in _ANY_THIRD:
            return own
        acids = set()
        for codon in self.codons.get(residue, ()):
            if ref is None or all(codon[at - first] == ref[at - base] for at in places):
                letters = [alt[at - base] if at in places else codon[at - first] for at in range(first, first + 3)]
                acids.add(GENETIC_CODE["".join(letters)])
        return acids.pop() if len(acids) == 1 else None


def receptor_of(catalogue: Catalogue) -> Receptor:
    """Return ESR1 as a catalogue's panel knows it."""
    return Receptor(known_genes()[ESR1], catalogue.codons.get(ESR1, {}))


def _residue(base: int) -> int:
    return (base + 2) // 3


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Take the letters off that both alleles share, at the end and then at the start."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt
