"""What a file leaves open: the mutations that a row may be which proves nothing, each with the reason.

Absence of a mutation is a claim that needs a witness of its own; a row that was not understood is a witness against
every such claim that it touches (docs/witness.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.wire.prediction import SomaticState
from data_schemas.wire.tumour import OpenReason, TumourSample
from features.somatic.states import OTHER_VARIANT


def mutations_at(residues: Iterable[int] | None, catalogue: Catalogue) -> frozenset[str]:
    """Return what a row at these residues may be, None for anywhere: panel mutations, and another variant of ESR1.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> sorted(mutations_at([538, 546], load_catalogue()))
    ['D538G', 'other ESR1 variant']
    """
    at = None if residues is None else set(residues)
    return frozenset(
        {OTHER_VARIANT, *(row.id for row in catalogue.somatic.values() if at is None or row.residue in at)}
    )


def leave_open(sample: TumourSample, names: Mapping[str, OpenReason]) -> TumourSample:
    """Return a sample in which these names are not tested unless they were found, nor is the domain.

    The first reason of a name is kept.
    """
    states: dict[str, SomaticState] = dict(sample.states)
    reasons = dict(sample.open)
    for named, reason in names.items():
        for name in (named, ESR1_LBD):
            if states.get(name) in ("not_detected", "not_tested"):
                states[name] = "not_tested"
                reasons.setdefault(name, reason)
    return sample.model_copy(update={"states": states, "open": reasons})


def open_by(
    sample: TumourSample, residues: Iterable[int] | None, reason: OpenReason, catalogue: Catalogue
) -> TumourSample:
    """Return a sample with all left open that a row at these residues may be, None for anywhere in the gene.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> states = {"ESR1_LBD": "not_detected", "Y537S": "not_detected", "D538G": "not_detected"}
    >>> sample = TumourSample(sample="t", tested=True, states=states)
    >>> found = open_by(sample, [538], "no_reads", load_catalogue())
    >>> found.states["Y537S"], found.states["D538G"], found.open
    ('not_detected', 'not_tested', {'D538G': 'no_reads', 'ESR1_LBD': 'no_reads'})
    """
    return leave_open(sample, dict.fromkeys(sorted(mutations_at(residues, catalogue)), reason))
