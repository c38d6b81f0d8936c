"""An endpoint with the catalogue that it is asked in: what each of its names means, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.rows import ESR1_LBD, Covariate, Therapy, Variant


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms in which a question is asked: an endpoint, and the catalogue with the endpoint's own rows added."""

    endpoint: Endpoint
    catalogue: Catalogue

    @cached_property
    def covariates(self) -> Mapping[str, Covariate]:
        """Every covariate that is known here, by id."""
        return {**self.catalogue.covariates, **self.endpoint.declared_covariates}

    @cached_property
    def variants(self) -> Mapping[str, Variant]:
        """Every germline variant that is known here, by id."""
        return {**self.catalogue.variants, **self.endpoint.declared_variants}

    @cached_property
    def therapies(self) -> Mapping[str, Therapy]:
        """Every therapy that is known here, by id."""
        return {**self.catalogue.therapies, **self.endpoint.declared_therapies}

    def covariate(self, name: str) -> Covariate | None:
        """Return a covariate, the endpoint's own first; None where nobody knows the name."""
        return self.covariates.get(name)

    def variant(self, rsid: str) -> Variant | None:
        """Return a germline variant, the endpoint's own first; None where nobody knows the name."""
        return self.variants.get(rsid)

    def therapy(self, name: str) -> Therapy | None:
        """Return a therapy, the endpoint's own first; None where nobody knows the name."""
        return self.therapies.get(name)

    def therapy_label(self, name: str) -> str:
        """Return how a text names a therapy."""
        row = self.therapy(name)
        return row.label if row else name

    def label_of(self, name: str) -> str:
        """Return how a text names a covariate, a variant, a somatic id or the therapy."""
        if name == "therapy":
            return "the therapy"
        row = self.covariate(name)
        return row.label if row else name.replace("_", " ")

    def evidence_for(self, name: str) -> tuple[str, ...]:
        """Return the ids of the evidence rows on a variant or a somatic finding that speak to this endpoint.

        A row on the ligand-binding domain as a whole speaks of each of its mutations too.
        """
        names = {name, ESR1_LBD} if name in self.catalogue.somatic else {name}
        return tuple(
            row.id
            for row in self.catalogue.evidence.values()
            if self.endpoint.id in row.endpoints and names.intersection(row.variants)
        )
