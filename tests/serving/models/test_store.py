"""The store follows the champion, and whatever goes wrong leaves the old one serving."""

from __future__ import annotations

import sys
import threading

import pytest
from registered_bundles import artifacts, damage, refusal
from tiny_model import TINY_ENDPOINT, write_tiny_bundle

from data_schemas.errors import ModelError
from data_schemas.model.project import tracking_uri
from serving.models.store import Store
from training.registry.promote import promote
from training.registry.tracking import open_tracking

ENDPOINT = TINY_ENDPOINT.id


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


def test_any_version_can_be_verified_without_being_served(champion, register, esr_home):
    register(shift=1.0)
    store = Store()
    assert store.version(ENDPOINT, 2).version == 2
    assert store.champion(ENDPOINT).version == 1
    with pytest.raises(ModelError, match="there are: 1, 2") as caught:
        store.version(ENDPOINT, 3)
    assert caught.value.code == "unknown_version"


@pytest.fixture
def eager_threads():
    """Threads take turns at every chance: more questions fall into a swap, and it need not wait for those who ask."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_answers_during_swaps_belong_to_one_model(champion, register, eager_threads):
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
