"""`esr models` lists what is registered, `esr promote` chooses which version answers."""

from __future__ import annotations

import json

import pytest
from tiny_model import TINY_ENDPOINT
from typer.testing import CliRunner

from cli.main import app
from data_schemas.errors import EsrError
from data_schemas.model.bundle import read_bundle
from data_schemas.model.project import tracking_uri
from serving.models.store import Store
from training.registry.tracking import open_tracking

ENDPOINT = TINY_ENDPOINT.id


def esr(*words: str) -> str:
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refusal(*words: str) -> EsrError:
    with pytest.raises(EsrError) as caught:
        CliRunner().invoke(app, words, catch_exceptions=False)
    return caught.value


def test_versions_are_listed_newest_first(register):
    register()
    register(shift=1.0)
    header, *lines = esr("models").splitlines()
    assert header.split("\t")[:3] == ["endpoint", "version", "alias"]
    assert [line.split("\t")[:2] for line in lines] == [[ENDPOINT, "2"], [ENDPOINT, "1"]]
    assert "tiny-cohort (synthetic)" in lines[0]
    rows = json.loads(esr("models", ENDPOINT, "--json"))
    assert [row["version"] for row in rows] == [2, 1]


def test_a_promotion_says_what_it_did(register):
    register()
    register(shift=1.0)
    text = esr("promote", ENDPOINT, "1")
    assert "version 1 is champion" in text
    assert "synthetic" in text
    assert "version 1 was" in esr("promote", ENDPOINT, "2", "--reason", "newer cohort")
    assert Store().champion(ENDPOINT).version == 2
    assert [row["aliases"] for row in json.loads(esr("models", "--json"))] == [["champion"], []]


def test_a_users_own_endpoint_may_be_named_by_its_file(register, tmp_path):
    register()
    (tmp_path / f"{ENDPOINT}.toml").write_text("")
    assert "version 1 is champion" in esr("promote", str(tmp_path / f"{ENDPOINT}.toml"), "1")
    assert refusal("models", str(tmp_path / "nowhere.toml")).code == "unknown_endpoint"


def test_a_version_that_does_not_verify_is_not_promoted(register, esr_home):
    register()
    (folder,) = (path.parent for path in esr_home.glob("artifacts/**/manifest.json"))
    (folder / "golden.json").unlink()
    assert refusal("promote", ENDPOINT, "1").code == "bundle_integrity"
    assert [row["aliases"] for row in Store().models()] == [[]]
    assert not (esr_home / "promotions.jsonl").exists()


def test_champions_can_be_exported_for_a_service_without_a_registry(register, tmp_path):
    register()
    assert refusal("models", "--export", str(tmp_path / "bundles")).code == "model_unavailable"
    esr("promote", ENDPOINT, "1")
    assert esr("models", "--export", str(tmp_path / "bundles")).strip() == str(tmp_path / "bundles" / ENDPOINT)
    exported = read_bundle(tmp_path / "bundles" / ENDPOINT)
    assert exported.digest == Store().champion(ENDPOINT).bundle.digest
    assert refusal("models", "--export", str(tmp_path / "bundles")).code == "output_exists"


def test_what_is_not_there_is_named_with_its_cure(register, esr_home):
    register()
    assert refusal("promote", ENDPOINT, "9").code == "unknown_version"
    assert "esr train mht-ldl-response" in refusal("models", "mht-ldl-response").message


def test_without_a_registry_none_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "esr"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert refusal("models").code == "model_unavailable"
    assert refusal("promote", ENDPOINT, "1").code == "model_unavailable"
    assert list(tmp_path.iterdir()) == []


def test_another_definition_under_the_same_id_is_promoted_only_when_asked(register):
    register()
    register(TINY_ENDPOINT.model_copy(update={"time_at_risk_days": 730.0, "title": "x"}))
    esr("promote", ENDPOINT, "1")
    refused = refusal("promote", ENDPOINT, "2")
    assert refused.code == "other_definition"
    assert refused.message.endswith("; they differ in time_at_risk_days")
    assert "version 2 is champion" in esr("promote", ENDPOINT, "2", "--new-definition")


def test_a_simulated_model_replaces_one_of_real_patients_only_with_a_reason(register):
    register()
    register(shift=1.0)
    esr("promote", ENDPOINT, "1")
    with open_tracking(tracking_uri()) as tracking:
        tracking.client.set_model_version_tag(f"esr-{ENDPOINT}", "1", "synthetic", "false")
    refused = refusal("promote", ENDPOINT, "2")
    assert refused.code == "refused_setting"
    assert "--reason" in refused.message
    assert "version 2 is champion" in esr("promote", ENDPOINT, "2", "--reason", "a rehearsal")


def test_an_export_into_a_place_that_takes_none_leaves_nothing(register, tmp_path):
    register()
    esr("promote", ENDPOINT, "1")
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "bundles"):
        assert refusal("models", "--export", str(place)).code == "output_exists"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "esr") == ["file"]


def test_a_misspelt_endpoint_is_answered_with_the_nearest(register):
    register()
    for words in (("models", "tiny-ld"), ("promote", "tiny-ld", "1")):
        assert "did you mean 'tiny-ldl'" in refusal(*words).message
    assert refusal("models", "--json", "--export", "there").code == "refused_setting"
