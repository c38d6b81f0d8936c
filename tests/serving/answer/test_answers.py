"""What is answered: sums that hold, rows that do not depend on their neighbours, states, abstentions, words."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tiny_model import TINY_COHORT, TINY_ENDPOINT, make_tiny_card, write_tiny_bundle

from cli.terminal.answer_text import lines, plain
from data_schemas.wire.patient import PredictionRequest
from data_schemas.wire.prediction import Prediction, PredictionResponse
from serving.answer.predict import answer, predict
from serving.models.loaded import LoadedModel, load_model


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> LoadedModel:
    return load_model(write_tiny_bundle(tmp_path_factory.mktemp("models") / "genetic"))


@pytest.fixture(scope="module")
def clinical(tmp_path_factory) -> LoadedModel:
    return load_model(write_tiny_bundle(tmp_path_factory.mktemp("models") / "clinical", genetic=False))


def ask(model: LoadedModel, *patients: dict) -> PredictionResponse:
    request = PredictionRequest.model_validate_json(json.dumps({"endpoint": "tiny-ldl", "patients": patients}))
    return answer(model, request.patients, "r1")


def one(model: LoadedModel, patient: dict):
    return ask(model, patient).predictions[0]


def changed(patient: dict, **covariates: object) -> dict:
    return {**patient, "covariates": {**patient["covariates"], **covariates}}


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def codes(notices) -> list[str]:
    return [notice.code for notice in notices]


def test_what_was_assumed_or_imputed_stays_so_in_the_answer(model, tiny_patient):
    assumed = {"state": "assumed_reference", "alleles": "T/T"}
    found = one(model, {**tiny_patient, "genotypes": {"rs2234693": assumed}})
    letters = one(model, {**tiny_patient, "genotypes": {"rs2234693": "T/T"}})
    assert found.genotypes["rs2234693"].state == "assumed_reference"
    assert "assumed_reference" in codes(found.warnings)
    assert found.probability == letters.probability
    imputed = one(
        model, {**tiny_patient, "genotypes": {"rs2234693": {"state": "imputed", "dosage": 0.8, "quality": 0.92}}}
    )
    assert (imputed.genotypes["rs2234693"].state, imputed.genotypes["rs2234693"].dosage) == ("imputed", 0.8)
    assert "imputed_genotype" in codes(imputed.warnings)


def test_contributions_add_up_to_the_served_log_odds(model, tiny_patient):
    for patient in (tiny_patient, changed(tiny_patient, age=None, diabetes=None), {**tiny_patient, "genotypes": {}}):
        found = one(model, patient)
        total = sum(part.log_odds for part in found.contributions) + logit(found.baseline)
        assert total == pytest.approx(found.log_odds, abs=1e-9)
        assert logit(found.probability) == pytest.approx(found.log_odds, abs=1e-9)
        assert found.interval.low < found.probability < found.interval.high
        assert {part.feature for part in found.contributions} == {f.name for f in model.bundle.scorecard.features}


def test_contributions_stand_by_size_with_labels_values_and_units(model, tiny_patient):
    found = one(model, tiny_patient)
    sizes = [abs(part.log_odds) for part in found.contributions]
    assert sizes == sorted(sizes, reverse=True)
    labels = {part.feature: part.label for part in found.contributions}
    assert labels["ldl_cholesterol"] == "LDL cholesterol 158.5 mg/dL"
    assert labels["rs2234693"] == "ESR1 PvuII C/T"
    assert labels["therapy"] == "therapy CEE + MPA"
    assert labels["diabetes"] == "diabetes no"


def test_the_text_adds_up_too(model, tiny_patient):
    shown = [line for line in lines(ask(model, tiny_patient)) if line.log_odds is not None]
    *parts, total = [float(plain(line)[64:].split()[0]) for line in shown]
    assert sum(parts) == pytest.approx(total, abs=0.0005 * len(shown))
    assert any("62.0 %" in plain(line) for line in lines(ask(model, tiny_patient)))


def assert_same(together: Prediction, alone: Prediction) -> None:
    """Two predictions agree in every field; numbers to the last bits of a sum's order."""
    numbers = {"probability", "interval", "baseline", "without_genetics", "log_odds", "contributions"}
    assert together.model_dump(exclude=numbers) == alone.model_dump(exclude=numbers)
    assert [(p.feature, p.label) for p in together.contributions] == [(p.feature, p.label) for p in alone.contributions]
    for name in ("probability", "baseline", "without_genetics", "log_odds"):
        assert getattr(together, name) == pytest.approx(getattr(alone, name), abs=1e-12)
    assert [p.log_odds for p in together.contributions] == pytest.approx(
        [p.log_odds for p in alone.contributions], abs=1e-12
    )
    if alone.interval is not None:
        assert together.interval.low == pytest.approx(alone.interval.low, abs=1e-12)
        assert together.interval.high == pytest.approx(alone.interval.high, abs=1e-12)


def test_a_row_alone_and_in_a_batch_get_the_same_answer(model, tiny_patient):
    """Every kind of patient between every other: its numbers, labels, states, warnings and reasons are its own."""
    covariates = tiny_patient["covariates"]
    different = [
        tiny_patient,
        changed(tiny_patient, age=71, ldl_cholesterol=121, diabetes="yes") | {"genotypes": {"rs2234693": "C/C"}},
        changed(tiny_patient, age=None) | {"therapy": {"name": "placebo"}, "genotypes": {"rs2234693": "T/T"}},
        changed(tiny_patient, age=80, ldl_cholesterol=265) | {"genotypes": {}},
        changed(tiny_patient, ldl_cholesterol=400),
        {"covariates": covariates},
        {"covariates": {"age": "x"}},
    ]
    patients = [{**patient, "id": f"q{number}"} for number, patient in enumerate(different)]
    alone = [one(model, patient) for patient in patients]
    assert [found.status for found in alone] == ["predicted"] * 4 + ["abstained"] * 2 + ["invalid"]
    assert len({str([part.label for part in found.contributions]) for found in alone[:4]}) == 4
    for shift in range(len(patients)):
        order = [(place + shift) % len(patients) for place in range(len(patients))]
        together = ask(model, *(patients[place] for place in order)).predictions
        for found, place in zip(together, order, strict=True):
            expected = alone[place].model_dump(mode="json")
            for problem in expected["problems"]:
                problem["pointer"] = problem["pointer"].replace("/0/", f"/{order.index(place)}/")
            assert_same(found, Prediction.model_validate(expected))


def test_the_service_answers_what_the_code_answers(service, model, tiny_patient):
    document = {"endpoint": "tiny-ldl", "patients": [tiny_patient, {"id": "p2"}]}
    asked = datetime.now(UTC)
    over_http = PredictionResponse.model_validate_json(service.post(document).content)
    here = ask(model, *document["patients"])
    assert over_http.model_copy(update={"request_id": "r1", "time": here.time}) == here
    assert asked - timedelta(milliseconds=1) <= datetime.fromisoformat(over_http.time) <= datetime.now(UTC)


def test_a_thousand_patients_are_answered_one_by_one(service, tiny_patient):
    patients = [{**tiny_patient, "id": f"p{i}"} for i in range(1000)]
    response = service.post({"endpoint": "tiny-ldl", "patients": patients})
    assert response.status_code == 200
    found = response.json()["predictions"]
    assert [one["id"] for one in found] == [one["id"] for one in patients]
    assert {one["status"] for one in found} == {"predicted"}


def test_the_twin_tells_what_it_would_be_without_genetics(model, clinical, tiny_patient):
    with_genetics = one(model, tiny_patient)
    assert with_genetics.without_genetics == pytest.approx(one(clinical, tiny_patient).probability, abs=1e-12)
    assert with_genetics.without_genetics != with_genetics.probability


def test_a_clinical_model_is_its_own_twin_and_says_so(clinical, tiny_patient):
    found = one(clinical, tiny_patient)
    assert found.without_genetics == found.probability
    assert "genetics_not_used" in codes(found.warnings)


def test_without_an_assessment_of_genetics_there_is_no_twin(clinical, tiny_patient):
    card = make_tiny_card(clinical.bundle.scorecard, TINY_COHORT, "genetics not assessed")
    unassessed = replace(clinical, bundle=replace(clinical.bundle, card=card))
    response = ask(unassessed, tiny_patient)
    assert response.predictions[0].without_genetics is None
    assert response.model.genetics == "genetics not assessed"
    assert any("genetics could not be assessed" in sentence for sentence in response.context)


def test_states_of_the_sites_are_given_whatever_the_status(model, tiny_patient):
    assert one(model, tiny_patient).genotypes["rs2234693"].alleles == "C/T"
    assert one(model, {**tiny_patient, "genotypes": {}}).genotypes["rs2234693"].state == "not_assayed"
    assert one(model, {"genotypes": {"rs2234693": "T/T"}}).genotypes["rs2234693"].state == "called"


def test_an_unknown_input_is_said_to_be_filled_in(model, tiny_patient):
    found = one(model, changed(tiny_patient, age=None))
    notice = next(notice for notice in found.warnings if notice.code == "unknown_filled")
    assert "age" in notice.detail
    assert "diabetes" not in notice.detail
    labels = {part.feature: part.label for part in found.contributions}
    assert labels["age"] == "age unknown (cohort median used)"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"therapy": None}, "missing_required"),
        ({"covariates": {"age": 58}}, "missing_required"),
        ({"covariates": {"age": 58, "ldl_cholesterol": 400}}, "outside_support"),
    ],
)
def test_where_the_data_carry_no_answer_there_is_no_number(model, tiny_patient, change, code):
    found = one(model, tiny_patient | change)
    assert found.status == "abstained"
    assert codes(found.reasons) == [code]
    assert found.model_dump(exclude={"id", "status", "genotypes", "somatic", "warnings", "reasons"}) == {
        "probability": None,
        "interval": None,
        "baseline": None,
        "without_genetics": None,
        "log_odds": None,
        "contributions": (),
        "problems": (),
    }


def test_a_therapy_that_nobody_of_the_cohort_had_gets_no_number(bundles, tiny_patient):
    trained_on_two = load_model(bundles / "mht-ldl-response")
    other = {**tiny_patient, "therapy": {"name": "oestradiol-oral"}, "covariates": tiny_patient["covariates"]}
    found = one(trained_on_two, other)
    assert (found.status, codes(found.reasons)) == ("abstained", ["therapy_not_in_training"])


def test_a_second_patient_of_the_same_id_is_invalid(model, tiny_patient):
    found = ask(model, tiny_patient, {}, tiny_patient, {}).predictions
    assert [one.status for one in found] == ["predicted", "abstained", "invalid", "abstained"]
    assert [(p.pointer, p.code) for p in found[2].problems] == [("/patients/2/id", "duplicate_patient")]


def test_blocks_of_one_file_share_ids_and_count_on(model, tiny_patient):
    request = PredictionRequest.model_validate_json(
        json.dumps({"endpoint": "tiny-ldl", "patients": [tiny_patient, {"covariates": {"age": []}}]})
    )
    seen: set[str] = set()
    predict(model, request.patients, seen=seen)
    again = predict(model, request.patients, first=2, seen=seen)
    assert [one.problems[0].pointer for one in again] == ["/patients/2/id", "/patients/3/covariates/age"]


def test_a_reader_learns_what_the_number_is_not(model, tiny_patient):
    response = ask(model, tiny_patient)
    text = " ".join(response.context)
    assert response.context[0].startswith("This model was trained on simulated patients")
    assert "25 % under Placebo" in text
    assert "A probability is not an effect of the therapy" in text
    assert "The probability of a clinical benefit." in text
    assert "Research use; not a medical device." in text
    assert response.model.synthetic
    assert response.outcome == "the probability of an LDL fall of at least 15 % within one year"


def test_a_clinical_model_answers_without_the_genetics_that_its_endpoint_requires(tmp_path, tiny_patient):
    required = ("therapy", "ldl_cholesterol", "rs2234693", "ESR1_LBD")
    asked = TINY_ENDPOINT.model_copy(update={"somatic": ("ESR1_LBD",), "required": required})
    genetic, clinical = (
        load_model(write_tiny_bundle(tmp_path / str(flag), asked, genetic=flag)) for flag in (True, False)
    )
    patient = {**tiny_patient, "genotypes": {}}
    found = one(clinical, patient)
    assert found.status == "predicted"
    assert found.somatic["ESR1_LBD"] == "not_tested"
    assert clinical.endpoint.required == ("therapy", "ldl_cholesterol")
    assert genetic.endpoint.required == required
    assert codes(one(genetic, patient).reasons) == ["missing_required"] * 2
    assert one(clinical, {**patient, "therapy": None}).status != "predicted"
