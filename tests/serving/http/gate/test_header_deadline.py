"""Who sends no headers is cut off, and nobody else; the clock is put forward, so that no answer has to be quick."""

from __future__ import annotations

import asyncio

import uvicorn

from serving.http.gate.header_deadline import HEADER_DEADLINE_SECONDS, TimedH11


async def answer(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def put_forward(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Let a loop's timers come due as if so many seconds had passed."""
    before = loop.time
    loop.time = lambda: before() + seconds


def test_a_silent_connection_is_closed(monkeypatch):
    hour = 3600.0
    assert 0 < HEADER_DEADLINE_SECONDS < 60
    monkeypatch.setattr("serving.http.gate.header_deadline.HEADER_DEADLINE_SECONDS", hour)

    async def scenario():
        config = uvicorn.Config(
            answer, port=0, http=TimedH11, lifespan="off", log_config=None, timeout_keep_alive=10 * int(hour)
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        slow_reader, slow_writer = await asyncio.open_connection("127.0.0.1", port)
        slow_writer.write(b"GET / HT")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"200" in await reader.readuntil(b"\r\n\r\n")
            assert not slow_reader.at_eof()
            put_forward(asyncio.get_running_loop(), 0.6 * hour)
        closed = await slow_reader.read()
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200" in await reader.readuntil(b"\r\n\r\n")
        writer.close()
        slow_writer.close()
        server.should_exit = True
        await running
        return closed

    assert asyncio.run(scenario()) == b""
