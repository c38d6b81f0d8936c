"""What one finding proves: the mutations that its name or its letters contain, and those that it leaves open."""

from __future__ import annotations

from dataclasses import dataclass

from data_schemas.catalogue.catalogue import Catalogue
from features.somatic.gene import receptor_of
from features.somatic.names import canonical_name
from features.somatic.residues import Outcome, outcome_of_name, residues_named
from features.somatic.states import OTHER_VARIANT, somatic_id
from features.somatic.witness import mutations_at


@dataclass(frozen=True)
class Found:
    """Mutations found on one molecule by id, each with its change, and names that the finding leaves open."""

    changes: tuple[tuple[str, str], ...]
    open: frozenset[str] = frozenset()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids found, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.changes))


def found_by(text: str, catalogue: Catalogue, *, of_esr1: bool = False) -> Found:
    """Return what a finding's name proves.

    Parameters
    ----------
    of_esr1
        Whether it is known from elsewhere that the finding is ESR1's.

    Raises
    ------
    EsrError
        As `somatic_id`.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> found_by("p.Tyr537_Asp538delinsSerGly", load_catalogue()).ids
    ('Y537S', 'D538G')
    >>> found = found_by("p.Y537_D538delinsS", load_catalogue())
    >>> found.ids, sorted(found.open)
    (('other ESR1 variant',), ['D538G', 'Y537C', 'Y537N', 'Y537S', 'other ESR1 variant'])
    """
    name, receptor = canonical_name(text), receptor_of(catalogue)
    known = somatic_id(text, catalogue, of_esr1=of_esr1)
    if known != OTHER_VARIANT:
        return Found(((known, receptor.protein_of(name) or (name if not name.startswith("c.") else known)),))
    outcome = outcome_of_name(name, receptor)
    if outcome is None:
        return Found(((OTHER_VARIANT, name),), mutations_at(residues_named(name, receptor), catalogue))
    return found_in(outcome, name, catalogue)


def found_in(outcome: Outcome, name: str, catalogue: Catalogue) -> Found:
    """Return what an outcome proves; a change that is none of the panel's goes by the name given."""
    residues = receptor_of(catalogue).gene.residues
    every = {number: f"{residues.get(number, '*')}{number}{acid}" for number, acid in outcome.changed.items()}
    panel = [(one, one) for one in every.values() if one in catalogue.somatic]
    others = [(OTHER_VARIANT, one) for one in every.values() if one not in catalogue.somatic]
    if len(every) == len(others) or outcome.beyond:
        # nothing of the panel, or more than exchanged residues: one variant under its own name
        others = [(OTHER_VARIANT, name)]
    opened = mutations_at(outcome.unknown, catalogue) if outcome.unknown else frozenset()
    return Found((*panel, *others), opened - {one for one, _ in panel})
