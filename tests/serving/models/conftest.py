"""A champion of the tiny model, registered and promoted."""

from __future__ import annotations

import pytest
from tiny_model import TINY_ENDPOINT

from training.registry.promote import promote


@pytest.fixture
def champion(register) -> None:
    promote(TINY_ENDPOINT.id, register())
