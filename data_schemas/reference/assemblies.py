"""Assemblies in which our sites have no position: what tells them in a file, so that it is refused by their name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from data_schemas.record import Record
from data_schemas.toml_file import FOLDER, read_rows


class Assembly(Record):
    """One assembly, or the assemblies of one species.

    `names` are how headers write it; `lengths` are those that chromosomes (without prefix) have in it; `accessions` are
    sequences that hold chromosome 1, 6 or 14.
    """

    id: str
    label: str
    names: tuple[str, ...] = Field(min_length=1)
    lengths: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    accessions: tuple[str, ...] = ()
    sources: tuple[str, ...] = Field(min_length=1)


@cache
def other_assemblies() -> Mapping[str, Assembly]:
    """Return the rows of `assemblies.toml` by id, read once per process.

    Raises
    ------
    CatalogueError
        As `read_rows`.
    """
    return read_rows(FOLDER / "assemblies.toml", Assembly)
