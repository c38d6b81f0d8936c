"""One writer of the registry at a time: a kernel lock, which a killed process cannot leave behind."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_schemas.errors import ModelError

WAIT_SECONDS = 30.0
PAUSE = 0.05


@contextmanager
def registry_lock(folder: Path, wait: float | None = None) -> Iterator[None]:
    """Hold the lock of the registry whose working folder this is; the folder is made, for its owner only.

    Raises
    ------
    ModelError
        `busy` where another process still holds it after `wait` seconds, by default `WAIT_SECONDS`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "registry.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + (WAIT_SECONDS if wait is None else wait)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise ModelError("busy", f"another process holds {folder / 'registry.lock'}; try again") from None
                time.sleep(PAUSE)
        yield
    finally:
        os.close(handle)
