"""A scorecard's contributions against shap's explainers, given the same model and the whole cohort as background.

shap explains the margin before calibration, so the scorecards here have slope 1 and offset 0. It draws 100 rows of a
background unless told otherwise; `Independent(..., max_samples=n)` keeps them all.
"""

import warnings

import numpy as np
import pytest

from data_schemas.model.scorecard import Feature
from serving.scoring.score import Evaluator
from training.fitting.compile import Frame, compile_scorecard
from training.fitting.estimators import ESTIMATORS, Seen
from training.fitting.grid import build_grid
from training.fitting.pipeline import build_design
from training.fitting.trees import bin_codes

N, EXPLAINED = 400, 40
TREES = {"max_depth": 2, "leaf_share": 0.02, "reg_lambda": 1.0, "subsample": 0.7, "eta": 0.3, "rounds": 60}
LINEAR = {"knots": 2, "interactions": 0, "l1_ratio": 0.3, "penalty": 0.004}


@pytest.fixture(scope="module")
def shap():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # third-party deprecations on import are not ours to judge
        import shap

        return shap


@pytest.fixture(scope="module")
def cohort():
    """Correlated covariates, levels, a therapy that interacts, dosages, and unknown values that are learned."""
    rng = np.random.default_rng(5)
    common = rng.normal(size=N)
    x = np.column_stack(
        [
            rng.integers(0, 2, N),
            60 + 8 * (0.6 * common + 0.8 * rng.normal(size=N)),
            140 + 30 * (0.6 * common + 0.8 * rng.normal(size=N)),
            rng.integers(0, 3, N),
            rng.binomial(2, 0.4, N),
        ]
    ).astype(float)
    x[rng.random(N) < 0.15, 2] = np.nan
    x[rng.random(N) < 0.15, 3] = np.nan
    score = 0.9 * x[:, 0] + 0.05 * (x[:, 1] - 60) + x[:, 0] * (x[:, 4] - 0.8)
    y = (rng.random(N) < 1 / (1 + np.exp(-score))).astype(float)
    kinds = ["therapy", "continuous", "continuous", "categorical", "dosage"]
    features = [
        Feature(
            name=f"f{j}",
            kind=kind,
            group="genetic" if kind == "dosage" else "clinical",
            label=f"f{j}",
            levels={"therapy": ("a", "b"), "categorical": ("p", "q", "r")}.get(kind, ()),
        )
        for j, kind in enumerate(kinds)
    ]
    return x, y, build_design(x, build_grid(x, features, [(0, 1), (0, 2), (0, 3), (0, 4)]))


def compiled(cohort, name, setting):
    x, y, design = cohort
    fit = ESTIMATORS[name].fit(design.prepared[name], Seen(np.arange(N), y, np.ones(N)), [setting], 1)[0]
    frame = Frame("e", "clinical", ("a", "b"), "sha256:0", design.grid.features, x)
    scorecard, _ = compile_scorecard(frame, name, fit.tables(design.prepared[name], design.grid), (1.0, 0.0), [])
    return fit, Evaluator(scorecard)


def test_tree_explainer_agrees(cohort, shap):
    x, _, design = cohort
    fit, evaluator = compiled(cohort, "xgboost", TREES)
    assert any(len(term.axes) == 2 for term in evaluator.scorecard.terms)
    codes = bin_codes(x, design.grid).astype(float)
    assert np.isnan(codes).any()
    explainer = shap.TreeExplainer(
        fit.model.booster,
        shap.maskers.Independent(codes, max_samples=N),
        feature_perturbation="interventional",
        model_output="raw",
    )
    scores = evaluator.score(x[:EXPLAINED])
    np.testing.assert_allclose(scores.contributions, explainer.shap_values(codes[:EXPLAINED]), atol=1e-6)
    assert scores.baseline_log_odds == pytest.approx(float(np.mean(explainer.expected_value)), abs=1e-6)


def test_linear_explainer_agrees(cohort, shap):
    x, _, design = cohort
    fit, evaluator = compiled(cohort, "logistic", LINEAR)
    basis, columns = design.prepared["logistic"][fit.knots]
    used = columns[:, : len(fit.coefficients)]
    explainer = shap.LinearExplainer((fit.coefficients, fit.intercept), shap.maskers.Independent(used, max_samples=N))
    by_column = explainer.shap_values(used[:EXPLAINED])
    expected = np.zeros((EXPLAINED, x.shape[1]))
    owners = [block.cuts[0].feature for block in basis.blocks if len(block.cuts) == 1 for _ in block.shapes]
    for column, owner in enumerate(owners):
        expected[:, owner] += by_column[:, column]
    scores = evaluator.score(x[:EXPLAINED])
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(scores.contributions, expected, atol=1e-6)
    assert scores.baseline_log_odds == pytest.approx(float(explainer.expected_value), abs=1e-6)
