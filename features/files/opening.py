"""One way to open a file: local, unpacked by us, counted, whole; its content as bytes or as lines of checked text.

pandas, pyarrow and htslib would fetch a URL, guess a packing, or keep a NUL; here each of those is an error that names
the place and the cure. What can be read in one way only is read: UTF-8 and UTF-16 with their byte order marks, and the
line ends of Unix, Windows and old Mac files.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from data_schemas.errors import InputFileError
from features.files.local import open_file
from features.files.packing import UNLIMITED, Limits, Packing, packing_of, unpacked

MAX_LINE = 64 * 2**20
"""Bytes in one line: a record of some millions of samples."""
_HEAD = 2**16
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029]")


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
            if len(head) >= _HEAD:
                break
        return head[:_HEAD]

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked content in pieces of about 1 MiB; text without its byte order mark, UTF-16 as UTF-8.

        Raises
        ------
        InputFileError
            ``corrupt_file`` where the packing is cut or damaged, ``too_large`` beyond the limits, ``encoding`` for a
            UTF-16 text that is none throughout.
        """
        with open_file(self.path) as raw:
            pieces = unpacked(raw, self.packing, self.limits, self.name)
            first = next(pieces, b"")
            if first.startswith(_UTF16):
                yield from self._utf8(chain([first], pieces))
                return
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from pieces

    def lines(self) -> Iterator[bytes]:
        """Yield lines without their ends.

        Raises
        ------
        InputFileError
            As `line_blocks`.
        """
        for block in self.line_blocks():
            for line in block:
                yield line.removesuffix(b"\r")

    def line_blocks(self) -> Iterator[list[bytes]]:
        """Yield lists of whole lines, one list per chunk; a carriage return before the line feed is left in place.

        Raises
        ------
        InputFileError
            As `chunks`; ``corrupt_file`` too for a NUL or for a line longer than `MAX_LINE`, ``encoding`` for line ends
            of two kinds.
        """
        for _, piece, end in self._pieces():
            if b"\0" in piece:
                raise self.fault("has a NUL byte: it is not the text it seems to be, or was damaged; copy it again")
            yield piece.split(end)

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield (line, text) of each line, counted from 1: UTF-8 without a control character.

        Raises
        ------
        InputFileError
            As `chunks`; ``encoding`` with the line, ``corrupt_file`` for a line longer than `MAX_LINE`.
        """
        return enumerate(chain.from_iterable(self.text_blocks()), start=1)

    def text_blocks(self) -> Iterator[list[str]]:
        """Yield the lines of `texts` as lists, one list per chunk."""
        for before, piece, end in self._pieces():
            yield self._text(before, piece, end).split("\n")

    def fault(self, sentence: str, code: str = "corrupt_file") -> InputFileError:
        """Return an error that names this file."""
        return InputFileError(code, f"{self.name}: {sentence}")

    def blank(self) -> InputFileError:
        """Return the error of a file that unpacks to nothing, or to blank lines."""
        return self.fault("has no content; create or copy it again", "no_rows")

    def _pieces(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Yield (lines before it, some whole lines without the last one's end, what ends a line in this file)."""
        parts: list[bytes] = []
        waiting, number, end = 0, 0, b""
        for chunk in self.chunks():
            end = end or _line_end(chunk)
            place = chunk.rfind(end) if end else -1
            if waiting + (len(chunk) if place < 0 else chunk.find(end)) > MAX_LINE:
                raise self.fault(
                    f"line {number + 1}: is longer than {MAX_LINE / 2**20:g} MiB; is it text, and the right file?"
                )
            if place < 0:
                parts.append(chunk)
                waiting += len(chunk)
            else:
                piece = b"".join([*parts, chunk[:place]])
                parts, waiting = [chunk[place + 1 :]], len(chunk) - place - 1
                self._refuse_two_ends(number, piece, end)
                yield number, piece, end
                number += piece.count(end) + 1
        if waiting:
            piece = b"".join(parts)
            self._refuse_two_ends(number, piece, end)
            yield number, piece, end or b"\n"

    def _refuse_two_ends(self, before: int, piece: bytes, end: bytes) -> None:
        if end == b"\r" and b"\n" in piece:
            raise self._stray(before + piece.count(b"\r", 0, piece.index(b"\n")) + 1)

    def _text(self, before: int, piece: bytes, end: bytes) -> str:
        """Return lines as text, each ended by a line feed; `before` is the number of lines before them."""
        if end == b"\r":
            piece = piece.replace(b"\r", b"\n")
        elif b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").removesuffix(b"\r")
            if b"\r" in piece:
                raise self._stray(_line_of(piece, piece.index(b"\r"), before))
        try:
            text = piece.decode()
        except UnicodeDecodeError as error:
            line = _line_of(piece, error.start, before)
            raise self.fault(f"line {line}: is not UTF-8 text; save the file as UTF-8", "encoding") from None
        plain = piece.isascii() and len(piece.translate(None, _CONTROLS)) == len(piece)
        found = None if plain else _CONTROL.search(text)
        if found:
            line = before + text.count("\n", 0, found.start()) + 1
            raise self.fault(f"line {line}: has a control character; remove it, or export the file again", "encoding")
        return text

    def _stray(self, line: int) -> InputFileError:
        return self.fault(
            f"line {line}: has a carriage return without a line feed, in a file that has line feeds too; save it with "
            "Unix or Windows line ends",
            "encoding",
        )

    def _utf8(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder("utf-16")()
        try:
            for piece in pieces:
                yield decoder.decode(piece).encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeDecodeError:
            raise self.fault("begins as UTF-16 text and does not go on so; save it as UTF-8", "encoding") from None


def opened(path: Path, limits: Limits = UNLIMITED, name: str | None = None) -> OpenFile:
    """Look at a file's first and last bytes and say how it is packed.

    Parameters
    ----------
    name
        Shown in messages instead of the path's own name (an upload is read from a temporary file).

    Raises
    ------
    InputFileError
        ``file_missing``; ``no_rows`` and ``corrupt_file`` as `packing_of`.
    """
    shown = "".join(letter if letter.isprintable() else "?" for letter in name or path.name)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputFileError("file_missing", f"{shown}: is a pipe or a device; save it to a file first")
    with open_file(path) as raw:
        return OpenFile(path, shown, packing_of(raw, shown), limits)


def _line_end(chunk: bytes) -> bytes:
    """Return what ends the first line, b"" where no line ends yet: a carriage return at the end may be half of two."""
    feed, mac = chunk.find(b"\n"), chunk.find(b"\r")
    if mac < 0 or 0 <= feed <= mac + 1:
        return b"\n" if feed >= 0 else b""
    return b"" if mac == len(chunk) - 1 else b"\r"


def _line_of(piece: bytes, place: int, before: int) -> int:
    return before + piece.count(b"\n", 0, place) + 1
