"""What a tumour file says of ESR1: variants found, what was looked for and how well, the state of each mutation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from data_schemas.catalogue.assays import Specimen
from data_schemas.record import Record, added
from data_schemas.wire.prediction import SomaticState

OpenReason = Literal[
    "unreadable_row", "no_reads", "not_called", "filtered", "no_support", "unphased", "complex_change", "domain_only"
]
"""Why a file leaves a mutation open: it is `not_tested`, whatever the assay covers."""

REASONS: dict[OpenReason, str] = {
    "unreadable_row": "a row about ESR1 that could not be understood may be this mutation",
    "no_reads": "the file has no reads at its residue",
    "not_called": "the file has no call at its residue",
    "filtered": "it, or the call at its residue, did not pass the caller's filters",
    "no_support": "it is named, and no read supports it",
    "unphased": "changes of one codon that may or may not be on one molecule: together they are another amino acid",
    "complex_change": "a change over its residue whose protein is not known",
    "domain_only": "the domain is mutated, and the file does not say which mutation it is",
}
"""What each reason says."""


class TumourVariant(Record):
    """One ESR1 variant of one sample.

    `variant` is a panel id, or ``other ESR1 variant``; `change` names it as a protein change where that is known, else
    as a coding change. `place` is where in the file it stands.
    """

    variant: str
    change: str
    coding: str | None = None
    vaf: float | None = Field(None, ge=0, le=1)
    alt_reads: int | None = None
    depth: int | None = None
    place: str


class TumourSample(Record):
    """One sample: `tested` tells whether ESR1 was looked at, None where the file does not say; `reason` says why.

    `open` has each name that a row of the file leaves open, with the code of the reason; its state is `not_tested`.
    """

    sample: str
    patient: str | None = None
    specimen: Specimen | None = None
    collected: str | None = None
    assay: str | None = None
    limit_of_detection: float | None = None
    tested: bool | None
    reason: str = ""
    states: dict[str, SomaticState]
    open: dict[str, OpenReason] = added({})
    variants: tuple[TumourVariant, ...] = ()


class TumourReport(Record):
    """All samples of a file or a study. `n_read` counts its rows, `notes` says what was passed over and why."""

    file: str
    format: str
    build: Literal[37, 38] | None = None
    n_read: int
    samples: tuple[TumourSample, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, dict[SomaticState, int]]:
        """Samples by state, for each name that any sample has a state of."""
        found: dict[str, dict[SomaticState, int]] = {}
        for sample in self.samples:
            for name, state in sample.states.items():
                by_state = found.setdefault(name, {})
                by_state[state] = by_state.get(state, 0) + 1
        return found
