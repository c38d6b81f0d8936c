"""A user's own cohort, from a file to canonical columns; every fault is named by line, column and cure."""

import re

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Binary, Change
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, EsrError
from data_schemas.wire.patient import Patient
from features.cohort.read import check_columns, read_cohort
from features.matrix.encode import columns_of, encode, endpoint_features
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
LDL, TAMOXIFEN, SERD = (CATALOGUE.endpoints[name] for name in ("mht-ldl-response", "tamoxifen-rfs", "serd-progression"))
MANIFEST = {
    "id": "mine", "title": "t", "design": "randomised", "synthetic": True, "licence": "l", "citation": "c",
    "ancestry": "not stated", "missing": ["NA"], "row_id": "id",
    "therapy": {"column": "arm", "codes": {"E": "cee-mpa", "P": "placebo", "T": "tamoxifen"}},
    "covariates": {
        "sex": {"constant": "female"},
        "menopausal_status": {"constant": "postmenopausal"},
        "age": {"column": "age", "unit": "a"},
        "statins": {"column": "statin", "codes": {"0": "no", "1": "yes"}},
        "ldl_cholesterol": {"column": "ldl", "unit": "mmol/L"},
    },
    "follow_up": {"ldl_cholesterol": {"column": "ldl1", "unit": "mmol/L"}},
    "genotypes": {
        "rs2234693": {"column": "pvuii", "strand": "forward", "separator": "/"},
        "rs9340799": {"column": "xbai", "strand": "reverse"},
    },
}  # fmt: skip
ROWS = {
    "id": ["a", "b", "c", "d", "e", "f"],
    "arm": ["E", "P", "E", "T", "P", ""],
    "age": ["61", "NA", "5.5e1", "60", "39", "58"],
    "statin": ["0", "1", "", "0", "0", "1"],
    "ldl": ["4.0", "3.6", "4.4", "4.0", "4.0", "4.0"],
    "ldl1": ["3.0", "3.5", "", "3.0", "3.0", "3.0"],
    "pvuii": ["T/C", "C/C", "", "T/T", "./.", "T/T"],
    "xbai": ["TC", "TT", "", "CC", "TT", "TC"],
}


@pytest.fixture
def read(tmp_path):
    def _read(changes=None, manifest=None, endpoint=LDL, rows=ROWS):
        columns = {name: list(values) for name, values in (rows | (changes or {})).items()}
        path = tmp_path / "mine.csv"
        pd.DataFrame(columns).to_csv(path, index=False)
        cohort = Cohort.model_validate(MANIFEST | (manifest or {}))
        if endpoint is None:
            return check_columns(path, cohort, CATALOGUE)
        return read_cohort(path, cohort, Terms(endpoint, CATALOGUE))

    return _read


@pytest.fixture
def refused(read):
    def _refused(code, *says, **arguments):
        with pytest.raises(EsrError) as caught:
            read(**arguments)
        assert caught.value.code == code
        for text in says:
            assert text in caught.value.message
        return caught.value.message

    return _refused


def long(n=60):
    """Return a clean file of n rows."""
    rng = np.random.default_rng(0)
    ldl = rng.uniform(3.0, 5.0, n)
    return {
        "id": [f"p{i}" for i in range(n)],
        "arm": ["E", "P"] * (n // 2),
        "age": rng.integers(50, 75, n).astype(str).tolist(),
        "statin": ["0", "1"] * (n // 2),
        "ldl": [f"{x:.2f}" for x in ldl],
        "ldl1": [f"{x * 0.9:.2f}" for x in ldl],
        "pvuii": ["T/C"] * n,
        "xbai": ["TC"] * n,
    }


def with_values(rows, column, values):
    """Return the file with some rows of a column replaced: {0-based row: text}."""
    changed = list(rows[column])
    for row, text in values.items():
        changed[row] = text
    return rows | {column: changed}


def test_rows_become_canonical_columns(read):
    data = read()
    assert data.row.tolist() == [0, 1]
    assert data.table["therapy"].tolist() == ["cee-mpa", "placebo"]
    assert data.table["ldl_cholesterol"].tolist() == pytest.approx([154.7, 139.2], abs=0.1)
    assert data.table["statins"].tolist() == ["no", "yes"]
    assert data.table["rs2234693"].tolist() == [1.0, 2.0]
    assert data.table["rs9340799"].tolist() == [1.0, 0.0]
    assert np.isnan(data.table["age"][1])
    assert data.response.y.tolist() == [1.0, 0.0]
    assert data.therapies == ("cee-mpa", "placebo")


def test_every_row_that_does_not_count_has_one_reason_and_a_line(read):
    report = read().report
    assert (report.n_read, report.n) == (6, 2)
    assert [(one.code, one.n, one.lines) for one in report.ineligible] == [
        ("not_eligible", 1, (6,)),
        ("not_covered", 1, (5,)),
        ("outcome_not_known", 1, (4,)),
        ("missing_required", 1, (7,)),
    ]
    assert report.n_read == report.n + sum(one.n for one in report.ineligible)


def test_the_report_counts_outcomes_missing_values_and_what_the_cohort_lacks(read):
    report = read().report
    assert (report.n_favourable, report.n_unfavourable, report.event_rate) == (1, 1, 0.5)
    assert report.rate_by_therapy == {"cee-mpa": 1.0, "placebo": 0.0}
    assert report.missing["age"] == 1
    assert {"bmi", "rs1271572"} <= set(report.absent)
    assert report.genotype_states["rs2234693"] == {"called": 4, "not_assayed": 1, "failed_qc": 1}
    assert report.synthetic


def test_columns_alone_can_be_checked(read):
    report = read(endpoint=None)
    assert (report.endpoint, report.n_read) == (None, 6)
    assert report.missing["statins"] == 1
    assert {one.variant for one in report.sites} == {"rs2234693", "rs9340799"}


def test_a_cohort_and_a_request_give_the_same_design_matrix(read):
    data = read()
    features = endpoint_features(Terms(LDL, CATALOGUE), "clinical+genetic", data.table.columns, data.therapies)
    requests = [
        {"therapy": {"name": "cee-mpa"}, "genotypes": {"rs2234693": "T/C", "rs9340799": "A/G"},
         "covariates": {"age": 61, "statins": "no", "ldl_cholesterol": {"value": 4.0, "unit": "mmol/L"}}},
        {"therapy": {"name": "placebo"}, "genotypes": {"rs2234693": "C/C", "rs9340799": "A/A"},
         "covariates": {"statins": True, "ldl_cholesterol": {"value": 3.6, "unit": "mmol/L"}}},
    ]  # fmt: skip
    values = [resolve(Patient.model_validate(one), PatientTerms(LDL, CATALOGUE)).values for one in requests]
    served = encode(columns_of(values, [f.name for f in features]), features)
    np.testing.assert_array_equal(encode(data.table, features), served)


def test_the_digest_follows_the_content_and_not_the_spelling(read):
    digest = read().digest
    assert digest == read({"age": ["61.0", "", "55", "60.00", "39", "58"]}).digest
    assert digest != read({"age": ["62", "NA", "5.5e1", "60", "39", "58"]}).digest
    assert digest != read({"ldl1": ["4.0", "3.5", "", "3.0", "3.0", "3.0"]}).digest


def test_parquet_and_csv_are_one_cohort(read, tmp_path):
    path = tmp_path / "mine.parquet"
    frame = pd.DataFrame(ROWS).assign(age=[61, None, 55, 60, 39, 58], ldl=pd.to_numeric(ROWS["ldl"]))
    frame.to_parquet(path)
    data = read_cohort(path, Cohort.model_validate(MANIFEST), Terms(LDL, CATALOGUE))
    assert data.digest == read().digest


# ten of the worst inputs


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


@pytest.mark.parametrize("key", ["covariates", "follow_up"])
def test_a_number_without_its_unit_is_refused(refused, key):
    unitless = {key: MANIFEST[key] | {"ldl_cholesterol": {"column": "ldl"}}}
    refused("catalogue_invalid", "LDL cholesterol needs its unit in the manifest", "mmol/L", manifest=unitless)


def test_one_wrong_value_is_a_wrong_value_and_not_a_unit(refused):
    refused("out_of_range", "column ldl, line 5", rows=with_values(long(), "ldl", {3: "150"}))


def heavy(later=False):
    """Sixty people, of whom twenty are weighed in pounds: at the start, or a year later."""
    rows, drawn = long(60), np.random.default_rng(0).normal(0, 0.18, (2, 60))
    kilograms = 72 * np.exp(drawn)
    kilograms[int(later), 20:40] *= 2.20462
    now, then = ([f"{value:.1f}" for value in column] for column in kilograms)
    return rows | {"kg": now, "kg1": then}


WEIGHED = {
    "covariates": MANIFEST["covariates"] | {"weight": {"column": "kg", "unit": "kg"}},
    "follow_up": {"weight": {"column": "kg1", "unit": "kg"}},
}
LIGHTER = LDL.model_copy(update={"outcome": Change(kind="change", covariate="weight", relative_change=-0.05)})


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


def test_simulated_rows_cannot_pass_for_patients(refused, read):
    marked = ROWS | {"esr_synthetic": ["yes"] * 6}
    assert read(rows=marked).report.synthetic
    refused("wrong_columns", "synthetic = true", rows=marked, manifest={"synthetic": False})
    assert not read(manifest={"synthetic": False}).report.synthetic


def test_letters_of_the_other_strand_are_named_by_line_and_never_flipped(refused):
    refused(
        "strand_mismatch",
        "column pvuii, lines 2, 5",
        "reverse strand",
        changes={"pvuii": ["A/G", "C/C", "", "A/A", "", "T/T"]},
    )


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


def test_a_cohort_that_cannot_tell_the_outcome(refused):
    refused("unusable_outcome", "time and event", endpoint=TAMOXIFEN)
    refused("unusable_outcome", "response", endpoint=LDL.model_copy(update={"outcome": Binary(kind="binary")}))


def test_nobody_eligible_lists_the_reasons(refused):
    refused("no_rows", "a therapy that the endpoint does not cover", changes={"arm": ["T"] * 6})


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


TIMES = {
    "id": list("abcdef"), "arm": ["T"] * 6, "nodes": ["1", "2", "3", "1", "2", "3"],
    "months": ["40", "10", "20", "", "50", "36"], "status": ["0", "1", "0", "1", "1", ""],
}  # fmt: skip
TIME_MANIFEST = {
    "covariates": {"sex": {"constant": "female"}, "positive_nodes": {"column": "nodes", "unit": "1"}},
    "follow_up": {}, "genotypes": {}, "time": {"column": "months", "unit": "mo"},
    "event": {"column": "status", "codes": {"1": "true", "0": "false"}},
}  # fmt: skip


def test_time_to_event_in_months(read):
    data = read(rows=TIMES, manifest=TIME_MANIFEST, endpoint=TAMOXIFEN)
    np.testing.assert_array_equal(data.response.y, [1, 0, np.nan, 1])
    assert data.response.time[0] == pytest.approx(40 * 30.4375)
    report = data.report
    assert (report.n_favourable, report.n_unfavourable, report.n_censored, report.n_events) == (2, 1, 1, 2)
    assert [(one.code, one.n) for one in report.ineligible] == [("outcome_not_known", 2)]


def test_a_time_that_never_reaches_the_horizon_blames_the_unit(refused):
    days = TIME_MANIFEST | {"time": {"column": "months", "unit": "d"}}
    refused("unusable_outcome", "unit of the time column", rows=TIMES, manifest=days, endpoint=TAMOXIFEN)


def test_a_negative_time_is_impossible(refused):
    rows = TIMES | {"months": ["40", "-1", "20", "", "50", "36"]}
    refused("out_of_range", "column months, line 3", rows=rows, manifest=TIME_MANIFEST, endpoint=TAMOXIFEN)


def followed(n=300, seed=0):
    """Return who was followed for how many days: exponential events, censored between two and eight years."""
    rng = np.random.default_rng(seed)
    event, censored = rng.exponential(2000, n), rng.uniform(730, 2920, n)
    days = np.ceil(np.minimum(event, censored))
    rows = {"id": [f"p{i}" for i in range(n)], "arm": ["T"] * n, "nodes": ["1", "2", "3"] * (n // 3)}
    return rows | {"status": np.where(event <= censored, "1", "0").tolist()}, days


@pytest.fixture
def doubts(read):
    """What a report notes of the column with the days."""
    return lambda **asked: [note for note in read(**asked).report.notes if note.startswith("days:")]


def test_follow_up_in_two_units_is_pointed_out_and_in_one_is_not(doubts):
    asked = {"endpoint": TAMOXIFEN, "manifest": TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}}
    for seed in range(20):
        rows, days = followed(seed=seed)
        assert doubts(rows=rows | {"days": days.astype(int).astype(str)}, **asked) == []
    for unit, length in (("mo", 30.4375), ("a", 365.25)):
        mixed = days.copy()
        mixed[100:160] = np.round(mixed[100:160] / length, 2)
        said = f"days: lines 102 to 161 would be like the others in {unit}; if they are not in d, convert them"
        assert doubts(rows=rows | {"days": mixed.astype(str)}, **asked) == [said]
    certain = asked["manifest"] | {"time": asked["manifest"]["time"] | {"one_unit": True}}
    mixed = rows | {"days": mixed.astype(str)}
    assert doubts(rows=mixed, manifest=certain, endpoint=TAMOXIFEN) == []


@pytest.mark.parametrize("scale", [20, 40, 80])
@pytest.mark.parametrize("spread", [0, 0.3])
def test_events_within_weeks_and_years_of_follow_up_are_no_two_units(doubts, scale, spread):
    """In a file sorted by event, the two differ by about the days of a month; many may be followed to one day."""
    asked = {"endpoint": TAMOXIFEN, "manifest": TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}}
    rows, _ = followed()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        event = np.sort(rng.random(300) < 0.5)
        later = scale * np.exp(rng.normal(0, 0.5, 300)), 1500 * np.exp(rng.normal(0, spread, 300))
        times = {"days": np.ceil(np.where(event, *later)).astype(str), "status": np.where(event, "1", "0")}
        assert doubts(rows=rows | times, **asked) == []


def test_a_code_for_missing_in_the_follow_up_is_pointed_out(doubts):
    rows, days = followed()
    days[[5, 50, 70, 120, 250]] = 9999
    manifest = TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}
    (note,) = doubts(rows=rows | {"days": days.astype(int).astype(str)}, manifest=manifest, endpoint=TAMOXIFEN)
    assert "stands in 5 lines, the first 7; if it is a code" in note


def test_follow_up_longer_than_a_life_blames_its_unit(refused):
    rows, days = followed()
    years = TIME_MANIFEST | {"time": {"column": "days", "unit": "a"}}
    whole = rows | {"days": days.astype(str)}
    refused(
        "mixed_units", "the follow-up time reads like d, not like a", rows=whole, manifest=years, endpoint=TAMOXIFEN
    )
    months = TIME_MANIFEST | {"time": {"column": "days", "unit": "mo"}}
    short = rows | {"days": np.minimum(days, 1440).astype(str)}
    refused("mixed_units", "the follow-up time is in mo, but", rows=short, manifest=months, endpoint=TAMOXIFEN)
    once = rows | {"days": np.where(np.arange(300) == 7, 45_000, days).astype(str)}
    manifest = TIME_MANIFEST | {"time": {"column": "days", "unit": "d"}}
    refused("out_of_range", "column days, line 9", "0 to 44000 d", rows=once, manifest=manifest, endpoint=TAMOXIFEN)


def test_a_follow_up_time_needs_a_column_and_a_unit_of_time(refused):
    for column, says in (({"constant": 5.0}, "needs a column"), ({"column": "months", "unit": "kg"}, "d or wk or mo")):
        manifest = TIME_MANIFEST | {"time": column}
        refused("catalogue_invalid", says, rows=TIMES, manifest=manifest, endpoint=TAMOXIFEN)
    refused("catalogue_invalid", "needs its unit", rows=TIMES, manifest=TIME_MANIFEST | {"time": {"column": "months"}},
            endpoint=TAMOXIFEN)  # fmt: skip


def test_event_codes_must_be_explained(refused):
    manifest = TIME_MANIFEST | {"event": {"column": "status"}}
    refused("unknown_level", "column status", rows=TIMES, manifest=manifest, endpoint=TAMOXIFEN)


def somatic(covers, **columns):
    return TIME_MANIFEST | {
        "therapy": {"constant": SERD.therapies[0]},
        "time": {"column": "months", "unit": "a"},
        "somatic": {"assay": "panel", "covers_esr1": covers, "columns": columns},
    }


UNTESTED = SERD.model_copy(update={"required": ("therapy",)})
STATES = {"pos": "detected", "neg": "not_detected", "nd": "not_tested"}


def test_an_assay_that_does_not_cover_esr1_makes_nobody_wild_type(read):
    data = read(rows=TIMES, manifest=somatic(False), endpoint=UNTESTED)
    assert data.report.somatic["ESR1_LBD"] == {"not_tested": data.report.n}
    assert "ESR1_LBD" not in data.table
    assert "none is wild type" in data.report.notes[-1]


def test_somatic_columns_become_states(read):
    rows = TIMES | {"y537s": ["pos", "neg", "nd", "pos", "neg", "pos"]}
    manifest = somatic(True, Y537S={"column": "y537s", "codes": STATES})
    data = read(rows=rows, manifest=manifest, endpoint=UNTESTED)
    assert data.table["ESR1_LBD"].dropna().unique().tolist() == [1.0]
    assert data.report.somatic["ESR1_LBD"]["not_tested"] > 0
