"""A few common SNPs, away from our genes, whose positions tell the genome build of an array file."""

from __future__ import annotations

from collections.abc import Mapping

from features.germline.readings import Build, BuildHint

MARKERS: Mapping[str, Mapping[int, Build]] = {
    "rs3094315": {742429: 36, 752566: 37, 817186: 38},
    "rs2341354": {908436: 36, 918573: 37, 983193: 38},
    "rs1329546": {135302086: 36, 135474420: 37, 136392261: 38},
    "rs2500347": {143649677: 36, 144938320: 37, 148946169: 38},
    "rs3850290": {22315141: 36, 23245301: 37, 22776092: 38},
    "rs11928389": {50908372: 36, 50927009: 37, 50889578: 38},
    "rs964481": {27566744: 36, 27656823: 37, 27638706: 38},
}
"""Positions by rsID (dbSNP build 151)."""


def marker_build(rsid: str, position: str) -> Build | None:
    """Return the build in which a marker has a position, None for another SNP or another position.

    Examples
    --------
    >>> marker_build("rs3094315", "742429"), marker_build("rs3094315", "1"), marker_build("rs1", "742429")
    (36, None, None)
    """
    known = MARKERS.get(rsid)
    return known.get(int(position)) if known and position.isdecimal() else None


def marker_hints(builds: set[Build]) -> tuple[BuildHint, ...]:
    """Return what the markers found say; markers of two builds say nothing."""
    return tuple(BuildHint(build, "marker SNPs") for build in builds) if len(builds) == 1 else ()
