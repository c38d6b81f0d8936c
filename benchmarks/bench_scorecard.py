"""Rows per second of the scorecard, explained and with its interval, against SHAP on the model it was compiled from."""

from __future__ import annotations

import time
import warnings

import shap
import xgboost as xgb
from bench_model import GENETIC, REPLICATES, BenchModel
from report import Line

from data_schemas.arrays import Floats
from data_schemas.model.scorecard import Scorecard
from serving.scoring.score import Evaluator
from training.fitting.trees import bin_codes
from training.train import build_sample

ROWS = 100_000
SHAP_ROWS = 100
TOLERANCE = 1e-6


def bench_scorecard(model: BenchModel) -> list[Line]:
    """Explain the same XGBoost model three ways."""
    fitted = model.training.fitted["xgboost", GENETIC]
    boosted = model.training.pipelines[GENETIC].fits["xgboost"].model
    sample, _ = build_sample(model.training.data)
    design = sample.designs[GENETIC]
    booster = boosted.booster[: boosted.rounds]
    evaluator = Evaluator(fitted.scorecard, fitted.replicates)
    x = model.rows(ROWS, seed=2)
    codes = bin_codes(x, design.grid)

    started = time.perf_counter()
    scores = evaluator.score(x)
    ours = ROWS / (time.perf_counter() - started)

    # SHAP samples 100 background rows unless it is told not to
    background = design.prepared["xgboost"][0]
    masker = shap.maskers.Independent(background, max_samples=len(background))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.TreeExplainer(booster, data=masker, feature_perturbation="interventional")
        started = time.perf_counter()
        values = explainer.shap_values(codes[:SHAP_ROWS])
        theirs = SHAP_ROWS / (time.perf_counter() - started)
    difference = float(abs(fitted.scorecard.calibration.slope * values - scores.contributions[:SHAP_ROWS]).max())
    if not difference <= TOLERANCE:
        raise RuntimeError(f"scorecard and SHAP differ by {difference:.2g} log-odds")

    matrix = xgb.DMatrix(codes, nthread=1)
    started = time.perf_counter()
    booster.predict(matrix, pred_contribs=True)
    path_dependent = ROWS / (time.perf_counter() - started)
    return [
        Line(f"scorecard: {ROWS:,} rows, explained, {REPLICATES}-replicate interval", f"{ours:,.0f} rows/s"),
        Line(
            f"shap.TreeExplainer, interventional, {len(background):,} background rows ({SHAP_ROWS} rows timed)",
            f"{theirs:,.1f} rows/s",
            ours / theirs,
            20.0,
        ),
        Line("largest difference between the two", f"{difference:.1e} log-odds"),
        Line(
            "Booster.predict(pred_contribs=True): path-dependent, uncalibrated, no interval",
            f"{path_dependent:,.0f} rows/s",
            ours / path_dependent,
        ),
        Line("scorecard without the interval", f"{_without_interval(fitted.scorecard, x):,.0f} rows/s"),
    ]


def _without_interval(scorecard: Scorecard, x: Floats) -> float:
    evaluator = Evaluator(scorecard)
    started = time.perf_counter()
    evaluator.score(x)
    return len(x) / (time.perf_counter() - started)
