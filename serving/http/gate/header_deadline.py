"""A header deadline, which uvicorn does not have: who sends nothing, or only a drop at a time, is cut off."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_DEADLINE_SECONDS = 4.0


class TimedH11(H11Protocol):
    """uvicorn's HTTP/1.1; a deadline runs from the connection, or a later request's first byte, to its headers."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the clock of the first request."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Start the clock if these bytes begin a request; stop it once the headers are complete."""
        if self._deadline is None and self._waits_for_headers():
            self._start()
        super().data_received(data)
        if not self._waits_for_headers():
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def _waits_for_headers(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _start(self) -> None:
        loop: Any = self.loop
        self._deadline = loop.call_later(HEADER_DEADLINE_SECONDS, self.transport.close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
