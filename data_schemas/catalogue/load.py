"""The catalogue: every variant, evidence row, covariate, therapy, endpoint and cohort that the software knows.

All of it is TOML beside this module. A row's key is its id; the name of an endpoint's or a cohort's file is its id. A
user may bring an endpoint or a cohort of their own as a path to a TOML file; it passes the same checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.cross_faults import check, cohort_faults, endpoint_faults
from data_schemas.catalogue.endpoint import Endpoint, rewritten_keys
from data_schemas.catalogue.released import panel_digest
from data_schemas.catalogue.rows import Covariate, Evidence, Released, SomaticVariant, Therapy, Variant
from data_schemas.errors import CatalogueError, nearest
from data_schemas.toml_file import FOLDER, Row, read_document, read_record, read_rows


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
        released=read_record(folder / "released.toml", Released),
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


def _read_folder(folder: Path, shape: type[Row]) -> dict[str, Row]:
    return {path.stem: read_document(path, shape, "catalogue_invalid") for path in sorted(folder.glob("*.toml"))}
