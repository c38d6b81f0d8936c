"""Servers that a command starts are awaited, and are gone when it ends."""

from __future__ import annotations

import socket
import sys

import httpx
import pytest

from cli.running import free_port, running
from data_schemas.errors import EsrError


def http_server(port):
    return [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_answers_inside_the_block_and_is_gone_after_it(tmp_path):
    port = free_port()
    with running(http_server(port), tmp_path / "logs" / "server.log", f"http://127.0.0.1:{port}/") as process:
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    assert process.returncode is not None
    assert not is_listening(port)
    assert b"GET /" in (tmp_path / "logs" / "server.log").read_bytes()


def test_a_server_is_stopped_when_the_block_fails(tmp_path):
    port = free_port()
    with (
        pytest.raises(ZeroDivisionError),
        running(http_server(port), tmp_path / "server.log", f"http://127.0.0.1:{port}/"),
    ):
        raise ZeroDivisionError
    assert not is_listening(port)


def test_what_the_server_started_ends_with_it(tmp_path):
    port = free_port()
    child = f"import subprocess, sys; subprocess.run({http_server(port)!r})"
    with running([sys.executable, "-c", child], tmp_path / "server.log", f"http://127.0.0.1:{port}/"):
        assert is_listening(port)
    assert not is_listening(port)


def test_a_server_that_ends_early_names_its_log(tmp_path):
    log = tmp_path / "server.log"
    command = [sys.executable, "-c", "print('no luck'); raise SystemExit(7)"]
    with pytest.raises(EsrError, match="code 7") as failure, running(command, log, "http://127.0.0.1:9/"):
        pytest.fail("the block must not begin")
    assert str(log) in failure.value.message
    assert log.read_bytes() == b"no luck\n"


def test_a_taken_port_is_replaced_by_a_free_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) != port
    assert free_port(port) == port
