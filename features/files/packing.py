"""How a file is packed, told by its first and last bytes, and its content as it unpacks, counted on the way.

A name's ending is never believed, except that a file called ``.gz`` must be gzip. Unpacking is counted, so a small file
cannot fill memory or disk; a BGZF file without its end mark is a cut file, however well it unpacks. By hand, since no
library counts while it unpacks, or notices a BGZF that was cut between two of its blocks.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from data_schemas.errors import InputFileError

Packing = Literal["plain", "gzip", "bgzf", "zip"]

CHUNK = 2**20
"""Bytes read at a time, and about the bytes unpacked at a time."""
_FIRST = 2**16
"""The first piece is small: often it is all that is asked for."""
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_FOREIGN = {
    b"\x28\xb5\x2f\xfd": "is packed with zstd; unpack it, or use gzip",
    b"BZh": "is packed with bzip2; unpack it, or use gzip",
    b"\xfd7zX": "is packed with xz; unpack it, or use gzip",
    b"7z\xbc\xaf": "is packed with 7-Zip; unpack it, or use gzip",
    b"\x1f\x9d": "is packed with compress; unpack it, or use gzip",
    b"PAR1": "is a Parquet file; name it .parquet where tables in Parquet are read, or save the table as CSV",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; save the table as CSV",
}
"""First bytes of what is not unpacked here, and what to do about it."""
_WORKBOOK = "[Content_Types].xml"


@dataclass(frozen=True)
class Limits:
    """How far a file may unpack: bytes in all, bytes per packed byte, samples; None for no limit.

    The ratio counts from `ratio_from` bytes on. A stream costs no memory and honest VCFs of a hundred thousand people
    pack 300-fold, so the command line sets none for them; the service and readers that hold a whole file do.
    """

    size: int | None = None
    ratio: int | None = None
    samples: int | None = None
    ratio_from: int = 2**20


UNLIMITED = Limits()
TABLE = Limits(ratio=100, ratio_from=64 * 2**20)
"""For tables of patients, which pack less well: beyond 64 MiB at most 100 times the packed size."""


def packing_of(raw: BinaryIO, name: str) -> Packing:
    """Return how a file is packed.

    Raises
    ------
    InputFileError
        ``no_rows`` for an empty file, ``corrupt_file`` for a BGZF file without its end mark, for a ``.gz`` that is not
        gzip, and for packings that are not read.
    """
    start = raw.read(18)
    if not start:
        raise InputFileError("no_rows", f"{name}: is empty; create or copy it again")
    for magic, sentence in _FOREIGN.items():
        if start.startswith(magic):
            raise _fault(name, sentence)
    packing = _packing(start)
    if Path(name).suffix.lower() in (".gz", ".bgz") and packing not in ("gzip", "bgzf"):
        raise _fault(name, "is named as gzip, but is not gzip; rename or create it again")
    if packing == "bgzf" and _last_bytes(raw) != BGZF_END:
        raise _fault(name, "the BGZF end marker is missing, so the file is cut off; copy or create it again")
    return packing


def unpacked(raw: BinaryIO, packing: Packing, limits: Limits, name: str) -> Iterator[bytes]:
    """Yield the content of a file in pieces of about `CHUNK` bytes.

    Raises
    ------
    InputFileError
        ``corrupt_file`` where the packing is cut or damaged, ``too_large`` beyond the limits.
    """
    size = os.fstat(raw.fileno()).st_size
    done = 0
    for chunk in _UNPACK[packing](raw, name):
        done += len(chunk)
        _refuse_bomb(limits, packing, done, size if packing == "zip" else raw.tell(), name)
        yield chunk


def _refuse_bomb(limits: Limits, packing: Packing, done: int, packed: int, name: str) -> None:
    size, ratio = limits.size, limits.ratio
    if size is not None and done > size:
        raise _fault(name, f"unpacks to more than {size // 2**20} MiB; give the part of it that is needed", "too_large")
    if ratio is not None and packing != "plain" and done > limits.ratio_from and done > ratio * packed:
        raise _fault(name, f"unpacks to more than {ratio} times its size; unpack it by hand", "too_large")


def _packing(start: bytes) -> Packing:
    if start.startswith(b"\x1f\x8b"):
        return "bgzf" if start[3:4] == b"\x04" and start[12:14] == b"BC" else "gzip"
    return "zip" if start.startswith(b"PK\x03\x04") else "plain"


def _last_bytes(raw: BinaryIO) -> bytes:
    size = raw.seek(0, os.SEEK_END)
    raw.seek(max(0, size - len(BGZF_END)))
    return raw.read()


def _plain(raw: BinaryIO, _: str) -> Iterator[bytes]:
    wanted = _FIRST
    while chunk := raw.read(wanted):
        yield chunk
        wanted = CHUNK


def _gunzip(raw: BinaryIO, name: str) -> Iterator[bytes]:
    """Unpack gzip members one after another; BGZF is that too. Zeros after a member are padding, as gzip takes them."""
    inflate = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    size, wanted, begun = 0, _FIRST, False
    with _damage_named(name):
        while chunk := raw.read(wanted):
            chunk = chunk if begun else chunk.lstrip(b"\0")
            while chunk:
                parts.append(inflate.decompress(chunk, wanted))
                size += len(parts[-1])
                if size >= wanted:
                    yield b"".join(parts)
                    parts, size, wanted = [], 0, CHUNK
                chunk, begun = inflate.unconsumed_tail, True
                if inflate.eof:
                    chunk, inflate = inflate.unused_data.lstrip(b"\0"), zlib.decompressobj(wbits=31)
                    begun = False
        if size:
            yield b"".join(parts)
    if begun:
        raise _fault(name, "the gzip data ends too early; copy or create the file again")


def _unzip(raw: BinaryIO, name: str) -> Iterator[bytes]:
    with _damage_named(name), zipfile.ZipFile(raw) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if any(one.filename == _WORKBOOK for one in members):
            raise _fault(name, "is an Excel file; save the table as CSV")
        if len(members) != 1 or members[0].flag_bits & 1:
            raise _fault(name, "is a zip archive that does not hold just one open file; unpack it and name the file")
        with archive.open(members[0]) as member:
            while chunk := member.read(CHUNK):
                yield chunk


@contextmanager
def _damage_named(name: str) -> Iterator[None]:
    try:
        yield
    except NotImplementedError:  # zipfile's word for a method of packing that it does not know
        raise _fault(name, "is packed in a way that is not supported; unpack it and name the file") from None
    except zipfile.BadZipFile:
        raise _fault(
            name, "the zip archive is damaged; copy or create it again (an Excel file: save the table as CSV)"
        ) from None
    except (zlib.error, EOFError):
        raise _fault(name, "the packed data is damaged; copy or create the file again") from None


def _fault(name: str, sentence: str, code: str = "corrupt_file") -> InputFileError:
    return InputFileError(code, f"{name}: {sentence}")


_UNPACK: dict[Packing, Callable[[BinaryIO, str], Iterator[bytes]]] = {
    "plain": _plain,
    "gzip": _gunzip,
    "bgzf": _gunzip,
    "zip": _unzip,
}
