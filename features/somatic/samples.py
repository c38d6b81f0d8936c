"""From an ESR1 change in a tumour file to a named variant, and from a sample's variants to the state of each mutation.

A sample whose assay did not look at ESR1 is `not_tested` throughout, and so is one of which nobody says whether it did,
apart from what was found in it. Only where ESR1 was looked at does a mutation without a call become `not_detected`, at
the assay's limit of detection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from data_schemas.catalogue.assays import AssayPanel
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError
from data_schemas.wire.prediction import SomaticState
from data_schemas.wire.tumour import OpenReason, TumourSample, TumourVariant
from features.somatic.findings import found_by, found_in
from features.somatic.gene import Build, Receptor, receptor_of, trimmed
from features.somatic.names import canonical_name, contradicts_receptor, is_change
from features.somatic.residues import Outcome, outcome_of_letters, residues_named
from features.somatic.states import OTHER_VARIANT, state_of
from features.somatic.witness import leave_open, mutations_at


@dataclass(frozen=True)
class GenomeChange:
    """A change as positions and letters (VCF style: neither allele is empty, or both trimmed), forward strand."""

    chrom: str
    pos: int
    ref: str
    alt: str


@dataclass(frozen=True)
class Coverage:
    """Whether ESR1 was looked at in a sample, by what, and why we think so; None where nobody says."""

    tested: bool | None
    reason: str
    panel: AssayPanel | None = None
    assay: str | None = None


@dataclass(frozen=True)
class Assay:
    """What is declared of a whole file: by a manifest, or on the command line. `covers_esr1` None: nobody says."""

    name: str | None = None
    covers_esr1: bool | None = None
    limit_of_detection: float | None = None
    panels: Mapping[str, AssayPanel] | None = None
    gene_lists: Mapping[str, frozenset[str]] | None = None
    versions: Mapping[str, str] | None = None


def declared_coverage(assay: Assay) -> Coverage:
    """Return what is declared of every sample of a file."""
    if assay.covers_esr1 is None:
        return Coverage(None, "the file does not say whether ESR1 is on the assay's panel", assay=assay.name)
    reason = "the assay is declared to " + ("cover ESR1" if assay.covers_esr1 else "leave ESR1 out")
    panel = AssayPanel(covers_esr1=assay.covers_esr1, limit_of_detection=assay.limit_of_detection)
    return Coverage(assay.covers_esr1, reason, panel, assay.name)


def builds_of_change(change: GenomeChange, receptor: Receptor) -> tuple[Build, ...]:
    """Return the build in which the first or the last base of a change is a coding base of ESR1; none where neither."""
    return receptor.builds_of(change.pos) or receptor.builds_of(change.pos + len(change.ref) - 1)


def build_of(change: GenomeChange, declared: Build | None, place: str, receptor: Receptor) -> Build | None:
    """Return the build in which the position is a coding base of ESR1, None where it is one in neither.

    Raises
    ------
    EsrError
        ``wrong_genome_build`` where it is one in the other build than the declared one, or where the reference letter
        is not the gene's.
    """
    if change.chrom != receptor.gene.chromosome:
        return None
    builds = builds_of_change(change, receptor)
    if not builds:
        return None
    (build,) = builds
    if declared is not None and declared != build:
        raise EsrError(
            "wrong_genome_build",
            f"{place}: says build {declared}, but the position is a coding base of ESR1 in build {build}; correct the "
            f"file's build, or its positions",
        )
    pos, ref, _ = trimmed(change.pos, change.ref, change.alt)
    # a dash or a symbol stands for no letter
    letters = enumerate(ref, start=pos) if set(ref) <= set("ACGT") else ()
    if any(receptor.reference_at(at, build) not in (None, letter) for at, letter in letters):
        raise EsrError(
            "wrong_genome_build",
            f"{place}: the reference letter is not ESR1's at this position in build {build}; the file is of another "
            f"build, or on another strand",
        )
    return build


@dataclass(frozen=True)
class Named:
    """What a row describes: variants on one molecule, and what it leaves open with the reason."""

    variants: tuple[TumourVariant, ...]
    open: Mapping[str, OpenReason] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """All that the row may be."""
        return frozenset({*self.open, *(one.variant for one in self.variants)})


def named(texts: Sequence[str], change: GenomeChange | None, build: Build | None, catalogue: Catalogue) -> Named:
    """Return the variants that a row describes by HGVS names, position, or both; `place` is left empty.

    A row that neither a name nor a position explains is no variant: it leaves open whatever it may be.

    Raises
    ------
    EsrError
        ``conflicting_findings`` where the names and the position are of different mutations, ``wrong_genome_build``
        where a panel mutation is named at a position that is no coding base of ESR1 in either build.
    """
    receptor = receptor_of(catalogue)
    names = [canonical_name(text) for text in texts if text.strip()]
    if any(contradicts_receptor(name, receptor) for name in names):
        raise EsrError(
            "conflicting_findings",
            "the amino acid or base before the change is not ESR1's there; the name is of another gene or transcript",
        )
    readings = [found_by(name, catalogue, of_esr1=True) for name in names if _is_read(name, receptor)]
    if change is not None and build is None and any(set(one.ids) - {OTHER_VARIANT} for one in readings):
        raise EsrError(
            "wrong_genome_build",
            "a mutation of the panel at a position that is no coding base of ESR1 in build 37 or 38; lift the file to "
            "build 38",
        )
    by_position = receptor.coding_change(change.pos, change.ref, change.alt, build) if change and build else None
    if change is not None and build is not None and by_position is not None:
        readings.append(found_in(outcome_at(change, build, receptor), by_position.name, catalogue))
    definite = [one for one in readings if not one.open]
    if len({frozenset(one.ids) for one in definite}) > 1:
        raise EsrError("conflicting_findings", "names and position are of different mutations; correct one")
    if not readings:
        return _unread(names, change, receptor, catalogue)
    coding = next((name for name in names if name.startswith("c.")), by_position.coding if by_position else None)
    read = (definite or readings)[0]
    proteins = [name for name in names if not name.startswith("c.")]
    shown = proteins[0] if proteins else (by_position.name if by_position else coding) or ""
    changes = read.changes if len(read.changes) > 1 else [(name, shown) for name in read.ids]
    found = tuple(TumourVariant(variant=name, change=text, coding=coding, place="") for name, text in changes)
    return Named(found, dict.fromkeys(sorted(read.open), "complex_change"))


def outcome_at(change: GenomeChange, build: Build, receptor: Receptor) -> Outcome:
    """Return what a change at coding bases makes of the receptor; unknown residues where its letters do not tell."""
    pos, ref, alt = trimmed(change.pos, change.ref, change.alt)
    first = receptor.coding_position(pos, build)
    last = receptor.coding_position(pos + len(ref) - 1, build)
    if first is None or last is None or not set(ref + alt) <= set("ACGT"):
        bases = [base for at in range(pos, pos + max(len(ref), 1)) if (base := receptor.coding_position(at, build))]
        return Outcome(unknown=frozenset((base + 2) // 3 for base in bases), beyond=True)
    return outcome_of_letters(receptor, first, last, alt, ref)


def _is_read(name: str, receptor: Receptor) -> bool:
    return name == ESR1_LBD or is_change(name, receptor)


def _unread(names: Sequence[str], change: GenomeChange | None, receptor: Receptor, catalogue: Catalogue) -> Named:
    """Return what a row leaves open that no name explains and that is at no coding base."""
    if change is not None and change.chrom == receptor.gene.chromosome and receptor.is_within(change.pos):
        shown = next(iter(names), "a change without a name")
        return Named((TumourVariant(variant=OTHER_VARIANT, change=shown, place=""),))
    residues = residues_named(names[0], receptor) if names else None
    return Named((), dict.fromkeys(sorted(mutations_at(residues, catalogue)), "unreadable_row"))


def tumour_sample(
    name: str,
    variants: Sequence[TumourVariant],
    coverage: Coverage,
    catalogue: Catalogue,
    unsettled: Mapping[str, OpenReason] = MappingProxyType({}),
    **facts: str | None,
) -> TumourSample:
    """Return one sample with the state of every panel mutation, of the domain, and of other variants where there are.

    Parameters
    ----------
    unsettled
        What the file leaves open, and why: not tested, whatever the assay covers, unless found elsewhere.
        Each of them leaves the domain open.

    Raises
    ------
    EsrError
        ``conflicting_findings`` where ESR1 is said not to be on the assay's panel and yet has a call.
    """
    if coverage.tested is False and variants:
        raise EsrError(
            "conflicting_findings",
            f"{variants[0].place}: a call in ESR1, which is not on the panel of the sample's assay; correct the panel",
        )
    panel = coverage.panel
    found = {one.variant for one in variants}
    default: SomaticState = "not_detected" if coverage.tested else "not_tested"
    stated: dict[str, SomaticState] = {one: "detected" if one in found else default for one in catalogue.somatic}
    stated |= dict.fromkeys(found & {OTHER_VARIANT, ESR1_LBD}, "detected")
    if ESR1_LBD in found:
        unsettled = {**unsettled, **dict.fromkeys(catalogue.somatic, "domain_only")}
    domain = state_of(ESR1_LBD, stated, catalogue)
    states = {ESR1_LBD: domain, **stated}
    sample = TumourSample(
        sample=name,
        assay=coverage.assay,
        limit_of_detection=panel.limit_of_detection if panel else None,
        tested=coverage.tested,
        reason=coverage.reason,
        states=states,
        variants=tuple(variants),
        **{"specimen": panel.specimen if panel else None, **facts},
    )
    return leave_open(sample, unsettled)


def below_limit(samples: Sequence[TumourSample]) -> tuple[str, ...]:
    """Return a warning where variants were called below the limit of detection that is stated for the assay."""
    count = sum(
        one.vaf is not None and sample.limit_of_detection is not None and one.vaf < sample.limit_of_detection
        for sample in samples
        for one in sample.variants
    )
    warning = f"{count:,} ESR1 variants were called below the assay's stated limit of detection: confirm them"
    return (warning,) if count else ()


def allele_fraction(alt: int | None, depth: int | None) -> float | None:
    """Return alternate reads over depth, None where either is unknown or nothing was read."""
    return alt / depth if alt is not None and depth and 0 <= alt <= depth else None
