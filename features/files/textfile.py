"""A text file as checked lines: opened by us, plain or gzip, UTF-8, bounded in every direction.

pandas and pyarrow would fetch a URL, guess a compression, skip a byte order mark of the wrong kind or keep a NUL; here
each of those is an error that names the line and the cure.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from data_schemas.errors import InputFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

_BUFFER = 2**18
MAX_LINE = 16 * 2**20
"""Bytes in one line."""
_RATIO, _RATIO_FROM = 100, 64 * 2**20
"""A gzip file that unpacks to more than 64 MiB must not be more than 100 times its packed size."""

_GZIP = b"\x1f\x8b"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")
_OTHER_KINDS = {
    b"PK\x03\x04": "is a zip or Excel file; save the table as CSV",
    b"PAR1": "is a Parquet file; name it .parquet",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; save the table as CSV",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; unpack it, or use gzip",
    b"BZh": "is compressed with bzip2; unpack it, or use gzip",
    b"\xfd7zX": "is compressed with xz; unpack it, or use gzip",
}


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


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file without their ends.

    Raises
    ------
    InputFileError
        ``file_missing``, ``encoding`` (with the line) or ``corrupt_file``.
    """
    with open_file(path) as raw:
        start = raw.read(18)
        _refuse_other_kinds(path, start)
        packed = start.startswith(_GZIP)
        if path.suffix == ".gz" and not packed:
            raise InputFileError("corrupt_file", f"{path.name}: is named .gz, but is not gzip; rename or re-create it")
        if packed:
            _refuse_cut_bgzf(path, raw, start)
        raw.seek(0)
        yield from _decoded(path, _unpacked(path, raw) if packed else _plain(path, raw))


def open_file(path: Path) -> BinaryIO:
    """Open a local file for reading, and nothing else: no URL, no folder.

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


def _decoded(path: Path, lines: Iterator[bytes]) -> Iterator[str]:
    for number, raw in enumerate(lines, start=1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\n").removesuffix("\r")
        except UnicodeDecodeError:
            raise InputFileError(
                "encoding", f"{path.name}, line {number}: is not UTF-8 text; save the file as UTF-8"
            ) from None
        if "\r" in text:
            raise InputFileError(
                "encoding", f"{path.name}, line {number}: has a lone carriage return; save with line feeds"
            )
        if _CONTROL.search(text):
            raise InputFileError(
                "encoding", f"{path.name}, line {number}: has a control character; remove it, or export the table again"
            )
        yield text


def _plain(path: Path, stream: io.BufferedIOBase | BinaryIO) -> Iterator[bytes]:
    number = 0
    while line := stream.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            raise InputFileError("corrupt_file", f"{path.name}, line {number}: is longer than 16 MiB; is it a table?")
        yield line


def _unpacked(path: Path, raw: BinaryIO) -> Iterator[bytes]:
    size = 0
    try:
        with gzip.GzipFile(fileobj=raw) as packed:
            for line in _plain(path, io.BufferedReader(packed, 2**20)):
                size += len(line)
                if size > _RATIO_FROM and size > _RATIO * raw.tell():
                    raise InputFileError(
                        "corrupt_file", f"{path.name}: unpacks to more than 100 times its size; unpack it by hand"
                    )
                yield line
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputFileError(
            "corrupt_file", f"{path.name}: the gzip data is cut off or damaged; copy or create the file again"
        ) from None


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputFileError("encoding", f"{path.name}: is UTF-16 text; save the file as UTF-8")
    for magic, sentence in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise InputFileError("corrupt_file", f"{path.name}: {sentence}")


def _refuse_cut_bgzf(path: Path, raw: BinaryIO, start: bytes) -> None:
    """Blocked gzip cut between two blocks unpacks without a complaint; only its end marker tells."""
    if start[3] & 4 and start[12:14] == b"BC":
        raw.seek(0, io.SEEK_END)
        raw.seek(max(0, raw.tell() - len(_BGZF_END)))
        if raw.read() != _BGZF_END:
            raise InputFileError(
                "corrupt_file", f"{path.name}: the end marker of a BGZF file is missing; copy or create the file again"
            )
