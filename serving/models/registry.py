"""The one reader of the MLflow registry: which versions exist, which is champion, and the download of its bundle.

Models are never loaded through MLflow: it lists and downloads, `serving.models.store` verifies and parses. MLflow is
imported on first use, and a registry that is not there is reported, never created.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data_schemas.errors import ModelError
from data_schemas.model.project import (
    BUNDLE_FOLDER,
    CHAMPION,
    IMPATIENT,
    QUIET,
    endpoint_of,
    model_name,
    set_environment,
    sqlite_file,
)


@dataclass(frozen=True)
class Champion:
    """A version with the alias `champion`. `bundle` and `digest` are what was registered; empty where nothing was."""

    name: str
    version: int
    bundle: str
    digest: str


class Registry:
    """A reader of the registry at a tracking URI.

    Every method raises ModelError: `model_unavailable` where there is no registry yet, `registry_unreachable`,
    `registry_corrupt`, `busy` where another process holds it.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def champions(self) -> dict[str, Champion | None]:
        """Return the champion by endpoint, None for a registered model that has none."""
        with self._client() as client:
            found: dict[str, Champion | None] = {}
            for model in _registered(client):
                version = model.aliases.get(CHAMPION)
                champion = None if version is None else self._champion(client, model.name, int(version))
                found[str(endpoint_of(model.name))] = champion
            return found

    def version(self, endpoint: str, version: int) -> Champion:
        """Return one version as a champion would be; ModelError `unknown_version` names those that there are."""
        name = model_name(endpoint)
        with self._client() as client:
            known = sorted(int(one.version) for one in client.search_model_versions(f"name = '{name}'"))
            if not known:
                raise ModelError("model_unavailable", f"{name} has no version; `esr train {endpoint}` registers one")
            if version not in known:
                listed = ", ".join(map(str, known))
                raise ModelError("unknown_version", f"{name} has no version {version}; there are: {listed}")
            return self._champion(client, name, version)

    def versions(self) -> list[dict[str, Any]]:
        """Return one JSON-ready row per registered version, by endpoint, newest first."""
        with self._client() as client:
            rows = []
            for model in _registered(client):
                aliases: dict[int, list[str]] = {}
                for alias, version in sorted(model.aliases.items()):
                    aliases.setdefault(int(version), []).append(alias)
                for version in client.search_model_versions(f"name = '{model.name}'", order_by=["version_number DESC"]):
                    rows.append(_row(model.name, version, aliases.get(int(version.version), [])))
            return rows

    def download(self, champion: Champion, folder: Path) -> Path:
        """Copy the champion's bundle into `folder` and return where it lies there. Nothing is verified here."""
        with self._client() as client:
            from mlflow.artifacts import download_artifacts

            source = client.get_model_version_download_uri(champion.name, str(champion.version))
            # Not `models:/name/version`: that form asks MLflow's default registry, and would create one.
            place = download_artifacts(
                artifact_uri=f"{source}/data/{BUNDLE_FOLDER}",
                dst_path=str(folder),
                tracking_uri=self.uri,
                registry_uri=self.uri,
            )
            return Path(place)

    def _champion(self, client: Any, name: str, version: int) -> Champion:
        tags = client.get_model_version(name, str(version)).tags
        return Champion(name, version, bundle=tags.get("bundle", ""), digest=tags.get("digest", ""))

    @contextmanager
    def _client(self) -> Iterator[Any]:
        """Yield a client of a registry that exists, and turn what MLflow and SQLite raise into our errors."""
        check_sqlite(self.uri)
        set_environment(QUIET | IMPATIENT)
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
        except (MlflowException, SQLAlchemyError, OSError) as error:
            raise self._translated(str(error)) from None

    def _translated(self, text: str) -> ModelError:
        # The text of the error stays out: it may hold a URI with a password.
        file = sqlite_file(self.uri)
        if file is None:
            return ModelError(
                "registry_unreachable",
                "the registry at MLFLOW_TRACKING_URI does not answer; is it up, and is the URI right?",
            )
        if "locked" in text:
            return ModelError("busy", f"{file} is locked by another process; try again when it has finished")
        if "out-of-date" in text:
            return ModelError(
                "registry_corrupt", f"{file} was made by another MLflow; run `mlflow db upgrade sqlite:///{file}`"
            )
        return ModelError("registry_corrupt", f"{file} or the artifacts beside it cannot be read; restore them")


def check_sqlite(uri: str) -> None:
    """Refuse an SQLite URI that holds no registry, which MLflow would otherwise create on the spot.

    Raises
    ------
    ModelError
        `model_unavailable` where there is no file, `registry_corrupt` where the file is something else.
    """
    file = sqlite_file(uri)
    if file is None:
        return
    if not file.is_file():
        raise ModelError(
            "model_unavailable",
            f"there is no registry at {file}; `esr train` makes one, `esr promote` chooses its champion "
            "(ESR_HOME or MLFLOW_TRACKING_URI name another place)",
        )
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            found = connection.execute("select 1 from sqlite_master where name = 'registered_models'").fetchone()
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise ModelError("busy", f"{file} is locked by another process; try again when it has finished") from None
        raise ModelError("registry_corrupt", f"{file} is not an MLflow registry, or is damaged; restore it") from None
    if found is None:
        raise ModelError("registry_corrupt", f"{file} is not an MLflow registry; is the path right?")


def _registered(client: Any) -> list[Any]:
    """Return the registered models that are ours, by name."""
    models, token = [], None
    while True:
        page = client.search_registered_models(max_results=100, page_token=token)
        models += [model for model in page if endpoint_of(model.name)]
        token = page.token
        if not token:
            return sorted(models, key=lambda model: str(model.name))


def _row(name: str, version: Any, aliases: list[str]) -> dict[str, Any]:
    tags = version.tags
    return {
        "endpoint": endpoint_of(name),
        "name": name,
        "version": int(version.version),
        "aliases": aliases,
        "created": datetime.fromtimestamp(version.creation_timestamp / 1000, UTC).isoformat(timespec="seconds"),
        "candidate": tags.get("candidate", ""),
        "feature_set": tags.get("feature_set", ""),
        "cohort": tags.get("cohort", ""),
        "synthetic": tags.get("synthetic", "") == "true",
        "suggested": tags.get("suggested", "") == "true",
        "verdict": tags.get("verdict", ""),
        "scorecard": tags.get("digest", ""),
        "metrics": {key: tags[key] for key in ("auc", "log_loss", "brier", "calibration_slope") if key in tags},
    }
