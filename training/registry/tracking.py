"""MLflow as a registry that is written: its creation, experiments, runs, versions and aliases.

It says how things are stored; `training.registry.record` says what is stored.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from data_schemas.errors import ModelError
from data_schemas.model.project import QUIET, home, set_environment, sqlite_file
from features.files.whole import refusal
from training.registry.lock import registry_lock
from training.registry.run import Run, now_ms

if TYPE_CHECKING:
    from mlflow import MlflowClient

# The experiment tag that makes MLflow's pages open on training runs.
KIND = "mlflow.experimentKind"


class Tracking:
    """A project's MLflow."""

    def __init__(self, client: MlflowClient, uri: str) -> None:
        self.client = client
        self.uri = uri

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, made if it is new; of a local registry, the artifacts lie beside it."""
        with registry_lock(home()):
            found = self.client.get_experiment_by_name(name)
            if found is not None:
                return str(found.experiment_id)
            file = sqlite_file(self.uri)
            place = None if file is None else (file.absolute().parent / "artifacts" / name).as_uri()
            return str(
                self.client.create_experiment(name, artifact_location=place, tags={KIND: "custom_model_development"})
            )

    @contextmanager
    def run(self, experiment: str, name: str, tags: Mapping[str, str], parent: Run | None = None) -> Iterator[Run]:
        """Yield a new run, FINISHED at the end, FAILED where anything went wrong."""
        all_tags = dict(tags) if parent is None else {**tags, "mlflow.parentRunId": parent.id}
        created = self.client.create_run(experiment, start_time=now_ms(), tags=all_tags, run_name=name)
        run = Run(self.client, experiment, created.info.run_id)
        try:
            yield run
        except BaseException:
            with suppress(Exception):  # what went wrong first is what the user must see
                self.client.set_terminated(run.id, "FAILED", end_time=now_ms())
            raise
        self.client.set_terminated(run.id, "FINISHED", end_time=now_ms())

    def add_version(self, name: str, source: str, run_id: str, tags: Mapping[str, str], description: str) -> int:
        """Register a stored model as the next version of `name` and return its number."""
        if not any(model.name == name for model in self.client.search_registered_models(f"name = '{name}'")):
            self.client.create_registered_model(name)
        model = source.removeprefix("models:/") if source.startswith("models:/") else None
        made = self.client.create_model_version(name, source, run_id, dict(tags), None, description, model_id=model)
        return int(made.version)

    def remove_version(self, name: str, version: int) -> None:
        """Take back a version."""
        self.client.delete_model_version(name, str(version))

    def versions(self, name: str) -> list[int]:
        """Return the numbers of the registered versions, in order."""
        return sorted(int(version.version) for version in self.client.search_model_versions(f"name = '{name}'"))

    def definition(self, name: str, version: int) -> str | None:
        """Return the digest of the definition that a version was trained for; None where nothing tells it."""
        return self.client.get_model_version(name, str(version)).tags.get("definition")

    def alias(self, name: str, alias: str) -> int | None:
        """Return the version that an alias points to."""
        version = self.client.get_registered_model(name).aliases.get(alias)
        return None if version is None else int(version)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias to a version."""
        self.client.set_registered_model_alias(name, alias, str(version))


@contextmanager
def open_tracking(uri: str) -> Iterator[Tracking]:
    """Yield the MLflow at a tracking URI, made if it is new; what MLflow, SQLite and the disk raise becomes our error.

    Raises
    ------
    ModelError
        `busy`, `registry_corrupt`, `registry_unreachable` or `output_exists`.
    """
    set_environment(QUIET)
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    file = sqlite_file(uri)
    try:
        if file is not None:
            _create(file.absolute())
        yield Tracking(MlflowClient(tracking_uri=uri, registry_uri=uri), uri)
    except (MlflowException, SQLAlchemyError) as error:
        # The error's own text may hold a URI with a password.
        if file is None:
            reason = f"refuses or does not answer ({getattr(error, 'error_code', type(error).__name__)})"
            raise ModelError("registry_unreachable", f"the registry at MLFLOW_TRACKING_URI {reason}") from None
        code = "busy" if "locked" in str(error) else "registry_corrupt"
        cure = "try again when it has finished" if code == "busy" else "restore it; ESR_HOME names another place"
        raise ModelError(code, f"the registry {file} refuses to be written ({type(error).__name__}); {cure}") from error
    except OSError as error:
        refused = refusal(f"the registry at {home()}", error, "ESR_HOME names another place")
        raise ModelError(refused.code, refused.message) from error


def _create(file: Path) -> None:
    """Create an SQLite registry where there is none, for its owner only: whole, or not at all.

    MLflow takes many steps, in a file of another name and under our lock; only the finished file gets the right name.
    """
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    if file.exists():
        return
    with registry_lock(home()):
        if file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".new-", suffix=".db", dir=file.parent)
        os.close(handle)
        try:
            # not through the client, which would note ./mlruns as the place of MLflow's own "Default" experiment
            SqlAlchemyStore(f"sqlite:///{name}", (file.parent / "artifacts").as_uri())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
