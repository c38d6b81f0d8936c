"""A few common SNPs, away from our genes, whose positions tell the genome build of an array file."""

from __future__ import annotations

from data_schemas.reference.genome import Build, marker_builds
from features.germline.readings import BuildHint


def marker_build(rsid: str, position: str) -> Build | None:
    """Return the build in which a marker has a position, None for another SNP or another position.

    Examples
    --------
    >>> marker_build("rs3094315", "742429"), marker_build("rs3094315", "1"), marker_build("rs1", "742429")
    (36, None, None)
    """
    known = marker_builds().get(rsid)
    return known.get(int(position)) if known and position.isdecimal() else None


def marker_hints(builds: set[Build]) -> tuple[BuildHint, ...]:
    """Return what the markers found say; markers of two builds say nothing."""
    return tuple(BuildHint(build, "marker SNPs") for build in builds) if len(builds) == 1 else ()
