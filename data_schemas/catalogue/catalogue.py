"""All rows by id, and what an endpoint's own declarations add to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.rows import ESR1_LBD, Covariate, Evidence, Released, SomaticVariant, Therapy, Variant


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

    def covariate(self, endpoint: Endpoint, name: str) -> Covariate | None:
        """Return a covariate, the endpoint's own first; None where nobody knows the name."""
        return endpoint.declared_covariates.get(name) or self.covariates.get(name)

    def variant(self, endpoint: Endpoint, rsid: str) -> Variant | None:
        """Return a variant, the endpoint's own first; None where nobody knows the name."""
        return endpoint.declared_variants.get(rsid) or self.variants.get(rsid)

    def therapy(self, endpoint: Endpoint, name: str) -> Therapy | None:
        """Return a therapy, the endpoint's own first; None where nobody knows the name."""
        return endpoint.declared_therapies.get(name) or self.therapies.get(name)

    def evidence_for(self, endpoint: Endpoint, name: str) -> tuple[str, ...]:
        """Return the ids of the evidence rows on a variant or a somatic finding that speak to this endpoint.

        A row on the ligand-binding domain as a whole speaks of each of its mutations too.
        """
        names = {name, ESR1_LBD} if name in self.somatic else {name}
        return tuple(
            row.id
            for row in self.evidence.values()
            if endpoint.id in row.endpoints and names.intersection(row.variants)
        )
