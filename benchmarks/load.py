"""A client that is quicker than what it measures: keep-alive sockets, one request in flight on each."""

from __future__ import annotations

import select
import socket
import time

CONNECTIONS = 4


class Target:
    """One route of one server, and the request that is sent to it over and over."""

    def __init__(self, port: int, path: str, body: bytes) -> None:
        self.port = port
        head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        self.request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def requests_per_second(self, seconds: float) -> float:
        """Return the rate of answers over `seconds`; anything but 200 is an error."""
        sockets = {}
        poll = select.epoll()
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", self.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets[connection.fileno()] = (connection, bytearray())
            poll.register(connection.fileno(), select.EPOLLIN)
            connection.sendall(self.request)
        answered, started = 0, time.perf_counter()
        while (now := time.perf_counter()) < started + seconds:
            for number, _ in poll.poll(1.0):
                connection, answer = sockets[number]
                answer += connection.recv(1 << 18)
                if _is_whole(answer):
                    answered += 1
                    answer.clear()
                    connection.sendall(self.request)
        elapsed = now - started
        poll.close()
        for connection, _ in sockets.values():
            connection.close()
        return answered / elapsed


def _is_whole(answer: bytearray) -> bool:
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        if not answer:
            raise RuntimeError("the server closed the connection")
        return False
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(bytes(answer[:2000]).decode(errors="replace"))
    head = bytes(answer[:end]).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    return len(answer) >= end + 4 + length
