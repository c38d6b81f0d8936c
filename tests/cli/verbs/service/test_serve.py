"""`esr serve` refuses an address that it cannot or must not listen on."""

from __future__ import annotations

import socket
import subprocess
import sys


def test_a_service_is_refused_beyond_this_machine(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", "serve", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert "error [refused_setting]" in done.stderr
    assert "--behind-proxy" in done.stderr


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", "from cli.main import run; run()", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr
