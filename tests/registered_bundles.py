"""Bundles in a registry of this machine: where they lie, how one is damaged, and what a store then says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_model import TINY_ENDPOINT

from data_schemas.errors import ModelError
from serving.models.store import Store


def refusal(store: Store, endpoint: str = TINY_ENDPOINT.id) -> ModelError:
    """Return why a store does not answer for an endpoint."""
    with pytest.raises(ModelError) as caught:
        store.champion(endpoint)
    return caught.value


def artifacts(esr_home: Path) -> list[Path]:
    """Return the stored bundle folders, oldest first."""
    return sorted(
        (path.parent for path in esr_home.glob("artifacts/**/manifest.json")), key=lambda p: p.stat().st_mtime
    )


def damage(folder: Path) -> None:
    """Turn one bit of a bundle's scorecard."""
    data = bytearray((folder / "scorecard.json").read_bytes())
    data[len(data) // 2] ^= 1
    (folder / "scorecard.json").write_bytes(data)
