"""The store follows the champion, and whatever goes wrong leaves the old one serving."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tiny_model import TINY_ENDPOINT, write_tiny_bundle

from data_schemas.errors import ModelError
from data_schemas.model.project import tracking_uri
from serving.models import backoff
from serving.models.store import Store
from training.registry.promote import promote
from training.registry.tracking import open_tracking

ENDPOINT = TINY_ENDPOINT.id


def refusal(store: Store, endpoint: str = ENDPOINT) -> ModelError:
    with pytest.raises(ModelError) as caught:
        store.champion(endpoint)
    return caught.value


def artifacts(esr_home: Path) -> list[Path]:
    """Return the stored bundle folders, oldest first."""
    return sorted(
        (path.parent for path in esr_home.glob("artifacts/**/manifest.json")), key=lambda p: p.stat().st_mtime
    )


def damage(folder: Path) -> None:
    data = bytearray((folder / "scorecard.json").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "scorecard.json").write_bytes(data)


@pytest.fixture
def champion(register):
    promote(ENDPOINT, register())


def test_a_champion_is_loaded_verified_and_kept(champion, esr_home):
    store = Store()
    model = store.champion(ENDPOINT)
    assert (model.name, model.version, model.source) == ("esr-tiny-ldl", 1, "registry")
    assert store.champion(ENDPOINT) is model
    assert model.bundle.folder.parent == esr_home / "cache"
    store.refresh()
    assert store.champion(ENDPOINT) is model


def test_refresh_follows_the_alias_and_swaps(champion, register):
    store = Store()
    store.refresh()
    second = register(shift=1.0)
    store.refresh()
    assert store.champion(ENDPOINT).version == 1
    promote(ENDPOINT, second)
    assert store.champion(ENDPOINT).version == 1
    store.refresh()
    assert store.champion(ENDPOINT).version == 2
    promote(ENDPOINT, 1)
    store.refresh()
    assert store.champion(ENDPOINT).version == 1


def test_a_damaged_new_champion_leaves_the_old_one_serving(champion, register, esr_home):
    store = Store()
    old = store.champion(ENDPOINT)
    second = register(shift=1.0)
    damage(artifacts(esr_home)[-1])
    promote(ENDPOINT, second)
    store.refresh()
    assert store.champion(ENDPOINT) is old
    assert store.states[ENDPOINT].error.code == "bundle_integrity"
    after_restart = Store()
    after_restart.refresh()
    assert (after_restart.champion(ENDPOINT).version, after_restart.champion(ENDPOINT).source) == (1, "cache")
    assert not list((esr_home / "cache").glob(".incoming-*"))
    assert store.states[ENDPOINT].error.message.startswith("esr-tiny-ldl version 2: scorecard.json is not the file")


def test_a_refused_champion_is_tried_again_later_and_later(register, esr_home, monkeypatch):
    """Between two tries nothing is downloaded: a version that was mended meanwhile is not noticed before its time."""
    now = 0.0
    monkeypatch.setattr(backoff.time, "monotonic", lambda: now)
    promote(ENDPOINT, register())
    (folder,) = artifacts(esr_home)
    whole = (folder / "scorecard.json").read_bytes()
    damage(folder)
    store = Store()
    tries = []
    for now in range(0, 1200, 5):
        before = store.states.get(ENDPOINT)
        store.refresh()
        state = store.states[ENDPOINT]
        assert (state.model, state.error.code) == (None, "bundle_integrity")
        if before is None or state.error is not before.error:
            tries.append(now)
    assert tries == [0, 10, 30, 70, 150, 310, 630]
    (folder / "scorecard.json").write_bytes(whole)
    store.refresh()
    assert store.states[ENDPOINT].model is None
    now = 1230
    store.refresh()
    assert (store.champion(ENDPOINT).version, store.states[ENDPOINT].error) == (1, None)


def test_a_mended_version_is_back_at_once_after_another_was_champion(register, esr_home):
    promote(ENDPOINT, register())
    (folder,) = artifacts(esr_home)
    whole = (folder / "scorecard.json").read_bytes()
    damage(folder)
    store = Store()
    store.refresh()
    assert store.states[ENDPOINT].model is None
    promote(ENDPOINT, register(shift=1.0))
    store.refresh()
    (folder / "scorecard.json").write_bytes(whole)
    promote(ENDPOINT, 1)
    store.refresh()
    assert (store.champion(ENDPOINT).version, store.states[ENDPOINT].error) == (1, None)


def test_another_champion_need_not_wait_for_a_refused_one(champion, register, esr_home):
    damage(artifacts(esr_home)[0])
    store = Store()
    store.refresh()
    promote(ENDPOINT, register(shift=1.0))
    store.refresh()
    assert store.champion(ENDPOINT).version == 2


def test_a_whole_bundle_in_the_wrong_place_is_not_the_champion(champion, register, esr_home):
    """Both bundles are intact; only the registry knows which was registered under the number."""
    second = register(shift=1.0)
    first_folder, second_folder = artifacts(esr_home)
    shutil.rmtree(second_folder)
    shutil.copytree(first_folder, second_folder)
    promote(ENDPOINT, second)
    assert refusal(Store()).code == "bundle_integrity"


def test_a_damaged_cache_is_replaced_by_a_download(champion, esr_home):
    folder = Store().champion(ENDPOINT).bundle.folder
    damage(folder)
    assert Store().champion(ENDPOINT).source == "registry"
    assert Store().champion(ENDPOINT).bundle.folder == folder


def test_a_vanished_alias_keeps_serving_and_a_new_process_refuses(champion, esr_home):
    store = Store()
    store.champion(ENDPOINT)
    with open_tracking(tracking_uri()) as tracking:
        tracking.remove_version("esr-tiny-ldl", 1)
    store.refresh()
    assert store.champion(ENDPOINT).version == 1
    assert store.states[ENDPOINT].error.code == "model_unavailable"
    assert refusal(Store()).code == "model_unavailable"


def test_no_champion_yet_names_the_cure(register):
    register()
    error = refusal(Store())
    assert error.code == "model_unavailable"
    assert f"esr promote {ENDPOINT}" in error.message
    other = refusal(Store(), "mht-ldl-response")
    assert "esr train mht-ldl-response" in other.message


def test_a_mistyped_registry_is_reported_and_never_created(tmp_path, monkeypatch):
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "esr"))
    store = Store(f"sqlite:///{tmp_path}/typo/mlflow.db")
    store.refresh()
    error = refusal(store)
    assert error.code == "model_unavailable"
    assert "esr train" in error.message
    assert list(tmp_path.iterdir()) == []


def other_database(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("create table patients (id text)")
    connection.close()


@pytest.mark.parametrize(
    "write", [lambda f: f.write_bytes(b"\x00\xff" * 4096), lambda f: f.write_text("hello"), other_database]
)
def test_a_file_that_is_no_registry_is_left_as_it_is(write, tmp_path, monkeypatch):
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "esr"))
    file = tmp_path / "mlflow.db"
    write(file)
    before = file.read_bytes()
    store = Store(f"sqlite:///{file}")
    store.refresh()
    assert refusal(store).code == "registry_corrupt"
    assert file.read_bytes() == before


def test_a_broken_registry_does_not_stop_a_running_store_nor_a_new_one(champion, esr_home):
    store = Store()
    model = store.champion(ENDPOINT)
    (esr_home / "mlflow.db").write_bytes(b"\x00\xff" * 4096)
    store.refresh()
    assert store.champion(ENDPOINT) is model
    assert store.registry_error.code == "registry_corrupt"
    fresh = Store()
    fresh.refresh()
    assert fresh.champion(ENDPOINT).source == "cache"
    assert fresh.states[ENDPOINT].error.code == "registry_corrupt"


def test_a_locked_registry_is_waited_for_and_then_reported(champion, esr_home):
    store = Store()
    model = store.champion(ENDPOINT)
    connection = sqlite3.connect(esr_home / "mlflow.db")
    try:
        connection.execute("begin exclusive")
        store.refresh()
    finally:
        connection.close()
    assert store.champion(ENDPOINT) is model
    assert store.registry_error.code == "busy"
    store.refresh()
    assert store.registry_error is None


def test_a_registry_that_does_not_answer_is_given_up_quickly(tmp_path, monkeypatch):
    monkeypatch.setenv("ESR_HOME", str(tmp_path))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        uri = f"http://user:secret@127.0.0.1:{closed.getsockname()[1]}"
        store = Store(uri)
        store.refresh()
    error = refusal(store)
    assert error.code == "registry_unreachable"
    assert "secret" not in error.message


def test_another_registrys_champion_is_not_served_from_the_cache(champion, tmp_path):
    Store().champion(ENDPOINT)
    elsewhere = Store(f"sqlite:///{tmp_path}/nowhere.db")
    elsewhere.refresh()
    assert refusal(elsewhere).code == "model_unavailable"


def test_bundles_from_a_folder_need_no_registry(tmp_path, monkeypatch):
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "esr"))
    monkeypatch.setenv("ESR_BUNDLES", str(tmp_path / "bundles"))
    write_tiny_bundle(tmp_path / "bundles" / ENDPOINT)
    write_tiny_bundle(tmp_path / "bundles" / "misnamed")
    store = Store()
    store.refresh()
    model = store.champion(ENDPOINT)
    assert (model.version, model.source) == (None, "folder")
    assert refusal(store, "misnamed").code == "bundle_integrity"
    assert refusal(store, "mht-ldl-response").code == "model_unavailable"
    assert [row["endpoint"] for row in store.models()] == [ENDPOINT]
    damage(tmp_path / "bundles" / ENDPOINT)
    store.refresh()
    assert store.champion(ENDPOINT) is model
    manifest = tmp_path / "bundles" / ENDPOINT / "manifest.json"
    text = manifest.read_bytes()
    manifest.unlink()
    store.refresh()
    assert store.champion(ENDPOINT) is model
    assert store.states[ENDPOINT].error.code == "bundle_integrity"
    manifest.write_bytes(text)
    store.refresh()
    assert store.states[ENDPOINT].error is None
    assert not (tmp_path / "esr").exists()


def test_rows_of_versions_say_what_each_is(champion, register):
    register(shift=1.0, genetic=False)
    new, old = Store().models()
    assert (new["version"], old["version"]) == (2, 1)
    assert (new["aliases"], old["aliases"]) == ([], ["champion"])
    assert (new["feature_set"], old["feature_set"]) == ("clinical", "clinical+genetic")
    assert old["synthetic"] is True
    assert old["scorecard"] == Store().champion(ENDPOINT).bundle.digest
    assert old["metrics"]["auc"] == "0.700 (0.650 to 0.750)"
    assert json.loads(json.dumps(new)) == new


def test_any_version_can_be_verified_without_being_served(champion, register, esr_home):
    register(shift=1.0)
    store = Store()
    assert store.version(ENDPOINT, 2).version == 2
    assert store.champion(ENDPOINT).version == 1
    with pytest.raises(ModelError, match="there are: 1, 2") as caught:
        store.version(ENDPOINT, 3)
    assert caught.value.code == "unknown_version"


def test_answers_during_swaps_belong_to_one_model(champion, register):
    register(shift=1.0)
    store = Store()
    expected = {v: store.version(ENDPOINT, v).evaluator.baseline for v in (1, 2)}
    mixed, stop = [], threading.Event()

    def ask() -> None:
        while not stop.is_set():
            model = store.champion(ENDPOINT)
            if model.evaluator.baseline != expected[model.version]:
                mixed.append(model.version)

    store.refresh()
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    seen = set()
    for turn in range(6):
        promote(ENDPOINT, 1 + turn % 2)
        store.refresh()
        seen.add(store.champion(ENDPOINT).version)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen == {1, 2}
    assert mixed == []


def test_reading_needs_no_training_library(champion):
    code = """
import sys
import serving.models.store
assert "mlflow" not in sys.modules and "pandas" not in sys.modules, "imported too early"
serving.models.store.Store().champion("tiny-ldl")
heavy = {"sklearn", "xgboost", "matplotlib", "shap"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", code], check=True)
