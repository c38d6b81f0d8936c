"""Two letters as people and programs write them: the one reader of requests, tables, arrays and cohorts.

`spelled` says what one text is, whatever the site. A column is judged as a whole too (`why_no_letters`): where it holds
codes, none of its texts is letters, also one that looks like it (AA beside AB). What can be misread is no genotype,
whatever else it might be; what cannot is read, however it is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from data_schemas.arrays import Bools, Codes
from data_schemas.catalogue.rows import COMPLEMENT
from data_schemas.errors import EsrError
from features.germline.readings import ANOTHER, MISSING, SILENT, UNREADABLE

ReadStrand = Literal["forward", "reverse"]
Unread = Literal["digits", "zeros", "array_codes", "logical", "one_letter", "no_letters", "another", "empty"]
"""Why a text is no genotype."""
Pair = tuple[str | int, str | int]
"""Two letters in the order of the text, or codes of readings in place of one or both."""

ABSENT = frozenset(("", "NA", "N/A", "#N/A", "<NA>", "NAN", "NULL", "NONE"))
"""Texts, in capitals, by which programs write that there is nothing."""
_NO_CALL = frozenset(
    ("UNDETERMINED", "INDETERMINATE", "INCONCLUSIVE", "UNCALLABLE", "NO CALL", "NO-CALL", "NO_CALL", "NOCALL", "NC",
     "NTC", "NEGATIVE CONTROL", "FAIL", "FAILED", "NO AMPLIFICATION")
)  # fmt: skip
_NO_LETTER = frozenset(".-N?0")
_DIGITS, _OF_NUMBERS = frozenset("123456789"), frozenset("0123456789.,/|:; ")
_ARRAY_CODES = re.compile(r"[AB]?[/|:; ]?B|B[/|:; ]?A")
_ZYGOSITY = re.compile(r"(HOM|HET)(?:OZYGOUS|EROZYGOUS)?[ :,]+([^ ].*)", re.DOTALL)
_BETWEEN = re.compile(r" *[/|:;] *| +")
_ALLELE = re.compile(r"[ACGT]+|<[A-Z0-9:_]+>|[*DI]")

HINTS: dict[Unread, str] = {
    "digits": "digits are codes of another format (VCF indices, PLINK, dosages); give the letters",
    "zeros": "digits are codes of another format (VCF indices, PLINK, dosages); give the letters",
    "array_codes": "A and B are an array's names of its two alleles, not bases; give the letters",
    "logical": "TRUE and FALSE are no letters, a program took T and F for them; read the column as text",
    "one_letter": "one letter only; give both alleles, also where they are the same",
    "no_letters": "give two letters",
    "another": "an allele that the site does not have",
    "empty": "empty text; leave the site out, or null, where it was not assayed",
}


@dataclass(frozen=True, eq=False)
class LetterColumn:
    """The genotypes of a column: `alleles` and `codes` (n, 2) as a reading has them, `phased` (n,) or None.

    `unread` counts the texts that are no genotype.
    """

    alleles: tuple[str, ...]
    codes: Codes
    phased: Bools | None
    unread: Counter[Unread]

    def notes(self, site: str, alleles: Sequence[str]) -> Iterator[str]:
        """Yield what a request is told of each kind of text that is no genotype, and how many samples have one."""
        for why, count in self.unread.items():
            yield f"{unreadable(why, site, alleles).message} ({count:,} sample{'s' if count > 1 else ''})"


def spelled(text: str | None) -> Pair | Unread:
    """Return the two letters that a text spells, or why it spells none; None and words for nothing are `SILENT`.

    Examples
    --------
    >>> spelled("t/c"), spelled("(T;C)"), spelled("Homozygous C/C"), spelled("T-")
    (('T', 'C'), ('T', 'C'), ('C', 'C'), ('T', -1))
    >>> spelled("00"), spelled("0/0"), spelled("0/1"), spelled("AB"), spelled("A")
    ((-1, -1), 'zeros', 'digits', 'array_codes', 'one_letter')
    """
    letters = "" if text is None else text.strip(" ").upper()
    if letters in ABSENT:
        return SILENT, SILENT
    # two zeros are PLINK's mark; with a slash or alone they may be an index of VCF or a count as well
    if letters in _NO_CALL or letters in ("00", "0 0"):
        return MISSING, MISSING
    if _OF_NUMBERS.issuperset(letters) and not _DIGITS.isdisjoint(letters):
        return "digits"
    if _OF_NUMBERS.issuperset(letters) and "0" in letters:
        return "zeros"
    if _ARRAY_CODES.fullmatch(letters):
        return "array_codes"
    zygosity = _ZYGOSITY.fullmatch(letters)
    pair = _pair(zygosity[2] if zygosity else letters)
    if zygosity and isinstance(pair, tuple) and MISSING not in pair and (pair[0] == pair[1]) != (zygosity[1] == "HOM"):
        return "no_letters"
    return pair


def _pair(letters: str) -> Pair | Unread:
    inner = letters[1:-1].strip(" ") if letters[0] == "(" and letters[-1] == ")" else letters
    parts = list(inner) if len(inner) == 2 else _BETWEEN.split(inner)
    if "TRUE" in parts or "FALSE" in parts:
        return "logical"
    if all(part and part in ABSENT for part in parts):
        return SILENT, SILENT
    alleles = [MISSING if part in _NO_LETTER or (part and part in ABSENT) else part for part in parts]
    letters_only = [part for part in alleles if isinstance(part, str)]
    if len(alleles) > 2 or not all(_ALLELE.fullmatch(part) for part in letters_only):
        return "no_letters"
    if not all(part in ("A", "C", "G", "T") for part in letters_only):
        return "another"
    if len(alleles) == 1:
        return "one_letter" if letters_only else (MISSING, MISSING)
    return alleles[0], alleles[1]


def is_absent(text: str) -> bool:
    """Whether a text says that there is nothing."""
    return text.strip(" ").upper() in ABSENT


def why_no_letters(texts: Iterable[str | None]) -> Unread | None:
    """Return which codes a column holds instead of letters; zeros alone are codes where there is no letter.

    Examples
    --------
    >>> why_no_letters(["0/0", "0/1", "./."]), why_no_letters(["AA", "AB"]), why_no_letters(["0/0"])
    ('digits', 'array_codes', 'zeros')
    >>> why_no_letters(["T/C", "0/0", None])
    """
    found = {spelled(text) for text in dict.fromkeys(texts)}
    if "array_codes" in found:
        return "array_codes"
    if "digits" in found:
        return "digits"
    lettered = any(isinstance(one, tuple) and any(isinstance(part, str) for part in one) for one in found)
    return "zeros" if "zeros" in found and not lettered else None


def read_column(texts: Sequence[str | None]) -> LetterColumn:
    """Return the genotypes of a column of letters; each distinct text is looked at once.

    Examples
    --------
    >>> column = read_column(["T/C", "CC", "--", "het", None])
    >>> column.alleles, column.codes.tolist()
    (('C', 'T', '<UNREADABLE>'), [[1, 0], [0, 0], [-1, -1], [2, 2], [-3, -3]])
    """
    number_of: dict[str | None, int] = {}
    numbers = np.fromiter((number_of.setdefault(text, len(number_of)) for text in texts), np.intp, len(texts))
    spellings = [spelled(text) for text in number_of]
    unread = {"another": ANOTHER}
    pairs = [(unread.get(one, UNREADABLE),) * 2 if isinstance(one, str) else one for one in spellings]
    distinct = {part for pair in pairs for part in pair if isinstance(part, str)}
    alleles = sorted(distinct, key=lambda one: (len(one), one))
    codes = [[alleles.index(part) if isinstance(part, str) else part for part in pair] for pair in pairs]
    barred = np.array([text is not None and "|" in text for text in number_of], bool)
    counts = np.bincount(numbers, minlength=len(spellings)).tolist()
    failed: Counter[Unread] = Counter()
    for one, count in zip(spellings, counts, strict=True):
        if isinstance(one, str):
            failed[one] += count
    return LetterColumn(
        alleles=tuple(alleles),
        codes=np.array(codes, np.int8).reshape(-1, 2)[numbers],
        phased=barred[numbers] if barred.any() else None,
        unread=failed,
    )


def unreadable(why: Unread, site: str, alleles: Sequence[str], strand: ReadStrand = "forward") -> EsrError:
    """Return the error that says why a text is no genotype of a site, `alleles` being its forward-strand letters."""
    written = on_strand(alleles, strand)
    expected = " or ".join(written)
    if why == "another":
        return EsrError("unknown_allele", f"{site}: {HINTS[why]}; expected {expected}")
    return EsrError(
        "invalid_genotype", f"{site}: {HINTS[why]}, as in {'/'.join((written * 2)[:2])}; expected {expected}"
    )


def on_strand(alleles: Sequence[str], strand: ReadStrand) -> list[str]:
    """Return forward-strand letters as they are written on a strand."""
    return [letter if strand == "forward" else letter.translate(COMPLEMENT) for letter in alleles]
