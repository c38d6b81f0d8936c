"""What a training leaves in MLflow: runs to compare, and versions that may become champion.

Experiment ``esr-<endpoint>``: one parent run per training, one child run per candidate and feature set. The registered
model of the same name gets one version per feature set, of the chosen candidate; the suggested one comes last and
gets the alias `challenger`. `training.registry.promote` alone moves `champion`.

No patient's row is stored, unless the caller asks for the out-of-fold predictions.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from data_schemas.arrays import Floats, Ints
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.model.bundle import read_bundle, write_bundle
from data_schemas.model.card import ModelCard
from data_schemas.model.project import BUNDLE_FOLDER, CHALLENGER, CHAMPION, home, model_name, tracking_uri
from data_schemas.record import Record
from features.cohort.page.html import quality_page, without_names
from training.registry.card import model_card
from training.registry.golden import build_golden
from training.registry.lock import registry_lock
from training.registry.plots import calibration_curve, draw_calibration, draw_overview
from training.registry.run import Run
from training.registry.run_values import (
    candidate_metrics,
    candidate_parameters,
    curve_steps,
    incremental_metrics,
    performance_metrics,
    run_tags,
    training_parameters,
    version_tags,
)
from training.registry.signature import OUTPUT_COLUMNS, input_columns
from training.registry.tracking import Tracking, open_tracking
from training.result import Training


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of ``esr-<endpoint>`` as this training registered it."""

    name: str
    version: int
    candidate: str
    feature_set: str
    suggested: bool
    digest: str
    run_id: str


@dataclass(frozen=True)
class _Stored:
    """A chosen model that MLflow holds and that is not a version yet."""

    card: ModelCard
    run_id: str
    source: str
    digest: str
    bundle: str


def prepare(endpoint: Endpoint) -> int | None:
    """Make sure, before minutes of training, that the result can be registered: the registry is made, or answers.

    Returns
    -------
    The version that is champion of this id and answers another definition of the endpoint, None where there is none.

    Raises
    ------
    CatalogueError
        `catalogue_invalid`: the endpoint's id cannot name a model.
    ModelError
        `busy`, `registry_corrupt`, `registry_unreachable` or `output_exists`.
    """
    name = model_name(endpoint.id)
    with open_tracking(tracking_uri()) as tracking:
        tracking.experiment(name)
        champion = tracking.alias(name, CHAMPION) if tracking.versions(name) else None
        same = champion is None or tracking.definition(name, champion) == endpoint.definition
        return None if same else champion


def log_training(training: Training, *, log_oof: bool = False) -> tuple[RegisteredVersion, ...]:
    """Log a training and register its chosen candidates, the suggested one last.

    Versions are registered when all runs are complete. Where a step fails, the runs are marked FAILED and no
    version stays.

    Parameters
    ----------
    log_oof
        Also store the out-of-fold prediction of every row: patient data, kept only where the caller asks for it.

    Raises
    ------
    TrainingError
        `registration_failed`: what MLflow stored is not what was written.
    ModelError
        `busy`, `registry_corrupt`, `registry_unreachable` or `output_exists`.
    """
    name = model_name(training.data.endpoint.id)
    card = model_card(training, *training.suggested)
    with open_tracking(tracking_uri()) as tracking:
        experiment = tracking.experiment(name)
        title = f"{card.cohort} {datetime.now(UTC):%Y-%m-%d %H:%M}"
        with tracking.run(experiment, title, run_tags(card)) as parent:
            _log_whole(parent, training, card, log_oof)
            stored = [_log_candidate(tracking, parent, training, *key) for key in training.fitted]
            chosen = [model for model in stored if model is not None]
            chosen.sort(key=lambda model: (model.card.candidate, model.card.feature_set) == training.suggested)
            return _register(tracking, name, chosen, training.data.endpoint.definition)


def _log_whole(run: Run, training: Training, card: ModelCard, log_oof: bool) -> None:
    """Log what belongs to the training as a whole: data, settings, verdict, and the comparison of the candidates."""
    run.log(training_parameters(card), performance_metrics(card.performance) | incremental_metrics(card.incremental))
    _log_cohort(run, card)
    run.log_text(_pretty(card), "model_card.json")
    report = training.data.report
    if report.genotypes:
        shown = without_names(report)
        run.log_text(quality_page(shown), "genotypes.html")
        run.log_text(_pretty(shown), "genotypes.json")
    title = f"{card.endpoint} on {card.cohort}: out-of-fold performance, 95 % intervals"
    run.log_figure(draw_overview(card.candidates, title), "candidates.png")
    if log_oof:
        run.log_text(training.oof.to_csv(index=False), "out_of_fold.csv")


def _log_cohort(run: Run, card: ModelCard) -> None:
    source = {"cohort": card.cohort, "citation": card.citation, "licence": card.licence}
    profile = {"rows": card.n_rows, "events": card.n_events, "synthetic": card.synthetic}
    run.log_cohort(card.cohort, card.cohort_digest, source, profile)


def _log_candidate(
    tracking: Tracking, parent: Run, training: Training, candidate: str, feature_set: str
) -> _Stored | None:
    """Log one candidate on one feature set; store its model if it is the chosen one of the feature set."""
    card = model_card(training, candidate, feature_set)
    with tracking.run(parent.experiment, f"{candidate} · {feature_set}", run_tags(card), parent) as run:
        result = next(r for r in card.candidates if (r.candidate, r.feature_set) == (candidate, feature_set))
        probability, repeat, place = _out_of_fold(training, candidate, feature_set)
        response = training.data.response
        y, weight = np.nan_to_num(response.y)[place], response.weights()[place]
        curve = calibration_curve(probability, y, weight, repeat)
        run.log(candidate_parameters(card), candidate_metrics(result, training.settings.bootstrap), curve_steps(curve))
        _log_cohort(run, card)
        title = f"{candidate} · {feature_set}: {card.endpoint}"
        figure = draw_calibration(curve, probability, title, f"{card.cohort_title}, out of fold")
        run.log_figure(figure, "calibration.png")
        run.log_text(_pretty(card), "model_card.json")
        if training.chosen.get(feature_set) != candidate:
            return None
        return _store(run, training, card)


def _out_of_fold(training: Training, candidate: str, feature_set: str) -> tuple[Floats, Ints, Ints]:
    """Return probability, repeat, and the place in the cohort's table of each out-of-fold prediction."""
    oof = training.oof
    part = oof[(oof["candidate"] == candidate) & (oof["feature_set"] == feature_set)]
    place_of = {row: place for place, row in enumerate(training.data.row.tolist())}
    place = np.array([place_of[row] for row in part["row"].tolist()], dtype=np.int64)
    return part["probability"].to_numpy(float), part["repeat"].to_numpy(), place


def _store(run: Run, training: Training, card: ModelCard) -> _Stored:
    fitted = training.fitted[card.candidate, card.feature_set]
    endpoint, cohort = training.data.endpoint, training.data.cohort
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, BUNDLE_FOLDER)
        write_bundle(
            folder,
            scorecard=fitted.scorecard,
            replicates=fitted.replicates,
            card=card,
            endpoint=endpoint,
            cohort=cohort,
            golden=build_golden(fitted.scorecard, fitted.replicates),
        )
        bundle = read_bundle(folder)
        source = run.log_model(folder, input_columns(endpoint.needed_by(card.feature_set)), OUTPUT_COLUMNS)
    return _Stored(card, run.id, source, bundle.digest, bundle.manifest_digest)


def _register(
    tracking: Tracking, name: str, chosen: Sequence[_Stored], definition: str
) -> tuple[RegisteredVersion, ...]:
    """Register all of them or none; the last is the suggested one and becomes challenger."""
    registered: list[RegisteredVersion] = []
    with registry_lock(home()):
        try:
            for model in chosen:
                suggested = model is chosen[-1]
                tags = version_tags(
                    model.card,
                    digest=model.digest,
                    bundle=model.bundle,
                    definition=definition,
                    suggested=suggested,
                )
                sentence = model.card.incremental.sentence
                number = tracking.add_version(name, model.source, model.run_id, tags, sentence)
                card = model.card
                registered.append(
                    RegisteredVersion(
                        name, number, card.candidate, card.feature_set, suggested, model.digest, model.run_id
                    )
                )
            tracking.set_alias(name, CHALLENGER, registered[-1].version)
        except BaseException:
            for version in registered:
                tracking.remove_version(name, version.version)
            raise
    return tuple(registered)


def _pretty(document: Record) -> str:
    return json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
