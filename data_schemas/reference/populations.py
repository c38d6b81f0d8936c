"""The panel's populations, and the ancestry labels that belong to each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from data_schemas.record import Record
from data_schemas.toml_file import FOLDER, read_rows


class Population(Record):
    """A population whose allele frequencies the panel states under its id; `aliases` are labels in small letters."""

    id: str
    label: str
    aliases: tuple[str, ...] = Field(min_length=1)


@cache
def known_populations() -> Mapping[str, Population]:
    """Return the rows of `populations.toml` by id, read once per process.

    Raises
    ------
    CatalogueError
        As `read_rows`.
    """
    return read_rows(FOLDER / "populations.toml", Population)


@cache
def _aliases() -> Mapping[str, str]:
    return {alias: row.id for row in known_populations().values() for alias in row.aliases}


def population_of(ancestry: str) -> str | None:
    """Return the population that an ancestry label is compared with; a label that says less has none.

    Examples
    --------
    >>> population_of(" Caucasian"), population_of("Asian")
    ('eur', None)
    """
    return _aliases().get(ancestry.strip().lower())
