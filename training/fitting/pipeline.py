"""The pipeline that is cross-fitted, bootstrapped and finally kept: search, fit, blend, calibrate.

The same function does all three, so what is evaluated is what is served. It sees only the rows that it is given;
blend weights and calibrators come from margins of inner folds that the models did not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from data_schemas.arrays import Floats, Ints
from training.fitting.calibrate import blend_weights, calibrator, log_loss
from training.fitting.estimators import BLEND, CANDIDATES, ESTIMATORS, Estimator, Fit, Seen, Setting
from training.fitting.grid import Grid
from training.fitting.score_tables import Tables, weighted_sum


@dataclass(frozen=True)
class Design:
    """One feature set of one training: grid, design matrix `x` (n, F), and each estimator's view of all its rows."""

    grid: Grid
    x: Floats
    prepared: Mapping[str, Any]


def build_design(x: Floats, grid: Grid) -> Design:
    """Prepare the design matrix `x` (n, F) for every estimator."""
    return Design(grid, x, {name: estimator.prepare(x, grid) for name, estimator in ESTIMATORS.items()})


@dataclass(frozen=True)
class Pipeline:
    """Fitted candidates.

    `shares` are the blend's weights, `calibration` slope and offset per candidate. `inner_loss` is each candidate's log
    loss over the inner folds, calibrated (and blended) without the fold that is scored.
    """

    settings: Mapping[str, Setting]
    fits: Mapping[str, Fit]
    shares: Mapping[str, float]
    calibration: Mapping[str, tuple[float, float]]
    inner_loss: Mapping[str, float]

    @property
    def preferred(self) -> str:
        """The candidate with the smallest inner loss."""
        return min(CANDIDATES, key=lambda name: self.inner_loss[name])

    def margins(self, design: Design, rows: Ints) -> dict[str, Floats]:
        """Return the margins (n,) of `rows` (n,) per candidate, before calibration."""
        margins = {name: fit.margin(design.prepared[name], rows) for name, fit in self.fits.items()}
        return {**margins, BLEND: sum((self.shares[name] * m for name, m in margins.items()), np.zeros(len(rows)))}

    def log_odds(self, design: Design, rows: Ints) -> dict[str, Floats]:
        """Return the calibrated log-odds (n,) of `rows` (n,) per candidate."""
        margins = self.margins(design, rows)
        return {name: slope * margins[name] + offset for name, (slope, offset) in self.calibration.items()}

    def tables(self, design: Design, unknown: Mapping[int, float] | None = None) -> dict[str, Tables]:
        """Return the exact, uncalibrated tables per candidate; `unknown` replaces the fills of unknown nodes."""
        parts = {name: fit.tables(design.prepared[name], design.grid) for name, fit in self.fits.items()}
        if unknown is not None:
            parts = {name: tables.with_unknown(unknown) for name, tables in parts.items()}
        return {**parts, BLEND: weighted_sum([(self.shares[name], tables) for name, tables in parts.items()])}


def fit_pipeline(
    design: Design, given: Seen, folds: Ints, seed: int, held: Mapping[str, Setting] | None = None
) -> Pipeline:
    """Fit the candidates on some rows of a design.

    Parameters
    ----------
    given
        Distinct rows of the design. Those of weight 0 (censored before the horizon) are left out.
    folds
        (repeats, n) inner folds of these rows.
    held
        Settings to use instead of a search.
    """
    known = given.weight > 0
    seen, folds = given.where(known), folds[:, known]
    y, weight = seen.y, seen.weight
    # One inner observation per row and repeat; a row's repeats share its weight.
    inner_y, inner_weight = np.tile(y, len(folds)), np.tile(weight, len(folds)) / len(folds)
    settings: dict[str, Setting] = {}
    fits: dict[str, Fit] = {}
    inner: dict[str, Floats] = {}
    for name, estimator in ESTIMATORS.items():
        choices = estimator.settings(design.grid) if held is None else (held[name],)
        margins = _inner_margins(estimator, design.prepared[name], seen, folds, choices, seed)
        slope, offset = calibrator(margins, inner_y, inner_weight)
        # What will be served is calibrated, so that is what a setting is judged by.
        losses = log_loss(slope[:, None] * margins + offset[:, None], inner_y, inner_weight)
        best = int(np.argmin(losses))
        settings[name], inner[name] = choices[best], margins[best]
        fits[name] = estimator.fit(design.prepared[name], seen, [choices[best]], seed)[0]
    shares = dict(zip(inner, blend_weights(list(inner.values()), inner_y, inner_weight).tolist(), strict=True))
    repeats = [{name: m.reshape(folds.shape)[r] for name, m in inner.items()} for r in range(len(folds))]
    losses_of = [_inner_losses(part, y, weight, fold) for part, fold in zip(repeats, folds, strict=True)]
    inner_loss = {name: float(np.mean([losses[name] for losses in losses_of])) for name in losses_of[0]}
    inner[BLEND] = sum((shares[name] * m for name, m in inner.items()), np.zeros(folds.size))
    calibration = {}
    for name, margin in inner.items():
        slope, offset = calibrator(margin, inner_y, inner_weight)
        calibration[name] = (float(slope), float(offset))
    return Pipeline(settings, fits, shares, calibration, inner_loss)


def _inner_margins(
    estimator: Estimator, prepared: Any, seen: Seen, folds: Ints, choices: Sequence[Setting], seed: int
) -> Floats:
    """Return the (choices, repeats * n) margins of each row by models that did not see its fold."""
    margins = np.empty((len(choices), *folds.shape))
    for repeat, fold in enumerate(folds):
        for k in np.unique(fold):
            others = fold != k
            for i, fit in enumerate(estimator.fit(prepared, seen.where(others), choices, seed)):
                margins[i, repeat, ~others] = fit.margin(prepared, seen.rows[~others])
    return margins.reshape(len(choices), -1)


def _inner_losses(inner: Mapping[str, Floats], y: Floats, weight: Floats, fold: Ints) -> dict[str, float]:
    """Return each candidate's inner log loss, its calibrator and blend weights cross-fitted over the inner folds."""
    log_odds = {name: np.empty(len(y)) for name in (*inner, BLEND)}
    for k in np.unique(fold):
        seen, unseen = fold != k, fold == k
        shares = blend_weights([m[seen] for m in inner.values()], y[seen], weight[seen])
        blended = sum((s * m for s, m in zip(shares, inner.values(), strict=True)), np.zeros(len(y)))
        for name, margin in {**inner, BLEND: blended}.items():
            slope, offset = calibrator(margin[seen], y[seen], weight[seen])
            log_odds[name][unseen] = slope * margin[unseen] + offset
    return {name: float(log_loss(values, y, weight)) for name, values in log_odds.items()}
