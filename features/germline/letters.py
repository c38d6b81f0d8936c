"""Letters of one person at one panel site to a genotype call.

Letters are compared with the alleles that the panel allows at the site, on the strand that is declared: forward for a
request, per column for a cohort. Letters that fit only on the other strand are refused, never flipped. At a
palindromic site (rs1801132, C/G) letters cannot tell the strand, so there the declaration alone counts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from data_schemas.catalogue.rows import Variant
from data_schemas.errors import EsrError
from data_schemas.wire.prediction import GenotypeCall

ReadStrand = Literal["forward", "reverse"]

NOT_ASSAYED = GenotypeCall(state="not_assayed")
"""The call of a site that nobody looked at."""

_COMPLEMENT = str.maketrans("ACGT", "TGCA")
_NO_LETTER = frozenset(".-N")
_PAIR = re.compile(r"([ACGTN.\-])[/|]?([ACGTN.\-])")
_SEQUENCE = re.compile(r"[ACGT]+[/|]?[ACGT]+|[ACGT]*[/|]?(<[A-Z]+>|\*)|[DI][/|]?[DI]")


def call_from_letters(text: str | None, variant: Variant, strand: ReadStrand = "forward") -> GenotypeCall:
    """Return the call that two letters make at a site.

    Parameters
    ----------
    text
        ``T/C``, ``T|C`` or ``TC`` in any order, upper or lower case; None where the site was not assayed. ``./.`` and
        ``--`` are failed calls, as is a genotype of which one letter is missing.
    strand
        The strand that the letters are written on.

    Raises
    ------
    EsrError
        ``invalid_genotype``, ``unknown_allele`` or ``strand_mismatch``; the message names the site and the cure.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> pvuii = load_catalogue().variants["rs2234693"]
    >>> call_from_letters("T/C", pvuii).alleles, call_from_letters("ga", pvuii, "reverse").dosage
    ('C/T', 1.0)
    >>> call_from_letters("--", pvuii).reason
    'no_call'
    """
    if text is None:
        return NOT_ASSAYED
    letters = text.strip(" ").upper()
    if letters in _NO_LETTER:
        return _failed("no_call")
    pair = _PAIR.fullmatch(letters)
    if pair is None:
        raise _unreadable(letters, variant)
    one, two = pair.groups()
    missing = (one in _NO_LETTER) + (two in _NO_LETTER)
    if missing:
        return _failed("no_call" if missing == 2 else "half_call")
    return _call(_on_forward_strand(one + two, variant, strand), variant.effect_allele)


def call_from_count(text: str | None, counted: str, variant: Variant, strand: ReadStrand = "forward") -> GenotypeCall:
    """Return the call that a number of copies of one allele makes at a site of two alleles.

    Parameters
    ----------
    text
        ``0``, ``1`` or ``2``; None where the site was not assayed.
    counted
        The letter that is counted, on `strand`.

    Raises
    ------
    EsrError
        ``unknown_allele`` where the letter is none of the site's; ``invalid_genotype``.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> pvuii = load_catalogue().variants["rs2234693"]
    >>> call_from_count("2", "T", pvuii).alleles, call_from_count("1", "G", pvuii, "reverse").dosage
    ('T/T', 1.0)
    """
    letter = counted if strand == "forward" else counted.translate(_COMPLEMENT)
    if letter not in variant.alleles:
        detail = f"the counted allele is none of the site's on the {strand} strand, {_written(variant, strand)}"
        raise EsrError("unknown_allele", f"{variant.id}: {detail}; correct counts or strand")
    others = [allele for allele in variant.alleles if allele != letter]
    if len(others) > 1:
        raise EsrError(
            "invalid_genotype", f"{variant.id}: a site of more than two alleles cannot be counted; give letters"
        )
    if text is None:
        return NOT_ASSAYED
    if text not in ("0", "1", "2"):
        raise EsrError("invalid_genotype", f"{variant.id}: copies of {counted} are 0, 1 or 2; imputed ones need a file")
    copies = int(text)
    return _call(letter * copies + others[0] * (2 - copies), variant.effect_allele)


def dosage(alleles: str, effect_allele: str) -> float:
    """Return how many of the two alleles are the effect allele.

    Examples
    --------
    >>> dosage("C/T", "C"), dosage("CC", "C"), dosage("T/T", "C")
    (1.0, 2.0, 0.0)
    """
    return float(alleles.count(effect_allele))


def _on_forward_strand(letters: str, variant: Variant, strand: ReadStrand) -> str:
    read = letters if strand == "forward" else letters.translate(_COMPLEMENT)
    if set(read) <= set(variant.alleles):
        return read
    expected = _written(variant, strand)
    if set(read.translate(_COMPLEMENT)) <= set(variant.alleles):
        raise EsrError(
            "strand_mismatch",
            f"{variant.id}: the letters fit only on the {_other(strand)} strand, but they are to be on the {strand} "
            f"strand, where this site has {expected}; check the strand of the source and complement A-T and C-G",
        )
    raise EsrError(
        "unknown_allele",
        f"{variant.id}: an allele that the site does not have on the {strand} strand; expected {expected}",
    )


@cache
def _call(letters: str, effect_allele: str) -> GenotypeCall:
    alleles = "/".join(sorted(letters))
    return GenotypeCall(state="called", alleles=alleles, dosage=dosage(alleles, effect_allele))


@cache
def _failed(reason: str) -> GenotypeCall:
    return GenotypeCall(state="failed_qc", reason=reason)


def _unreadable(letters: str, variant: Variant) -> EsrError:
    expected = _written(variant, "forward")
    if re.fullmatch(r"\d([/| ]?\d)?", letters):
        hint = "digits are codes of another format (VCF indices, PLINK, dosages); give the letters"
    elif re.fullmatch(r"[ACGT]", letters):
        hint = "one letter only; give both alleles, also where they are the same"
    elif _SEQUENCE.fullmatch(letters):
        return EsrError("unknown_allele", f"{variant.id}: an allele that the site does not have; expected {expected}")
    elif not letters:
        hint = "empty text; leave the site out, or null, where it was not assayed"
    else:
        hint = "give two letters"
    return EsrError("invalid_genotype", f"{variant.id}: {hint}, as in {_example(variant)}; expected {expected}")


def _written(variant: Variant, strand: ReadStrand) -> str:
    letters = variant.alleles if strand == "forward" else tuple(a.translate(_COMPLEMENT) for a in variant.alleles)
    return " or ".join(letters)


def _example(variant: Variant) -> str:
    return f"{variant.alleles[0]}/{variant.alleles[1]}"


def _other(strand: ReadStrand) -> ReadStrand:
    return "reverse" if strand == "forward" else "forward"
