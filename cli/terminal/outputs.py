"""Where a command may write: never over one of its own inputs, and only where it can."""

from __future__ import annotations

import os
from pathlib import Path

from data_schemas.errors import EsrError
from features.files.whole import writing_to

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
