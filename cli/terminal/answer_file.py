"""An answer as a file: JSON as over HTTP, or CSV for a spreadsheet. Whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from data_schemas.errors import EsrError
from data_schemas.wire.prediction import Prediction, PredictionResponse
from features.files.whole import replacing, writing_to
from serving.models.loaded import LoadedModel

SUFFIXES = (".json", ".csv")

_LEADING = ("id", "status", "probability", "low", "high", "baseline", "without_genetics", "log_odds")
_TRAILING = ("reasons", "warnings", "problems")


def check_suffix(path: Path) -> None:
    """Refuse an output whose suffix says neither JSON nor CSV."""
    if path.suffix.lower() not in SUFFIXES:
        raise EsrError("refused_setting", f"{path}: name the output .json or .csv")


def write(path: Path, model: LoadedModel, response: PredictionResponse) -> None:
    """Write a whole answer: JSON as the service would send it, or CSV."""
    if path.suffix.lower() == ".csv":
        write_csv(path, model, response.predictions)
        return
    with replacing(path) as file, writing_to(path):
        file.write(response.model_dump_json(indent=2) + "\n")


def write_csv(path: Path, model: LoadedModel, predictions: Iterable[Prediction]) -> None:
    """Write one row per patient: the numbers, each feature's log-odds, and codes of reasons, warnings, problems."""
    names = tuple(feature.name for feature in model.bundle.scorecard.features)
    with replacing(path) as file, writing_to(path):
        writer = csv.writer(file)
        writer.writerow([*_LEADING, *(f"log_odds[{name}]" for name in names), *_TRAILING])
        for prediction in predictions:
            writer.writerow(_row(prediction, names))


def _row(prediction: Prediction, names: tuple[str, ...]) -> list[str | float]:
    interval = prediction.interval
    parts = {part.feature: part.log_odds for part in prediction.contributions}
    numbers = [
        prediction.probability,
        interval.low if interval else None,
        interval.high if interval else None,
        prediction.baseline,
        prediction.without_genetics,
        prediction.log_odds,
        *(parts.get(name) for name in names),
    ]
    notices = [
        " ".join(dict.fromkeys(one.code for one in prediction.reasons)),
        " ".join(dict.fromkeys(one.code for one in prediction.warnings)),
        " ".join(f"{one.code}:{one.pointer}" for one in prediction.problems),
    ]
    texts = [guarded(prediction.id or ""), prediction.status]
    return [*texts, *("" if number is None else number for number in numbers), *map(guarded, notices)]


def guarded(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("p1")
    ("'=1+1", 'p1')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
