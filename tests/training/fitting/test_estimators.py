"""Every estimator keeps the contract: its tables are the model, exactly, unknown values included."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_rows import FEATURES, draw_matrix, draw_outcome
from sklearn.linear_model import LogisticRegression

from serving.scoring.score import Evaluator
from training.fitting.compile import Frame, compile_scorecard
from training.fitting.elastic_net import logistic_path
from training.fitting.estimators import ESTIMATORS, Seen
from training.fitting.grid import build_grid

N = 300
PAIRS = ((0, 1), (0, 2), (0, 4))
EXACT = {"logistic": 1e-8, "xgboost": 1e-5}  # XGBoost adds in single precision


@pytest.fixture(scope="module", params=list(ESTIMATORS))
def fitted(request):
    """One estimator with its design, on N rows to fit and N that it never saw, at some of its settings."""
    estimator, x = ESTIMATORS[request.param], draw_matrix(2 * N, 5)
    grid = build_grid(x, FEATURES, PAIRS)
    design = estimator.prepare(x, grid)
    settings = estimator.settings(grid)[::7]
    y = draw_outcome(x, 6, genetic=0.8)
    fits = estimator.fit(design, Seen(np.arange(N), y[:N], np.ones(N)), settings, 0)
    assert len(fits) == len(settings) > 3
    return request.param, estimator, x, y, grid, design, settings, fits


def scorecard_of(tables, grid, x):
    frame = Frame("e", "clinical+genetic", ("placebo", "drug", "other"), "sha256:0", grid.features, x)
    return compile_scorecard(frame, "c", tables, (1.0, 0.0), [])[0]


def test_tables_are_the_model_on_every_row(fitted):
    name, _, x, _, grid, design, _, fits = fitted
    for fit in fits:
        scorecard = scorecard_of(fit.tables(design, grid), grid, x)
        difference = Evaluator(scorecard).margin(x) - fit.margin(design, np.arange(2 * N))
        assert np.abs(difference).max() < EXACT[name]


def test_an_unknown_value_that_is_not_learned_scores_as_its_fill(fitted):
    _, _, x, _, grid, design, _, fits = fitted
    evaluator = Evaluator(scorecard_of(fits[-1].tables(design, grid), grid, x))
    for column, fill in grid.fills.items():
        unknown, filled = x.copy(), x.copy()
        unknown[:, column], filled[:, column] = np.nan, fill
        assert np.abs(evaluator.margin(unknown) - evaluator.margin(filled)).max() < 1e-9


def test_only_the_stated_pairs_interact(fitted):
    _, _, _, _, grid, design, _, fits = fitted
    pairs = {tuple(cut.feature for cut in cuts) for fit in fits for cuts in fit.tables(design, grid).cells}
    assert {pair for pair in pairs if len(pair) == 2} <= set(PAIRS)
    assert any(len(pair) == 2 for pair in pairs)


def test_weights_count_like_copies_of_a_row(fitted):
    name, estimator, _, y, _, design, settings, _ = fitted
    rows, weight = np.arange(N), np.where(np.arange(N) % 3 == 0, 2.0, 1.0)
    copies = np.repeat(rows, weight.astype(int))
    # a subsample of copies is not one of rows, so XGBoost is asked to use them all
    setting = [dict(settings[1]) | ({"subsample": 1.0} if name == "xgboost" else {})]
    weighted = estimator.fit(design, Seen(rows, y[rows], weight), setting, 0)[0]
    copied = estimator.fit(design, Seen(copies, y[copies], np.ones(len(copies))), setting, 0)[0]
    assert np.abs(weighted.margin(design, rows) - copied.margin(design, rows)).max() < 1e-3


def test_a_fit_does_not_depend_on_what_else_is_fitted_with_it(fitted):
    _, estimator, _, y, _, design, settings, fits = fitted
    rows = np.arange(N)
    alone = estimator.fit(design, Seen(rows, y[:N], np.ones(N)), [settings[2]], 0)[0]
    assert np.abs(alone.margin(design, rows) - fits[2].margin(design, rows)).max() < 1e-3


def test_settings_without_pairs_have_no_interactions():
    grid = build_grid(draw_matrix(N, 5), FEATURES, ())
    assert {s["interactions"] for s in ESTIMATORS["logistic"].settings(grid)} == {0}
    assert {s["max_depth"] for s in ESTIMATORS["xgboost"].settings(grid)} == {1}


@pytest.mark.parametrize("l1_ratio", [0.3, 1.0])
def test_the_path_is_scikit_learns_elastic_net(l1_ratio):
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 12))
    z[:, 1] = z[:, 0] + 0.3 * rng.normal(size=400)
    y = (rng.random(400) < 1 / (1 + np.exp(-z[:, 0] + z[:, 2] + 0.5))).astype(float)
    weight = rng.uniform(0.5, 2.0, 400)
    penalties = [0.1, 0.02, 0.004]
    for penalty, (intercept, beta) in zip(penalties, logistic_path(z, y, weight, penalties, l1_ratio), strict=True):
        theirs = LogisticRegression(
            C=1 / (penalty * weight.sum()), l1_ratio=l1_ratio, solver="saga", tol=1e-9, max_iter=20_000
        ).fit(z, y, sample_weight=weight)
        assert np.abs(beta - theirs.coef_[0]).max() < 1e-4
        assert abs(intercept - theirs.intercept_[0]) < 1e-4


def test_a_design_without_columns_predicts_the_prevalence():
    y = np.array([1.0, 1.0, 1.0, 0.0])
    (intercept, beta), *_ = logistic_path(np.empty((4, 0)), y, np.ones(4), [0.1], 1.0)
    assert intercept == pytest.approx(np.log(3))
    assert len(beta) == 0
