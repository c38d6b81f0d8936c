"""Letters of one person at one panel site to a genotype call.

Letters are compared with the alleles that the panel allows at the site, on the strand that is declared: forward for a
request, per column for a cohort. Letters that fit only on the other strand are refused, never flipped. At a
palindromic site (rs1801132, C/G) letters cannot tell the strand, so there the declaration alone counts.
"""

from __future__ import annotations

from functools import cache

from data_schemas.catalogue.rows import COMPLEMENT, Variant
from data_schemas.errors import EsrError
from data_schemas.wire.prediction import GenotypeCall
from features.germline.readings import SILENT
from features.germline.spelling import HINTS, Pair, ReadStrand, Unread, on_strand, spelled, unreadable

NOT_ASSAYED = GenotypeCall(state="not_assayed")
"""The call of a site that nobody looked at."""


def call_from_letters(text: str | None, variant: Variant, strand: ReadStrand = "forward") -> GenotypeCall:
    """Return the call that two letters make at a site.

    Parameters
    ----------
    text
        A genotype in any spelling that `spelled` reads; None where the site was not assayed. ``./.`` and ``--`` are
        failed calls, as is a genotype of which one letter is missing.
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
    pair: Pair | Unread = "empty" if text is not None and not text.strip(" ") else spelled(text)
    if isinstance(pair, str):
        raise unreadable(pair, variant.id, variant.alleles, strand)
    one, two = pair
    if isinstance(one, str) and isinstance(two, str):
        return _call(_on_forward_strand(one + two, variant, strand), variant.effect_allele)
    if one == SILENT:
        return NOT_ASSAYED
    return _failed("no_call" if one == two else "half_call")


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
    letter = counted if strand == "forward" else counted.translate(COMPLEMENT)
    if letter not in variant.alleles:
        expected = " or ".join(on_strand(variant.alleles, strand))
        detail = f"the counted allele is none of the site's on the {strand} strand, {expected}"
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
    read = letters if strand == "forward" else letters.translate(COMPLEMENT)
    if set(read) <= set(variant.alleles):
        return read
    expected = " or ".join(on_strand(variant.alleles, strand))
    if set(read.translate(COMPLEMENT)) <= set(variant.alleles):
        raise EsrError(
            "strand_mismatch",
            f"{variant.id}: the letters fit only on the {_other(strand)} strand, but they are to be on the {strand} "
            f"strand, where this site has {expected}; check the strand of the source and complement A-T and C-G",
        )
    raise EsrError("unknown_allele", f"{variant.id}: {HINTS['another']} on the {strand} strand; expected {expected}")


@cache
def _call(letters: str, effect_allele: str) -> GenotypeCall:
    alleles = "/".join(sorted(letters))
    return GenotypeCall(state="called", alleles=alleles, dosage=dosage(alleles, effect_allele))


@cache
def _failed(reason: str) -> GenotypeCall:
    return GenotypeCall(state="failed_qc", reason=reason)


def _other(strand: ReadStrand) -> ReadStrand:
    return "reverse" if strand == "forward" else "forward"
