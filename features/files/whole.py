"""A file is written whole or not at all: beside its place, then renamed into it; a place that takes none is named.

The one way to write for commands, simulations and the service's cache. A sealed bundle has its own in
`data_schemas.model.sealed`, since it is a new folder that never replaces one, and nothing there may import from here.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from data_schemas.errors import EsrError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
OWNER_ONLY, FOR_ALL = 0o600, 0o644


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Yield a file, for its owner only, that takes `path`'s place when the block ends well; otherwise it vanishes.

    What is written to it belongs into a block of `writing_to`.

    Raises
    ------
    EsrError
        ``output_exists`` where the folder does not take it, before the block begins; ``disk_full``.
    """
    with _replacing_all((path,), OWNER_ONLY) as (file,):
        yield file


def write_all(texts: Mapping[Path, str], mode: int = FOR_ALL) -> None:
    """Write text files, in order, each renamed into its place once every one of them is finished.

    Raises
    ------
    EsrError
        ``output_exists`` where a folder does not take its file, ``disk_full``; none is written then.
    """
    with _replacing_all(tuple(texts), mode) as files:
        for (path, text), file in zip(texts.items(), files, strict=True):
            with writing_to(path):
                file.write(text)


@contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Turn what the system refuses within the block into `refusal`, which names the place."""
    try:
        yield
    except OSError as error:
        raise refusal(place, error) from None


def refusal(place: Path | str, error: OSError, cure: str = "name another place") -> EsrError:
    """Return the error of a place that the system does not let us use: ``disk_full``, or ``output_exists``."""
    full = error.errno in FULL
    reason = error.strerror or type(error).__name__
    sentence = f"{place}: cannot be written ({reason}); {'free some space' if full else cure}"
    return EsrError("disk_full" if full else "output_exists", sentence)


@contextmanager
def _replacing_all(paths: Sequence[Path], mode: int) -> Iterator[list[TextIO]]:
    temporary: list[Path] = []
    files: list[TextIO] = []
    try:
        for path in paths:
            with writing_to(path):
                if path.is_dir():
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
                handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            temporary.append(Path(name))
            files.append(os.fdopen(handle, "w", encoding="utf-8", newline=""))
        yield files
        for path, beside, file in zip(paths, temporary, files, strict=True):
            with writing_to(path):
                file.flush()
                os.fsync(file.fileno())
                file.close()
                beside.chmod(mode)
        for path, beside in zip(paths, temporary, strict=True):
            with writing_to(path):
                beside.replace(path)
    finally:
        for file in files:
            with suppress(OSError):
                file.close()
        for beside in temporary:
            beside.unlink(missing_ok=True)
