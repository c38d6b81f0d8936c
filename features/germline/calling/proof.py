"""Genome build and strand of a genotype file, proven from its own records at sites whose letters are known.

A header says what its author believed. The proof is in the records: a REF that is the reference letter where one build
has the site, an rsID at one build's position, letters that fit the panel on one strand only. What the header says is
mentioned, and contradicts the proof loudly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.reference.genome import Build
from data_schemas.wire.genotypes import Basis
from features.germline.calling.build import build_of_file
from features.germline.calling.strand import Orientation, orientations, strand_of_file
from features.germline.readings import Readings, targets


@dataclass(frozen=True)
class Proof:
    """What is known of a file's build and strand.

    `build` is None where there was nothing to prove it with, or no need to; `sites` are those that prove it. `strand`
    is that of the file's letters; None where it is not proven: then letters count only where they speak for themselves.
    `forward` and `reverse` are the sites that fit on one strand only, `majority` is what most of them say. `agreeing`
    counts the sites of each gene's panel that fit on the proven strand only.
    """

    build: Build | None
    build_basis: Basis
    sites: tuple[str, ...]
    strand: Orientation | None
    strand_basis: Basis
    majority: Orientation | None
    forward: tuple[str, ...] = ()
    reverse: tuple[str, ...] = ()
    agreeing: Mapping[str, int] = field(default_factory=dict)


def prove(readings: Readings, catalogue: Catalogue) -> Proof:
    """Return the build and the strand of a file.

    Raises
    ------
    InputFileError
        As `build_of_file` and `strand_of_file`.
    """
    wanted = {target.name: target for target in targets(catalogue)}
    build, basis, sites = build_of_file(readings, wanted, catalogue)
    here = [one for one in readings.sites if one.build == build or (one.named and one.position is None)]
    forward, reverse = orientations(here, wanted, catalogue)
    strand, strand_basis = strand_of_file(readings, forward, reverse)
    majority: Orientation | None = None
    if len(forward) != len(reverse):
        majority = "forward" if len(forward) > len(reverse) else "reverse"
    told = forward if strand == "forward" else reverse if strand == "reverse" else ()
    agreeing = Counter(catalogue.variants[name].gene for name in told if name in catalogue.variants)
    return Proof(build, basis, sites, strand, strand_basis, majority, forward, reverse, agreeing)
