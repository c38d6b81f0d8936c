"""One way to open a genotype file: local, unpacked by us, counted, whole.

A name's ending is never believed, except that a file called ``.gz`` must be gzip. Unpacking is counted as it goes, so a
small file cannot fill memory or disk; a BGZF file without its end marker is a cut file, however well it unpacks.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal

from data_schemas.errors import InputFileError
from features.files.textfile import open_file

Packing = Literal["plain", "gzip", "bgzf", "zip"]

CHUNK = 2**20
"""Bytes read at a time, and about the bytes unpacked at a time."""
_FIRST = 2**16
"""The first piece is small: often it is all that is asked for."""
MAX_LINE = 64 * 2**20
"""Bytes in one line: a record of some millions of samples."""
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_RATIO_FROM = 2**20
_OTHERS = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zX": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"\x1f\x9d": "compress",
}


@dataclass(frozen=True)
class Limits:
    """How far a file may unpack: bytes in all, bytes per packed byte, samples; None for no limit.

    A stream costs no memory and honest VCFs of a hundred thousand people pack 300-fold, so the command line sets none;
    the service and readers that hold a whole file do.
    """

    size: int | None = None
    ratio: int | None = None
    samples: int | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, eq=False)
class OpenFile:
    """A file that can be opened, and how it is packed. Every read starts at its beginning."""

    path: Path
    name: str
    packing: Packing
    limits: Limits

    @cached_property
    def head(self) -> bytes:
        """Return the first bytes after unpacking, up to 64 KiB: enough to tell the format."""
        head = b""
        for chunk in self.chunks():
            head += chunk
            if len(head) >= 2**16:
                break
        return head[: 2**16]

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked content in pieces of about `CHUNK` bytes.

        Raises
        ------
        InputFileError
            ``corrupt_file`` where the packing is cut or damaged, ``too_large`` beyond the limits.
        """
        with open_file(self.path) as raw:
            packed = os.fstat(raw.fileno()).st_size
            done = 0
            for chunk in _UNPACK[self.packing](self, raw):
                done += len(chunk)
                self._count(done, packed if self.packing == "zip" else raw.tell())
                yield chunk

    def lines(self, feeds_only: bool = False) -> Iterator[bytes]:
        """Yield lines without their ends, the first without a byte order mark.

        Raises
        ------
        InputFileError
            As `line_blocks`; with `feeds_only` ``corrupt_file`` too for a carriage return that no line feed follows.
        """
        number = 0
        for block in self.line_blocks():
            for line in block:
                number += 1
                text = line.removesuffix(b"\r")
                if feeds_only and b"\r" in text:
                    raise self.fault(
                        f"line {number}: has a carriage return without a line feed, as the line ends of old Mac files; "
                        "save it with Unix or Windows line ends"
                    )
                yield text.removeprefix(b"\xef\xbb\xbf") if number == 1 else text

    def line_blocks(self) -> Iterator[list[bytes]]:
        """Yield lists of whole lines, one list per chunk; a carriage return before the line feed is left in place.

        Raises
        ------
        InputFileError
            As `chunks`; ``corrupt_file`` too for a NUL or for a line longer than `MAX_LINE`.
        """
        parts: list[bytes] = []
        waiting, number = 0, 0
        for chunk in self.chunks():
            if b"\0" in chunk:
                raise self.fault("has a NUL byte: it is not the text it seems to be, or was damaged; copy it again")
            first, newline, rest = chunk.partition(b"\n")
            if not newline:
                parts.append(chunk)
                waiting += len(chunk)
                if waiting > MAX_LINE:
                    raise self.fault(f"line {number + 1} is longer than 64 MiB; is this a genotype file?")
                continue
            lines = [b"".join([*parts, first]), *rest.split(b"\n")]
            last = lines.pop()
            parts, waiting = [last], len(last)
            number += len(lines)
            yield lines
        if waiting:
            yield [b"".join(parts)]

    def fault(self, sentence: str, code: str = "corrupt_file") -> InputFileError:
        """Return an error that names this file."""
        return InputFileError(code, f"{self.name}: {sentence}")

    def _count(self, done: int, packed: int) -> None:
        size, ratio = self.limits.size, self.limits.ratio
        if size is not None and done > size:
            raise self.fault(f"unpacks to more than {size // 2**20} MiB; give the panel's regions only", "too_large")
        if ratio is not None and self.packing != "plain" and done > _RATIO_FROM and done > ratio * packed:
            raise self.fault(f"unpacks to more than {ratio} times its size; unpack it by hand", "too_large")


def opened(path: Path, limits: Limits = UNLIMITED, name: str | None = None) -> OpenFile:
    """Look at a file's first and last bytes and say how it is packed.

    Raises
    ------
    InputFileError
        ``file_missing``, ``no_rows`` for an empty file, ``corrupt_file`` for a BGZF file without its end marker or a
        ``.gz`` that is not gzip, and for packings that are not read.
    """
    shown = "".join(letter if letter.isprintable() else "?" for letter in name or path.name)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputFileError("file_missing", f"{shown}: is a pipe or a device; save it to a file first")
    with open_file(path) as raw:
        start = raw.read(18)
        packing = _packing(start)
        found = OpenFile(path, shown, packing, limits)
        if not start:
            raise found.fault("is empty; create or copy it again", "no_rows")
        for magic, packer in _OTHERS.items():
            if start.startswith(magic):
                raise found.fault(f"is packed with {packer}; unpack it, or use gzip")
        if Path(shown).suffix.lower() in (".gz", ".bgz") and packing not in ("gzip", "bgzf"):
            raise found.fault("is named as gzip, but is not gzip; rename or create it again")
        if packing == "bgzf" and _last_bytes(raw) != BGZF_END:
            raise found.fault("the BGZF end marker is missing, so the file is cut off; copy or create it again")
    return found


def _packing(start: bytes) -> Packing:
    if start.startswith(b"\x1f\x8b"):
        return "bgzf" if start[3:4] == b"\x04" and start[12:14] == b"BC" else "gzip"
    return "zip" if start.startswith(b"PK\x03\x04") else "plain"


def _last_bytes(raw: BinaryIO) -> bytes:
    size = raw.seek(0, os.SEEK_END)
    raw.seek(max(0, size - len(BGZF_END)))
    return raw.read()


def _plain(_: OpenFile, raw: BinaryIO) -> Iterator[bytes]:
    wanted = _FIRST
    while chunk := raw.read(wanted):
        yield chunk
        wanted = CHUNK


def _gunzip(origin: OpenFile, raw: BinaryIO) -> Iterator[bytes]:
    """Unpack gzip members one after another; BGZF is that too."""
    inflate = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size, wanted = 0, _FIRST
    with _damage_named(origin):
        while chunk := raw.read(wanted):
            while chunk:
                parts.append(inflate.decompress(chunk, wanted))
                size += len(parts[-1])
                if size >= wanted:
                    yield b"".join(parts)
                    parts, size, wanted = [], 0, CHUNK
                chunk = inflate.unconsumed_tail
                if inflate.eof:
                    chunk, inflate = inflate.unused_data, zlib.decompressobj(wbits=31)
                    begun = bool(chunk)
                else:
                    begun = True
        if size:
            yield b"".join(parts)
    if begun:
        raise origin.fault("the gzip data ends too early; copy or create the file again")


def _unzip(origin: OpenFile, raw: BinaryIO) -> Iterator[bytes]:
    with _damage_named(origin), zipfile.ZipFile(raw) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:
            raise origin.fault("is a zip archive that does not hold just one open file; unpack it and name the file")
        with archive.open(members[0]) as member:
            while chunk := member.read(CHUNK):
                yield chunk


@contextmanager
def _damage_named(origin: OpenFile) -> Iterator[None]:
    try:
        yield
    except NotImplementedError:  # zipfile's word for a method of packing that it does not know
        raise origin.fault("is packed in a way that is not supported; unpack it and name the file") from None
    except (zlib.error, zipfile.BadZipFile, EOFError):
        raise origin.fault("the packed data is damaged; copy or create the file again") from None


_UNPACK = {"plain": _plain, "gzip": _gunzip, "bgzf": _gunzip, "zip": _unzip}
