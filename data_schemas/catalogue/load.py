"""The catalogue: every variant, evidence row, covariate, therapy, endpoint and cohort that the software knows.

All of it is TOML beside this module. A row's key is its id; the name of an endpoint's or a cohort's file is its id. A
user may bring an endpoint or a cohort of their own as a path to a TOML file; it passes the same checks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.cross_faults import check, cohort_faults, endpoint_faults
from data_schemas.catalogue.endpoint import Endpoint, rewritten_keys
from data_schemas.catalogue.key_faults import sentences
from data_schemas.catalogue.released import panel_digest
from data_schemas.catalogue.rows import Covariate, Evidence, Released, SomaticVariant, Therapy, Variant
from data_schemas.errors import CatalogueError, nearest
from data_schemas.record import Record

FOLDER = Path(__file__).parents[1]

Row = TypeVar("Row", bound=Record)


@cache
def load_catalogue() -> Catalogue:
    """Read and check the catalogue that comes with this software, once per process.

    Raises
    ------
    CatalogueError
        As `read_catalogue`.
    """
    return read_catalogue(FOLDER)


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check the whole catalogue in a folder.

    Raises
    ------
    CatalogueError
        The first file that is wrong, or every inconsistency between files.
    """
    panel = folder / "panel.toml"
    variants, somatic = read_rows(panel, Variant, "germline"), read_rows(panel, SomaticVariant, "somatic")
    catalogue = Catalogue(
        variants=variants,
        somatic=somatic,
        evidence=read_rows(folder / "evidence.toml", Evidence),
        covariates=read_rows(folder / "covariates.toml", Covariate),
        therapies=read_rows(folder / "therapies.toml", Therapy),
        endpoints=_read_folder(folder / "endpoints", Endpoint),
        cohorts=_read_folder(folder / "cohorts", Cohort),
        panel_digest=panel_digest(variants, somatic),
        released=_build(folder / "released.toml", Released, _read_toml(folder / "released.toml", "catalogue_invalid")),
    )
    _refuse_faults(folder, check(catalogue))
    return catalogue


def find_endpoint(catalogue: Catalogue, id_or_path: str) -> Endpoint:
    """Return the endpoint of this id, or read the user's own TOML file at this path.

    Raises
    ------
    CatalogueError
        ``unknown_endpoint`` with the nearest id; ``catalogue_invalid`` for a file that is wrong, or that bears the
        name of one of our endpoints and asks something else.
    """
    if is_path(id_or_path):
        endpoint = read_document(Path(id_or_path), Endpoint, "unknown_endpoint")
        _refuse_taken_id(Path(id_or_path), endpoint, catalogue.endpoints)
        _refuse_faults(Path(id_or_path), endpoint_faults(endpoint, catalogue))
        return endpoint
    return _known(id_or_path, catalogue.endpoints, "unknown_endpoint", "endpoint")


def find_cohort(catalogue: Catalogue, id_or_path: str) -> Cohort:
    """Return the cohort of this id, or read the user's own TOML file at this path.

    A manifest may bind covariates and therapies that only the user's endpoint declares; those are checked when both
    are known.

    Raises
    ------
    CatalogueError
        ``unknown_cohort`` with the nearest id; ``catalogue_invalid`` for a file that is wrong.
    """
    if is_path(id_or_path):
        cohort = read_document(Path(id_or_path), Cohort, "unknown_cohort")
        _refuse_faults(Path(id_or_path), cohort_faults(cohort, catalogue, closed=False))
        return cohort
    return _known(id_or_path, catalogue.cohorts, "unknown_cohort", "cohort")


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


def _read_folder(folder: Path, shape: type[Row]) -> dict[str, Row]:
    return {path.stem: read_document(path, shape, "catalogue_invalid") for path in sorted(folder.glob("*.toml"))}


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


def _build(path: Path, shape: type[Row], document: dict[str, Any], where: tuple[str, ...] = ()) -> Row:
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


def is_path(text: str) -> bool:
    """Say whether a text names the user's own file and not a row of the catalogue."""
    return text.endswith(".toml") or "/" in text or "\\" in text


def _known(name: str, rows: Mapping[str, Row], code: str, noun: str) -> Row:
    if name in rows:
        return rows[name]
    near = nearest(name, rows)
    hint = f"did you mean {near!r}?" if near else f"there are {', '.join(rows)}."
    raise CatalogueError(
        code, f"{noun} {name!r} is not known; {hint} A file of your own is named by its path to a .toml file."
    )


def _refuse_taken_id(path: Path, endpoint: Endpoint, known: Mapping[str, Endpoint]) -> None:
    ours = known.get(endpoint.id)
    keys = rewritten_keys(ours, endpoint) if ours else ()
    if keys:
        raise CatalogueError(
            "catalogue_invalid",
            f"{path}: the catalogue has an endpoint {endpoint.id!r} of its own, and this one differs in "
            f"{', '.join(keys)}; give the file another name, which is its id",
        )


def _refuse_faults(path: Path, faults: list[str]) -> None:
    if faults:
        raise CatalogueError("catalogue_invalid", f"{path}: " + "; ".join(faults))
