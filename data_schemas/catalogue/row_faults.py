"""What is wrong with a single row: a variant, a somatic mutation, a covariate, a therapy, an evidence row.

Each function returns sentences, one per fault, so that a single run shows them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from data_schemas.catalogue.rows import COMPLEMENT, ESR1_LBD, Covariate, Evidence, SomaticVariant, Therapy, Variant
from data_schemas.errors import nearest
from data_schemas.reference.gene import known_genes


def variant_faults(variant: Variant) -> list[str]:
    """Return what is wrong with one germline row."""
    faults = []
    name = variant.id
    if variant.effect_allele not in variant.alleles:
        faults.append(f"{name}.effect_allele: {variant.effect_allele} is not among alleles {'/'.join(variant.alleles)}")
    if variant.ref and variant.ref not in variant.alleles:
        faults.append(f"{name}.ref: {variant.ref} is not among alleles {'/'.join(variant.alleles)}")
    if variant.ref and variant.ref in variant.alt:
        faults.append(f"{name}.alt: holds the reference letter {variant.ref}")
    if variant.palindromic != any(letter.translate(COMPLEMENT) in variant.alleles for letter in variant.alleles):
        faults.append(f"{name}.palindromic: must be true exactly where one allele is the complement of another")
    if variant.status == "verified" and not (variant.ref and variant.alt and variant.grch37 and variant.grch38):
        faults.append(f"{name}.status: a verified site needs ref, alt and both positions")
    if (variant.ref_verified and variant.status == "unverified") or (variant.ref_verified and not variant.ref):
        faults.append(f"{name}.ref_verified: needs a verified site with a reference letter")
    faults += [
        f"{name}.frequency.{group}: must lie between 0 and 1"
        for group, p in variant.frequency.items()
        if not 0 <= p <= 1
    ]
    return faults


def somatic_faults(variant: SomaticVariant) -> list[str]:
    """Return what is wrong with one somatic row."""
    name, residue, gene = variant.id, variant.residue, known_genes().get(variant.gene)
    if gene is None:
        return unknown_names(f"{name}.gene", [variant.gene], known_genes(), "a gene of genes.toml")
    faults = []
    if variant.ref == variant.alt:
        faults.append(f"{name}.alt: is the reference letter")
    # the gene is on the forward strand, so the coding change has the genome's letters
    if not variant.hgvs_c.endswith(f"{variant.ref}>{variant.alt}"):
        faults.append(f"{name}.hgvs_c: must end in {variant.ref}>{variant.alt}")
    if name[1:-1] not in variant.hgvs_p:
        faults.append(f"{name}.hgvs_p: must name residue {residue}")
    if gene.residues.get(residue) != name[0]:
        faults.append(f"{name}: {variant.gene} has {gene.residues.get(residue, 'nothing')} at residue {residue}")
    elif (variant.coding + 2) // 3 != residue:
        faults.append(f"{name}.hgvs_c: base {variant.coding} is not of residue {residue}")
    elif not variant.possible_codons:
        faults.append(f"{name}: no codon of {name[0]} becomes one of {name[-1]} by {variant.ref}>{variant.alt} there")
    elif variant.codon and variant.codon not in variant.possible_codons:
        faults.append(f"{name}.codon: letters and residues allow {' or '.join(variant.possible_codons)} only")
    return faults


def codon_faults(variants: Iterable[SomaticVariant]) -> list[str]:
    """Return what is wrong between the somatic rows: two codons for one residue."""
    stated: dict[tuple[str, int], SomaticVariant] = {}
    faults = []
    for row in variants:
        other = stated.setdefault((row.gene, row.residue), row) if row.codon else row
        if other.codon != row.codon:
            faults.append(f"{row.id}.codon: {other.id} states {other.codon} for this residue; correct one of them")
    return faults


def covariate_faults(covariate: Covariate) -> list[str]:
    """Return what is wrong with one covariate."""
    name = covariate.id
    faults = []
    if covariate.kind == "continuous":
        if not covariate.unit:
            faults.append(f"{name}.unit: a continuous covariate needs a UCUM unit ('1' for a pure number)")
        faults += _range_faults(covariate)
        if covariate.levels:
            faults.append(f"{name}.levels: a continuous covariate has none; remove them or change kind")
        if covariate.typical and not {"mean"} < set(covariate.typical) <= {"mean", "sd", "log_sd"}:
            faults.append(f"{name}.typical: needs mean and sd (or log_sd)")
        return faults
    if len(covariate.levels) < 2 or len(set(covariate.levels)) < len(covariate.levels):
        faults.append(f"{name}.levels: at least two different levels are needed")
    if covariate.kind == "binary" and covariate.levels != ("no", "yes"):
        faults.append(
            f'{name}.levels: a binary covariate has ["no", "yes"]; leave them out, or use kind = "categorical"'
        )
    if covariate.unit or covariate.possible or covariate.plausible:
        faults.append(f"{name}: unit and ranges belong to continuous covariates only; remove them")
    faults += unknown_names(f"{name}.level_labels", covariate.level_labels, covariate.levels, "a level")
    if covariate.typical:
        faults += unknown_names(f"{name}.typical", covariate.typical, covariate.levels, "a level")
        if abs(sum(covariate.typical.values()) - 1) > 1e-6:
            faults.append(f"{name}.typical: the shares of the levels must sum to 1")
    return faults


def _range_faults(covariate: Covariate) -> Iterator[str]:
    name, possible, plausible = covariate.id, covariate.possible, covariate.plausible
    if possible is None or plausible is None:
        yield f"{name}: a continuous covariate needs both ranges, possible and plausible, each as [low, high]"
        return
    if not possible[0] <= plausible[0] < plausible[1] <= possible[1]:
        yield f"{name}.plausible: must lie within possible, both as [low, high]"
    mean = covariate.typical.get("mean")
    if mean is not None and not plausible[0] <= mean <= plausible[1]:
        yield f"{name}.typical.mean: must lie within plausible"


def therapy_faults(therapy: Therapy) -> list[str]:
    """Return what is wrong with one therapy."""
    faults = [
        f"{therapy.id}.{key}: must not be empty"
        for key in ("label", "therapy_class", "mechanism")
        if not getattr(therapy, key).strip()
    ]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_+-]*", therapy.id):
        faults.append(f"{therapy.id}: a therapy's id is of small letters, digits, - and _")
    return faults


def evidence_faults(row: Evidence, panel: Iterable[str], endpoints: Iterable[str]) -> list[str]:
    """Return what is wrong with one evidence row, given the ids of the panel and of the endpoints."""
    faults = []
    known = {*panel, ESR1_LBD}
    for name in row.variants:
        near = nearest(name, known)
        # a name outside the panel is welcome, a slip of a panel rsID is not: those differ by a swap or one character
        if name not in known and near and name.startswith("rs") and _one_slip(name, near):
            faults.append(f"{row.id}.variants: {name} is not on the panel; did you mean {near!r}?")
    if not row.variants:
        faults.append(f"{row.id}.variants: name at least one")
    faults += unknown_names(f"{row.id}.endpoints", row.endpoints, endpoints, "an endpoint")
    if (row.ci_low is None) != (row.ci_high is None):
        faults.append(f"{row.id}: give both ends of the interval, or none")
    elif row.ci_low is not None and row.ci_high is not None and row.ci_low >= row.ci_high:
        faults.append(f"{row.id}.ci_low: must be below ci_high")
    return faults


def _one_slip(name: str, known: str) -> bool:
    one_longer = abs(len(name) - len(known)) == 1 and (name in known or known in name)
    return one_longer or sorted(name) == sorted(known)


def unknown_names(place: str, names: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    """Return a sentence for each name that is not known, with the nearest one that is."""
    choices = list(known)
    faults = []
    for name in names:
        if name not in choices:
            near = nearest(name, choices)
            hint = f"; did you mean {near!r}?" if near else ""
            faults.append(f"{place}: {name!r} is not {what}{hint}")
    return faults
