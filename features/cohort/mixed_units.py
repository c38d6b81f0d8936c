"""Two units in one column of a cohort: noted for every number that the file gives, blocks compared like with like."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data_schemas.arrays import Values
from data_schemas.catalogue.cohort import Column
from data_schemas.catalogue.rows import Covariate
from features.cohort.columns import CohortTable
from features.values.rule import ClinicalRule
from features.values.unit_blocks import shifted_block

_LEVEL_SETTERS = ("therapy", "sex", "menopausal_status")


def note_mixed_units(
    source: CohortTable,
    values: Mapping[str, Values],
    read: Mapping[str, tuple[Column, Covariate]],
    levels: Mapping[str, Values],
) -> None:
    """Note columns in two units among the faults of the file.

    Parameters
    ----------
    values
        The columns (n,), by the name that they were read for; those of `read` that are continuous are looked at.
    read
        Column and catalogue row of each.
    levels
        Canonical columns (n,). Those that set a level for good reasons (therapy, sex, menopausal status) divide the
        rows, and each part is compared with its own median.
    """
    groups = [pd.factorize(levels[name])[0] for name in _LEVEL_SETTERS if name in levels]
    strata = pd.factorize(pd.MultiIndex.from_arrays(groups))[0]
    for name, (column, row) in read.items():
        if row.kind != "continuous" or column.column is None or column.one_unit:
            continue
        rule = ClinicalRule.of(row)
        found = source.mixed.get(name)
        if found is None or not found.whole:
            found = shifted_block(values[name], rule, column.unit, strata) or found
        if found:
            source.faults.add("mixed_units", found.sentence(rule, column.unit or row.unit), column.column, found.rows)
