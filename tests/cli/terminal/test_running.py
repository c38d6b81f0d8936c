"""Servers that a command starts are awaited, and are gone when it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.terminal.running import free_port, running
from cli.verbs.service.up import _experiments
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
        with pytest.raises(EsrError, match=f"port {port} of 127.0.0.1 is taken"):
            free_port(port, only=True)
    assert free_port(port) == free_port(port, only=True) == port


WAITS = """
import signal
from cli.terminal.running import interrupt_on_stop

interrupt_on_stop()
try:
    print("deaf to SIGHUP:", signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("stopped in order")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("inherited", ["SIG_DFL", "SIG_IGN"])
def test_a_command_can_be_stopped_from_a_script_too(number, inherited):
    """A shell starts a background job deaf to SIGINT; what `nohup` made deaf to SIGHUP stays so."""

    def as_started():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever this run of the tests itself was started with
        signal.signal(number, signal.Handlers[inherited])

    command = [sys.executable, "-c", WAITS]
    kept = number == signal.SIGHUP and inherited == "SIG_IGN"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=as_started) as process:
        try:
            assert process.stdout.readline() == f"deaf to SIGHUP: {kept}\n"
            process.send_signal(signal.SIGTERM if kept else number)
            assert process.communicate() == ("stopped in order\n", None)
            assert process.returncode == 0
        finally:
            process.kill()


def test_where_mlflow_lists_no_runs_there_are_no_links():
    assert list(_experiments(f"http://127.0.0.1:{free_port()}")) == []


@pytest.mark.parametrize("stated", ["--port", "ESR_PORT"])
def test_a_stated_port_that_is_taken_is_refused(stated, register):
    register()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        options, environment = ([stated, port], {}) if stated == "--port" else ([], {stated: port})
        done = CliRunner().invoke(app, ["up", *options], env=environment)
    assert (done.exception.code, done.exception.message) == (
        "refused_setting",
        f"port {port} of 127.0.0.1 is taken; name another, or 0 for a free one",
    )
