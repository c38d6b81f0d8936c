"""From what a file says to six-state calls: strand, quality, duplicates, and what may be assumed of an absent site.

Nothing is a genotype by default. A site without a reading is `not_assayed`; it becomes `assumed_reference` only where
the caller asserts it or declares the region callable, and says so in every call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import USUAL, CallQuality
from data_schemas.catalogue.rows import Variant
from data_schemas.errors import InputFileError
from features.germline.calling.calls import ASSUMED, NO_LETTER, NOT_ASSAYED, REASON_CODES, PanelCalls, SiteCalls
from features.germline.calling.judge import reading_calls
from features.germline.calling.merge import merged
from features.germline.calling.proof import Proof, prove
from features.germline.calling.regions import Regions
from features.germline.readings import Readings, SiteReading


@dataclass(frozen=True)
class Assumption:
    """What the caller asserts of sites that the file does not mention.

    `everywhere` is ``--assume-reference``; `callable` are the regions of a BED file in the build of the genotype file.
    """

    everywhere: bool = False
    callable: Regions | None = None


NOTHING_ASSUMED = Assumption()


def decide(
    readings: Readings,
    catalogue: Catalogue,
    thresholds: CallQuality = USUAL,
    assumption: Assumption = NOTHING_ASSUMED,
) -> PanelCalls:
    """Return the calls of every panel site for every sample.

    Raises
    ------
    InputFileError
        As `proof.prove`; ``genome_build_unknown`` too where something is to be assumed of absent sites and the build is
        neither proven nor declared.
    """
    proof = prove(readings, catalogue)
    if (assumption.everywhere or assumption.callable) and proof.build is None:
        raise InputFileError(
            "genome_build_unknown",
            f"{readings.file}: nothing proves the genome build, so nothing can be assumed of it; state it with --build",
        )
    sites = {
        name: _site(readings, variant, proof, thresholds, assumption) for name, variant in catalogue.variants.items()
    }
    return PanelCalls(readings.samples, sites, proof)


def _site(
    readings: Readings, variant: Variant, proof: Proof, thresholds: CallQuality, assumption: Assumption
) -> SiteCalls:
    used = [one for one in readings.of(variant.id) if _is_here(one, variant, proof)]
    if not used:
        return absent(variant, readings.n, proof, assumption)
    decided = [reading_calls(one, variant, proof, readings, thresholds) for one in used]
    site = merged(decided, used)
    nothing_said = site.source == -1
    if not nothing_said.any():
        return site
    empty = absent(variant, readings.n, proof, assumption)
    for field in ("state", "reason", "letters", "dosage"):
        getattr(site, field)[nothing_said] = getattr(empty, field)[nothing_said]
    return site


def _is_here(reading: SiteReading, variant: Variant, proof: Proof) -> bool:
    """Tell whether a reading is about this site: at its place in the file's build, or under its name."""
    if reading.named:
        return True
    if variant.status != "verified":
        # found at an unverified position only: kept, to be refused with that reason, unless plainly of the other build
        return proof.build is None or reading.build == proof.build
    return reading.build is not None and reading.build == proof.build


def absent(variant: Variant, n: int, proof: Proof, assumption: Assumption) -> SiteCalls:
    """Return the calls of a site that the file does not mention."""
    position = variant.grch37 if proof.build == 37 else variant.grch38
    known = variant.ref is not None and variant.status == "verified" and proof.build is not None
    state, reason = NOT_ASSAYED, "not_in_file"
    if known and assumption.callable is not None and position is not None and position in assumption.callable:
        state, reason = ASSUMED, "callable_region"
    elif known and assumption.everywhere:
        state, reason = ASSUMED, "asserted"
    letter = variant.alleles.index(variant.ref) if state == ASSUMED and variant.ref is not None else NO_LETTER
    copies = 2.0 * (variant.ref == variant.effect_allele) if state == ASSUMED else np.nan
    return SiteCalls(
        variant=variant,
        state=np.full(n, state, np.int8),
        reason=np.full(n, REASON_CODES[reason], np.int8),
        letters=np.full((n, 2), letter, np.int8),
        dosage=np.full(n, copies),
        phased=np.zeros(n, bool),
        phase_set=np.full(n, -1, np.int64),
        gq=np.full(n, np.nan, np.float32),
        dp=np.full(n, np.nan, np.float32),
        quality=np.full(n, np.nan, np.float32),
        source=np.full(n, -1, np.int16),
        places=(),
        strands=(),
    )


def sites_found(calls: PanelCalls) -> Sequence[str]:
    """Return the panel sites that the file says something of, at least for one sample."""
    return tuple(name for name, site in calls.sites.items() if (site.source >= 0).any())
