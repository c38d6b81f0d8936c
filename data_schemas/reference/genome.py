"""Genome builds, and what tells them in a file: names, lengths of chromosomes, accessions, positions of common SNPs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from data_schemas.record import Record
from data_schemas.toml_file import FOLDER, read_rows

Build = Literal[36, 37, 38]


class GenomeBuild(Record):
    """One genome build.

    `names` are how headers write it, `maf_names` how the column of a MAF does; `lengths` are of a few chromosomes,
    `accessions` of the sequences that hold our genes; `markers` are positions of common SNPs by rsID.
    """

    id: str
    number: Build
    label: str
    names: tuple[str, ...] = Field(min_length=1)
    maf_names: tuple[str, ...] = Field(min_length=1)
    lengths: dict[str, int]
    accessions: tuple[str, ...]
    markers: dict[str, int]
    sources: tuple[str, ...] = Field(min_length=1)


@cache
def known_builds() -> Mapping[Build, GenomeBuild]:
    """Return the rows of `genome.toml` by the build's number, read once per process.

    Raises
    ------
    CatalogueError
        As `read_rows`.
    """
    return {row.number: row for row in read_rows(FOLDER / "genome.toml", GenomeBuild).values()}


def build_label(number: Build) -> str:
    """Return how a text names a build."""
    return known_builds()[number].label


@cache
def maf_builds() -> Mapping[str, Build]:
    """Return the build that each name in a MAF's column means, in capitals."""
    return {name.upper(): row.number for row in known_builds().values() for name in row.maf_names}


@cache
def accession_builds() -> Mapping[str, Build]:
    """Return the build of each known sequence by its accession."""
    return {name: row.number for row in known_builds().values() for name in row.accessions}


@cache
def marker_builds() -> Mapping[str, Mapping[int, Build]]:
    """Return the build in which a marker SNP has a position, by rsID and then by position."""
    found: dict[str, dict[int, Build]] = {}
    for row in known_builds().values():
        for rsid, pos in row.markers.items():
            found.setdefault(rsid, {})[pos] = row.number
    return found
