"""Six-state calls of the panel's sites, as arrays over the samples of one file.

`decide` makes them; `SiteCalls.call` gives one of them as the record that a request or an answer carries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from data_schemas.arrays import Bools, Codes, Floats, Ints, Shorts, Singles
from data_schemas.catalogue.rows import Variant
from data_schemas.wire.genotypes import SiteCall, StrandNote
from data_schemas.wire.prediction import GenotypeState
from features.germline.calling.proof import Proof
from features.germline.readings import ANOTHER, DELETED, UNREADABLE

STATES: tuple[GenotypeState, ...] = get_args(GenotypeState)
"""`SiteCalls.state` points into this."""
NO_LETTER = -1
CALLED, IMPUTED, NOT_ASSAYED, ASSUMED, FAILED, CONFLICT = (
    STATES.index(name) for name in ("called", "imputed", "not_assayed", "assumed_reference", "failed_qc", "conflict")
)

REASONS: dict[str, str] = {
    "": "",
    "not_in_file": "the file says nothing of this site, which is not the same as reference",
    "no_call": "looked for and not called",
    "half_call": "one of two alleles was not called",
    "haploid": "one allele where two are expected",
    "ploidy": "more than two alleles in one genotype",
    "deletion": "the site is deleted on a chromosome",
    "other_allele": "an allele that the panel does not have at this site",
    "unknown_allele": "an allele that the site does not have",
    "invalid_genotype": "no genotype: not two letters, or an allele that the record does not have",
    "filtered": "the record did not pass the caller's filters",
    "no_reads": "no read covers the site, so that reference too is unknown",
    "allele_balance": "the reads are not those of the genotype given",
    "low_gq": "genotype quality (GQ) is below the limit",
    "low_dp": "read depth (DP) is below the limit",
    "low_imputation_quality": "imputation quality (R2 or INFO) is below the limit",
    "imputation_quality_unknown": "an imputed genotype without R2 or INFO",
    "unverified_position": "the panel's position of this site is not verified: only a record with its rsID counts",
    "position_mismatch": "the rsID stands at a position that is not its own in this build",
    "reference_mismatch": "REF is not the reference letter of this site",
    "strand_mismatch": "the letters fit only on the other strand, and nothing proves that the file is on it",
    "mixed_strands": "the file's sites do not agree on the strand",
    "ambiguous_strand": "C/G reads the same on both strands, and nothing proves which one the file is on",
    "dosage_mismatch": "the genotype (GT) and the dosage of one record cannot both be right",
    "duplicate_calls": "the file has this site more than once, with different genotypes",
    "asserted": "reference by the caller's assertion (--assume-reference), not by a call",
    "callable_region": "no variant within a region that the caller declares callable (--callable)",
}
"""Why a site is not called as it might be, or not by the file itself; `SiteCalls.reason` points into the keys."""
REASON_CODES = {name: number for number, name in enumerate(REASONS)}
REASON_OF_TEXT = {
    DELETED: "deletion",
    ANOTHER: "unknown_allele",
    UNREADABLE: "invalid_genotype",
    "<PLOIDY>": "ploidy",
    "<BEYOND ALT>": "invalid_genotype",
}
"""Why an allele text that is no letter makes no call."""
_NAMES = tuple(REASONS)


@dataclass(frozen=True, eq=False)
class SiteCalls:
    """The calls of one panel site.

    Parameters
    ----------
    state, reason
        (n,) int8 indices into `STATES` and the keys of `REASONS`.
    letters
        (n, 2) int8 indices into `variant.alleles`, forward strand, in the file's order; `NO_LETTER` where none.
    dosage
        (n,) float64 copies of the effect allele in [0, 2]; NaN unless called, imputed or assumed.
    phased, phase_set
        (n,) whether the order of `letters` is that of the chromosomes; -1 where the file names no phase set.
    gq, dp, quality
        (n,) float32, NaN unknown. `quality` is R2 or INFO.
    source
        (n,) int16 index into `places` and `strands`: the reading that the call comes from; -1 for none.
    """

    variant: Variant
    state: Codes
    reason: Codes
    letters: Codes
    dosage: Floats
    phased: Bools
    phase_set: Ints
    gq: Singles
    dp: Singles
    quality: Singles
    source: Shorts
    places: tuple[str, ...]
    strands: tuple[StrandNote | None, ...]

    def alleles(self, number: int) -> str | None:
        """Return the letters of one sample in alphabetical order, or None."""
        one, two = self.letters[number]
        if one == NO_LETTER or two == NO_LETTER:
            return None
        return "/".join(sorted((self.variant.alleles[one], self.variant.alleles[two])))

    def call(self, number: int) -> SiteCall:
        """Return the call of one sample."""
        source = int(self.source[number])
        confident = not np.isnan(self.dosage[number])
        alleles = self.alleles(number) if confident else None
        phased = bool(self.phased[number]) and alleles is not None
        return SiteCall(
            variant=self.variant.id,
            gene=self.variant.gene,
            state=STATES[self.state[number]],
            alleles=alleles,
            dosage=float(self.dosage[number]) if confident else None,
            reason=_NAMES[self.reason[number]] or None,
            effect_allele=self.variant.effect_allele,
            phased="|".join(self.variant.alleles[code] for code in self.letters[number]) if phased else None,
            phase_set=int(self.phase_set[number]) if phased and self.phase_set[number] >= 0 else None,
            gq=_number(self.gq[number]),
            dp=_number(self.dp[number]),
            imputation_quality=_number(self.quality[number]),
            strand=self.strands[source] if source >= 0 else None,
            found=self.places[source] if source >= 0 else None,
        )


@dataclass(frozen=True, eq=False)
class PanelCalls:
    """The calls of every panel site for every sample of one file, and what was proven of the file."""

    samples: tuple[str, ...]
    sites: dict[str, SiteCalls]
    proof: Proof

    def calls(self, number: int) -> dict[str, SiteCall]:
        """Return the calls of one sample by rsID."""
        return {name: site.call(number) for name, site in self.sites.items()}

    def counts(self, numbers: Sequence[int] | None = None) -> dict[GenotypeState, int]:
        """Return how many calls, over sites and samples (by default all), are in each state."""
        total = np.zeros(len(STATES), int)
        for site in self.sites.values():
            states = site.state if numbers is None else site.state[np.asarray(numbers, int)]
            total += np.bincount(states, minlength=len(STATES))
        return {name: int(count) for name, count in zip(STATES, total, strict=True)}


def _number(value: np.float32) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
