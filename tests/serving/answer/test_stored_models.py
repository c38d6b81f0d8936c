"""Models that an earlier version trained and stored go on answering, to the last digit.

`tests/fixtures/bundles` holds two models of simulated patients as version 0.1.0 wrote them, what they were asked, and
what they answered.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_schemas.wire.patient import PredictionRequest
from serving.answer.predict import answer
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
