"""The gate: everything that is decided about a request before the service sees it, and the shape of every error.

It stands outermost, around BentoML's own middleware: a slow or oversized body holds no worker slot, an unknown path
makes no new label in the metrics, and whatever the framework answers with 4xx or 5xx leaves as problem details. By
hand, since neither BentoML nor uvicorn limits what a body weighs, how long it takes and what its JSON may repeat.

In order: request ID; deadline; known route; for a body: in-flight limit, media type, encoding, size, deadline of its
own, strict JSON.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from data_schemas.errors import EsrError, RequestError
from serving.http.gate import metrics, problems, strict_json

MAX_BODY_BYTES = 4 * 1024 * 1024
BODY_DEADLINE_SECONDS = 10.0
DEADLINE_SECONDS = 60.0
MAX_IN_FLIGHT = 64
RETRY_AFTER_SECONDS = 1

REQUEST_ID: ContextVar[str] = ContextVar("REQUEST_ID", default="")
"""The ID of the request in hand."""

_CLIENT_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_JSON_TYPE = re.compile(rb'application/json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)

UNREAD = frozenset({408, 413, 415, 429})
"""Statuses of refusals that leave the body unread, so that the connection cannot carry another request."""

Headers = Iterable[tuple[bytes, bytes]]

# Paths that are asked every few seconds by machines; their requests are not worth a line.
UNLOGGED = frozenset({"/livez", "/healthz", "/readyz", "/metrics"})

logger = logging.getLogger("bentoml.serve")
access = logging.getLogger("bentoml.access")


class Gate:
    """ASGI middleware.

    Parameters
    ----------
    app
        The service with all of its own middleware.
    admit
        Called with the path, returns whether its route takes a body; raises an `EsrError` where no route has the path.
    """

    def __init__(self, app: ASGIApp, admit: Callable[[str], bool]) -> None:
        self.app = app
        self.admit = admit
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = scope["headers"]
        reply = _Reply(send, _request_id(headers))
        token = REQUEST_ID.set(reply.request_id)
        started = perf_counter()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS) as deadline:
                await self._pass(scope, headers, receive, reply)
            if not reply.started:
                # the framework's own tracing swallows an exception where nothing was answered yet
                raise RuntimeError("no response")
        except EsrError as error:
            await reply.refuse(error)
        except Exception as error:  # noqa: BLE001 - the outermost layer: nothing answers after it
            # a TimeoutError of the application's own, of a socket say, is a fault like any other
            if isinstance(error, TimeoutError) and deadline.expired():
                await reply.refuse(problems.from_status(504))
            else:
                logger.error("failed (type=%s,request_id=%s)", type(error).__name__, reply.request_id)
                await reply.refuse(problems.from_status(500))
        finally:
            REQUEST_ID.reset(token)
            _log(scope, reply, perf_counter() - started)

    async def _pass(self, scope: Scope, headers: Headers, receive: Receive, reply: _Reply) -> None:
        takes_body = self.admit(scope["path"])
        reply.admitted = True
        if not takes_body or scope["method"] != "POST":
            # No body will be read; a method that the route does not have is the framework's to refuse.
            await self.app(scope, receive, reply)
            return
        if self.in_flight >= MAX_IN_FLIGHT:
            raise RequestError("too_many_requests", f"{MAX_IN_FLIGHT} requests are in work; try again shortly.")
        self.in_flight += 1
        try:
            _check_headers(headers)
            try:
                async with asyncio.timeout(BODY_DEADLINE_SECONDS):
                    body = await _read(receive)
            except TimeoutError:
                raise RequestError(
                    "request_timeout", f"The body must arrive within {BODY_DEADLINE_SECONDS:.0f} seconds."
                ) from None
            strict_json.check(body)
            await self.app(scope, _replay(body, receive), reply)
        finally:
            self.in_flight -= 1


def _log(scope: Scope, reply: _Reply, seconds: float) -> None:
    """Write the one line of a request; a path that no route has is the client's own text and stays out."""
    path = scope["path"] if reply.admitted else "an unknown path"
    if path not in UNLOGGED:
        line = "%s %s status=%d %.1f ms request_id=%s"
        access.info(line, scope["method"], path, reply.status, 1000 * seconds, reply.request_id)


def _request_id(headers: Headers) -> str:
    """Return the client's own request ID where it is a plain token, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _CLIENT_ID.fullmatch(value):
            return value.decode()
    return uuid.uuid4().hex


def _check_headers(headers: Headers) -> None:
    """Refuse by the headers alone, before a byte of the body is read."""
    types = [value for name, value in headers if name == b"content-type"]
    if len(types) != 1 or not _JSON_TYPE.fullmatch(types[0].strip()):
        raise RequestError("unsupported_media_type", "Send the body as Content-Type: application/json, in UTF-8.")
    for name, value in headers:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            raise RequestError("unsupported_media_type", "Send the body uncompressed, without Content-Encoding.")
        if name == b"content-length" and value.isdigit() and int(value[:20]) > MAX_BODY_BYTES:
            raise _too_large()


def _too_large() -> RequestError:
    return RequestError("too_large", f"The body may have at most {MAX_BODY_BYTES} bytes; send fewer patients at once.")


async def _read(receive: Receive) -> bytes:
    """Return the body; never hold more than the limit of it."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError("request_timeout", "The connection was closed before the body was complete.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out the body once, then whatever the connection brings."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


class _Reply:
    """A `send` that adds the request ID and turns error responses into problem details."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.send = send
        self.request_id = request_id
        self.started = False
        self.status = 0
        self.admitted = False
        self._error_start: Message | None = None
        self._error_body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] >= 400 and not _is_problem(message["headers"]):
                self._error_start = message
                return
            self.started, self.status = True, message["status"]
            message = {**message, "headers": [*message["headers"], *self._own_headers(message["status"])]}
        elif self._error_start is not None:
            self._error_body += message.get("body", b"")
            if not message.get("more_body", False):
                start, self._error_start = self._error_start, None
                kept = [(name, value) for name, value in start["headers"] if name == b"allow"]
                await self.refuse(problems.from_framework(start["status"], self._error_body), kept)
            return
        await self.send(message)

    def _own_headers(self, status: int) -> list[tuple[bytes, bytes]]:
        own = [(b"x-request-id", self.request_id.encode()), (b"x-content-type-options", b"nosniff")]
        if status in (429, 503):
            own.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
        return own

    async def refuse(self, error: EsrError, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        """Send the problem document, unless a response is under way already."""
        if self.started:
            return
        self.started, self.status = True, error.fault.status
        metrics.count_refusal(error.code)
        body = problems.body(error, self.request_id)
        every: list[Any] = [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            *self._own_headers(self.status),
            *headers,
        ]
        if error.fault.status in UNREAD:
            every.append((b"connection", b"close"))
        await self.send({"type": "http.response.start", "status": error.fault.status, "headers": every})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})


def _is_problem(headers: Headers) -> bool:
    return any(name == b"content-type" and value == problems.MEDIA_TYPE.encode() for name, value in headers)
