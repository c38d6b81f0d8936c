"""What a change makes of each residue that it touches: by its letters where codons are known, or by its name.

One change may be several mutations (``p.Y537_D538delinsSG``), and one that keeps the reading frame may hide some
(``p.Y537_D538delinsS``): a residue whose new amino acid cannot be told is said to be unknown, never unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from data_schemas.catalogue.rows import COMPLEMENT
from data_schemas.reference.gene import GENETIC_CODE
from features.somatic.gene import Receptor

_A = "[ACDEFGHIKLMNPQRSTVWY]"
_PLAIN = re.compile(rf"({_A})(\d+)({_A}|[*=])")
_RANGE = re.compile(rf"({_A})(\d+)(?:_({_A})(\d+))?(?:DEL{_A}*)?(?:DELINS|INS|>)((?:{_A})*\*?)")
_JOINED = re.compile(rf"({_A}{{2,}})(\d+)(?:_\d+)?(?:DELINS|>)?((?:{_A})+\*?)")
_NUMBERS_FIRST = re.compile(rf"(\d+)_(\d+)((?:{_A})+)(?:DELINS|>)((?:{_A})+\*?)")
_RESIDUE = re.compile(rf"{_A}(\d+)(?!\d)(?:_{_A}(\d+)(?!\d))?")
_FORMED = re.compile(r".*(FS|DEL|INS|DUP|_SPLICE|EXT)")
_CODING = re.compile(
    r"c\.(\d+)([+-]\d+)?(?:_(\d+)([+-]\d+)?)?(?:([ACGT]+)>([ACGT]+)|>([ACGT]+)|DEL([ACGT]*)INS([ACGT]+)|"
    r"(DEL|DUP|INV)([ACGT]*)|INS([ACGT]+))"
)


@dataclass(frozen=True)
class Outcome:
    """What a change makes of the receptor.

    `changed` has each residue whose new amino acid is known and another (``*`` is a stop), `unknown` each that is
    touched and whose new amino acid is not known; `beyond` tells that the change is more than exchanged residues.
    """

    changed: Mapping[int, str] = field(default_factory=dict)
    unknown: frozenset[int] = frozenset()
    beyond: bool = False


def outcome_of_letters(receptor: Receptor, first: int, last: int, alt: str, ref: str | None = None) -> Outcome:
    """Return what becomes of the receptor where the coding bases `first` to `last` are replaced by other letters.

    Parameters
    ----------
    last
        ``first - 1`` for an insertion before `first`.
    ref
        The reference letters as a file writes them, None where it does not.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> from features.somatic.gene import receptor_of
    >>> esr1 = receptor_of(load_catalogue())
    >>> outcome_of_letters(esr1, 1610, 1613, "CTGG").changed
    {537: 'S', 538: 'G'}
    >>> outcome_of_letters(esr1, 1610, 1613, "C").beyond
    True
    """
    touched = _touched(first, last)
    if len(alt) == last - first + 1:
        return _exchanged(receptor, touched, first, ref, alt)
    if (len(alt) - (last - first + 1)) % 3 or not touched:
        return Outcome(beyond=True)
    codons = [receptor.codons.get(residue, ()) for residue in touched]
    if any(len(codon) != 1 for codon in codons):
        return Outcome(unknown=frozenset(touched), beyond=True)
    start = 3 * touched[0] - 2
    old = "".join(codon[0] for codon in codons)
    if ref is not None and old[first - start : last + 1 - start] != ref:
        return Outcome(unknown=frozenset(touched), beyond=True)
    return _replaced(receptor, touched, _translated(old[: first - start] + alt + old[last + 1 - start :]))


def outcome_of_name(name: str, receptor: Receptor) -> Outcome | None:
    """Return what a canonical name says of the receptor's residues, None where it cannot be read.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> from features.somatic.gene import receptor_of
    >>> esr1 = receptor_of(load_catalogue())
    >>> [outcome_of_name(one, esr1).changed for one in ("Y537_D538DELINSSG", "YD537SG", "537_538YD>SG", "Y537DELINSS")]
    [{537: 'S', 538: 'G'}, {537: 'S', 538: 'G'}, {537: 'S', 538: 'G'}, {537: 'S'}]
    >>> outcome_of_name("Y537_D538DELINSS", esr1).unknown == {537, 538}
    True
    >>> outcome_of_name("Y537FS*5", esr1), outcome_of_name("X537", esr1)
    (Outcome(changed={}, unknown=frozenset(), beyond=True), None)
    """
    if name.startswith("c."):
        return _of_coding(name, receptor)
    if plain := _PLAIN.fullmatch(name):
        old, number, new = plain.groups()
        return Outcome() if new in ("=", old) else Outcome({int(number): new})
    if change := _range(name):
        first, old, new = change
        return _replaced(receptor, range(first, first + len(old)), new) if _is_here(receptor, first, old) else None
    residues = _RESIDUE.match(name)
    if residues and _FORMED.match(name):
        cut_short = name.endswith(("DELINS", "INS")) or (residues[2] is None and "INS" in name)
        return Outcome(unknown=frozenset(_numbers(residues)) if cut_short else frozenset(), beyond=True)
    return None


def residues_named(name: str, receptor: Receptor) -> frozenset[int] | None:
    """Return the residues that an unreadable name of the receptor points at, None where it may be anywhere."""
    found = re.match(r"[A-Z*]?(\d+)(?:_[A-Z*]?(\d+))?(?!\d)", name)
    numbers = _numbers(found) if found else ()
    return frozenset(numbers) if numbers and max(numbers) <= receptor.length else None


def _of_coding(name: str, receptor: Receptor) -> Outcome | None:
    match = _CODING.fullmatch(name)
    if match is None:
        return None
    first, last = int(match[1]), int(match[3] or match[1])
    if match[2] or match[4]:
        return Outcome(beyond=True)  # splicing; no letters of the protein
    ref, alt = match[5] or match[8] or None, match[6] or match[7] or match[9]
    kind, letters = match[10], match[11] or None
    if match[12]:
        if last != first + 1:
            return Outcome(unknown=frozenset(_touched(first, last)), beyond=True)
        return outcome_of_letters(receptor, last, first, match[12])
    if ref is not None and len(ref) != last - first + 1:
        return None
    if alt:
        return outcome_of_letters(receptor, first, last, alt, ref)
    if kind == "DEL":
        return outcome_of_letters(receptor, first, last, "", letters)
    bases = [receptor.reference_base(base) for base in range(first, last + 1)]
    known = "".join(base for base in bases if base)
    if len(known) != len(bases):
        return Outcome(unknown=frozenset(_touched(first, last)), beyond=True)
    if kind == "DUP":
        return outcome_of_letters(receptor, last + 1, last, known)
    return outcome_of_letters(receptor, first, last, known[::-1].translate(COMPLEMENT))


def _range(name: str) -> tuple[int, str, str] | None:
    """Return the first residue, the old amino acids (a dot where the name leaves one out) and the new ones."""
    if match := _RANGE.fullmatch(name):
        acid, first, end, last, new = match.groups()
        if "DELINS" not in name and ">" not in name:
            return None
        span = int(last or first) - int(first) + 1
        if not new or not 1 <= span <= 50:
            return None
        return int(first), acid + ("." * (span - 2) + end if end and span > 1 else ""), new
    if match := _NUMBERS_FIRST.fullmatch(name):
        span = int(match[2]) - int(match[1]) + 1
        return (int(match[1]), match[3], match[4]) if span == len(match[3]) else None
    if match := _JOINED.fullmatch(name):
        return int(match[2]), match[1], match[3]
    return None


def _is_here(receptor: Receptor, first: int, old: str) -> bool:
    """Whether the receptor has these amino acids there; a dot is any."""
    return all(
        acid in (".", receptor.gene.residues.get(residue)) for residue, acid in enumerate(old, start=first)
    ) and (first + len(old) - 1 <= receptor.length)


def _exchanged(receptor: Receptor, touched: Iterable[int], first: int, ref: str | None, alt: str) -> Outcome:
    changed, unknown = {}, set()
    for residue in touched:
        acid = receptor.acid(residue, first, ref, alt)
        if acid is None:
            unknown.add(residue)
        elif acid != receptor.gene.residues.get(residue, "*"):
            changed[residue] = acid
    return Outcome(changed, frozenset(unknown))


def _replaced(receptor: Receptor, residues: range, new: str) -> Outcome:
    """Return the outcome where these residues become other amino acids, more or fewer perhaps."""
    old = "".join(receptor.gene.residues.get(residue, "*") for residue in residues)
    first = residues.start
    if len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True), start=first)
        return Outcome({residue: after for residue, (before, after) in pairs if before != after})
    while old and new and old[0] == new[0]:
        old, new, first = old[1:], new[1:], first + 1
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    aligned = not old or not new
    return Outcome(unknown=frozenset() if aligned else frozenset(range(first, first + len(old))), beyond=True)


def _touched(first: int, last: int) -> range:
    """Return the residues of the bases replaced; an insertion between two codons touches none."""
    if last < first:
        return range(_residue(last), _residue(last) + 1) if last % 3 else range(0)
    return range(_residue(first), _residue(last) + 1)


def _translated(letters: str) -> str:
    acids = "".join(GENETIC_CODE[letters[at : at + 3]] for at in range(0, len(letters) - 2, 3))
    return acids[: acids.index("*") + 1] if "*" in acids else acids


def _numbers(match: re.Match[str]) -> range:
    return range(int(match[1]), int(match[2] or match[1]) + 1)


def _residue(base: int) -> int:
    return (base + 2) // 3
