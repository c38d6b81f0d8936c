"""The real service in a process of its own, on a free loopback port, with two small models."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tiny_model import write_tiny_bundle

from data_schemas.catalogue.load import load_catalogue

START = "from cli.main import run; run()"


@dataclass(frozen=True)
class Running:
    """A service that answers: its client, its address, and the file that its output goes to."""

    client: httpx.Client
    address: str
    log: Path

    def post(self, document: object, **options: object) -> httpx.Response:
        return self.client.post("/v1/predict", json=document, **options)


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles of a test's own endpoint and of one of the catalogue's, by endpoint."""
    folder = tmp_path_factory.mktemp("bundles")
    write_tiny_bundle(folder / "tiny-ldl")
    write_tiny_bundle(folder / "mht-ldl-response", load_catalogue().endpoints["mht-ldl-response"])
    return folder


@pytest.fixture(scope="session")
def service(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`esr serve`, started once for all tests that ask over HTTP."""
    folder = tmp_path_factory.mktemp("service")
    log = folder / "log.txt"
    environment = os.environ | {"ESR_BUNDLES": str(bundles), "ESR_HOME": str(folder / "home"), "PYTHONUNBUFFERED": "1"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", START, "serve", "--port", "0"], stdout=out, stderr=out, env=environment, cwd=folder
        )
        try:
            address = _address(process, log)
            with httpx.Client(base_url=address, timeout=30) as client:
                _wait_until_ready(client, process)
                yield Running(client, address, log)
        finally:
            process.terminate()
            process.wait(30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        first = log.read_text().partition("\n")[0]
        if "http://" in first:
            return "http://" + first.partition("http://")[2].split()[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError("the service did not start: " + log.read_text())


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.ConnectError:
            pass
        time.sleep(0.1)
    raise AssertionError("the service did not become ready")
