"""The ground: the frozen record that refuses unknown keys, its canonical bytes, and their digest."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """A frozen row or document that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


def added(default: object, **about: Any) -> Any:
    """Declare a field that joins a stored document in a later version: at its default its bytes leave it out.

    So a document that does not use the field keeps its digest, and versions before it go on reading it.

    Examples
    --------
    >>> class Note(Record):
    ...     text: str
    ...     tongue: str = added("en")
    >>> canonical_json(Note(text="a")), canonical_json(Note(text="a", tongue="de"))
    (b'{"text":"a"}', b'{"text":"a","tongue":"de"}')
    """
    return Field(default, exclude_if=lambda value: bool(value == default), **about)


def canonical_json(document: Record) -> bytes:
    """Return the bytes a document is hashed and stored as: sorted keys, no NaN, shortest exact floats."""
    text = json.dumps(document.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(data: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal digest of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
