"""Where a command may write: never over one of its own inputs, only where it can, and whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from data_schemas.errors import EsrError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_SYSTEM = (("dev",), ("proc",), ("sys",))


def check_output(output: Path, *inputs: Path | str | None) -> None:
    """Refuse an output before any work is done.

    Raises
    ------
    EsrError
        ``output_exists``: the output is one of the inputs, or a folder, a device, or in a folder that does not exist or
        may not be written to.
    """
    with writing_to(output):
        _check(output, *inputs)


def _check(output: Path, *inputs: Path | str | None) -> None:
    if output.is_dir():
        raise EsrError("output_exists", f"{output}: is a folder; name a file")
    if not output.parent.is_dir():
        raise EsrError("output_exists", f"{output}: cannot be written; name a file in a folder that exists")
    device = output.absolute().parts[1:2] in _SYSTEM and not output.absolute().is_relative_to("/dev/shm")
    if device or (output.exists() and not output.is_file()):
        raise EsrError("output_exists", f"{output}: is no ordinary file; name one")
    if not os.access(output.parent, os.W_OK):
        raise EsrError("output_exists", f"{output}: cannot be written; the folder does not take new files from you")
    for one in inputs:
        if one is not None and output.exists() and Path(one).exists() and output.samefile(one):
            raise EsrError("output_exists", f"{output}: is an input of this command; name another file to write to")


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Yield a file, for its owner only, that takes `path`'s place when the block ends well; otherwise it vanishes.

    What is written to it belongs into a block of `writing_to`.

    Raises
    ------
    EsrError
        ``output_exists`` where the folder does not take it, before the block begins, or the disk is full at its end.
    """
    with writing_to(path):
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        try:
            yield file
            with writing_to(path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                file.close()
        with writing_to(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Turn what the system refuses within the block into ``output_exists``, which names the place."""
    try:
        yield
    except OSError as error:
        raise EsrError("output_exists", refusal(place, error)) from None


def refusal(place: Path | str, error: OSError) -> str:
    """Return the sentence for a place that the system does not let us use."""
    cure = "free some space" if error.errno in FULL else "name another place"
    return f"{place}: cannot be written ({error.strerror or type(error).__name__}); {cure}"
