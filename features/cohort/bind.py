"""A cohort's manifest applied to its table: every name that the endpoint needs, for every row of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Ints, Objects, Values
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort, Column
from data_schemas.catalogue.endpoint import Change, Endpoint
from data_schemas.catalogue.haplotype import ANCESTRY
from data_schemas.catalogue.row_faults import unknown_names
from data_schemas.catalogue.rows import Covariate, Therapy, Variant
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, nearest
from features.cohort.columns import CohortTable
from features.cohort.mixed_units import note_mixed_units
from features.cohort.persons import persons_of
from features.cohort.report import GenotypeJoin
from features.cohort.somatic_columns import dosage_of_states, somatic_states_of
from features.germline.phase import phase_name
from features.matrix.haplotypes import haplotype_inputs
from features.quality.records import Site
from features.somatic.states import OTHER_VARIANT
from features.values.rule import ClinicalRule

MISSPELT = 0.85
"""How alike two names must be, by difflib's ratio, for one to be a slip of the other; `bmi_z` is no slip of `bmi`."""


@dataclass(frozen=True)
class Bound:
    """All rows of a file in canonical form.

    `values` maps a name to (n,) numbers (NaN unknown) or texts (None unknown), `somatic` an id to (n,) states; `person`
    numbers the persons; `ancestry` holds (n,) group names where the manifest has them.
    """

    source: CohortTable
    values: dict[str, Values]
    follow_up: dict[str, Values]
    sites: dict[str, Site]
    somatic: dict[str, Objects]
    person: Ints
    ancestry: Objects | None
    join: GenotypeJoin | None = None


def declared_columns(cohort: Cohort) -> list[str]:
    """Return every column of the file that a manifest names, once each."""
    columns: list[Column | None] = [cohort.therapy, cohort.response, cohort.time, cohort.event]
    columns += [*cohort.covariates.values(), *cohort.follow_up.values()]
    columns += [*cohort.somatic.columns.values(), cohort.somatic.text] if cohort.somatic else []
    samples = [one.sample for one in (cohort.somatic, cohort.genotype_file) if one]
    names = [column.column for column in columns if column] + [site.column for site in cohort.genotypes.values()]
    names += [cohort.row_id, cohort.person, cohort.ancestry_column, *samples]
    return list(dict.fromkeys(name for name in names if name))


def bind(source: CohortTable, known: Terms | Catalogue) -> Bound:
    """Read what an endpoint needs; by the catalogue alone everything that the manifest binds. Faults are noted.

    Raises
    ------
    CatalogueError
        Where the manifest binds a name that neither catalogue nor endpoint knows, or explains a column wrongly.
    """
    cohort = source.cohort
    endpoint = known.endpoint if isinstance(known, Terms) else None
    catalogue = known.catalogue if isinstance(known, Terms) else known
    _refuse_misspelt(source, endpoint, known.covariates)
    values: dict[str, Values] = {"therapy": _therapy(source, known.therapies)}
    baseline = _clinical(cohort.covariates, endpoint, known.covariates)
    for name, (column, row) in baseline.items():
        values[name] = _covariate(source, name, column, row)
    measured = _clinical(cohort.follow_up, endpoint, known.covariates, outcome_only=True)
    follow_up = {name: _covariate(source, _at_follow_up(name), column, row) for name, (column, row) in measured.items()}
    later = {_at_follow_up(name): given for name, given in measured.items()}
    numbers = {_at_follow_up(name): found for name, found in follow_up.items()}
    note_mixed_units(source, values | numbers, baseline | later, values)
    sites = {
        rsid: source.site(column, _variant(rsid, cohort, known.variants)) for rsid, column in cohort.genotypes.items()
    }
    join = None
    if cohort.genotype_file:
        from features.cohort.genotype_file import join_genotypes

        found, join = join_genotypes(source, cohort.genotype_file, catalogue)
        sites = {**found, **sites}
    values |= {rsid: site.dosage for rsid, site in sites.items()}
    phases = haplotype_inputs(endpoint).phases if endpoint else ()
    for rsid, site in sites.items():
        if site.phase is not None and phase_name(rsid) in phases:
            values[phase_name(rsid)] = site.phase
    person = persons_of(source)
    somatic = somatic_states_of(source, catalogue, endpoint.somatic if endpoint else None)
    values |= {name: dosage_of_states(states) for name, states in somatic.items() if name != OTHER_VARIANT}
    if cohort.somatic and not cohort.somatic.covers_esr1:
        source.notes.append(
            "The tumour assay does not cover ESR1: every somatic ESR1 state is not tested, none is wild type."
        )
    return Bound(source, values, follow_up, sites, somatic, person, _ancestry(source, values, catalogue), join)


def _at_follow_up(name: str) -> str:
    return f"{name} at follow-up"


def _clinical(
    columns: dict[str, Column],
    endpoint: Endpoint | None,
    known: Mapping[str, Covariate],
    *,
    outcome_only: bool = False,
) -> dict[str, tuple[Column, Covariate]]:
    """Pair the columns that are needed with their catalogue rows."""
    paired = {}
    for name, column in columns.items():
        row = known.get(name)
        if row is not None and (endpoint is None or name in _needed(endpoint, outcome_only)):
            paired[name] = (column, row)
    return paired


def _refuse_misspelt(source: CohortTable, endpoint: Endpoint | None, known: Mapping[str, Covariate]) -> None:
    """Refuse a name that stands where one of the endpoint's is missing; note any other that nobody knows."""
    cohort = source.cohort
    for section, columns, outcome_only in (
        ("covariates", cohort.covariates, False),
        ("follow_up", cohort.follow_up, True),
    ):
        wanted = _needed(endpoint, outcome_only) - set(columns) if endpoint else set()
        for name in columns:
            if name in known:
                continue
            near = nearest(name, wanted, cutoff=MISSPELT)
            if near and not re.fullmatch(re.escape(near) + r"[_\d].*", name):
                raise CatalogueError("catalogue_invalid", f"{cohort.id}: {section}.{name}: did you mean {near}?")
            source.notes.append(
                f"The manifest's {section}.{name} is no covariate of the catalogue or the endpoint; not read."
            )


def _needed(endpoint: Endpoint, outcome_only: bool) -> set[str]:
    outcome = {endpoint.outcome.covariate} if isinstance(endpoint.outcome, Change) else set()
    if outcome_only:
        return outcome
    ancestry = haplotype_inputs(endpoint).ancestry
    return outcome | {*endpoint.covariates, *ancestry, *(rule.covariate for rule in endpoint.eligibility)}


def _covariate(source: CohortTable, name: str, column: Column, row: Covariate) -> Values:
    rule = ClinicalRule.of(row)
    if not rule.continuous:
        return source.levels(column, rule)
    values = source.numbers(name, column, rule)
    source.point_out_code(column, values)
    return values


def _therapy(source: CohortTable, known: Mapping[str, Therapy]) -> Objects:
    column = source.cohort.therapy
    named = [*column.codes.values(), *([column.constant] if isinstance(column.constant, str) else [])]
    faults = unknown_names("therapy", named, known, "a therapy of the catalogue or declared by the endpoint")
    if faults:
        raise CatalogueError("catalogue_invalid", f"{source.cohort.id}: {'; '.join(faults)}")
    if column.column is None:
        return np.full(source.n, column.constant, dtype=object)
    expected = "a therapy id of the catalogue is expected"
    return source.mapped(column, lambda text: text if text in known else None, "unknown_therapy", expected)


def _variant(rsid: str, cohort: Cohort, known: Mapping[str, Variant]) -> Variant:
    row = known.get(rsid) or cohort.declared_variants.get(rsid)
    if row is None:
        near = nearest(rsid, known)
        hint = f"did you mean {near}? If not, " if near else ""
        raise CatalogueError(
            "catalogue_invalid", f"{cohort.id}: {rsid} is not on the panel; {hint}add it to declared_variants"
        )
    return row


def _ancestry(source: CohortTable, values: Mapping[str, Values], catalogue: Catalogue) -> Objects | None:
    """Return the group of each row: the declared column, else the race or ethnicity, which haplotypes go by too."""
    if source.cohort.ancestry_column is None:
        column = source.cohort.covariates.get(ANCESTRY)
        if column is None:
            return None
        found = values.get(ANCESTRY)
        return _covariate(source, ANCESTRY, column, catalogue.covariates[ANCESTRY]) if found is None else found
    cells = source.cells(source.cohort.ancestry_column)
    names = np.empty(len(cells.texts), dtype=object)
    names[:] = cells.texts
    return np.asarray(names[cells.codes])
