"""Servers that tests start: the wait until one answers, and limits in time that no slow machine meets."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx

Answer = TypeVar("Answer")

# `esr serve` as it is, but for its deadlines: those are tested by themselves, without a need for speed.
SERVE = """
from serving.http.gate import admit, header_deadline
from serving.http.routes import genotypes

admit.BODY_DEADLINE_SECONDS = admit.DEADLINE_SECONDS = 3600.0
header_deadline.HEADER_DEADLINE_SECONDS = genotypes.UPLOAD_DEADLINE_SECONDS = 3600.0

from cli.main import run

run()
"""


def client_of(address: str) -> httpx.Client:
    """Return a client that waits for as long as it takes, with a new connection for each request.

    A server closes a connection that was idle for some seconds; on a busy machine that is between two requests.
    """
    return httpx.Client(base_url=address, timeout=None, limits=httpx.Limits(max_keepalive_connections=0))


def until(found: Callable[[], Answer | None], process: subprocess.Popen, log: Path) -> Answer:
    """Return the first answer of `found` that is not None; the process must go on, and pytest ends what hangs."""
    while True:
        assert process.poll() is None, log.read_text()
        try:
            answer = found()
        except httpx.TransportError:
            answer = None
        if answer is not None:
            return answer
        time.sleep(0.1)


def wait_until_ready(client: httpx.Client, process: subprocess.Popen, log: Path, path: str = "/readyz") -> None:
    """Return once a server answers 200 at `path`."""
    until(lambda: client.get(path).status_code == 200 or None, process, log)
