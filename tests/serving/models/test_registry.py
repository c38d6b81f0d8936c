"""A registry is only read: what is wrong with it is told, and a store goes on without it."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from registered_bundles import refusal
from tiny_model import TINY_ENDPOINT

from serving.models.store import Store

ENDPOINT = TINY_ENDPOINT.id


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
