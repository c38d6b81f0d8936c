"""`esr train`: a cohort becomes models, registered with their performance and a verdict on genetics."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.terminal.outputs import check_output
from cli.terminal.tables import show_table
from data_schemas.catalogue.load import find_cohort, find_endpoint
from data_schemas.catalogue.terms import Terms
from features.files.whole import replacing, writing_to

if TYPE_CHECKING:
    from data_schemas.model.card import CandidateResult, ModelCard
    from training.registry.record import RegisteredVersion
    from training.result import Training

SHOWN = {
    "auc": "AUC",
    "log_loss": "log loss",
    "brier": "Brier",
    "calibration_slope": "slope",
    "expected_observed": "expected/observed",
}


# Each argument is an option of the command line.
def train(  # noqa: PLR0913
    endpoint: Annotated[str, typer.Argument(help="id of an endpoint, or path to your own TOML")],
    cohort: Annotated[str, typer.Option(help="id of a cohort manifest, or path to your own TOML")],
    data: Annotated[Path, typer.Option(help="CSV, TSV or Parquet file")],
    bootstrap: Annotated[
        int, typer.Option(min=0, help="refits of the whole pipeline, for the interval: 0 for none, or 20 and more")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, help="the same seed and data give the same models")] = 0,
    folds: Annotated[
        Path | None, typer.Option(help="CSV row,repeat,fold: cross-fit on these folds; rows from 0, before exclusions")
    ] = None,
    oof: Annotated[
        Path | None, typer.Option(help="write the out-of-fold probabilities to this CSV; it holds one line per patient")
    ] = None,
    effect_model: Annotated[
        list[str] | None, typer.Option(help="how a site counts: rs2234693=dominant, or additive, or recessive")
    ] = None,
    haplotypes: Annotated[
        list[str] | None,
        typer.Option(help="count haplotypes in place of their sites: pvuii-xbai, rs2234693-rs9340799:TA, or none"),
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="processes; by default all processors")] = None,
) -> None:
    """Train, cross-fit, calibrate, verify and register the candidates, and say whether genetics adds."""
    from data_schemas.catalogue.load import load_catalogue
    from features.cohort.read import read_cohort
    from features.matrix.choices import with_choices

    if oof is not None:
        check_output(oof, data, cohort, endpoint, folds)
    catalogue = load_catalogue()
    question, manifest = find_endpoint(catalogue, endpoint), find_cohort(catalogue, cohort)
    terms = with_choices(Terms(question, catalogue), effect_model or (), haplotypes or ())
    question, read = terms.endpoint, read_cohort(data, manifest, terms)
    typer.echo(f"{question.title}: {question.favourable}")
    typer.echo(
        f"{manifest.title}{' - SYNTHETIC' * manifest.synthetic}: {read.report.n:,} of {read.report.n_read:,} rows"
    )

    from training.registry.record import log_training, prepare
    from training.train import train as run

    other = prepare(question)
    with nullcontext() if oof is None else replacing(oof) as file:
        with _progress() as progress:
            training = run(read, bootstrap=bootstrap, seed=seed, folds=folds, n_jobs=jobs, progress=progress)
        versions = log_training(training)
        if oof is not None and file is not None:
            with writing_to(oof):
                training.oof.to_csv(file, index=False, lineterminator="\n")
    _show(training, versions)
    suggested = next(version.version for version in versions if version.suggested)
    promotion = f"esr promote {question.id} {suggested}"
    if other is not None:
        typer.echo(
            f"the champion, version {other}, answers another definition of {question.id}; hence --new-definition"
        )
        promotion += " --new-definition"
    typer.echo(f"next: {promotion}")
    if oof is not None:
        typer.echo(f"wrote {oof}, for you only: {len(training.oof):,} out-of-fold probabilities")


@contextmanager
def _progress() -> Generator[Callable[[str, int, int], None]]:
    """Show a bar per stage on a terminal, on stderr; a pipe stays quiet."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        stages: dict[str, TaskID] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done)

        yield advance


def _show(training: Training, versions: Sequence[RegisteredVersion]) -> None:
    from training.registry.card import model_card

    card = model_card(training, *training.suggested)
    typer.echo("")
    show_table(
        "Cross-fitted performance, with 95 % intervals; last the AUC on the training rows, and that less its optimism",
        ("candidate", "inputs", *SHOWN.values(), "apparent AUC", "corrected AUC"),
        (_performance(result, training.settings.bootstrap) for result in training.results),
    )
    typer.echo("")
    show_table(f"Observed: {card.favourable}", ("therapy", "rate"), _rates(card, training.data.terms))
    typer.echo("")
    for line in (_headline(card), *card.warnings, card.note, card.incremental.sentence):
        if line:
            typer.echo(line)
    typer.echo("")
    show_table(
        "Registered",
        ("model", "version", "candidate", "inputs", "suggested", "scorecard"),
        (
            (v.name, v.version, v.candidate, v.feature_set, "yes" if v.suggested else "", v.digest[:19])
            for v in versions
        ),
    )
    if card.synthetic:
        typer.echo("synthetic: trained on simulated patients; every answer of this model will say so")


def _performance(result: CandidateResult, refits: int) -> tuple[str, ...]:
    from training.registry.run_values import estimate_text
    from training.resampling.refusals import FEW_REPLICATES

    corrected = result.corrected if refits >= FEW_REPLICATES else {}
    return (
        result.candidate,
        result.feature_set,
        *(estimate_text(result.metrics[name]) for name in SHOWN),
        *(f"{part['auc']:.3f}" if part else "" for part in (result.apparent, corrected)),
    )


def _headline(card: ModelCard) -> str:
    """Say which of the numbers are to be quoted, and why not those of the winner."""
    from training.registry.run_values import estimate_text

    numbers = ", ".join(f"{SHOWN[name]} {estimate_text(card.performance[name])}" for name in ("auc", "log_loss"))
    return (
        f"to quote: {numbers}; cross-fitted, with the choice of a candidate made anew in each fold ('selected'). "
        f"{card.candidate} was chosen by cross-validation on all rows; the table above may rank another first"
    )


def _rates(card: ModelCard, terms: Terms) -> Iterable[tuple[str, str]]:
    for name, rate in card.event_rate_by_therapy.items():
        yield terms.therapy_label(name), f"{rate:.1%}"
    yield "everybody", f"{card.event_rate:.1%}"
