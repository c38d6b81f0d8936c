"""Programs that a command starts, waits for, and stops again by their process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from data_schemas.errors import EsrError

START_SECONDS = 300
STOP_SECONDS = 15


def program(name: str) -> str:
    """Return the path of a command of this environment (`esr`, `mlflow`), whatever PATH says."""
    return str(Path(sys.executable).with_name(name))


def free_port(wanted: int = 0, *, only: bool = False) -> int:
    """Return `wanted` where it can be bound on loopback, else a port that can, unless `only` that one will do.

    Raises
    ------
    EsrError
        ``refused_setting`` where the one port is taken, ``busy`` where none is free.
    """
    for port in (wanted,) if only else (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    if only:
        raise EsrError("refused_setting", f"port {wanted} of 127.0.0.1 is taken; name another, or 0 for a free one")
    raise EsrError("busy", "no port of 127.0.0.1 can be bound; close some programs and try again")


def interrupt_on_stop() -> None:
    """Let a request to end, or a closed terminal, interrupt like Ctrl-C, so that what was started is stopped too.

    A shell starts what a script puts in the background deaf to SIGINT, and `nohup` deaf to SIGHUP. The former would
    leave a command that nobody can interrupt; the latter was asked for.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def running(command: Sequence[str], log: Path, ready: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; the block begins once `ready` answers 200. What it prints goes to `log`.

    Raises
    ------
    EsrError
        ``internal`` where it ends early or never answers; the message names the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        # its own session, so that Ctrl-C reaches this process alone and the server is stopped in order
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _await(process, ready, log)
            yield process
        finally:
            _stop(process)


def _await(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EsrError("internal", f"the server ended with code {process.returncode} before it answered; see {log}")
        try:
            if httpx.get(ready, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise EsrError("timeout", f"the server did not answer within {START_SECONDS} s; see {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server and what it started to end, and make them where they do not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _signal(process, number):
            break
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            # polling also reaps the server; its process group is there for as long as one of its children is
            if process.poll() is not None and not _signal(process, 0):
                return
            time.sleep(0.02)
    process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Signal the server's process group; False where there is none any more."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
