"""The registered model as other people's tools load it: ``mlflow.pyfunc.load_model`` and ``mlflow models serve``.

The artifact holds the bundle and nothing else; MLflow imports this module by name and hands it the bundle's folder. The
numbers are those of our own service, through the same code.

Numbers may be whole or not, of any width (``int64`` included), and ids may be numbers; therapies, genotypes and somatic
findings are text. MLflow itself refuses a frame that lacks a required column. It would repeat rows of the frame in that
error, so loading a model asks it not to (``MLFLOW_DISABLE_SCHEMA_DETAILS``, unless that is set already).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_schemas.catalog import load_catalogue
from features.flat import patients_from_frame
from serving.loaded import LoadedModel, load_model
from serving.predict import predict

if TYPE_CHECKING:
    import pandas as pd

    from data_schemas.prediction import Prediction

NUMBERS = ("probability", "low", "high", "without_genetics")
OUTPUTS = (*NUMBERS, "status")


class ScorecardModel:
    """A verified model that answers frames of flat columns (see `features.flat`)."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model

    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per patient, in order; a row that is abstained or invalid has a status and no numbers.

        Raises
        ------
        InputFileError
            A column that this software does not know.
        """
        import pandas as pd

        catalogue = load_catalogue()
        patients = patients_from_frame(frame, self.model.bundle.endpoint, catalogue)
        rows = [_row(prediction) for prediction in predict(self.model, patients, catalogue)]
        answers = pd.DataFrame(rows, columns=list(OUTPUTS), index=frame.index)
        return answers.astype({**dict.fromkeys(NUMBERS, "float64"), "status": "object"})


def _row(prediction: Prediction) -> dict[str, Any]:
    interval = prediction.interval
    return {
        "probability": prediction.probability,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "without_genetics": prediction.without_genetics,
        "status": prediction.status,
    }


def _load_pyfunc(data_path: str) -> ScorecardModel:
    """Return the model in a bundle folder; the name and the argument are MLflow's."""
    os.environ.setdefault("MLFLOW_DISABLE_SCHEMA_DETAILS", "true")
    return ScorecardModel(load_model(Path(data_path)))
