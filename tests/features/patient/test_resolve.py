"""A request's patient in canonical form: what is stated is checked, what is not stays unknown."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_schemas.catalogue.endpoint import Criterion
from data_schemas.catalogue.load import load_catalogue
from data_schemas.wire.patient import Patient
from features.patient.resolve import outside, resolve
from features.patient.terms import PatientTerms

CATALOGUE = load_catalogue()
ENDPOINT = CATALOGUE.endpoints["mht-ldl-response"]
ELIGIBLE = {"age": 58, "sex": "female", "menopausal_status": "postmenopausal"}
GOOD = {
    "id": "p1",
    "therapy": {"name": "cee-mpa"},
    "covariates": {**ELIGIBLE, "ldl_cholesterol": {"value": 4.1, "unit": "mmol/L"}},
    "genotypes": {"rs2234693": "T/C", "rs9340799": "A/G"},
}


def resolved(endpoint=ENDPOINT, pointer="/patients/3", **changes):
    return resolve(Patient.model_validate(GOOD | changes), PatientTerms(endpoint, CATALOGUE), pointer)


def only_problem(**changes):
    (problem,) = resolved(**changes).problems
    return problem


def with_covariate(name, value):
    return {"covariates": {**ELIGIBLE, "ldl_cholesterol": 140.0, name: value}}


def test_a_good_patient_becomes_numbers_levels_and_dosages():
    found = resolved()
    assert (found.problems, found.warnings, found.ineligible) == ((), (), ())
    assert found.values["therapy"] == "cee-mpa"
    assert found.values["ldl_cholesterol"] == pytest.approx(158.5, abs=0.1)
    assert found.values["rs2234693"] == 1.0
    assert found.genotypes["rs2234693"].alleles == "C/T"


def test_what_is_not_stated_is_unknown_and_never_a_default():
    found = resolved()
    assert found.values["statins"] is None
    assert found.values["rs1271572"] is None
    assert found.genotypes["rs1271572"].state == "not_assayed"
    assert set(found.values) >= {"therapy", *ENDPOINT.covariates, *ENDPOINT.variants}


def test_an_eligibility_rule_that_could_not_be_checked_is_said():
    found = resolved(covariates={"age": 58, "ldl_cholesterol": 140})
    (warning,) = found.warnings
    assert warning.code == "eligibility_unknown"
    assert "Sex" in warning.detail
    assert "Age" not in warning.detail
    assert found.ineligible == ()


def test_null_is_unknown():
    found = resolved(covariates={"ldl_cholesterol": 140, "age": None}, genotypes={"rs2234693": None})
    assert found.problems == ()
    assert (found.values["age"], found.genotypes["rs2234693"].state) == (None, "not_assayed")


def test_true_and_false_are_levels_of_a_yes_no_covariate():
    assert resolved(**with_covariate("statins", True)).values["statins"] == "yes"
    assert resolved(**with_covariate("statins", "no")).values["statins"] == "no"


@pytest.mark.parametrize(
    ("name", "value", "code", "says"),
    [
        ("age", "58", "wrong_type", "must be a number"),
        ("age", True, "wrong_type", "must be a number"),
        ("age", -1, "out_of_range", "0 to 120 years"),
        ("age", 10**400, "out_of_range", "0 to 120 years"),
        ("age", {"value": 58, "unit": "parsec"}, "unknown_unit", "years"),
        ("glucose", {"value": 500, "unit": "mmol/L"}, "out_of_range", "mg/dL"),
        ("statins", 1, "wrong_type", "no, yes"),
        ("statins", {"value": 1, "unit": "1"}, "wrong_type", "no, yes"),
        ("statins", "Yes", "unknown_level", "did you mean yes?"),
        ("race_ethnicity", "martian", "unknown_level", "white"),
        ("race_ethnicity", True, "wrong_type", "white"),
    ],
)
def test_a_wrong_value_is_a_problem_at_its_place_without_the_value(name, value, code, says):
    problem = only_problem(**with_covariate(name, value))
    assert (problem.pointer, problem.code) == (f"/patients/3/covariates/{name}", code)
    assert says in problem.detail
    assert "parsec" not in problem.detail
    assert "martian" not in problem.detail


def test_a_possible_but_unusual_value_passes_with_a_warning():
    found = resolved(**with_covariate("age", 10))
    assert found.values["age"] == 10
    assert [one.code for one in found.warnings] == ["implausible"]


@pytest.mark.parametrize(
    ("key", "pointer", "near"),
    [
        ("ldl_cholestrol", "/patients/3/covariates/ldl_cholestrol", "ldl_cholesterol"),
        ("Anna Smith, b. 1950", "/patients/3/covariates", "the endpoint uses"),
    ],
)
def test_an_unknown_covariate_is_refused_with_the_nearest_known_one(key, pointer, near):
    problem = only_problem(**with_covariate(key, 3))
    assert (problem.pointer, problem.code) == (pointer, "unknown_field")
    assert near in problem.detail
    assert "Anna" not in problem.detail


def test_a_covariate_that_the_endpoint_does_not_use_is_checked_and_said_to_be_unused():
    found = resolved(**with_covariate("positive_nodes", 2))
    assert [one.code for one in found.warnings] == ["not_used"]
    assert "positive_nodes" not in found.values
    assert only_problem(**with_covariate("positive_nodes", -3)).code == "out_of_range"


@pytest.mark.parametrize(
    ("rsid", "letters", "code", "says"),
    [
        ("rs2234639", "T/C", "unknown_variant", "did you mean rs2234693?"),
        ("PvuII", "T/C", "unknown_variant", "did you mean rs2234693?"),
        ("RS2234693", "T/C", "unknown_variant", "did you mean rs2234693?"),
        ("Y537S", "A/C", "germline_somatic_mix", "move it to somatic"),
        ("p.Asp538Gly", "A/G", "germline_somatic_mix", "move it to somatic"),
        ("rs2234693", "A/G", "strand_mismatch", "reverse strand"),
        ("rs2234693", "T/A", "unknown_allele", "T or C"),
        ("rs2234693", "0/1", "invalid_genotype", "letters"),
        ("rs2234693", "", "invalid_genotype", "null"),
    ],
)
def test_a_wrong_genotype_is_a_problem_at_its_place(rsid, letters, code, says):
    problem = only_problem(genotypes={rsid: letters})
    assert (problem.pointer, problem.code) == (f"/patients/3/genotypes/{rsid}", code)
    assert says in problem.detail


def test_a_palindromic_site_is_forward_by_contract():
    assert resolved(genotypes={"rs1801132": "C/C"}).values["rs1801132"] == 2.0


def test_a_failed_call_is_unknown_with_its_reason():
    found = resolved(genotypes={"rs2234693": "./."})
    assert (found.values["rs2234693"], found.genotypes["rs2234693"].reason) == (None, "no_call")


def test_a_therapy_that_the_endpoint_does_not_cover():
    problem = only_problem(therapy={"name": "cee-mpaa"})
    assert (problem.pointer, problem.code) == ("/patients/3/therapy/name", "unknown_therapy")
    assert "did you mean cee-mpa?" in problem.detail


def test_a_dose_is_checked_and_said_to_be_unused():
    unit = CATALOGUE.therapies["cee-mpa"].dose_unit
    found = resolved(therapy={"name": "cee-mpa", "dose": {"value": 0.6, "unit": unit}})
    assert [one.code for one in found.warnings] == ["not_used"]
    codes = {one.code for one in resolved(therapy={"name": "cee-mpa", "dose": {"value": -1, "unit": "km"}}).problems}
    assert codes == {"unknown_unit", "out_of_range"}


def test_ineligible_and_incomplete_patients_have_reasons_not_problems():
    found = resolved(covariates={"menopausal_status": "premenopausal", "age": 30}, therapy=None)
    assert found.problems == ()
    assert [one.code for one in found.ineligible].count("not_eligible") == 2
    assert [one.code for one in found.ineligible].count("missing_required") == 2


def test_somatic_findings_reach_the_endpoint_that_uses_them():
    endpoint = CATALOGUE.endpoints["serd-progression"]
    patient = Patient.model_validate(
        {"therapy": {"name": endpoint.therapies[0]}, "somatic": [{"variant": "p.Tyr537Ser"}]}
    )
    found = resolve(patient, PatientTerms(endpoint, CATALOGUE))
    assert found.somatic["ESR1_LBD"] == "detected"
    assert found.values["ESR1_LBD"] == 1.0


def test_somatic_problems_point_at_their_entry():
    (problem,) = resolved(somatic=[{"variant": "Y537S"}, {"variant": "rs2234693"}]).problems
    assert (problem.pointer, problem.code) == ("/patients/3/somatic/1/variant", "germline_somatic_mix")
    (problem,) = resolved(somatic=[{"variant": "Y537S"}, {"variant": "Y537S", "state": "not_detected"}]).problems
    assert (problem.pointer, problem.code) == ("/patients/3/somatic", "conflicting_findings")


def test_every_fault_of_a_patient_is_reported_at_once():
    found = resolved(
        covariates={"age": "old", "statins": 3, "colour": "red"},
        genotypes={"rs2234693": "A/G"},
        therapy={"name": "water"},
    )
    assert sorted(one.code for one in found.problems) == [
        "strand_mismatch", "unknown_field", "unknown_therapy", "wrong_type", "wrong_type",
    ]  # fmt: skip


def test_pointers_escape_what_json_pointers_must():
    from data_schemas.catalogue.rows import Covariate

    odd = Covariate(id="a/b~c", label="Odd", kind="binary")
    endpoint = ENDPOINT.model_copy(
        update={"covariates": (*ENDPOINT.covariates, "a/b~c"), "declared_covariates": {"a/b~c": odd}}
    )
    (problem,) = resolved(endpoint, **with_covariate("a/b~c", 3)).problems
    assert problem.pointer == "/patients/3/covariates/a~1b~0c"


def test_two_endpoints_are_not_confused():
    other = ENDPOINT.model_copy(update={"therapies": ("placebo",)})
    assert resolved().problems == ()
    assert only_problem(endpoint=other).code == "unknown_therapy"
    assert resolved().problems == ()


@pytest.mark.parametrize(
    ("value", "expected"), [(None, True), (39.9, True), (40, False), (85, False), (85.1, True), (60, False)]
)
def test_bounds_of_eligibility_are_inclusive(value, expected):
    rule = Criterion(covariate="age", minimum=40, maximum=85, unknown_is="ineligible", reason="r")
    assert outside(value, rule) is expected


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text())


@given(
    covariates=st.dictionaries(st.one_of(st.sampled_from(ENDPOINT.covariates), st.text()), values, max_size=5),
    genotypes=st.dictionaries(
        st.one_of(st.sampled_from(ENDPOINT.variants), st.text()), st.one_of(st.none(), st.text())
    ),
)
def test_any_patient_is_resolved_or_has_problems_and_values_stay_in_range(covariates, genotypes):
    found = resolved(covariates=covariates, genotypes=genotypes)
    for name in ENDPOINT.covariates:
        value, row = found.values[name], CATALOGUE.covariates[name]
        if isinstance(value, float):
            assert math.isfinite(value)
            assert row.possible[0] <= value <= row.possible[1]
        else:
            assert value is None or value in row.levels
