"""A cohort's genotype file joined to its rows by sample name: sites as a column of letters would give them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data_schemas.arrays import Ints, Objects
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import GenotypeFile
from data_schemas.errors import CatalogueError, InputFileError
from features.cohort.columns import CohortTable
from features.cohort.report import GenotypeJoin
from features.germline.calling.calls import ASSUMED, NOT_ASSAYED, STATES, PanelCalls, SiteCalls
from features.germline.calling.decide import Assumption, decide
from features.germline.calling.regions import read_regions
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import Readings, targets
from features.quality.records import Site

EXAMPLES = 20
"""Samples and rows without a partner that a report names."""


def join_genotypes(
    source: CohortTable, declared: GenotypeFile, catalogue: Catalogue
) -> tuple[dict[str, Site], GenotypeJoin]:
    """Read the file and return its sites for every row of the cohort, and how the two were joined.

    A row whose sample is not in the file, or that names none, is not assayed.

    Raises
    ------
    InputFileError
        Whatever is wrong with the file; ``wrong_columns`` where no row has a sample of it.
    CatalogueError
        Where the manifest names no column to join on.
    """
    column = declared.sample or source.cohort.row_id
    if column is None:
        raise CatalogueError(
            "catalogue_invalid",
            f"{source.cohort.id}: genotype_file.sample: is missing; name the column with the samples, or give a row_id",
        )
    readings = read_genotypes(source.folder / declared.path, targets(catalogue))
    readings = replace(readings, declared_build=declared.build, strand=declared.strand or readings.strand)
    regions = read_regions(source.folder / declared.callable) if declared.callable else None
    calls = decide(readings, catalogue, declared, Assumption(declared.assume_reference, regions))
    number_of = {name: number for number, name in enumerate(readings.samples)}
    cells = source.cells(column)
    samples = np.array([number_of.get(text or "", -1) for text in cells.texts], dtype=np.int64)[cells.codes]
    if (samples < 0).all():
        raise InputFileError(
            "wrong_columns",
            f"{readings.file}: no row of column {column} has a sample of this file; name the column that holds its "
            "sample names in genotype_file.sample",
        )
    return {name: _site(site, samples) for name, site in calls.sites.items()}, _join(source, readings, calls, samples)


def _site(calls: SiteCalls, samples: Ints) -> Site:
    joined = samples >= 0
    dosage = np.where(joined, calls.dosage[samples], np.nan)
    state = np.where(joined, calls.state[samples], NOT_ASSAYED)
    counts = np.bincount(state, minlength=len(STATES))
    phase = _phase(calls)
    sides = None if phase is None else phase[samples]
    if sides is not None:
        sides[~joined] = None
    return Site(
        variant=calls.variant,
        dosage=dosage,
        states={name: int(count) for name, count in zip(STATES, counts, strict=True) if count},
        phase=sides,
        assumed=state == ASSUMED if counts[ASSUMED] else None,
    )


def _phase(calls: SiteCalls) -> Objects | None:
    """Return on which side of each phased heterozygote the effect allele stands, None where nothing is phased."""
    effect = calls.variant.alleles.index(calls.variant.effect_allele)
    left = calls.letters == effect
    useful = calls.phased & (left[:, 0] != left[:, 1]) & ~np.isnan(calls.dosage)
    if not useful.any():
        return None
    sides = np.full(len(useful), None, dtype=object)
    for number in np.flatnonzero(useful):
        side = "left" if left[number, 0] else "right"
        sides[number] = f"{side}:{calls.phase_set[number]}" if calls.phase_set[number] >= 0 else side
    return sides


def _join(source: CohortTable, readings: Readings, calls: PanelCalls, samples: Ints) -> GenotypeJoin:
    with_row = set(samples[samples >= 0].tolist())
    without_row = [name for number, name in enumerate(readings.samples) if number not in with_row]
    lines = source.table.lines[np.flatnonzero(samples < 0)]
    proof = calls.proof
    return GenotypeJoin(
        file=readings.file,
        format=readings.format,
        build=proof.build,
        build_basis=proof.build_basis,
        strand=proof.strand,
        strand_basis=proof.strand_basis,
        samples_in_file=readings.n,
        samples_joined=len(with_row),
        samples_without_row=tuple(without_row[:EXAMPLES]),
        n_samples_without_row=len(without_row),
        lines_without_sample=tuple(int(line) for line in lines[:EXAMPLES]),
        n_rows_without_sample=len(lines),
        notes=readings.notes,
    )
