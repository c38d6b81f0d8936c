"""All rows by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.rows import Covariate, Evidence, Released, SomaticVariant, Therapy, Variant


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All rows by id. `panel_digest` identifies the panel that a model was trained with.

    `released` is what earlier models were trained with. `later` are the somatic mutations that joined the panel after
    the model that asks was trained: to that model they are variants outside the panel, and no part of ESR1_LBD.
    """

    variants: Mapping[str, Variant]
    somatic: Mapping[str, SomaticVariant]
    evidence: Mapping[str, Evidence]
    covariates: Mapping[str, Covariate]
    therapies: Mapping[str, Therapy]
    endpoints: Mapping[str, Endpoint]
    cohorts: Mapping[str, Cohort]
    panel_digest: str
    released: Released
    later: frozenset[str] = frozenset()

    @property
    def domain(self) -> tuple[str, ...]:
        """The mutations that ESR1_LBD stands for."""
        return tuple(name for name in self.somatic if name not in self.later)

    @cached_property
    def codons(self) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
        """The reference codons that the panel's mutations leave possible, by gene and residue."""
        found: dict[str, dict[int, tuple[str, ...]]] = {}
        for row in self.somatic.values():
            here = (row.codon,) if row.codon else row.possible_codons
            residues = found.setdefault(row.gene, {})
            residues[row.residue] = tuple(one for one in residues.get(row.residue, here) if one in here)
        return found
