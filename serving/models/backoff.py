"""Champions that were refused, and when each is worth another look: a bundle does not mend itself in five seconds."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass

from data_schemas.errors import ModelError

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 600.0


@dataclass(frozen=True)
class _Refusal:
    subject: Hashable
    error: ModelError
    until: float
    wait: float


class Backoff:
    """The last refusal of each endpoint; the wait for another try doubles, from 10 seconds to 10 minutes."""

    def __init__(self) -> None:
        self._refusals: dict[str, _Refusal] = {}

    def waiting(self, endpoint: str, subject: Hashable) -> ModelError | None:
        """Return why `subject` was refused, while it is too early to try it again; None where it is to be tried."""
        last = self._refusals.get(endpoint)
        return last.error if last and last.subject == subject and time.monotonic() < last.until else None

    def forget(self, endpoint: str) -> None:
        """Forget what was refused: another champion is followed, so that the old one may come back mended."""
        self._refusals.pop(endpoint, None)

    def refused(self, endpoint: str, subject: Hashable, error: ModelError) -> None:
        """Note that `subject` was refused now; where it was before, the wait is twice the last one."""
        last = self._refusals.get(endpoint)
        wait = min(2 * last.wait, LONGEST_SECONDS) if last and last.subject == subject else FIRST_SECONDS
        self._refusals[endpoint] = _Refusal(subject, error, time.monotonic() + wait, wait)
