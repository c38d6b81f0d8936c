"""What JSON parsers let through and a clinical service must not: duplicate keys, NaN and Infinity.

The standard parser keeps the last of two equal keys and accepts ``NaN``; pydantic's does the former too. So a body is
parsed once by the standard library's C scanner with hooks that put a mark where either stands, a few microseconds for
one patient. Only a body with a mark is walked through, to find its place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from data_schemas.errors import Problem, RequestError
from data_schemas.wire.problems import is_name, pointer


@dataclass(frozen=True)
class _Mark:
    """Stands in place of an object that holds `key` twice, or of NaN or Infinity, which has none."""

    key: str | None = None


def check(body: bytes) -> None:
    """Refuse a body that is not strict JSON.

    Raises
    ------
    RequestError
        ``malformed_json``; ``duplicate_key``, with a pointer to the object or to the key where that looks like a name.
    """
    marks: list[_Mark] = []

    def mark(key: str | None = None) -> _Mark:
        marks.append(_Mark(key))
        return marks[-1]

    def one_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Mark:
        found = dict(pairs)
        return found if len(found) == len(pairs) else mark(_doubled(pairs))

    try:
        text = body.decode()
        document = json.JSONDecoder(object_pairs_hook=one_of_each, parse_constant=lambda _: mark()).decode(text)
    except UnicodeDecodeError:
        raise _refusal("malformed_json", "The body must be JSON in UTF-8.") from None
    except RecursionError:
        raise _refusal("malformed_json", "The body is nested too deeply.") from None
    except ValueError:
        raise _refusal("malformed_json", "The body is not valid JSON.") from None
    if marks:
        raise _located(document)


def _doubled(pairs: list[tuple[str, Any]]) -> str:
    """Return the key that stands twice first."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    return key


def _refusal(code: str, detail: str, where: str = "") -> RequestError:
    return RequestError(code, detail, (Problem(pointer=where, code=code, detail=detail),))


def _located(document: Any) -> RequestError:
    """Return the error for the first mark, in the order of the text."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while not isinstance(waiting[-1][1], _Mark):
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*place, key if is_name(key) else "?"), value[key]) for key in reversed(value)]
        elif isinstance(value, list):
            waiting += [((*place, i), value[i]) for i in reversed(range(len(value)))]
    place, found = waiting[-1]
    if found.key is None:
        detail = "NaN and Infinity are not JSON; use null where a value is unknown."
        return _refusal("malformed_json", detail, pointer(place))
    named = is_name(found.key)
    detail = f"{found.key if named else 'A key'} stands twice in one object; keep one of the two."
    return _refusal("duplicate_key", detail, pointer((*place, found.key) if named else place))
