"""Values of a table's columns: codes, numbers, limits; what cannot be read is named by line, column and cure."""

from __future__ import annotations

import pytest
from own_cohort import (
    CATALOGUE,
    LDL,
    MANIFEST,
    ROWS,
    TAMOXIFEN,
    TIME_MANIFEST,
    TIMES,
    long,
    with_values,
)


def test_an_unmapped_code_is_an_error_and_its_rows_are_listed(refused):
    message = refused(
        "unknown_level", "column statin, lines 2, 5:", "codes", changes={"statin": ["x9", "1", "", "x9", "0", "1"]}
    )
    assert "x9" not in message


def test_text_where_a_number_must_be(refused):
    for text in ("sixty", "1_000", "６１", "inf", "nan", "1e999", "0x1F", "61 y", "--5", "TRUE"):
        message = refused("not_a_number", "column age, line 2", changes={"age": [text, *ROWS["age"][1:]]})
        assert text not in message


def test_a_decimal_comma_is_recognised_and_not_guessed(refused, read):
    comma = {
        "age": ["61"] * 6,
        "ldl": ["4,0", "3,6", "4,4", "4,0", "4,0", "4,0"],
        "ldl1": ["3,0", "3,5", "", "3,0", "3,0", "3,0"],
    }
    refused("not_a_number", "form.decimal", changes=comma)
    form = {"form": {"decimal": ","}}
    assert read(comma, form).table["ldl_cholesterol"][0] == pytest.approx(154.7, abs=0.1)
    refused("not_a_number", 'form.decimal = "."', manifest=form, changes=comma | {"ldl": ["4.0", *comma["ldl"][1:]]})
    refused("not_a_number", "correct it", manifest=form, changes=comma | {"ldl": ["1.004,0", *comma["ldl"][1:]]})


def test_an_impossible_value_names_line_and_column(refused):
    message = refused(
        "out_of_range", "column age, line 3", "0 to 120 years", changes={"age": ["61", "999", "55", "60", "39", "58"]}
    )
    assert "999" not in message


def test_float32_noise_is_fine(read):
    assert read({"ldl": ["4.00000001525879", *ROWS["ldl"][1:]]}).report.n == 2


def test_one_wrong_value_is_a_wrong_value_and_not_a_unit(refused):
    refused("out_of_range", "column ldl, line 5", rows=with_values(long(), "ldl", {3: "150"}))


def test_a_possible_value_that_looks_like_a_code_is_pointed_out(read):
    some = (3, 11, 17, 29, 40)
    rows = with_values(long(), "ldl", dict.fromkeys(some, "9.99"))
    notes = read(rows=rows).report.notes
    assert notes == (
        "ldl: one value, far from all others, stands in 5 lines, the first 5; "
        "if it is a code for missing, declare it in the manifest",
    )
    assert read(rows=rows, manifest={"missing": ["NA", "9.99"]}).report.notes == ()
    for clean in (long(), with_values(long(), "ldl", dict.fromkeys(some, "9.75"))):
        assert read(rows=clean).report.notes == ()
    scores = {"kg": [f"{x - 3.9:.2f}" for x in map(float, long()["ldl"])]}
    pure = CATALOGUE.covariates["weight"].model_copy(update={"id": "score", "possible": (-10, 10), "plausible": None})
    asked = LDL.model_copy(update={"declared_covariates": {"score": pure}, "covariates": (*LDL.covariates, "score")})
    bound = {"covariates": MANIFEST["covariates"] | {"score": {"column": "kg", "unit": "kg"}}}
    below = with_values(long() | scores, "kg", dict.fromkeys(some, "-9"))
    assert "kg: one value" in read(rows=below, manifest=bound, endpoint=asked).report.notes[0]
    assert read(rows=long() | scores, manifest=bound, endpoint=asked).report.notes == ()


def test_letters_of_the_other_strand_are_named_by_line_and_never_flipped(refused):
    refused(
        "strand_mismatch",
        "column pvuii, lines 2, 5",
        "reverse strand",
        changes={"pvuii": ["A/G", "C/C", "", "A/A", "", "T/T"]},
    )


def test_event_codes_must_be_explained(refused):
    manifest = TIME_MANIFEST | {"event": {"column": "status"}}
    refused("unknown_level", "column status", rows=TIMES, manifest=manifest, endpoint=TAMOXIFEN)
