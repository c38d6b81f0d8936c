"""`esr serve`: the service in this process, on one port."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Annotated, Any

import typer

from data_schemas.errors import EsrError
from data_schemas.model.project import IMPATIENT, ONE_THREAD, QUIET, set_environment

GRACE_SECONDS = 20
"""How long requests in work may take to finish once the service is told to stop."""


def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 takes a free one")] = 3000,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="listen beyond this machine: I have put TLS and authentication in front, this service has neither",
        ),
    ] = False,
) -> None:
    """Serve the champions over HTTP until Ctrl-C: POST /v1/predict, and the documentation at /."""
    if not _is_loopback(host) and not behind_proxy:
        raise EsrError(
            "refused_setting",
            f"{host} is reachable from other machines, and the service has no TLS and no authentication; listen on "
            "127.0.0.1 with a proxy in front, or state --behind-proxy",
        )
    listener = listen(host, port)
    set_environment(QUIET | IMPATIENT | ONE_THREAD)
    counters = tempfile.mkdtemp(prefix="esr-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counters
    try:
        from serving.service import application

        run(listener, application)
    finally:
        shutil.rmtree(counters, ignore_errors=True)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int) -> socket.socket:
    """Return a socket bound to an address; port 0 takes a free one.

    It is made of what `getaddrinfo` returns, the protocol included: asyncio sends small answers at once (TCP_NODELAY)
    only on sockets that say they are TCP. Otherwise each would wait 40 ms for the client's acknowledgement.

    Raises
    ------
    EsrError
        ``refused_setting`` where the address cannot be bound.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        reason = error.strerror or "cannot be used"
        raise EsrError(
            "refused_setting", f"{host} port {port}: {reason}; choose another with --host and --port"
        ) from None
    return listener


def run(listener: socket.socket, application: Callable[[], Any]) -> None:
    """Run uvicorn in this process: one port, and none of the control ports that `bentoml serve` opens."""
    import uvicorn

    from serving.http.gate import log
    from serving.http.gate.header_deadline import TimedH11

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout, level=logging.WARNING)
    logging.getLogger("bentoml").setLevel(logging.INFO)
    log.install()
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    typer.echo(
        f"Serving on http://{shown}:{port} (documentation at /, Ctrl-C stops). Research use; not a medical device."
    )
    sys.stdout.flush()
    # uvicorn raises the signal again once it has shut down in order; a stop that was asked for is a success
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    config = uvicorn.Config(
        application(),
        http=TimedH11,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)
