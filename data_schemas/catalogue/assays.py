"""The tumour assays that are known by name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from data_schemas.record import Record

Specimen = Literal["tissue", "plasma", "other"]


class AssayPanel(Record):
    """What one version of an assay looks at. `limit_of_detection` is the smallest allele fraction that it reports."""

    covers_esr1: bool
    limit_of_detection: float | None = Field(None, ge=0, le=1)
    specimen: Specimen | None = None
    sources: tuple[str, ...] = ()


@cache
def known_assays() -> Mapping[str, AssayPanel]:
    """Return the rows of `assays.toml` by id."""
    document = tomllib.loads((Path(__file__).parents[1] / "assays.toml").read_text(encoding="utf-8"))
    return {name: AssayPanel.model_validate(row) for name, row in document.items()}
