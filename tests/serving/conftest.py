"""The real service in a process of its own, on a free loopback port, with two small models."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from servers import SERVE, client_of, until, wait_until_ready
from tiny_model import write_tiny_bundle

from data_schemas.catalogue.load import load_catalogue


@dataclass(frozen=True)
class Running:
    """A service that answers: its process, its client, its address, and the file that its output goes to."""

    process: subprocess.Popen[bytes]
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
            [sys.executable, "-c", SERVE, "serve", "--port", "0"], stdout=out, stderr=out, env=environment, cwd=folder
        )
        try:
            address = until(lambda: _address(log), process, log)
            with client_of(address) as client:
                wait_until_ready(client, process, log)
                yield Running(process, client, address, log)
        finally:
            process.terminate()
            process.wait()


def _address(log: Path) -> str | None:
    """Return the address that the first line of the log names, once it is there."""
    first, ended, _ = log.read_text().partition("\n")
    return "http://" + first.partition("http://")[2].split()[0] if ended else None
