"""A whole cohort, read as its manifest declares: canonical columns, outcomes, and who does not count and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.arrays import Bools, Floats, Ints, Values
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import SYNTHETIC, Cohort, Column
from data_schemas.catalogue.endpoint import Binary, Change, Endpoint, TimeToEvent
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, InputFileError
from features.cohort.bind import Bound, bind, declared_columns
from features.cohort.columns import CohortTable
from features.cohort.describe import describe, describe_columns
from features.cohort.outcome import FOLLOW_UP, Response, from_change, from_flags, from_times
from features.cohort.report import CohortReport, Exclusion
from features.cohort.table import read_table
from features.matrix.haplotypes import haplotype_inputs
from features.patient.resolve import outside
from features.values.rule import ClinicalRule
from features.values.unit_blocks import shifted_block

_EXAMPLES = 5


@dataclass(frozen=True)
class CohortData:
    """The rows of a cohort that count for an endpoint.

    Parameters
    ----------
    table
        Canonical columns as in `Resolved.values`: ``therapy``, covariates, rsIDs, somatic ids; float64, or level text
        with None. Only columns of which at least one value is known. Index 0 to n-1.
    row
        (n,) 0-based row in the input file.
    person
        (n,) one number per person; the row's own where the manifest has no person column.
    digest
        ``sha256:`` of the canonical columns and the outcome.
    """

    cohort: Cohort
    terms: Terms
    table: pd.DataFrame
    row: Ints
    person: Ints
    response: Response
    digest: str
    report: CohortReport

    @property
    def endpoint(self) -> Endpoint:
        """The question that the cohort was read for."""
        return self.terms.endpoint

    @property
    def therapies(self) -> tuple[str, ...]:
        """The therapies that occur, in the endpoint's order."""
        if "therapy" not in self.table:
            return ()
        present = set(self.table["therapy"])
        return tuple(name for name in self.endpoint.therapies if name in present)


def read_cohort(path: Path, cohort: Cohort, terms: Terms) -> CohortData:
    """Read a data set for an endpoint.

    Raises
    ------
    InputFileError
        Every fault of the file at once, with lines, columns and cures; ``unusable_outcome`` where the cohort cannot
        tell the endpoint's outcome; ``no_rows`` where nobody is eligible.
    CatalogueError
        Where the manifest does not agree with the catalogue.
    """
    endpoint = terms.endpoint
    bound = _bound(path, cohort, terms)
    response = _response(bound, endpoint)
    bound.source.faults.raise_any()
    exclusions, keep = _exclusions(bound, terms, response)
    if not keep.any():
        reasons = "; ".join(f"{one.n:,} rows: {one.detail}" for one in exclusions)
        raise InputFileError("no_rows", f"{path.name}: nobody is eligible for {endpoint.id}. {reasons}")
    rows = np.flatnonzero(keep)
    kept = response.take(rows)
    _refuse_short_follow_up(path, kept, endpoint)
    table = _table(bound, endpoint, rows)
    return CohortData(
        cohort=cohort,
        terms=terms,
        table=table,
        row=rows,
        person=bound.person[rows],
        response=kept,
        digest=_digest(table, kept),
        report=describe(bound, endpoint, table, kept, exclusions, rows),
    )


def check_columns(path: Path, cohort: Cohort, catalogue: Catalogue) -> CohortReport:
    """Read every column that the manifest binds, without an endpoint.

    Raises
    ------
    InputFileError, CatalogueError
        As `read_cohort`.
    """
    bound = _bound(path, cohort, catalogue)
    bound.source.faults.raise_any()
    return describe_columns(bound)


def _bound(path: Path, cohort: Cohort, known: Terms | Catalogue) -> Bound:
    ignored = None if cohort.ignored_columns == "others" else cohort.ignored_columns
    declared = declared_columns(cohort)
    table = read_table(path, cohort.form, declared, ignored)
    if SYNTHETIC in table.header and SYNTHETIC not in declared and not cohort.synthetic:
        raise InputFileError(
            "wrong_columns",
            f"{path.name}: has the column {SYNTHETIC!r} of simulated cohorts; state synthetic = true in the manifest "
            f"of {cohort.id}, or rename the column",
        )
    return bind(CohortTable(table, cohort, table.faults(), folder=path.parent), known)


def _response(bound: Bound, endpoint: Endpoint) -> Response:
    """Return the outcome of every row of the file; NaN where it cannot be told."""
    outcome, cohort, source = endpoint.outcome, bound.source.cohort, bound.source
    if isinstance(outcome, Binary) and cohort.response:
        return from_flags(source.flags(cohort.response, "the response"))
    if isinstance(outcome, Change) and {outcome.covariate} <= bound.values.keys() & bound.follow_up.keys():
        return from_change(bound.values[outcome.covariate], bound.follow_up[outcome.covariate], outcome)
    if isinstance(outcome, TimeToEvent) and cohort.time and cohort.event:
        event = source.flags(cohort.event, "the event")
        return from_times(_days(bound, cohort.time, event), event, outcome.horizon_days)
    needs = {
        "binary": "response",
        "change": f"covariates.{getattr(outcome, 'covariate', '')} and follow_up.{getattr(outcome, 'covariate', '')}",
        "time-to-event": "time and event",
    }[outcome.kind]
    raise InputFileError(
        "unusable_outcome", f"{cohort.id}: the manifest does not bind {needs}, which the outcome of {endpoint.id} needs"
    )


def _days(bound: Bound, column: Column, event: Floats) -> Floats:
    """Return the follow-up of every row of the file in days, NaN unknown; faults and doubts are noted."""
    source, rule = bound.source, ClinicalRule.of(FOLLOW_UP)
    if column.column is None:
        raise CatalogueError("catalogue_invalid", f"{source.cohort.id}: {FOLLOW_UP.label} needs a column")
    days = source.numbers(FOLLOW_UP.id, column, rule)
    source.point_out_code(column, days)
    other = source.mixed.get(FOLLOW_UP.id)
    if other:
        sentence = other.sentence(rule, column.unit)
        source.faults.add("mixed_units", sentence, column.column, other.rows)
    elif not column.one_unit:
        source.notes.extend(_doubtful_block(source, column, days, event))
    return days


def _doubtful_block(source: CohortTable, column: Column, days: Floats, event: Floats) -> Iterator[str]:
    """Yield a note where a block of plausible times reads like another unit: studies of other lengths look so too."""
    block = shifted_block(days, ClinicalRule.of(FOLLOW_UP), column.unit, pd.factorize(event)[0])
    if block is not None and len(np.unique(event[block.rows])) > 1:
        lines = source.table.lines[block.rows]
        yield (
            f"{column.column}: {source.table.noun}s {lines[0]} to {lines[-1]} would be like the others in {block.unit}"
            f"; if they are not in {column.unit}, convert them"
        )


def _exclusions(bound: Bound, terms: Terms, response: Response) -> tuple[tuple[Exclusion, ...], Bools]:
    """Return who does not count under which first reason, and (n_read,) who does."""
    keep = np.ones(bound.source.n, dtype=bool)
    found = []
    for code, detail, excluded in _reasons(bound, terms, response):
        rows = np.flatnonzero(excluded & keep)
        if len(rows):
            lines = tuple(int(line) for line in bound.source.table.lines[rows[:_EXAMPLES]])
            found.append(Exclusion(code=code, detail=detail, n=len(rows), lines=lines))
            keep[rows] = False
    return tuple(found), keep


def _reasons(bound: Bound, terms: Terms, response: Response) -> Iterator[tuple[str, str, Bools]]:
    unknown = np.full(bound.source.n, None, dtype=object)
    for criterion in terms.endpoint.eligibility:
        codes, distinct = pd.factorize(bound.values.get(criterion.covariate, unknown), use_na_sentinel=True)
        failing = [outside(value, criterion) for value in distinct.tolist()]
        fails = np.array([*failing, outside(None, criterion)], dtype=bool)
        yield "not_eligible", criterion.reason, fails[codes]
    therapy = bound.values["therapy"]
    given = np.array([value is not None for value in therapy])
    covered = np.isin(therapy.astype(str), terms.endpoint.therapies)
    yield "not_covered", "a therapy that the endpoint does not cover", given & ~covered
    yield "outcome_not_known", "outcome not known", np.isnan(response.y if response.time is None else response.time)
    for name in terms.endpoint.required:
        detail = f"{terms.label_of(name)} is not known"
        yield "missing_required", detail, np.asarray(pd.isna(bound.values.get(name, unknown)))


def _refuse_short_follow_up(path: Path, response: Response, endpoint: Endpoint) -> None:
    if response.time is None or response.horizon is None or response.time.max() >= response.horizon:
        return
    raise InputFileError(
        "unusable_outcome",
        f"{path.name}: nobody is followed up to the horizon of {endpoint.id} ({response.horizon:g} days); check the "
        f"unit of the time column in the manifest",
    )


def _table(bound: Bound, endpoint: Endpoint, rows: Ints) -> pd.DataFrame:
    names = ["therapy", *endpoint.covariates, *endpoint.variants, *endpoint.somatic, *haplotype_inputs(endpoint).names]
    columns = {name: bound.values[name][rows] for name in names if name in bound.values}
    # the dtype is stated: pandas would turn level texts into its own string type, and None into NaN
    known = {name: pd.Series(v, dtype=v.dtype) for name, v in columns.items() if not pd.isna(v).all()}
    return pd.DataFrame(known, index=range(len(rows)))


def _digest(table: pd.DataFrame, response: Response) -> str:
    """Hash names, values and outcome; the order of rows counts, the file's own spelling does not."""
    hashed = hashlib.sha256()
    columns: dict[str, Values | None] = {str(name): table[name].to_numpy() for name in table.columns}
    columns |= {"\ny": response.y, "\ntime": response.time, "\nevent": response.event}
    for name, values in columns.items():
        hashed.update(json.dumps(name).encode())
        if values is None:
            continue
        if values.dtype == object:
            hashed.update(json.dumps(values.tolist()).encode())
        else:
            numbers = values.astype("<f8")
            hashed.update(np.where(np.isnan(numbers), np.float64("nan"), numbers + 0.0).astype("<f8").tobytes())
    return f"sha256:{hashed.hexdigest()}"
