"""One training: a cohort and an endpoint in; models, their out-of-fold performance and the verdict on genetics out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.errors import TrainingError
from data_schemas.model.scorecard import Feature
from features.cohort.read import CohortData
from features.matrix.encode import encode, endpoint_features
from features.matrix.haplotypes import learn
from training.evaluation.incremental import CLINICAL, GENETIC, incremental_value, suggestion
from training.evaluation.performance import apparent_metrics, candidate_results
from training.fitting.compile import Frame, compile_scorecard, verify
from training.fitting.estimators import Key
from training.fitting.grid import allowed_pairs, build_grid
from training.fitting.pipeline import Design, Pipeline, build_design
from training.resampling.bootstrap import Bootstrapped
from training.resampling.bootstrap import bootstrap as refit
from training.resampling.crossfit import cross_fit
from training.resampling.folds import REPEATS, read_folds, repeated_folds
from training.resampling.metrics import RESAMPLES, person_weights
from training.resampling.parallel import children, processors, run_tasks
from training.resampling.refusals import FEW_REPLICATES, check_leakage, check_outcome, check_replicates, varying
from training.resampling.sample import Sample, fit_rows, inner_repeats
from training.result import Fitted, Training, TrainingSettings

Progress = Callable[[str, int, int], None]

FOLDS_STAGE, REPLICATES_STAGE = "cross-fitting", "bootstrap"


def train(
    data: CohortData,
    *,
    bootstrap: int = 200,
    seed: int = 0,
    folds: Path | None = None,
    n_jobs: int | None = None,
    progress: Progress = lambda *_: None,
) -> Training:
    """Train all candidates on all feature sets that the cohort allows.

    Parameters
    ----------
    bootstrap
        Number of refits of the whole pipeline; 0 gives models without an interval, fewer than
        `training.resampling.refusals.MIN_REPLICATES` are refused.
    seed
        The same seed, data and versions give the same scorecards, on any number of processes.
    folds
        CSV file of the outer folds to use instead of our own, see `training.resampling.folds.read_folds`.
    n_jobs
        Processes; by default all processors.
    progress
        Called with a stage's name, the tasks done and their number.

    Raises
    ------
    TrainingError
        The data do not allow a model, the folds do not fit, or a compiled model is not the fitted one.
    """
    check_replicates(bootstrap)
    n_jobs = n_jobs or processors()
    check_outcome(data.response, data.person)
    sample, warnings = build_sample(data)
    if 0 < bootstrap < FEW_REPLICATES:
        warnings += (
            f"the interval comes from {bootstrap} bootstrap refits, so its bounds are unstable; "
            f"{FEW_REPLICATES} are few, 200 are usual",
        )
    fold_seed, cross_seed, final_seed, boot_seed, metric_seed, test_seed = children(np.random.SeedSequence(seed), 6)
    given = read_folds(folds, data.row, data.person, data.response.y, data.report.n_read) if folds else []
    dealt = [] if folds else repeated_folds(data.response.y, data.person, children(fold_seed, REPEATS))
    outer = [one.fold for one in given] or dealt
    n_folds = sum(int(fold.max()) + 1 for fold in outer) * len(sample.designs)
    crossed = cross_fit(sample, outer, cross_seed, n_jobs, _counter(progress, FOLDS_STAGE, n_folds))
    everyone = (np.arange(sample.n), np.ones(sample.n, dtype=np.int64))
    finals = run_tasks(fit_rows, [(sample, name, *everyone, final_seed) for name in sample.designs], n_jobs)
    pipelines = dict(zip(sample.designs, finals, strict=True))
    held = {name: pipeline.settings for name, pipeline in pipelines.items()}
    booted = refit(sample, held, bootstrap, boot_seed, n_jobs, _counter(progress, REPLICATES_STAGE, bootstrap))
    resamples = person_weights(data.person, RESAMPLES, np.random.default_rng(metric_seed)) * data.response.weights()
    verdict = incremental_value(sample, crossed.log_odds, resamples, test_seed)
    chosen = {name: pipeline.preferred for name, pipeline in pipelines.items()}
    return Training(
        data=data,
        fitted=_compile_all(data, sample, pipelines, booted),
        results=candidate_results(crossed, apparent_metrics(sample, pipelines), booted, data.response.y, resamples),
        incremental=verdict,
        oof=crossed.table(data.row, given),
        chosen=chosen,
        suggested=suggestion(verdict, chosen),
        pipelines=pipelines,
        settings=TrainingSettings(
            seed=seed,
            repeats=len(outer),
            folds=max(int(fold.max()) + 1 for fold in outer),
            folds_from_file=folds is not None,
            inner_repeats=inner_repeats(int(data.response.known.sum())),
            bootstrap=bootstrap,
        ),
        warnings=warnings,
        trained_at=datetime.now(UTC),
    )


def build_sample(data: CohortData) -> tuple[Sample, tuple[str, ...]]:
    """Encode a cohort, leave out constant columns, fix the grid; return the arrays and warnings.

    Raises
    ------
    TrainingError
        `leakage`, or `no_features` where nothing clinical varies.
    """
    available = {str(name) for name in data.table.columns}
    columns = {name: data.table[name].tolist() for name in available}
    features = endpoint_features(data.terms, "clinical+genetic", available, data.therapies)
    features = learn(features, columns)
    x = encode(columns, features)
    keep, warnings = varying(x, features)
    x, features = x[:, keep], tuple(features[j] for j in keep)
    clinical = [j for j, feature in enumerate(features) if feature.group != "genetic"]
    if not clinical:
        raise TrainingError(
            "no_features", "no therapy and no clinical covariate varies in the cohort; bind some in its manifest"
        )
    designs = {CLINICAL: _columns_design(x, features, clinical, data)}
    if len(clinical) < len(features):
        designs[GENETIC] = _columns_design(x, features, list(range(len(features))), data)
    for design in designs.values():
        check_leakage(design.x, design.grid, data.response)
    absent = sorted(set(data.cohort.adjustment_set) - {feature.name for feature in features})
    if absent:
        warnings += (
            f"the manifest's adjustment_set names {', '.join(absent)}, which the models do not have: differences "
            "between therapies are not adjusted for it",
        )
    return Sample(data.response, data.person, designs), warnings


def _columns_design(x: Floats, features: tuple[Feature, ...], columns: list[int], data: CohortData) -> Design:
    chosen = [features[j] for j in columns]
    part = np.ascontiguousarray(x[:, columns])
    return build_design(part, build_grid(part, chosen, allowed_pairs(data.endpoint, chosen)))


def _compile_all(
    data: CohortData,
    sample: Sample,
    pipelines: Mapping[str, Pipeline],
    booted: Bootstrapped,
) -> dict[Key, Fitted]:
    """Compile and verify every candidate, clinical first: it becomes the other's twin."""
    fitted: dict[Key, Fitted] = {}
    for feature_set, design in sample.designs.items():
        pipeline = pipelines[feature_set]
        frame = Frame(
            endpoint=data.endpoint.id,
            feature_set=feature_set,
            therapies=data.therapies or data.endpoint.therapies[:1],
            panel_digest=data.terms.catalogue.panel_digest,
            features=design.grid.features,
            x=design.x,
        )
        margins = pipeline.margins(design, np.arange(sample.n))
        for candidate, tables in pipeline.tables(design).items():
            twin = None if feature_set == CLINICAL else fitted[candidate, CLINICAL].scorecard
            scorecard, replicates = compile_scorecard(
                frame,
                candidate,
                tables,
                pipeline.calibration[candidate],
                booted.tables[candidate, feature_set],
                None if twin is None else twin.model_copy(update={"replicates_digest": None}),
            )
            verify(scorecard, design.x, margins[candidate])
            fitted[candidate, feature_set] = Fitted(scorecard, replicates)
    return fitted


def _counter(progress: Progress, stage: str, total: int) -> Callable[[], None]:
    """Return a function that reports one more task done each time."""
    done = iter(range(1, total + 1))
    progress(stage, 0, total)
    return lambda: progress(stage, next(done), total)
