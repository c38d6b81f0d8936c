"""The tumour assays that are known by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data_schemas.wire.tumour import AssayPanel


@cache
def known_assays() -> Mapping[str, AssayPanel]:
    """Return the rows of `assays.toml` by id."""
    document = tomllib.loads((Path(__file__).parents[1] / "assays.toml").read_text(encoding="utf-8"))
    return {name: AssayPanel.model_validate(row) for name, row in document.items()}
