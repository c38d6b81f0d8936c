"""Another assembly than builds 37 and 38, shown by a file's header: its coordinates are others throughout.

No declaration outweighs it: what a file says of itself is the one witness of an assembly where our sites have no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from data_schemas.errors import InputFileError
from data_schemas.reference.assemblies import other_assemblies
from data_schemas.reference.genome import known_builds

_LINE = re.compile(r"##(reference|contig|assembly|genome|build)\b", re.IGNORECASE)
_ID = re.compile(r"[<,]ID=([^,>]+)")
_LENGTH = re.compile(r"[<,]length=(\d+)")
_ASSEMBLY = re.compile(r"[<,](?:assembly|species|URL)=([^,>]+)", re.IGNORECASE)
_NOT_HUMAN = re.compile(r"(?:chr)?(2[7-9]|3[0-9])", re.IGNORECASE)
"""Chromosomes beyond PLINK's number for the mitochondrion (26)."""


def refuse_other_assembly(file: str, lines: Iterable[str]) -> None:
    """Refuse a file whose header lines name another assembly than builds 36, 37 and 38, or have its sequences.

    Raises
    ------
    InputFileError
        ``wrong_genome_build`` with the assembly and what shows it.
    """
    for text in lines:
        key = _LINE.match(text)
        if key is None:
            continue
        found = _of_contig(text) if key[1].lower() == "contig" else (_named(text), f"##{key[1]}")
        if found[0]:
            raise _refusal(file, *found)


def refuse_other_sequence(file: str, name: str) -> None:
    """Refuse a file of which a record stands on a sequence of another assembly.

    Raises
    ------
    InputFileError
        As `refuse_other_assembly`.
    """
    label = _accessions().get(name)
    if label:
        raise _refusal(file, label, "sequence names")


def _refusal(file: str, label: str, says: str) -> InputFileError:
    return InputFileError(
        "wrong_genome_build",
        f"{file}: by its {says} it is {label}, which is neither build 37 nor 38; lift the file over to build 38, and "
        "let its header say so",
    )


def _of_contig(text: str) -> tuple[str, str]:
    """Return the assembly that a contig line shows and what shows it; "" for none."""
    name, length, assembly = _ID.search(text), _LENGTH.search(text), _ASSEMBLY.findall(text)
    if name and _accessions().get(name[1]):
        return _accessions()[name[1]], "contig names"
    if label := next(filter(None, map(_named, assembly)), ""):
        return label, "##contig"
    if name and _NOT_HUMAN.fullmatch(name[1]):
        return "no human assembly", "contig names"
    if name and length:
        plain = re.sub("^chr", "", name[1], flags=re.IGNORECASE)
        for row in other_assemblies().values():
            if int(length[1]) in row.lengths.get(plain, ()):
                return row.label, "contig lengths"
    return "", ""


@cache
def _accessions() -> dict[str, str]:
    return {name: row.label for row in other_assemblies().values() for name in row.accessions}


def _named(text: str) -> str:
    """Return the assembly that a text names, "" for none or where it names one of ours beside it."""
    plain = text.replace("_", " ")
    if any(pattern.search(plain) for pattern in _ours()):
        return ""
    return next((label for label, pattern in _names().items() if pattern.search(plain)), "")


@cache
def _ours() -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(row.names) for row in known_builds().values())


@cache
def _names() -> dict[str, re.Pattern[str]]:
    return {row.label: _pattern(row.names) for row in other_assemblies().values()}


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(name.replace("_", " ")) for name in names)
    return re.compile(rf"(?<![0-9a-z])(?:{either})(?:v[0-9.]+|d5|d1)?(?![0-9a-z])", re.IGNORECASE)
