"""The gate by itself: deadlines, limits and faults that a healthy service does not show."""

from __future__ import annotations

import asyncio
import json

import pytest

from data_schemas.errors import RequestError
from serving.http.gate import admit
from serving.http.gate.admit import Gate

HEADERS = [(b"content-type", b"application/json")]


def ask(app, *chunks: bytes, path: str = "/v1/predict", method: str = "POST", stall: bool = False, headers=HEADERS):
    """Return (status, headers, body) of one request whose body arrives in chunks, or never ends."""
    return asyncio.run(_ask(Gate(app, _admit), chunks, path, method, stall, headers))


async def _ask(app, chunks, path, method, stall, headers):
    sent: list[dict] = []
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    if not stall:
        waiting.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(3600)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    await app(scope, receive, send)
    assert sent[0]["type"] == "http.response.start"
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one["body"] for one in sent[1:])


def _admit(path: str) -> bool:
    if path.startswith("/unknown"):
        raise RequestError("not_found", "There is no such route.")
    return path == "/v1/predict"


async def echo(scope, receive, send):
    body = (await receive())["body"] if scope["method"] == "POST" else b""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def code(answer) -> tuple[int, str]:
    status, headers, body = answer
    assert headers[b"content-type"] == b"application/problem+json"
    return status, json.loads(body)["code"]


def test_a_body_in_chunks_arrives_whole():
    status, headers, body = ask(echo, b'{"a":', b" 1}")
    assert (status, body) == (200, b'{"a": 1}')
    assert headers[b"x-request-id"]


def test_a_body_that_does_not_end_meets_its_deadline(monkeypatch):
    monkeypatch.setattr(admit, "BODY_DEADLINE_SECONDS", 0.05)
    assert code(ask(echo, b"{", stall=True)) == (408, "request_timeout")


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/genotypes"])
def test_an_answer_that_does_not_come_meets_the_deadline_of_the_whole(monkeypatch, path):
    async def hangs(scope, receive, send):
        await asyncio.sleep(3600)

    monkeypatch.setattr(admit, "DEADLINE_SECONDS", 0.05)
    assert code(ask(hangs, b"{}", path=path)) == (504, "timeout")


def test_no_more_of_a_body_is_read_than_the_limit(monkeypatch):
    monkeypatch.setattr(admit, "MAX_BODY_BYTES", 8)
    assert code(ask(echo, b"12345", b"6789", stall=True)) == (413, "too_large")
    assert ask(echo, b"12345678")[0] == 200


def test_more_requests_than_the_limit_are_told_to_come_back(monkeypatch):
    monkeypatch.setattr(admit, "MAX_IN_FLIGHT", 1)

    async def two():
        app = Gate(echo, _admit)
        slow = asyncio.create_task(_ask(app, [b"{"], "/v1/predict", "POST", True, HEADERS))
        await asyncio.sleep(0)
        refused = await _ask(app, [b"{}"], "/v1/predict", "POST", False, HEADERS)
        read = await _ask(app, [], "/v1/panel", "GET", False, [])
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        later = await _ask(app, [b"{}"], "/v1/predict", "POST", False, HEADERS)
        return refused, read, later

    refused, read, later = asyncio.run(two())
    assert code(refused) == (429, "too_many_requests")
    assert refused[1][b"retry-after"] == b"1"
    assert (read[0], later[0]) == (200, 200)


async def raises(scope, receive, send):
    raise ValueError("a patient's value")


async def times_out_by_itself(scope, receive, send):
    raise TimeoutError("a patient's value")


async def says_nothing(scope, receive, send):
    return


async def framework_error(scope, receive, send):
    await send({"type": "http.response.start", "status": 504, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": b'{"error": "a patient', "more_body": True})
    await send({"type": "http.response.body", "body": b"'s value\"}", "more_body": False})


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (raises, (500, "internal")),
        (times_out_by_itself, (500, "internal")),
        (says_nothing, (500, "internal")),
        (framework_error, (504, "timeout")),
    ],
)
def test_a_fault_behind_the_gate_leaves_as_a_problem_without_its_text(app, expected, caplog):
    answer = ask(app, b"{}")
    assert code(answer) == expected
    assert b"a patient's value" not in answer[2]
    assert "a patient's value" not in caplog.text


def test_a_fault_after_the_answer_began_does_not_begin_another():
    async def breaks_off(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ValueError

    assert ask(breaks_off, b"{}")[0] == 200


def test_an_unknown_path_does_not_reach_the_service():
    reached = []

    async def service(scope, receive, send):
        reached.append(scope["path"])

    assert code(ask(service, path="/unknown/x", method="GET")) == (404, "not_found")
    assert reached == []


def test_a_websocket_is_closed():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Gate(echo, _admit)({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
