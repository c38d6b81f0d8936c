"""From pydantic's findings to sentences that name the key and the cure."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from data_schemas.errors import nearest


def sentences(
    error: ValidationError, shape: type[BaseModel], document: dict[str, Any], where: tuple[str, ...] = ()
) -> list[str]:
    """Return one sentence per finding: the key's path, what is wrong, and the cure."""
    return [
        _sentence(finding, shape, document, where) for finding in error.errors(include_url=False, include_input=False)
    ]


def _sentence(finding: Any, shape: type[BaseModel], document: dict[str, Any], where: tuple[str, ...]) -> str:
    path = _written_path(finding["loc"], document)
    place = ".".join((*where, *path)) or "the file"
    kind = finding["type"]
    if kind == "missing":
        return f"{place}: is missing; add it"
    if kind == "extra_forbidden":
        near = nearest(path[-1], _fields_at(shape, path[:-1]))
        return f"{place}: there is no such key; " + (f"did you mean {near!r}?" if near else "remove it")
    if kind in ("literal_error", "union_tag_invalid"):
        context = finding["ctx"]
        return f"{place}: must be one of {context.get('expected') or context['expected_tags']}"
    return f"{place}: {finding['msg'].removeprefix('Value error, ')}"


def _written_path(loc: tuple[int | str, ...], document: Any) -> tuple[str, ...]:
    """Drop the parts of a location that the file does not hold (the tag of a union), keep the last one."""
    path: list[str] = []
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(document, dict) and part not in document and not last:
            continue
        path.append(str(part))
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, (list, tuple)) and isinstance(part, int) and part < len(document):
            document = document[part]
    return tuple(path)


def _fields_at(shape: type[BaseModel], path: tuple[str, ...]) -> list[str]:
    """Return the keys that a place accepts, as far as the annotations tell."""
    shapes: list[type[BaseModel]] = [shape]
    for part in path:
        inner = [
            model for one in shapes if part in one.model_fields for model in _models(one.model_fields[part].annotation)
        ]
        shapes = inner or shapes
    return [name for one in shapes for name in one.model_fields]


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]
