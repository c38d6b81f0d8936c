"""What JSON parsers let through and a clinical service must not: duplicate keys, NaN and Infinity.

The standard parser keeps the last of two equal keys and accepts ``NaN``; pydantic's does the former too. So a body is
parsed once by the standard library's C scanner with hooks that refuse both, a few microseconds for one patient. Only a
body that was refused is parsed again, slowly, to find the place.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from data_schemas.errors import Problem, RequestError
from data_schemas.wire.problems import is_name, pointer


class _Refused(Exception):
    """A hook met what it refuses."""


class _Twice(dict[str, Any]):
    """An object that holds a key twice."""

    key = ""


class _NotFinite:
    """Stands where NaN or Infinity stood."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def _no_constants(text: str) -> NoReturn:
    raise _Refused


def _mark_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _Twice(pairs)
    if len(found) == len(pairs):
        return dict(found)
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            found.key = key
            break
        seen.add(key)
    return found


_STRICT = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
_MARKING = json.JSONDecoder(object_pairs_hook=_mark_duplicates, parse_constant=lambda text: _NotFinite())


def check(body: bytes) -> None:
    """Refuse a body that is not strict JSON.

    Raises
    ------
    RequestError
        ``malformed_json``; ``duplicate_key``, with a pointer to the object or to the key where that looks like a name.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise _malformed("The body must be JSON in UTF-8.") from None
    try:
        _STRICT.decode(text)
    except _Refused:
        raise _located(text) from None
    except RecursionError:
        raise _malformed("The body is nested too deeply.") from None
    except ValueError:
        raise _malformed("The body is not valid JSON.") from None


def _malformed(detail: str, where: str = "") -> RequestError:
    return RequestError("malformed_json", detail, (Problem(pointer=where, code="malformed_json", detail=detail),))


def _located(text: str) -> RequestError:
    """Return the error for the first refused place, in the order of the text."""
    try:
        waiting: list[tuple[tuple[str | int, ...], Any]] = [((), _MARKING.decode(text))]
    except (ValueError, RecursionError):
        return _malformed("The body is not valid JSON.")
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, _Twice):
            at = pointer((*place, value.key) if is_name(value.key) else place)
            detail = "A key stands twice in one object; keep one of the two."
            return RequestError("duplicate_key", detail, (Problem(pointer=at, code="duplicate_key", detail=detail),))
        if isinstance(value, _NotFinite):
            return _malformed("NaN and Infinity are not JSON; use null where a value is unknown.", pointer(place))
        if isinstance(value, dict):
            waiting += [((*place, key if is_name(key) else "?"), value[key]) for key in reversed(value)]
        elif isinstance(value, list):
            waiting += [((*place, i), value[i]) for i in reversed(range(len(value)))]
    return _malformed("The body is not valid JSON.")
