"""The documents of a stored model, read by a version that may know more keys than they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.load import load_catalogue
from data_schemas.model.card import ModelCard
from data_schemas.model.golden import Golden
from data_schemas.model.scorecard import Scorecard
from data_schemas.record import canonical_json

STORED = Path(__file__).parents[2] / "fixtures" / "bundles"
SHAPES = {
    "scorecard.json": Scorecard,
    "model_card.json": ModelCard,
    "endpoint.json": Endpoint,
    "cohort.json": Cohort,
    "golden.json": Golden,
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("model", ["mht-ldl-response", "serd-progression"])
def test_a_stored_document_is_written_again_as_it_was(model, name):
    stored = (STORED / model / name).read_bytes()
    again = canonical_json(SHAPES[name].model_validate_json(stored))
    assert again == stored, "declare a new field with data_schemas.record.added, so that digests stay"


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("model", ["mht-ldl-response", "serd-progression"])
def test_a_document_without_the_keys_that_have_a_default_is_read(model, name):
    document = SHAPES[name].model_validate_json((STORED / model / name).read_bytes())
    shorter = json.dumps(without_defaults(document))
    assert SHAPES[name].model_validate_json(shorter) == document


def without_defaults(document: BaseModel) -> Any:
    return document.model_dump(mode="json", exclude_defaults=True)


@pytest.mark.parametrize("endpoint", load_catalogue().endpoints.values(), ids=lambda endpoint: endpoint.id)
def test_a_later_key_at_its_default_leaves_the_definition_of_an_endpoint(endpoint):
    class Wider(Endpoint):
        setting: str = "any"

    assert Wider.model_validate(endpoint.model_dump()).definition == endpoint.definition
    assert Wider.model_validate(endpoint.model_dump() | {"setting": "clinic"}).definition != endpoint.definition
