"""Rows of a column in another unit are found, and levels that differ for another reason are no two units."""

from __future__ import annotations

import numpy as np
import pytest
from own_cohort import (
    LIGHTER,
    MANIFEST,
    WEIGHED,
    heavy,
    long,
    with_values,
)


def test_a_block_of_rows_in_another_unit_is_found(refused):
    rows = with_values(long(), "ldl", {i: str(120 + i) for i in range(20, 32)})
    refused("mixed_units", "column ldl, lines 22 to 33", "read like mg/dL", "mmol/L", rows=rows)


def test_scattered_rows_in_another_unit_are_found(refused):
    rows = with_values(long(), "ldl", dict.fromkeys((3, 17, 40), "150"))
    refused("mixed_units", "lines 5, 19, 42", "mg/dL", rows=rows)


def test_a_whole_column_in_another_unit_blames_the_manifest(refused):
    rows = long()
    rows |= {"ldl": [str(float(x) * 38.67) for x in rows["ldl"]]}
    refused("mixed_units", "set its unit in the manifest", rows=rows)


def test_a_block_whose_values_fit_either_unit_is_found(refused, read):
    asked = {"manifest": WEIGHED, "endpoint": LIGHTER}
    refused("mixed_units", "column kg, lines 22 to 41", "like [lb_av]", "one_unit = true", rows=heavy(), **asked)
    refused("mixed_units", "column kg1, lines 22 to 41", rows=heavy(later=True), **asked)
    stated = {"weight": WEIGHED["covariates"]["weight"] | {"one_unit": True}}
    certain = WEIGHED | {"covariates": WEIGHED["covariates"] | stated}
    assert read(manifest=certain, endpoint=LIGHTER, rows=heavy()).report.n_read == 60


@pytest.mark.parametrize("name", ["menopausal_status", "therapy"])
def test_levels_that_differ_by_status_or_therapy_are_no_two_units(refused, read, name):
    """Oestradiol falls by the factor between its units with the menopause, or under an aromatase inhibitor."""
    rng, rows = np.random.default_rng(0), long(200)
    level = np.where(np.arange(200) < 100, 60, 60 / 3.671) * np.exp(rng.normal(0, 0.2, 200))
    group = np.where(np.arange(200) < 100, "1", "2")
    rows |= {"e2": [f"{value:.1f}" for value in level], "group": group.tolist(), "arm": ["E"] * 200}
    bound = MANIFEST["covariates"] | {"oestradiol": {"column": "e2", "unit": "pg/mL"}}
    one = {"covariates": bound, "genotypes": {}}
    refused("mixed_units", "like pmol/L", rows=rows, manifest=one, endpoint=None)
    status = {"column": "group", "codes": {"1": "premenopausal", "2": "postmenopausal"}}
    therapy = {"column": "group", "codes": {"1": "placebo", "2": "letrozole"}}
    told = {"menopausal_status": {"covariates": bound | {"menopausal_status": status}}, "therapy": {"therapy": therapy}}
    assert read(rows=rows, manifest=one | told[name], endpoint=None).n == 200
