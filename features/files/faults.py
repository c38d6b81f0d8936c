"""Faults of a data file, collected over all columns and raised as one error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data_schemas.arrays import Ints
from data_schemas.errors import InputFileError

MAX_FAULTS = 20
"""Faults spelled out in one message."""
_MAX_PLACES = 5


@dataclass
class FileFaults:
    """What is wrong with one file.

    Parameters
    ----------
    file
        Its name, for messages.
    lines
        (n,) line of each row in the file, counted from 1; in a Parquet file the row.
    noun
        ``line`` or ``row``, whichever `lines` counts.
    """

    file: str
    lines: Ints
    noun: str = "line"
    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, code: str, sentence: str, column: str | None = None, rows: Ints | None = None) -> None:
        """Note a fault; `rows` (m,) are 0-based rows of the table."""
        where = ([f"column {column}"] if column else []) + ([self.places(rows)] if rows is not None else [])
        self.found.append((code, f"{', '.join(where)}: {sentence}" if where else sentence))

    def places(self, rows: Ints) -> str:
        """Return ``line 12`` or ``lines 12, 15, 19, 20, 21 and 7 more`` of `rows` (m,); a run is ``lines 40 to 60``."""
        lines = np.sort(self.lines[rows])
        if len(lines) == 1:
            return f"{self.noun} {lines[0]}"
        if len(lines) > _MAX_PLACES and lines[-1] - lines[0] == len(lines) - 1:
            return f"{self.noun}s {lines[0]} to {lines[-1]}"
        more = f" and {len(lines) - _MAX_PLACES:,} more" if len(lines) > _MAX_PLACES else ""
        return f"{self.noun}s {', '.join(str(line) for line in lines[:_MAX_PLACES])}{more}"

    def raise_any(self) -> None:
        """Raise what was found, if anything.

        Raises
        ------
        InputFileError
            With the code of the first fault; the message spells out all, up to `MAX_FAULTS`.
        """
        if not self.found:
            return
        code, first = self.found[0]
        if len(self.found) == 1:
            raise InputFileError(code, f"{self.file}, {first}")
        shown = [sentence for _, sentence in self.found[:MAX_FAULTS]]
        more = [f"and {len(self.found) - MAX_FAULTS} more"] if len(self.found) > MAX_FAULTS else []
        raise InputFileError(code, "\n  ".join([f"{self.file}: {len(self.found)} faults", *shown, *more]))
