"""One MLflow run that is being written: its numbers, data sets, files, figures, and the model."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_schemas.errors import TrainingError
from data_schemas.model.project import BUNDLE_FOLDER, sqlite_file
from data_schemas.model.sealed import MANIFEST
from training.registry.signature import FlatField

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

# The third-party packages that serving.pyfunc needs; stated, since MLflow's own inference is slow and guesses.
REQUIREMENTS = ("mlflow", "numpy", "pandas", "pydantic", "pint")

# The length of digest that MLflow keeps of a data set.
DATASET_DIGEST = 36


@dataclass(frozen=True)
class Run:
    """A run that is being written."""

    client: MlflowClient
    experiment: str
    id: str

    def log(
        self, parameters: Mapping[str, str], metrics: Mapping[str, float], steps: Iterable[tuple[str, float, int]] = ()
    ) -> None:
        """Store parameters, metrics, and further metrics with a step each."""
        from mlflow.entities import Metric, Param

        now = now_ms()
        points = [*((key, value, 0) for key, value in metrics.items()), *steps]
        self.client.log_batch(
            self.id,
            params=[Param(key, value) for key, value in parameters.items()],
            metrics=[Metric(key, value, now, step) for key, value, step in points],
        )

    def log_cohort(self, name: str, digest: str, source: Mapping[str, str], profile: Mapping[str, object]) -> None:
        """Store which data the run used: name, digest and counts, no row of it."""
        from mlflow.entities import Dataset, DatasetInput, InputTag

        short = digest.removeprefix("sha256:")[:DATASET_DIGEST]
        dataset = Dataset(name, short, "cohort", json.dumps(dict(source)), profile=json.dumps(dict(profile)))
        self.client.log_inputs(self.id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])

    def log_figure(self, figure: Figure, file: str) -> None:
        """Store a figure."""
        self.client.log_figure(self.id, figure, file)

    def log_text(self, text: str, file: str) -> None:
        """Store a text file."""
        self.client.log_text(self.id, text, file)

    def log_model(self, bundle: Path, inputs: Iterable[FlatField], outputs: Iterable[FlatField]) -> str:
        """Store a bundle folder as a pyfunc model with an explicit signature, and return where it lies.

        Raises
        ------
        TrainingError
            `registration_failed`: signature or bundle came back other than they were written.
        """
        from mlflow.entities import LoggedModelOutput, LoggedModelStatus

        model = self.client.create_logged_model(
            self.experiment, name="model", source_run_id=self.id, model_type="scorecard"
        )
        try:
            self._upload(model.model_id, model.artifact_location, bundle, tuple(inputs), tuple(outputs))
        except BaseException:
            self.client.finalize_logged_model(model.model_id, LoggedModelStatus.FAILED)
            raise
        self.client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        self.client.log_outputs(self.id, [LoggedModelOutput(model.model_id, step=0)])
        # A server insists on `models:/m-...`; a database would look that up in MLflow's global registry, not this one.
        return str(model.artifact_location if sqlite_file(self.client.tracking_uri) else model.model_uri)

    def _upload(
        self, model_id: str, place: str, bundle: Path, inputs: tuple[FlatField, ...], outputs: tuple[FlatField, ...]
    ) -> None:
        from mlflow.artifacts import download_artifacts
        from mlflow.models import Model, ModelSignature
        from mlflow.types import ColSpec, Schema
        from mlflow.types.schema import AnyType

        columns, answers = (
            Schema([ColSpec(AnyType() if f.type == "any" else f.type, f.name, f.required) for f in part])
            for part in (inputs, outputs)
        )
        signature = ModelSignature(columns, answers)
        with tempfile.TemporaryDirectory() as folder:
            _save_pyfunc(
                f"{folder}/model",
                loader_module="serving.pyfunc",
                data_path=str(bundle),
                mlflow_model=Model(artifact_path=place, run_id=self.id, model_id=model_id, model_uuid=model_id),
                signature=signature,
                pip_requirements=[f"{name}=={installed_version(name)}" for name in REQUIREMENTS],
            )
            self.client.log_model_artifacts(model_id, f"{folder}/model")
            stored = download_artifacts(place, None, None, f"{folder}/stored", self.client.tracking_uri)
            copy = Path(stored, "data", BUNDLE_FOLDER, MANIFEST)
            if Model.load(stored).signature != signature or copy.read_bytes() != (bundle / MANIFEST).read_bytes():
                raise TrainingError("registration_failed", "MLflow did not keep the model's signature or files")


def _save_pyfunc(path: str, **model: Any) -> None:
    with warnings.catch_warnings():
        # On import MLflow warns of its own classes; on saving it asks for an example, which would be a patient's row.
        warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)
        warnings.filterwarnings("ignore", ".*An input example was not provided", UserWarning)
        import mlflow.pyfunc

        mlflow.pyfunc.save_model(path, **model)


def now_ms() -> int:
    """Return the time as MLflow counts it."""
    return time.time_ns() // 1_000_000
