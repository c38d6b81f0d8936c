"""What a genotype file gives: calls per sample and panel site, and a report on how the file was matched."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from data_schemas.record import Record
from data_schemas.wire.prediction import GenotypeCall, GenotypeState

StrandNote = Literal[
    "forward, proven", "forward, declared", "forward, by its letters", "reverse, proven", "reverse, declared"
]
Basis = Literal["proven", "declared", "by name only", "unproven"]
"""How a build or a strand is known."""


class SiteCall(GenotypeCall):
    """A call with its quality and where it was found.

    `dosage` counts `effect_allele`; `phased` gives the letters in the order of the chromosomes, where the file has one.
    `found` is the line, record or column; None for a site that the file does not mention.
    """

    variant: str
    gene: str
    effect_allele: str
    phased: str | None = None
    phase_set: int | None = None
    gq: float | None = None
    dp: float | None = None
    imputation_quality: float | None = None
    strand: StrandNote | None = Field(
        None, description="strand of the file's letters and how it is known; those of a reverse file are complemented"
    )
    found: str | None = None


class SampleCalls(Record):
    """The calls of one sample, one per panel site in the panel's order."""

    sample: str
    sites: tuple[SiteCall, ...]


class FileProof(Record):
    """What is known of a file's genome build and strand, and how."""

    build: Literal[37, 38] | None
    build_basis: Basis
    build_sites: tuple[str, ...] = Field((), description="sites whose position and letters prove the build")
    header_says: tuple[str, ...] = Field((), description="builds that the file's own text names; no proof")
    strand: Literal["forward", "reverse"] | None
    strand_basis: Basis


class MatchReport(Record):
    """How a genotype file was matched to the panel, and the calls of its samples."""

    file: str
    format: str
    samples_in_file: int
    records_read: int
    whole_file: bool = Field(description="false where an index let us read the panel's regions only")
    proof: FileProof
    sites_found: int = Field(description="panel sites that the file says something of")
    samples: tuple[SampleCalls, ...]
    counts: dict[GenotypeState, int]
    notes: tuple[str, ...] = ()


class GenotypeReport(Record):
    """The answer to one or several genotype files."""

    panel: str = Field(description="digest of the panel")
    files: tuple[MatchReport, ...]
