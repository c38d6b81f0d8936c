"""A local file as bytes, and nothing else: no URL, no folder."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from data_schemas.errors import InputFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_BUFFER = 2**18


def open_file(path: Path) -> BinaryIO:
    """Open a local file for reading.

    Raises
    ------
    InputFileError
        ``file_missing``.
    """
    if path.is_dir():
        raise InputFileError("file_missing", f"{path}: is a folder; name the file in it")
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        return io.BufferedReader(_Descriptor(descriptor), _BUFFER)
    except FileNotFoundError:
        raise InputFileError("file_missing", f"{path}: there is no such file; check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not valid"
        raise InputFileError("file_missing", f"{path}: cannot be opened ({reason})") from None


class _Descriptor(io.RawIOBase):
    """A file by its descriptor, closed when nobody holds it any more.

    A reader that refuses a file leaves the generators that held it to the garbage collector. That closes a descriptor
    in silence, where Python's own file object may complain first, by chance.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        found = os.read(self._descriptor, len(view))
        view[: len(found)] = found
        return len(found)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
