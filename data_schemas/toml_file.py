"""A TOML file to frozen records: rows by id, or one document. Each error names the file, the key and the cure."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from data_schemas.errors import CatalogueError
from data_schemas.key_faults import sentences
from data_schemas.record import Record

FOLDER = Path(__file__).parent
"""Where the TOML files of this software are."""

Row = TypeVar("Row", bound=Record)


def read_rows(path: Path, shape: type[Row], section: str | None = None) -> dict[str, Row]:
    """Read a file of rows, one table per row (within `section`, where given); the key becomes the id.

    Raises
    ------
    CatalogueError
        Names file, row, key and cure.
    """
    document = _read_toml(path, "catalogue_invalid")
    tables = document.get(section, {}) if section else document
    rows = {}
    for key, table in tables.items():
        where = (section, key) if section else (key,)
        rows[key] = _build(path, shape, _with_id(path, table, key, where), where)
    return rows


def read_document(path: Path, shape: type[Row], unknown: str) -> Row:
    """Read a file that holds one document; the file's name becomes the id.

    Raises
    ------
    CatalogueError
        `unknown` where there is no such file, else names file, key and cure.
    """
    document = _read_toml(path, unknown)
    for section in ("declared_covariates", "declared_variants", "declared_therapies"):
        tables = document.get(section)
        if isinstance(tables, dict):
            for key, table in tables.items():
                document[section][key] = _with_id(path, table, key, (section, key))
    return _build(path, shape, _with_id(path, document, path.stem, ()), ())


def read_record(path: Path, shape: type[Row]) -> Row:
    """Read a file that holds one record without an id.

    Raises
    ------
    CatalogueError
        Names file, key and cure.
    """
    return _build(path, shape, _read_toml(path, "catalogue_invalid"), ())


def _read_toml(path: Path, unknown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise CatalogueError(unknown, f"{path}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise CatalogueError(unknown, f"{path}: is a folder; name the .toml file in it") from None
    except OSError as error:
        raise CatalogueError("catalogue_invalid", f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CatalogueError("catalogue_invalid", f"{path}: not UTF-8 text; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError("catalogue_invalid", f"{path}: not valid TOML: {error}") from None


def _build(path: Path, shape: type[Row], document: dict[str, Any], where: tuple[str, ...]) -> Row:
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        lines = sentences(error, shape, document, where)
        raise CatalogueError("catalogue_invalid", f"{path}: " + "; ".join(lines)) from None


def _with_id(path: Path, table: Any, key: str, where: tuple[str, ...]) -> dict[str, Any]:
    place = f"{path}: {'.'.join(where)}: " if where else f"{path}: "
    if not isinstance(table, dict):
        raise CatalogueError("catalogue_invalid", f"{place}must be a table, as in [{'.'.join(where)}]")
    if "id" in table:
        raise CatalogueError("catalogue_invalid", f"{place}id: {key!r} is already the id by its name; remove this key")
    return {"id": key} | table
