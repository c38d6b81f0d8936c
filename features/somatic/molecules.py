"""Changes of one codon put together: on one molecule they make one amino acid, on two molecules two.

Where nothing tells which it is, only what is true both ways is found, and all that may be true is left open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.wire.tumour import OpenReason, TumourVariant
from features.somatic.findings import found_in
from features.somatic.gene import Build, Receptor, receptor_of, trimmed
from features.somatic.samples import GenomeChange, Named, outcome_at
from features.somatic.witness import mutations_at

_MOST_TOGETHER = 5
_REACH = 30
"""Bases over which two insertions or deletions may restore the reading frame between them."""


@dataclass(frozen=True)
class Phase:
    """The phase set that a genotype names, and the sides of it that have the allele."""

    group: str
    sides: frozenset[int]


@dataclass(frozen=True, eq=False)
class Allele:
    """A change that a sample has, what it is by itself, the record, and on which molecule it is, None if nobody says.

    `doubt` is why it may not be there at all: it is not found, and yet changes what is found on its molecule.
    """

    change: GenomeChange
    described: Named
    place: str
    phase: Phase | None = None
    doubt: OpenReason | None = None


@dataclass
class Together:
    """What a sample's alleles are together: variants found, what is left open, and what could not be told apart."""

    variants: list[TumourVariant] = field(default_factory=list)
    open: dict[str, OpenReason] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def put_together(alleles: Sequence[Allele], build: Build | None, catalogue: Catalogue) -> Together:
    """Return what a sample's alleles prove, those of one codon taken together."""
    together, receptor = Together(), receptor_of(catalogue)
    for group in _groups(alleles, build, receptor):
        firm = [one for one in group if one.doubt is None]
        doubted = [one for one in group if one.doubt and any(_on_one_molecule(one, other) for other in firm)]
        if build is not None and len(firm) + len(doubted) > 1:
            _resolve(firm, doubted, build, catalogue, together)
            continue
        for one in firm:
            together.variants += one.described.variants
            _open(together, one.described.open)
    return together


def _resolve(
    firm: Sequence[Allele], doubted: Sequence[Allele], build: Build, catalogue: Catalogue, together: Together
) -> None:
    ways = list(_ways(firm, build, catalogue))
    if ways and doubted:
        ways += _ways([*firm, *doubted], build, catalogue)
    why: OpenReason = next((one.doubt for one in doubted if one.doubt), "unphased")
    if not ways:
        touched = {residue for one in firm for residue in _residues(one.change, build, receptor_of(catalogue))}
        _open(together, dict.fromkeys(sorted(mutations_at(touched, catalogue)), why))
        return
    names = [{variant.variant for one in way for variant in one.variants} for way in ways]
    opened = [{name for one in way for name in one.open} for way in ways]
    certain = set.intersection(*names)
    doubtful = set.union(*names, *opened) - certain
    together.variants += [variant for one in ways[0] for variant in one.variants if variant.variant in certain]
    _open(together, dict.fromkeys(sorted(doubtful), why if len(ways) > 1 else "complex_change"))
    if len(ways) > 1 and doubtful and not doubted:
        texts = [" and ".join(variant.change for one in way for variant in one.variants) or "no change" for way in ways]
        together.doubts.append(", or ".join(dict.fromkeys(texts)))


def _ways(group: Sequence[Allele], build: Build, catalogue: Catalogue) -> Iterator[tuple[Named, ...]]:
    """Yield each way in which the alleles may lie on molecules, as what each molecule is."""
    units = _units(group)
    if len(units) > _MOST_TOGETHER:
        return
    for blocks in _spreads(units):
        molecules = [_molecule([one for unit in block for one in unit], build, catalogue) for block in blocks]
        whole = tuple(one for one in molecules if one is not None)
        if len(whole) == len(molecules):
            yield whole


def _units(group: Sequence[Allele]) -> list[tuple[Allele, ...]]:
    """Return the alleles that are known to be on one molecule; one on several sides is in several units."""
    sides: dict[tuple[str, int], list[Allele]] = {}
    units = []
    for one in group:
        if one.phase is None:
            units.append((one,))
        else:
            for side in sorted(one.phase.sides):
                sides.setdefault((one.phase.group, side), []).append(one)
    return units + list(dict.fromkeys(tuple(found) for found in sides.values()))


def _spreads(units: Sequence[tuple[Allele, ...]]) -> Iterator[list[list[tuple[Allele, ...]]]]:
    """Yield the units spread over molecules in every way, a unit on several perhaps; those apart are never on one."""
    if not units:
        yield []
        return
    first, rest = units[0], units[1:]
    for blocks in _spreads(rest):
        yield [[first], *blocks]
        fitting = [number for number, block in enumerate(blocks) if not any(_apart(first, other) for other in block)]
        for count in range(1, len(fitting) + 1):
            for chosen in combinations(fitting, count):
                yield [[first, *block] if number in chosen else block for number, block in enumerate(blocks)]


def _on_one_molecule(one: Allele, other: Allele) -> bool:
    if one.phase is None or other.phase is None or one.phase.group != other.phase.group:
        return False
    return bool(one.phase.sides & other.phase.sides)


def _apart(one: Iterable[Allele], other: Iterable[Allele]) -> bool:
    """Whether units cannot be on one molecule: two sides of a phase set, or two alleles of one record."""
    groups = {allele.phase.group for allele in one if allele.phase}
    places = {allele.place for allele in one}
    return any(allele.place in places or (allele.phase and allele.phase.group in groups) for allele in other)


def _molecule(alleles: Sequence[Allele], build: Build, catalogue: Catalogue) -> Named | None:
    """Return what the alleles are on one molecule, None where they cannot be on one."""
    if len(alleles) == 1:
        return alleles[0].described
    receptor = receptor_of(catalogue)
    change = _merged([one.change for one in alleles], build, receptor)
    if change is None:
        return None
    coding = receptor.coding_change(change.pos, change.ref, change.alt, build)
    if coding is None:
        return Named(())
    outcome = outcome_at(change, build, receptor)
    found = found_in(outcome, coding.name, catalogue)
    changes = found.changes if outcome.changed or outcome.unknown or outcome.beyond else ()
    known = [variant for one in alleles for variant in one.described.variants]
    least = min(known, key=lambda one: 1.0 if one.vaf is None else one.vaf, default=None)
    facts = {"vaf": least.vaf, "alt_reads": least.alt_reads, "depth": least.depth} if least else {}
    place = " and ".join(dict.fromkeys(one.place for one in known))
    variants = [
        TumourVariant(variant=name, change=text, coding=coding.coding, place=place).model_copy(update=facts)
        for name, text in changes
    ]
    return Named(tuple(variants), dict.fromkeys(sorted(found.open), "complex_change"))


def _merged(changes: Sequence[GenomeChange], build: Build, receptor: Receptor) -> GenomeChange | None:
    """Return several changes as one; None where two of them are of the same base, or letters between are not known."""
    parts = sorted({part for one in changes for part in _parts(one)})
    chrom, start = changes[0].chrom, parts[0][0]
    at, ref, alt = start, "", ""
    for pos, old, new in parts:
        if pos < at:
            return None
        between = [receptor.reference_at(place, build) for place in range(at, pos)]
        known = "".join(letter for letter in between if letter)
        if len(known) != len(between):
            return None
        ref, alt, at = ref + known + old, alt + known + new, pos + len(old)
    return GenomeChange(chrom, start, ref, alt)


def _parts(change: GenomeChange) -> list[tuple[int, str, str]]:
    """Return a change base by base where none is added or lost, the bases that it leaves as they are included."""
    pos, ref, alt = trimmed(change.pos, change.ref, change.alt)
    if len(ref) != len(alt):
        return [(pos, ref, alt)]
    return [(pos + k, old, new) for k, (old, new) in enumerate(zip(ref, alt, strict=True))]


def _groups(alleles: Sequence[Allele], build: Build | None, receptor: Receptor) -> list[list[Allele]]:
    """Return the alleles in groups that may act on one codon of the panel; any other stands by itself."""
    groups: list[list[Allele]] = []
    for one in alleles:
        near = [group for group in groups if any(_near(one.change, other.change, build, receptor) for other in group)]
        groups = [group for group in groups if group not in near] + [[*(x for group in near for x in group), one]]
    return groups


def _near(one: GenomeChange, other: GenomeChange, build: Build | None, receptor: Receptor) -> bool:
    if build is None:
        return False
    mine, theirs = _residues(one, build, receptor), _residues(other, build, receptor)
    if mine & theirs:
        return True
    both_shift = all(len(change.ref) != len(change.alt) for change in (one, other))
    return both_shift and bool(mine | theirs) and abs(one.pos - other.pos) <= _REACH


def _residues(change: GenomeChange, build: Build, receptor: Receptor) -> frozenset[int]:
    pos, ref, _ = trimmed(change.pos, change.ref, change.alt)
    # an insertion is between two bases, and may be of the codon of either
    first, last = (pos, pos + len(ref) - 1) if ref else (pos - 1, pos)
    return receptor.panel_residues(first, last, build)


def _open(together: Together, names: Mapping[str, OpenReason]) -> None:
    for name, reason in names.items():
        together.open.setdefault(name, reason)
