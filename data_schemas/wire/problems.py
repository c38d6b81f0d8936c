"""From pydantic's findings on a request to problems with JSON pointers, without a single value of the client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from data_schemas.errors import Problem, nearest

MAX_PROBLEMS = 50
"""Problems reported for one patient or one envelope; more would only make the answer long."""

# What pydantic puts into a location for the member of a union that it tried.
_UNION_TAGS = frozenset({"bool", "int", "float", "str", "Quantity", "GenotypeInput"})

# The fields whose values may be of several types, and what these are in words.
_UNIONS: dict[tuple[str | int, ...], str] = {
    ("covariates",): 'a number, a text, true, false, null or {"value": number, "unit": text}',
    ("genotypes",): "a text with two letters, null or an object with the genotype and its state",
}

# A client's key is named only where it looks like a name; anything else is pointed at through its parent.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")

_EXPECTED = {
    "string_type": "a text",
    "string_unicode": "a text without lone surrogates",
    "not_printable": "a text of printable characters, without control or direction marks",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "model_type": "an object",
    "dict_type": "an object",
    "tuple_type": "a list",
    "list_type": "a list",
    "date_type": "a date such as 2026-01-31",
    "date_parsing": "a date such as 2026-01-31",
    "date_from_datetime_parsing": "a date such as 2026-01-31",
    "date_from_datetime_inexact": "a date such as 2026-01-31, without a time",
}


# What pydantic's parser refuses though the standard library's takes it, by a word of its message.
_NOT_JSON = {
    "recursion": "The body is nested too deeply.",
    "hex escape": "A text of the body has half of a surrogate pair, such as \\ud800; write the whole character.",
}


def pointer(parts: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a location.

    >>> pointer(["patients", 3, "a/b"])
    '/patients/3/a~1b'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def is_name(key: object) -> bool:
    """Say whether a client's key looks like a name, so that an answer may repeat it."""
    return isinstance(key, str) and _NAME.fullmatch(key) is not None


def problems(
    findings: Iterable[Mapping[str, Any]], known_fields: Iterable[str], start: tuple[str | int, ...] = ()
) -> tuple[Problem, ...]:
    """Turn pydantic's error dictionaries into at most `MAX_PROBLEMS` problems.

    Parameters
    ----------
    findings
        ``ValidationError.errors()``, or the same as read back from JSON.
    known_fields
        Names to choose from where a field is unknown.
    start
        Location that the findings' own locations are relative to.

    Notes
    -----
    A value that may be of several types yields one finding per type; they are folded into one problem, and a finding
    inside a quantity (its value, its unit) wins over "is neither a number nor a text".
    """
    known = tuple(known_fields)
    folded: dict[tuple[str | int, ...], Problem] = {}
    deeper: set[tuple[str | int, ...]] = set()
    for finding in findings:
        loc = tuple(finding["loc"])
        tagged = loc[:1] in _UNIONS and len(loc) >= 3 and loc[2] in _UNION_TAGS
        place = (*loc[:2], *loc[3:]) if tagged else loc
        if tagged and len(loc) > 3:
            deeper.add(place[:2])
        if tagged and len(loc) == 3 and finding["type"] != "finite_number":
            found = _union_type(start, place)
        else:
            found = _problem(finding, start, place, known)
        if place not in folded or finding["type"] == "finite_number":
            folded[place] = found
    return tuple(found for place, found in folded.items() if place not in deeper)[:MAX_PROBLEMS]


def _union_type(start: tuple[str | int, ...], place: tuple[str | int, ...]) -> Problem:
    detail = f"This must be {_UNIONS[place[:1]]}."
    return Problem(pointer=_safe_pointer((*start, *place)), code="wrong_type", detail=detail)


def _problem(
    finding: Mapping[str, Any], start: tuple[str | int, ...], place: tuple[str | int, ...], known: tuple[str, ...]
) -> Problem:
    kind, context = finding["type"], finding.get("ctx") or {}
    where = _safe_pointer((*start, *place))
    if kind == "missing":
        return Problem(pointer=where, code="missing_required", detail="This is missing; add it.")
    if kind == "extra_forbidden":
        near = nearest(str(place[-1])[:64], known)
        cure = f"did you mean {near!r}?" if near else "remove it."
        return Problem(pointer=where, code="unknown_field", detail=f"There is no such field; {cure}")
    if kind == "json_invalid":
        said = (text for word, text in _NOT_JSON.items() if word in finding["msg"])
        detail = next(said, "The body is not valid JSON.")
        return Problem(pointer="", code="malformed_json", detail=detail)
    if kind == "too_long":
        # the framework keeps the message of a finding and drops its context
        limits = re.findall(r"at most (\d+)", finding["msg"])
        most = f"{int(limits[0]):,}" if limits else "the documented number of"
        detail = f"At most {most} entries are accepted."
        code = "too_many_patients" if place == ("patients",) else "out_of_range"
        return Problem(pointer=where, code=code, detail=detail)
    if kind == "too_short":
        code = "no_rows" if place == ("patients",) else "out_of_range"
        return Problem(pointer=where, code=code, detail="At least one entry is needed.")
    if kind == "literal_error":
        return Problem(pointer=where, code="unknown_level", detail=f"This must be one of {context.get('expected')}.")
    if kind == "finite_number":
        return Problem(pointer=where, code="out_of_range", detail="This must be a finite number.")
    limit = next((context[key] for key in ("ge", "gt", "le", "lt", "max_length") if key in context), None)
    if limit is not None:
        side = {"greater_than_equal": "at least", "less_than_equal": "at most"}.get(kind, "within the limit of")
        return Problem(pointer=where, code="out_of_range", detail=f"This must be {side} {limit}.")
    expected = _EXPECTED.get(kind, "of the documented form")
    return Problem(pointer=where, code="wrong_type", detail=f"This must be {expected}.")


def _safe_pointer(parts: tuple[str | int, ...]) -> str:
    """Return the pointer up to the first key that does not look like a name."""
    safe = []
    for part in parts:
        if not isinstance(part, int) and not is_name(part):
            break
        safe.append(part)
    return pointer(safe)
