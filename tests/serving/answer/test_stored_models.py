"""Models that an earlier version trained and stored go on answering, to the last digit.

`tests/fixtures/bundles` holds two models of simulated patients as version 0.1.0 wrote them, what they were asked, and
what they answered.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from catalogue_copy import grown_catalogue

from data_schemas.catalogue.load import load_catalogue
from data_schemas.wire.patient import PredictionRequest
from data_schemas.wire.prediction import Prediction
from serving.answer.predict import answer, predict
from serving.models.loaded import load_model

STORED = Path(__file__).parents[2] / "fixtures" / "bundles"
MODELS = ("mht-ldl-response", "serd-progression")


def asked(name: str, catalogue=None) -> dict:
    """Return what the stored model answers now, without what differs from one request to the next."""
    model = load_model(STORED / name, catalogue=catalogue)
    request = PredictionRequest.model_validate_json((STORED / f"{name}.request.json").read_bytes())
    found = answer(model, request.patients, "r1")
    return comparable(json.loads(found.model_dump_json()))


def comparable(document: dict) -> dict:
    """Leave out the request's id, its time, and the version, which only a registry gives."""
    model = {key: value for key, value in document["model"].items() if key != "version"}
    return {key: value for key, value in document.items() if key not in ("request_id", "time")} | {"model": model}


@pytest.mark.parametrize("name", MODELS)
def test_a_stored_model_gives_the_answer_of_the_day_it_was_stored(name):
    assert asked(name) == comparable(json.loads((STORED / f"{name}.answer.json").read_bytes()))


@pytest.mark.parametrize("name", MODELS)
def test_a_stored_model_gives_the_same_answer_where_the_catalogue_has_grown(name, tmp_path):
    stored = json.loads((STORED / f"{name}.answer.json").read_bytes())
    assert asked(name, grown_catalogue(tmp_path)) == comparable(stored)


def tumour(catalogue, *findings: tuple[str, str]) -> Prediction:
    """Return what the stored tumour model answers for one patient with these findings."""
    request = json.loads((STORED / "serd-progression.request.json").read_bytes())
    patient = request["patients"][1] | {"somatic": [{"variant": one, "state": state} for one, state in findings]}
    body = json.dumps(request | {"patients": [patient]})
    model = load_model(STORED / "serd-progression", catalogue=catalogue)
    return predict(model, PredictionRequest.model_validate_json(body).patients)[0]


@pytest.mark.parametrize("domain", [(), (("ESR1_LBD", "detected"),)])
def test_a_mutation_that_joined_the_panel_later_does_not_feed_a_model_of_the_domain(domain, tmp_path):
    """Neither alone, nor where a report of today calls the domain detected for its sake."""
    found = tumour(grown_catalogue(tmp_path), ("L469V", "detected"), *domain)
    before = tumour(None, ("L469V", "detected"))
    assert found.somatic == before.somatic
    assert found.somatic["ESR1_LBD"] == "other_variant"
    assert found.probability == before.probability != tumour(None, ("S463P", "detected")).probability
    (warning,) = [one for one in found.warnings if one.code == "other_esr1_variant"]
    assert warning.detail.startswith("L469V: on the panel only since this model was trained")


def test_the_domain_is_detected_beside_a_later_mutation_where_one_of_its_own_is(tmp_path):
    found = tumour(grown_catalogue(tmp_path), ("L469V", "detected"), ("S463P", "detected"))
    assert (found.somatic["ESR1_LBD"], found.somatic["other ESR1 variant"]) == ("detected", "detected")
    assert found.probability == tumour(None, ("S463P", "detected")).probability


def test_a_later_mutation_leaves_the_domain_of_a_model_to_its_own_mutations(tmp_path):
    """All mutations of the model's own panel are excluded; the later one, which nobody looked for, changes nothing."""
    own = [(name, "not_detected") for name in load_catalogue().somatic]
    found = tumour(grown_catalogue(tmp_path), *own)
    assert found.somatic["ESR1_LBD"] == "not_detected"
    assert found.probability == tumour(None, *own).probability
