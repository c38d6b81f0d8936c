"""The same with an MLflow server in place of a database: what `MLFLOW_TRACKING_URI` is for."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from servers import client_of, wait_until_ready
from tiny_model import TINY_ENDPOINT

from serving.models.store import Store
from training.registry.promote import promote
from training.registry.record import log_training


@pytest.fixture
def server(tmp_path, monkeypatch):
    """An MLflow server on a free loopback port, as this project's registry; yields the way to stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", address.split(":")[-1],
        "--workers", "1", "--backend-store-uri", f"sqlite:///{tmp_path}/server.db",
        "--artifacts-destination", str(tmp_path / "artifacts"),
    ]  # fmt: skip
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "esr"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "3600")
    with (tmp_path / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True
        )

    def stop() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()

    try:
        with client_of(address) as client:
            wait_until_ready(client, process, tmp_path / "server.log", "/health")
        yield stop
    finally:
        stop()


@pytest.mark.slow
def test_a_training_is_registered_promoted_and_served_also_when_the_server_is_gone(
    server, tiny_training, tmp_path, monkeypatch, capfd
):
    registered = log_training(tiny_training)
    assert [version.version for version in registered] == [1, 2]
    assert promote(TINY_ENDPOINT.id, 2) is None
    model = Store().champion(TINY_ENDPOINT.id)
    assert (model.version, model.source) == (2, "registry")
    assert model.bundle.digest == registered[1].digest
    assert capfd.readouterr().out == ""
    assert not (tmp_path / "esr" / "mlflow.db").exists()
    server()
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "2")
    later = Store()
    later.refresh()
    assert (later.champion(TINY_ENDPOINT.id).version, later.champion(TINY_ENDPOINT.id).source) == (2, "cache")
    assert later.registry_error.code == "registry_unreachable"
