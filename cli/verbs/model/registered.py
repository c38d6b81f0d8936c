"""`esr models`: what is registered, and the champions' bundles as folders."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.terminal.tables import show_json, show_table
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import CatalogueError, EsrError, ModelError, nearest
from data_schemas.model.project import CHAMPION
from features.files.whole import refusal

if TYPE_CHECKING:
    from serving.models.store import Store

COLUMNS = ("endpoint", "version", "alias", "candidate", "features", "cohort", "AUC", "log loss", "genetics", "trained")


def models(
    endpoint: Annotated[str | None, typer.Argument(help="Only this endpoint: its id, or your own .toml file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows in full, as JSON.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(help="Copy the champions' bundles into this folder, for a service with ESR_BUNDLES=FOLDER."),
    ] = None,
) -> None:
    """List the registered models: versions, champion and challenger, performance, what genetics adds."""
    if as_json and export is not None:
        raise EsrError("refused_setting", "--json and --export: choose one")
    store = open_store()
    wanted = None if endpoint is None else endpoint_id(endpoint)
    rows = [row for row in store.models() if wanted in (None, row["endpoint"])]
    if not rows:
        raise no_models(wanted, store)
    if export is not None:
        champions = [row["endpoint"] for row in rows if CHAMPION in row["aliases"]]
        typer.echo("\n".join(_export(store, champions, export)))
    elif as_json:
        show_json(rows)
    else:
        show_table("Models", COLUMNS, map(_cells, rows))


def no_models(wanted: str | None, store: Store) -> ModelError:
    """Return the refusal of an endpoint without a model (None: of a registry without any), with the cure."""
    if wanted is None:
        return ModelError("model_unavailable", "no model is registered for any endpoint; `esr train ENDPOINT`")
    known = load_catalogue().endpoints
    near = nearest(wanted, {*known, *(row["endpoint"] for row in store.models())} - {wanted})
    cure = f"did you mean {near!r}?" if near and wanted not in known else f"`esr train {wanted}` registers one"
    return ModelError("model_unavailable", f"no model is registered for {wanted}; {cure}")


def endpoint_id(text: str) -> str:
    """Return the id that an endpoint's models are registered under, from an id or a path to a .toml file.

    Raises
    ------
    CatalogueError
        `unknown_endpoint` where a file is named that does not exist.
    """
    path = Path(text)
    if path.suffix != ".toml":
        return text
    if not path.is_file():
        raise CatalogueError("unknown_endpoint", f"{path}: there is no such file; check the path")
    return path.stem


def open_store() -> Store:
    """Return the store of this project's registry."""
    from data_schemas.model.project import tracking_uri
    from serving.models.store import Store

    return Store(tracking_uri())


def _export(store: Store, endpoints: Iterable[str], folder: Path) -> list[str]:
    """Copy each champion's verified bundle to ``folder/<endpoint>`` and return the paths."""
    places = {name: folder / name for name in endpoints}
    if not places:
        raise ModelError("model_unavailable", "no champion to export; `esr promote ENDPOINT VERSION` chooses one")
    if folder.exists() and not folder.is_dir():
        raise ModelError("output_exists", f"{folder}: is a file; name a folder to copy the bundles into")
    for place in places.values():
        if place.exists():
            raise ModelError("output_exists", f"{place} exists; remove it, or name another folder")
    for name, place in places.items():
        _copy(store.champion(name).bundle.folder, place)
    return [str(place) for place in places.values()]


def _copy(bundle: Path, place: Path) -> None:
    """Copy a bundle whole or not at all."""
    copy = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(bundle, copy)
        copy.rename(place)
    except OSError as error:
        shutil.rmtree(copy, ignore_errors=True)
        # shutil's own error is a list of files, each with the system's word on it
        reason = OSError(0, "not every file could be copied") if isinstance(error, shutil.Error) else error
        refused = refusal(place, reason, "name another folder")
        raise ModelError(refused.code, refused.message) from None


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    metrics = row["metrics"]
    cohort = row["cohort"] + (" (synthetic)" if row["synthetic"] else "")
    alias = ", ".join(row["aliases"]) or ("suggested" if row["suggested"] else "")
    return (
        row["endpoint"],
        row["version"],
        alias,
        row["candidate"],
        row["feature_set"],
        cohort,
        metrics.get("auc", ""),
        metrics.get("log_loss", ""),
        row["verdict"],
        row["created"][:10],
    )
