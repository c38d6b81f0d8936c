"""A model that does not reproduce its stored answers is not served."""

from __future__ import annotations

import json

import pytest

from data_schemas.errors import ModelError
from data_schemas.model.sealed import MANIFEST, Manifest
from data_schemas.record import canonical_json, digest
from serving.models.loaded import load_model


def edit_golden(folder, name, change) -> None:
    """Change one stored answer, and the manifest with it."""
    document = json.loads((folder / "golden.json").read_bytes())
    document["cases"][7][name] = change(document["cases"][7][name])
    (folder / "golden.json").write_text(json.dumps(document, sort_keys=True, separators=(",", ":")))
    files = {path.name: digest(path.read_bytes()) for path in folder.iterdir() if path.name != MANIFEST}
    (folder / MANIFEST).write_bytes(canonical_json(Manifest(format_version=1, files=files)))


@pytest.mark.parametrize("name", ["log_odds", "probability", "low", "high", "without_genetics"])
@pytest.mark.parametrize(("size", "served"), [(5e-7, True), (2e-6, False)])
def test_answers_must_agree_to_one_millionth(name, size, served, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    edit_golden(folder, name, lambda value: value + size)
    if served:
        assert load_model(folder).name == "esr-tiny-ldl"
        return
    with pytest.raises(ModelError, match=name) as caught:
        load_model(folder)
    assert caught.value.code == "golden_mismatch"


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("low", lambda value: None, "golden_mismatch"),
        ("contributions", lambda values: [values[0] + 1, *values[1:]], "golden_mismatch"),
        ("contributions", lambda values: values[1:], "schema_incompatible"),
        ("row", lambda values: [*values, 0.0], "schema_incompatible"),
    ],
)
def test_an_answer_that_is_missing_or_moved_is_refused(name, change, code, tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    edit_golden(folder, name, change)
    with pytest.raises(ModelError) as caught:
        load_model(folder)
    assert caught.value.code == code
