"""The registered model as other people's tools load it: ``mlflow.pyfunc.load_model`` and ``mlflow models serve``.

The artifact holds the bundle and nothing else; MLflow imports this module by name and hands it the bundle's folder. The
numbers are those of our own service, through the same code.

Numbers may be whole or not, of any width (``int64`` included), and ids may be numbers; therapies, genotypes and somatic
findings are text. A number's column may state its unit, as `features.patient.flat` says: ``ldl_cholesterol [mmol/L]``,
with a unit spelt as the signature lists it.

MLflow hands on the columns of the signature only. Any other, a misspelt rsID say, it drops with a warning, and the
value counts as unknown; nothing makes it refuse. A frame that lacks a required column is refused, by MLflow or here.
MLflow would repeat rows of the frame in its error, so loading a model asks it not to
(``MLFLOW_DISABLE_SCHEMA_DETAILS``, unless that is set already).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_schemas.errors import InputFileError
from data_schemas.model.project import NUMBERS, OUTPUTS
from features.patient.flat import flat_columns, patients_from_frame, read_header
from serving.answer.predict import predict
from serving.models.loaded import LoadedModel, load_model

if TYPE_CHECKING:
    import pandas as pd

    from data_schemas.wire.prediction import Prediction


class ScorecardModel:
    """A verified model that answers frames of flat columns (see `features.patient.flat`)."""

    def __init__(self, model: LoadedModel) -> None:
        self.model = model
        self.required = tuple(column.name for column in flat_columns(model.terms) if column.required)

    # MLflow passes `params` by this name; the models have none.
    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Return one row per patient, in order; a row that is abstained or invalid has a status and no numbers.

        Raises
        ------
        InputFileError
            A required column is missing, or one stands twice, with and without its unit; and where this is called
            without MLflow, which drops such columns, one that this software does not know.
        """
        import pandas as pd

        self._refuse_missing(frame)
        patients = patients_from_frame(frame, self.model.terms)
        rows = [_row(prediction) for prediction in predict(self.model, patients)]
        answers = pd.DataFrame(rows, columns=list(OUTPUTS), index=frame.index)
        return answers.astype({**dict.fromkeys(NUMBERS, "float64"), "status": "object"})

    def _refuse_missing(self, frame: pd.DataFrame) -> None:
        header = read_header([str(name) for name in frame.columns], self.model.terms)
        given = {column.name for column in header}
        missing = [name for name in self.required if name not in given]
        if missing:
            raise InputFileError(
                "wrong_columns", f"frame lacks {', '.join(missing)}, which the model needs; add it or check its unit"
            )


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
