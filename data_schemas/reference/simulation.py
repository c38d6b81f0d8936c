"""What simulated patients are assumed to be, beside the typical values of covariates and an endpoint's own truth."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from data_schemas.record import Record
from data_schemas.toml_file import FOLDER, read_record


class LinkedHaplotype(Record):
    """A haplotype of two linked sites: its share, and the share of it that carries the third site's letter."""

    letters: str = Field(pattern="^[ACGT]{2}$")
    share: float = Field(ge=0, le=1)
    carrying: float = Field(ge=0, le=1)


class ThirdSite(Record):
    """A site that two others tell much of: the letter whose share each haplotype states, and the other one."""

    variant: str
    letter: str = Field(pattern="^[ACGT]$")
    other: str = Field(pattern="^[ACGT]$")


class Linked(Record):
    """Three sites that are drawn together, as haplotypes of the first two."""

    sites: tuple[str, str]
    third: ThirdSite
    haplotypes: tuple[LinkedHaplotype, ...] = Field(min_length=1)

    @property
    def variants(self) -> tuple[str, str, str]:
        """The three sites by rsID."""
        return (*self.sites, self.third.variant)


class MissingShares(Record):
    """Shares of fields left empty, at random."""

    covariate: float = Field(ge=0, le=1)
    genotype: float = Field(ge=0, le=1)
    outcome: float = Field(ge=0, le=1)


class Assumptions(Record):
    """All that a simulation assumes; the file says where each number comes from."""

    correlations: tuple[tuple[str, str, float], ...]
    earliest_menopause: float
    status_blur: float
    populations: tuple[str, ...]
    frequency_elsewhere: float = Field(ge=0, le=1)
    finding: float = Field(ge=0, le=1)
    missing: MissingShares
    only_with: dict[str, str]
    frequency: dict[str, float]
    linked: Linked


@cache
def assumptions() -> Assumptions:
    """Return what `simulation.toml` states, read once per process.

    Raises
    ------
    CatalogueError
        As `read_record`.
    """
    return read_record(FOLDER / "simulation.toml", Assumptions)
