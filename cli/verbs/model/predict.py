"""`esr predict`: the answer of the service, for a file."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.terminal.outputs import check_output
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import differing_keys
from data_schemas.catalogue.load import find_endpoint, load_catalogue
from data_schemas.errors import ModelError, nearest
from data_schemas.model.project import IMPATIENT, QUIET, set_environment
from data_schemas.wire.prediction import Prediction, PredictionResponse

if TYPE_CHECKING:
    from serving.models.loaded import LoadedModel

SOME_INVALID = 3
"""Exit code where every patient was answered, but some could not be read."""


def predict(
    endpoint: Annotated[str, typer.Argument(help="id of an endpoint, as `esr catalogue` lists them")],
    patients: Annotated[Path, typer.Argument(help="patients: .json (one, a list or a request), .csv, .tsv, .parquet")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="write the answer to a .json or .csv file")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as the service would send it")] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="folder of a model's bundle, instead of the endpoint's champion")
    ] = None,
) -> None:
    """Answer for the patients of a file; exit code 3 where some of them could not be read.

    Columns of a table: id, therapy, dose, covariates by name (with a unit other than ours in square brackets), rsIDs
    with forward-strand letters (T/C), and somatic: what was found in the tumour, as in Y537S;D538G, or
    ESR1_LBD=not_detected where it was tested for ESR1 and nothing was found. An empty cell means unknown, not tested.
    """
    from cli.terminal import answer_file

    if output is not None:
        answer_file.check_suffix(output)
        check_output(output, patients)
    set_environment(QUIET | IMPATIENT)
    catalogue = load_catalogue()
    model = _model(endpoint, bundle, catalogue)
    counts: Counter[str] = Counter()
    predictions = _predictions(model, patients, counts)
    if output is not None and output.suffix.lower() == ".csv" and not as_json:
        # row by row, so that a file of any length needs little memory
        answer_file.write_csv(output, model, predictions)
    else:
        response = _response(model, predictions)
        if output is not None:
            answer_file.write(output, model, response)
        if as_json:
            typer.echo(response.model_dump_json(indent=2))
        elif output is None:
            show(response)
    if output is not None:
        told = ", ".join(f"{number:,} {status}" for status, number in counts.items())
        typer.echo(f"{output}: {told}", err=True)
    if counts["invalid"]:
        raise typer.Exit(SOME_INVALID)


def _model(endpoint: str, bundle: Path | None, catalogue: Catalogue) -> LoadedModel:
    """Return the model of a bundle folder, or the endpoint's champion.

    The argument may be the path of a user's own endpoint file, whose name is the id; its definition travels in the
    model.
    """
    model = _found(endpoint, bundle, catalogue)
    if endpoint.endswith(".toml") and Path(endpoint).is_file():
        asked, trained = find_endpoint(catalogue, endpoint), model.bundle.endpoint
        if asked.definition != trained.definition:
            raise ModelError(
                "other_definition",
                f"{endpoint}: the model was trained for another definition of {trained.id}, which differs in "
                f"{', '.join(differing_keys(asked, trained))}; train again, or name the model's endpoint by its id",
            )
    return model


def _found(endpoint: str, bundle: Path | None, catalogue: Catalogue) -> LoadedModel:
    from serving.models.loaded import load_model
    from serving.models.store import Store

    endpoint_id = Path(endpoint).stem if endpoint.endswith(".toml") else endpoint
    if bundle is not None:
        if not bundle.is_dir():
            raise ModelError("model_unavailable", f"{bundle}: is no folder with a model's bundle; check the path")
        model = load_model(bundle)
        if model.bundle.endpoint.id != endpoint_id:
            raise ModelError(
                "model_unavailable", f"{bundle}: a model of {model.bundle.endpoint.id}, not of {endpoint_id}"
            )
        return model
    try:
        return Store().champion(endpoint_id)
    except ModelError as error:
        if error.code == "model_unavailable" and endpoint_id not in catalogue.endpoints:
            # a misspelt endpoint has no model either, and its nearest name helps more
            near = nearest(endpoint_id, catalogue.endpoints)
            hint = f"did you mean {near!r}?" if near else "`esr models` lists the models, ESR_HOME names their place"
            raise ModelError(
                "unknown_endpoint", f"{endpoint_id}: no endpoint of the catalogue, and no model here is of it; {hint}"
            ) from None
        raise


def _predictions(model: LoadedModel, path: Path, counts: Counter[str]) -> Iterator[Prediction]:
    from cli.terminal.patients import read_patients
    from serving.answer.predict import predict as predict_patients

    first, seen = 0, set[str]()
    for block in read_patients(path, model.terms):
        for prediction in predict_patients(model, block, first=first, seen=seen):
            counts[prediction.status] += 1
            yield prediction
        first += len(block)


def _response(model: LoadedModel, predictions: Iterable[Prediction]) -> PredictionResponse:
    from serving.answer.predict import answer

    empty = answer(model, (), uuid.uuid4().hex)
    return empty.model_copy(update={"predictions": tuple(predictions)})


def show(response: PredictionResponse) -> None:
    """Print an answer: with colours and bars on a terminal, as plain text in a pipe."""
    from cli.terminal import answer_text

    written = list(answer_text.lines(response))
    width = max([len(line.text) for line in written if line.log_odds is not None], default=0)
    if not sys.stdout.isatty():
        for line in written:
            typer.echo(answer_text.plain(line, width))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    width = max(20, min(width, console.width - answer_text.BAR_WIDTH - 9))
    for line in written:
        console.print(Text(*answer_text.styled(line, width)))
