"""A small hand-made model: endpoint, cohort, scorecard, replicates, card and bundle, without any training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.catalogue.cohort import Cohort, Column, GenotypeColumn
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.bundle import read_bundle, replicates_digest, write_bundle
from data_schemas.model.card import CandidateResult, Estimate, IncrementalValue, ModelCard
from data_schemas.model.project import model_name, tracking_uri
from data_schemas.model.scorecard import Axis, Calibration, Feature, Scorecard, Term
from data_schemas.record import digest
from features.cohort.read import read_cohort
from training.registry.golden import build_golden
from training.registry.run_values import run_tags, version_tags
from training.registry.signature import OUTPUT_COLUMNS, input_columns
from training.registry.tracking import open_tracking
from training.result import Training
from training.train import train

TINY_ENDPOINT = Endpoint(
    id="tiny-ldl",
    title="A small endpoint for tests",
    population="Postmenopausal women",
    favourable="an LDL fall of at least 15 % within one year",
    time_at_risk_days=365,
    outcome={"kind": "change", "covariate": "ldl_cholesterol", "relative_change": -0.15},
    therapies=("placebo", "cee-mpa"),
    comparator="placebo",
    covariates=("age", "ldl_cholesterol", "diabetes"),
    variants=("rs2234693",),
    required=("therapy", "ldl_cholesterol"),
    is_not=("The probability of a clinical benefit.",),
)

TINY_COHORT = Cohort(
    id="tiny-cohort",
    title="A small made-up cohort for tests",
    design="randomised",
    synthetic=True,
    licence="CC0-1.0",
    citation="none",
    ancestry="not stated",
    therapy=Column(column="arm"),
    covariates={"age": Column(column="age", unit="a"), "ldl_cholesterol": Column(column="ldl")},
)

TRAINING_COHORT = TINY_COHORT.model_copy(
    update={
        "covariates": {
            "age": Column(column="age", unit="a"),
            "ldl_cholesterol": Column(column="ldl", unit="mg/dL"),
            "diabetes": Column(column="diabetes"),
        },
        "follow_up": {"ldl_cholesterol": Column(column="ldl_later", unit="mg/dL")},
        "genotypes": {"rs2234693": GenotypeColumn(column="pvuii", strand="forward")},
    }
)


def tiny_features() -> tuple[Feature, ...]:
    return (
        Feature(
            name="therapy",
            kind="therapy",
            group="therapy",
            label="therapy",
            levels=("placebo", "cee-mpa"),
            level_labels={"placebo": "placebo", "cee-mpa": "CEE + MPA"},
            level_counts={"placebo": 60, "cee-mpa": 60},
        ),
        Feature(
            name="age", kind="continuous", group="clinical", label="age", unit="a", decimals=0,
            minimum=45, maximum=80, p01=46, p99=79,
        ),
        Feature(
            name="ldl_cholesterol", kind="continuous", group="clinical", label="LDL cholesterol", unit="mg/dL",
            minimum=60, maximum=280, p01=70, p99=260,
        ),
        Feature(
            name="diabetes", kind="binary", group="clinical", label="diabetes", levels=("no", "yes"),
            level_counts={"no": 90, "yes": 20}, n_unknown=10, unknown_learned=True,
        ),
        Feature(
            name="rs2234693", kind="dosage", group="genetic", label="ESR1 PvuII", effect_allele="C",
            minimum=0, maximum=2, level_counts={"0": 30, "1": 60, "2": 30}, fill=1.0,
        ),
    )  # fmt: skip


def tiny_axes() -> tuple[Axis, ...]:
    return (
        Axis(feature="therapy", kind="step", edges=(0.5,), mean_weights=(0.5, 0.5, 0.0)),
        Axis(feature="age", kind="piecewise_linear", edges=(50, 60, 70), mean_weights=(0.2, 0.5, 0.3, 0.0)),
        Axis(feature="ldl_cholesterol", kind="step", edges=(130, 160), mean_weights=(0.4, 0.3, 0.3, 0.0)),
        Axis(feature="diabetes", kind="step", edges=(0.5,), mean_weights=(0.75, 0.17, 0.08)),
        Axis(feature="rs2234693", kind="piecewise_linear", edges=(0, 1, 2), mean_weights=(0.25, 0.5, 0.25, 0.0)),
    )


def tiny_term(axes: tuple[Axis, ...], places: tuple[int, ...], values: tuple[float, ...]) -> Term:
    weights = np.ones(1)
    for place in places:
        weights = np.outer(weights, axes[place].mean_weights).ravel()
    return Term(axes=places, values=values, mean=float(weights @ np.array(values)))


def make_tiny_scorecard(endpoint: str = "tiny-ldl", genetic: bool = True, shift: float = 0.0) -> Scorecard:
    """Return five features (four without genetics), six terms, a calibration; `shift` moves the intercept."""
    features, axes = tiny_features(), tiny_axes()
    terms = [
        tiny_term(axes, (0,), (-0.4, 0.5, 0.05)),
        tiny_term(axes, (1,), (0.1, 0.0, -0.3, -0.05)),
        tiny_term(axes, (2,), (-0.6, 0.1, 0.7, 0.0)),
        tiny_term(axes, (3,), (0.05, -0.2, -0.1)),
    ]
    if genetic:
        terms.append(tiny_term(axes, (4,), (-0.1, 0.05, 0.1, 0.0)))
        terms.append(tiny_term(axes, (0, 4), (0.0, 0.0, 0.0, 0.0, -0.15, 0.0, 0.15, 0.0, 0.0, 0.0, 0.0, 0.0)))
    return Scorecard(
        endpoint=endpoint,
        candidate="logistic",
        feature_set="clinical+genetic" if genetic else "clinical",
        features=features if genetic else features[:-1],
        axes=axes if genetic else axes[:-1],
        terms=tuple(terms),
        # the twin's own numbers, so that no test can take one model's for the other's
        intercept=(-0.2 if genetic else -0.35) + shift,
        calibration=Calibration(slope=0.9, offset=0.02) if genetic else Calibration(slope=0.8, offset=-0.06),
        n_rows=120,
        therapies=("placebo", "cee-mpa"),
        panel_digest=load_catalogue().panel_digest,
        twin=make_tiny_scorecard(endpoint, genetic=False, shift=shift) if genetic else None,
    )


def make_tiny_replicates(scorecard: Scorecard, n: int = 40) -> np.ndarray:
    """Return (n, 1 + n_values) calibrated cells, scattered around the scorecard's own."""
    slope, offset = scorecard.calibration.slope, scorecard.calibration.offset
    cells = [slope * scorecard.intercept + offset, *(slope * v for term in scorecard.terms for v in term.values)]
    return np.array(cells) + np.random.default_rng(0).normal(0, 0.1, (n, len(cells)))


def make_tiny_card(scorecard: Scorecard, cohort: Cohort, verdict: str = "no evidence that genetics adds") -> ModelCard:
    estimates = {
        name: Estimate(value=v, low=v - 0.05, high=v + 0.05) for name, v in {"auc": 0.7, "log_loss": 0.6}.items()
    }
    result = CandidateResult(candidate=scorecard.candidate, feature_set=scorecard.feature_set, metrics=estimates)
    return ModelCard(
        endpoint=scorecard.endpoint,
        endpoint_title="A small endpoint for tests",
        favourable="an LDL fall of at least 15 % within one year",
        is_not=("The probability of a clinical benefit.",),
        cohort=cohort.id,
        cohort_title=cohort.title,
        cohort_digest=digest(b"tiny"),
        design=cohort.design,
        synthetic=cohort.synthetic,
        ancestry=cohort.ancestry,
        licence=cohort.licence,
        citation=cohort.citation,
        note="",
        n_rows=120,
        n_events=50,
        event_rate=50 / 120,
        event_rate_by_therapy={"placebo": 0.25, "cee-mpa": 0.58},
        candidate=scorecard.candidate,
        feature_set=scorecard.feature_set,
        performance=estimates,
        candidates=(result,),
        incremental=IncrementalValue(verdict=verdict, sentence="No evidence that genetics adds."),
        hyperparameters={"logistic": {"C": 1.0}},
        settings={"seed": 0},
        trained_at="2026-01-01T00:00:00Z",
    )


def write_tiny_bundle(
    folder: Path,
    endpoint: Endpoint = TINY_ENDPOINT,
    *,
    genetic: bool = True,
    shift: float = 0.0,
    intervals: bool = True,
) -> Path:
    """Write a small hand-made model as a bundle folder; `shift` tells two models apart."""
    scorecard = make_tiny_scorecard(endpoint.id, genetic, shift)
    replicates = make_tiny_replicates(scorecard) if intervals else None
    if replicates is not None:
        scorecard = scorecard.model_copy(update={"replicates_digest": replicates_digest(replicates)})
    write_bundle(
        folder,
        scorecard=scorecard,
        replicates=replicates,
        card=make_tiny_card(scorecard, TINY_COHORT),
        endpoint=endpoint,
        cohort=TINY_COHORT,
        golden=build_golden(scorecard, replicates),
    )
    return folder


def register_tiny(folder: Path, endpoint: Endpoint = TINY_ENDPOINT, *, shift: float = 0.0, genetic: bool = True) -> int:
    """Register a tiny model in the project's MLflow, as a training would, and return its version."""
    bundle = read_bundle(write_tiny_bundle(folder / "bundle", endpoint, shift=shift, genetic=genetic))
    name = model_name(endpoint.id)
    with open_tracking(tracking_uri()) as tracking:
        with tracking.run(tracking.experiment(name), "tiny", run_tags(bundle.card)) as run:
            source = run.log_model(bundle.folder, input_columns(endpoint), OUTPUT_COLUMNS)
        tags = version_tags(
            bundle.card,
            digest=bundle.digest,
            bundle=bundle.manifest_digest,
            definition=bundle.endpoint.definition,
            suggested=True,
        )
        return tracking.add_version(name, source, run.id, tags, "a tiny model")


def train_tiny(folder: Path, n: int = 120) -> Training:
    """Train for real, in seconds: 120 made-up women, one repeat of two folds, twenty bootstrap replicates."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "arm": rng.choice(["placebo", "cee-mpa"], n),
            "age": rng.integers(45, 80, n),
            "ldl": rng.normal(145, 30, n).round(1),
            "diabetes": rng.choice(["no", "yes"], n, p=[0.85, 0.15]),
            "pvuii": rng.choice(["TT", "TC", "CC"], n, p=[0.3, 0.5, 0.2]),
        }
    )
    log_odds = (table["arm"] == "cee-mpa") * 1.1 + (table["ldl"] - 145) / 40 - 0.6
    falls = rng.random(n) < 1 / (1 + np.exp(-log_odds))
    table["ldl_later"] = (table["ldl"] * np.where(falls, 0.8, 0.95)).round(1)
    table.to_csv(folder / "cohort.csv", index=False)
    pd.DataFrame({"row": np.arange(n), "repeat": 0, "fold": np.arange(n) % 2}).to_csv(folder / "folds.csv", index=False)
    catalogue = load_catalogue()
    data = read_cohort(folder / "cohort.csv", TRAINING_COHORT, Terms(TINY_ENDPOINT, catalogue))
    return train(data, bootstrap=20, seed=0, folds=folder / "folds.csv", n_jobs=1)
