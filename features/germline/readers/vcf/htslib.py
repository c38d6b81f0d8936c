"""A file as htslib opens it: quiet, closed whatever happens, its faults as ours.

cyvcf2 closes what it opened by a path, and neither a descriptor handed to it nor the memory behind that; so a file
without a name is handed over by the path of its descriptor. A pipe that our opener fills would do for text, but cyvcf2
reads a header while it holds the interpreter's lock, under which nobody fills the pipe: a BCF is counted, then
read where it lies.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from data_schemas.errors import EsrError, InputFileError
from features.files.local import open_file
from features.files.opening import OpenFile
from features.files.packing import UNLIMITED


@contextmanager
def opened_path(origin: OpenFile, path: str) -> Iterator[Any]:
    """Open with htslib, its own messages off; what it finds wrong becomes one error.

    Raises
    ------
    InputFileError
        ``corrupt_file``.
    """
    from cyvcf2 import VCF
    from cyvcf2.cyvcf2 import set_htslib_log_level

    set_htslib_log_level(0)
    try:
        opened = VCF(path)
    except Exception:  # noqa: BLE001 - cyvcf2 raises bare ones and OSError
        raise origin.fault("htslib cannot read the header; create or copy the file again") from None
    try:
        yield opened
    except EsrError:
        raise
    except Exception as error:
        if type(error) is Exception or isinstance(error, (OSError, UnicodeDecodeError)):
            # the bare Exception is how cyvcf2 reports what htslib returned; it decodes texts when they are asked for
            raise InputFileError(
                "corrupt_file", f"{origin.name}: htslib finds a damaged record; copy it again"
            ) from None
        raise
    finally:
        opened.close()


@contextmanager
def opened_small(origin: OpenFile, pieces: Iterable[bytes]) -> Iterator[Any]:
    """Open a file without a name that holds these pieces, and vanishes when it is closed."""
    with tempfile.TemporaryFile() as small:
        small.writelines(pieces)
        small.flush()
        with opened_path(origin, _path_of(small)) as file:
            yield file


@contextmanager
def opened_counted(origin: OpenFile) -> Iterator[Any]:
    """Open a file that, where there are limits, was unpacked and counted as a whole before htslib sees it.

    Without limits one pass is enough: htslib too checks the sum of each block, and `records` where the last one ends.

    Raises
    ------
    InputFileError
        As `features.files.opening.OpenFile.chunks`.
    """
    if origin.packing not in ("plain", "bgzf"):
        with opened_small(origin, origin.chunks()) as file:
            yield file
        return
    if origin.limits != UNLIMITED:
        for _ in origin.chunks():
            pass
    with open_file(origin.path) as raw, opened_path(origin, _path_of(raw)) as file:
        yield file


def record_at(origin: OpenFile, file: Any, place: str) -> Any:
    """Return the next record of a small file, which is the one of a place in ours.

    Raises
    ------
    InputFileError
        ``corrupt_file`` with the place.
    """
    try:
        return next(file)
    except Exception:  # noqa: BLE001 - cyvcf2 raises a bare one, and htslib names no line
        raise origin.fault(f"{place}: is not a VCF record; correct or remove it") from None


def records(origin: OpenFile, file: Any) -> Iterator[Any]:
    """Yield the records of a whole file.

    Raises
    ------
    InputFileError
        ``corrupt_file`` with the number of the record.
    """
    number = 1
    while True:
        try:
            record = next(file)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - as above
            raise origin.fault(
                f"record {number:,}: is damaged, or the file ends within it; copy or create the file again"
            ) from None
        yield record
        number += 1


def _path_of(file: BinaryIO) -> str:
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # where the path shares the descriptor's place (not on Linux)
    return f"/dev/fd/{file.fileno()}"
