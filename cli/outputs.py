"""Where a command may write: never over one of its own inputs, and only where it can."""

from __future__ import annotations

from pathlib import Path

from data_schemas.errors import EsrError


def check_output(output: Path, *inputs: Path | str | None) -> None:
    """Refuse an output before any work is done.

    Raises
    ------
    EsrError
        ``output_exists``: the output is one of the inputs, or a folder, or in a folder that does not exist.
    """
    if not output.parent.is_dir() or output.is_dir():
        raise EsrError("output_exists", f"{output}: cannot be written; name a file in a folder that exists")
    for one in inputs:
        if one is not None and output.exists() and Path(one).exists() and output.samefile(one):
            raise EsrError("output_exists", f"{output}: is an input of this command; name another file to write to")
