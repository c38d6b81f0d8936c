"""Somatic states of a cohort's rows: from columns of states, a column of lists of variants, or a mutation file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats, Objects
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Column, SomaticSource
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import CatalogueError, EsrError
from data_schemas.wire.prediction import STATED_STATES, SomaticState
from features.cohort.columns import Cells, CohortTable
from features.somatic.findings import found_by
from features.somatic.states import OTHER_VARIANT, SOMATIC_DOSAGE, state_of
from features.somatic.text import findings_in_text


def somatic_states_of(
    source: CohortTable, catalogue: Catalogue, asked: Sequence[str] | None = None
) -> dict[str, Objects]:
    """Return the state of every somatic id that is asked for, by default all, (n,) each, for the rows of a cohort.

    Not tested is what the assay does not cover, and what neither a column nor a file says. Where a file or a text names
    an ESR1 variant outside the panel, `OTHER_VARIANT` has the rows that carry it, None elsewhere.
    """
    declared = source.cohort.somatic
    if declared and declared.mutations:
        return _from_mutations(source, declared, asked, catalogue)
    if declared and declared.text:
        return _from_text(source, declared.text, declared.covers_esr1, asked, catalogue)
    columns = declared.columns if declared and declared.covers_esr1 else {}
    every = (ESR1_LBD, *catalogue.somatic) if declared else ()
    names = every if asked is None else asked
    stated = {name: _stated(source, column, name) for name, column in columns.items()}
    found = {}
    for name in names:
        states = np.full(source.n, "not_tested", dtype=object)
        if stated:
            codes, distinct = pd.factorize(pd.MultiIndex.from_arrays(list(stated.values())))
            tested = [
                {key: state for key, state in zip(stated, one, strict=True) if state != "not_tested"}
                for one in distinct
            ]
            states = np.array([state_of(name, one, catalogue) for one in tested], dtype=object)[codes]
        found[name] = states
    return found


def _from_mutations(
    source: CohortTable, declared: SomaticSource, asked: Sequence[str] | None, catalogue: Catalogue
) -> dict[str, Objects]:
    """Return the states that a mutation file gives to each row's sample; a row without a sample was not tested."""
    from features.somatic.readers.study import cohort_tumours

    cells = source.cells(declared.sample or source.cohort.row_id or "")
    report = cohort_tumours(source.folder, declared, [text for text in cells.texts if text], catalogue)
    by_sample = {one.sample: one.states for one in report.samples}
    of_text = [by_sample.get(text or "", {}) for text in cells.texts]
    source.notes += [f"{report.file}: {note}" for note in report.notes]
    return _spread(of_text, cells, asked, catalogue)


def _from_text(
    source: CohortTable, column: Column, covers_esr1: bool, asked: Sequence[str] | None, catalogue: Catalogue
) -> dict[str, Objects]:
    """Return the states that a column of lists of variants gives; what is not in a list was not detected."""
    if column.column is None or not covers_esr1:
        return _spread([{}], Cells("", np.zeros(source.n, np.int64), [None]), asked, catalogue)
    cells = source.cells(column.column, column.missing)
    of_text: list[Mapping[str, SomaticState]] = []
    for number, text in enumerate(cells.texts):
        try:
            of_text.append(_states_of_text(column.codes.get(text, text) if text else None, catalogue))
        except EsrError as error:
            source.faults.add(error.code, error.message, cells.name, cells.rows([number]))
            of_text.append({})
    return _spread(of_text, cells, asked, catalogue)


def _states_of_text(text: str | None, catalogue: Catalogue) -> Mapping[str, SomaticState]:
    if text is None or text == "not_tested":
        return {}
    found = (
        []
        if text == "not_detected"
        else [found_by(one.variant, catalogue) for one in findings_in_text(text, catalogue)]
    )
    named = {name for one in found for name in one.ids}
    left_open = {name for one in found for name in one.open}
    # a list that names the domain alone does not say which mutation it was
    if ESR1_LBD in named:
        left_open |= set(catalogue.somatic)
    stated: dict[str, SomaticState] = {
        name: "detected" if name in named else "not_tested" if name in left_open else "not_detected"
        for name in catalogue.somatic
    }
    stated |= dict.fromkeys(named, "detected")
    return {**stated, ESR1_LBD: state_of(ESR1_LBD, stated, catalogue)}


def _spread(
    of_text: Sequence[Mapping[str, SomaticState]], cells: Cells, asked: Sequence[str] | None, catalogue: Catalogue
) -> dict[str, Objects]:
    """Give each row the states of its text, or sample; a name without a state was not tested."""
    found: dict[str, Objects] = {}
    for name in (*((ESR1_LBD, *catalogue.somatic) if asked is None else asked), OTHER_VARIANT):
        absent = "not_tested" if name != OTHER_VARIANT else None
        found[name] = np.array([states.get(name, absent) for states in of_text], dtype=object)[cells.codes]
    if all(state is None for state in found[OTHER_VARIANT]):
        del found[OTHER_VARIANT]
    return found


def _stated(source: CohortTable, column: Column, name: str) -> Objects:
    expected = f"the state of {name} must be {', '.join(STATED_STATES)}"
    if column.column is None:
        return np.full(source.n, column.constant or "not_tested", dtype=object)
    if not set(column.codes.values()) <= set(STATED_STATES):
        raise CatalogueError("catalogue_invalid", f"{source.cohort.id}: {expected}")
    states = source.mapped(column, lambda text: text if text in STATED_STATES else None, "unknown_level", expected)
    return np.where(pd.isna(states), "not_tested", states)


def dosage_of_states(states: Objects) -> Floats:
    """Return 1 detected, 0 not detected, NaN for any other, (n,), of states (n,)."""
    codes, distinct = pd.factorize(states)
    known = [SOMATIC_DOSAGE[state] for state in distinct]
    return np.array([np.nan if value is None else value for value in known], dtype=np.float64)[codes]
