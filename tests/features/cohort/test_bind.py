"""A manifest and a table belong together: columns, covariates and persons, or the fault says why not."""

from __future__ import annotations

import re

import pytest
from own_cohort import (
    LDL,
    LIGHTER,
    MANIFEST,
    ROWS,
    WEIGHED,
    heavy,
)

from data_schemas.errors import CatalogueError


@pytest.mark.parametrize("key", ["covariates", "follow_up"])
def test_a_number_without_its_unit_is_refused(refused, key):
    unitless = {key: MANIFEST[key] | {"ldl_cholesterol": {"column": "ldl"}}}
    refused("catalogue_invalid", "LDL cholesterol needs its unit in the manifest", "mmol/L", manifest=unitless)


def test_a_person_twice_is_an_error_unless_the_manifest_groups(refused, read):
    twice = {"id": ["a", "a", "c", "d", "e", "f"]}
    refused("repeated_person", "column id, lines 2, 3", "person", changes=twice)
    data = read(twice, {"row_id": None, "person": "id"})
    assert data.person[0] == data.person[1]
    assert len(set(read({}, {"row_id": None, "person": "id"}).person)) == 2


def test_a_row_without_a_person_is_an_error(refused):
    refused("missing_required", "column id, line 3", changes={"id": ["a", "", "c", "d", "e", "f"]})


def test_rows_that_repeat_another_are_noted_where_nobody_is_named(read):
    rows = {name: [*values, values[0]] for name, values in ROWS.items()}
    assert "every bound column: 1; if" in read(rows=rows, manifest={"row_id": None}).report.notes[0]


@pytest.mark.parametrize("identified", [True, False])
def test_rows_that_chance_does_not_repeat_are_persons_twice(refused, read, identified):
    rows = heavy()
    copied = {name: [*values, *values[10:13]] for name, values in rows.items()} | {"id": [str(i) for i in range(63)]}
    manifest = WEIGHED if identified else WEIGHED | {"row_id": None}
    certain = manifest | {
        "covariates": manifest["covariates"] | {"weight": WEIGHED["covariates"]["weight"] | {"one_unit": True}}
    }
    refused("repeated_person", "lines 62, 63, 64", "person", rows=copied, manifest=certain, endpoint=LIGHTER)
    grouped = certain | {"row_id": None, "person": "id"}
    assert read(rows=copied, manifest=grouped, endpoint=LIGHTER).report.n_read == 63


def test_a_misspelt_covariate_names_the_one_that_is_missing(refused):
    """`agee` would otherwise only be missed: the model would be trained without the age."""
    misspelt = {name: column for name, column in MANIFEST["covariates"].items() if name != "age"} | {
        "agee": {"column": "age", "unit": "a"}
    }
    refused("catalogue_invalid", "covariates.agee: did you mean age?", manifest={"covariates": misspelt})
    later = {"ldl_cholestrol": MANIFEST["follow_up"]["ldl_cholesterol"]}
    refused(
        "catalogue_invalid", "follow_up.ldl_cholestrol: did you mean ldl_cholesterol?", manifest={"follow_up": later}
    )


@pytest.mark.parametrize("name", ["shoe_size", "glucose_2h", "bmi_z", "alcohol_units", "age2", "weight_2"])
def test_a_covariate_of_another_endpoint_is_noted_and_not_read(read, name):
    """One manifest may serve several endpoints, whose own covariates may well be called like ours."""
    manifest = {"covariates": MANIFEST["covariates"] | {name: {"column": "age", "unit": "cm"}}}
    for endpoint in (LDL, None):
        notes = read(manifest=manifest, endpoint=endpoint)
        notes = (notes if endpoint is None else notes.report).notes
        assert any(f"covariates.{name} is no covariate of the catalogue or the endpoint" in one for one in notes)


def test_a_file_without_a_header_does_not_show_its_first_patient(refused):
    rows = {f"SECRET{number}": values for number, values in enumerate(ROWS.values())}
    for ignored in ("others", []):
        message = refused("wrong_columns", "is the header missing", rows=rows, manifest={"ignored_columns": ignored})
        assert "SECRET" not in message


def test_all_faults_come_in_one_message(refused):
    message = refused(
        "unknown_therapy",
        "4 faults",
        changes={"arm": ["?", *ROWS["arm"][1:]], "age": ["x", *ROWS["age"][1:]], "pvuii": ["0/1", *ROWS["pvuii"][1:]],
                 "ldl": ["-4", *ROWS["ldl"][1:]]},
    )  # fmt: skip
    assert re.findall(r"column (\w+)", message) == ["arm", "age", "ldl", "pvuii"]


def test_a_wrong_column_names_the_likely_one(refused):
    rows = {("Age" if name == "age" else name): values for name, values in ROWS.items()}
    refused("wrong_columns", "'age' is missing", "'Age'", rows=rows)


@pytest.mark.parametrize(
    "covariates",
    [
        {"statins": {"column": "statin", "codes": {"0": "never", "1": "yes"}}},
        {"age": {"column": "age", "unit": "parsec"}},
        {"age": {"constant": -3.0}},
        {"statins": {"constant": "maybe"}},
    ],
)
def test_a_manifest_that_contradicts_the_catalogue_is_its_own_fault(read, covariates):
    with pytest.raises(CatalogueError, match="mine"):
        read(manifest={"covariates": MANIFEST["covariates"] | covariates})


def test_a_column_may_be_absent_for_everybody(read):
    data = read(manifest={"covariates": MANIFEST["covariates"] | {"statins": {}, "age": {"constant": 60.0}}})
    assert "statins" not in data.table
    assert "statins" in data.report.absent
    assert set(data.table["age"]) == {60.0}
