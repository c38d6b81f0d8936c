"""Genotypes as a request states them: letters, or a call with its state as `esr genotypes` gives it.

A state is never improved on the way: what was assumed or imputed stays so in the answer, with a warning, and an imputed
genotype of poor or unknown quality fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_schemas.catalogue.cohort import USUAL
from data_schemas.catalogue.rows import Variant
from data_schemas.errors import EsrError, nearest
from data_schemas.wire.patient import GenotypeInput
from data_schemas.wire.prediction import GenotypeCall
from features.germline.letters import NOT_ASSAYED, call_from_letters
from features.germline.phase import phase_name, phase_side
from features.patient.terms import Noted, PatientTerms, key_place
from features.somatic.states import looks_somatic

_WITHOUT_GENOTYPE = frozenset(("not_assayed", "failed_qc", "conflict"))
_WARNINGS = {
    "assumed_reference": ("assumed_reference", "taken for reference because the sender says so; nobody called it"),
    "imputed": ("imputed_genotype", "imputed from other sites, not typed"),
}


def stated_genotypes(
    given: Mapping[str, str | GenotypeInput | None],
    terms: PatientTerms,
    values: dict[str, float | str | None],
    found: Noted,
) -> dict[str, GenotypeCall]:
    """Return the call of every site of the endpoint, and put dosages and phase into `values`."""
    calls = dict.fromkeys(terms.sites, NOT_ASSAYED)
    for rsid, stated in given.items():
        variant = terms.sites.get(rsid) or _unused_variant(rsid, terms, found)
        if variant is None or stated is None:
            continue
        try:
            call = terms.call(stated, variant) if isinstance(stated, str) else stated_call(stated, variant)
        except EsrError as error:
            found.problem(("genotypes", rsid), error)
            continue
        if rsid in terms.sites:
            calls[rsid] = call
            values[rsid] = call.dosage
            if phase_name(rsid) in terms.unknown and call.dosage is not None:
                values[phase_name(rsid)] = _phase(stated, variant)
            if call.state in _WARNINGS:
                code, text = _WARNINGS[call.state]
                found.warn(code, f"{rsid}: {text}")
    return calls


def stated_call(stated: GenotypeInput, variant: Variant) -> GenotypeCall:
    """Return the call that a stated genotype makes; its state is kept, or becomes ``failed_qc``.

    Raises
    ------
    EsrError
        ``invalid_genotype`` where the parts do not fit each other or the site, and as `call_from_letters`.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> pvuii = load_catalogue().variants["rs2234693"]
    >>> stated_call(GenotypeInput(state="imputed", dosage=0.8, quality=0.92), pvuii).dosage
    0.8
    >>> stated_call(GenotypeInput(state="imputed", dosage=0.8, quality=0.5), pvuii).reason
    'low_imputation_quality'
    """
    if stated.variant not in (None, variant.id):
        raise EsrError("invalid_genotype", f"{variant.id}: the genotype is of another variant; give each its own")
    if stated.effect_allele not in (None, variant.effect_allele):
        raise EsrError("invalid_genotype", f"{variant.id}: the dosage must count {variant.effect_allele}; count that")
    if stated.state in _WITHOUT_GENOTYPE:
        return GenotypeCall(state=stated.state, reason=stated.reason)
    letters = _letters(stated, variant)
    if stated.state == "imputed":
        return _imputed(stated, letters, variant)
    if letters is None or letters.dosage is None:
        raise EsrError("invalid_genotype", f"{variant.id}: a genotype that is {stated.state} needs two letters")
    if stated.state == "assumed_reference" and letters.alleles != f"{variant.ref}/{variant.ref}":
        raise EsrError(
            "invalid_genotype", f"{variant.id}: what is assumed is the reference, {variant.ref}/{variant.ref}"
        )
    return letters.model_copy(update={"state": stated.state, "reason": stated.reason})


def _letters(stated: GenotypeInput, variant: Variant) -> GenotypeCall | None:
    """Return the call of the letters, held against the dosage and the phased letters beside them."""
    if stated.alleles is None:
        return None
    call = call_from_letters(stated.alleles, variant)
    if stated.phased is not None and call_from_letters(stated.phased, variant) != call:
        raise EsrError("invalid_genotype", f"{variant.id}: the phased letters are not those of the genotype")
    # the letters of an imputed genotype are the likeliest, its dosage is an expectation
    if stated.dosage not in (None, call.dosage) and stated.state != "imputed":
        raise EsrError(
            "invalid_genotype", f"{variant.id}: letters and dosage differ; the dosage counts {variant.effect_allele}"
        )
    return call


def _imputed(stated: GenotypeInput, letters: GenotypeCall | None, variant: Variant) -> GenotypeCall:
    dosage = stated.dosage if stated.dosage is not None else letters.dosage if letters else None
    if dosage is None:
        raise EsrError("invalid_genotype", f"{variant.id}: an imputed genotype needs its dosage or two letters")
    quality = stated.imputation_quality if stated.quality is None else stated.quality
    if quality is None:
        return GenotypeCall(state="failed_qc", reason="imputation_quality_unknown")
    if quality < USUAL.min_r2:
        return GenotypeCall(state="failed_qc", reason="low_imputation_quality")
    return GenotypeCall(state="imputed", alleles=letters.alleles if letters else None, dosage=dosage)


def _phase(stated: str | GenotypeInput, variant: Variant) -> str | None:
    if isinstance(stated, str):
        return phase_side(stated, variant.effect_allele)
    side = phase_side(stated.phased or stated.alleles or "", variant.effect_allele)
    return f"{side}:{stated.phase_set}" if side and stated.phase_set is not None else side


def _unused_variant(rsid: str, terms: PatientTerms, found: Noted) -> Variant | None:
    row = terms.variant(rsid)
    if row is not None:
        found.warn("not_used", f"{row.id} is not used by this endpoint")
        return row
    aliases = {alias.upper(): row.id for row in terms.catalogue.variants.values() for alias in (row.id, *row.names)}
    if rsid.upper() not in aliases and looks_somatic(rsid, terms.catalogue):
        error = EsrError("germline_somatic_mix", "a somatic variant among the germline genotypes; move it to somatic")
        found.problem(key_place("genotypes", rsid), error)
        return None
    near = aliases.get(rsid.upper()) or nearest(rsid, [*terms.sites, *terms.catalogue.variants])
    cure = f"did you mean {near}?" if near else f"the panel has {', '.join(terms.catalogue.variants)}"
    found.problem(key_place("genotypes", rsid), EsrError("unknown_variant", f"not on the panel; {cure}"))
    return None
