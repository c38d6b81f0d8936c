"""Calibration in the log-odds, and blending: small logistic regressions on out-of-fold margins.

The calibration is by hand, since scikit-learn fits one margin a call, and resampling calibrates thousands at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from data_schemas.arrays import Floats
from data_schemas.model.scorecard import expit

MAX_SLOPE = 20.0


def fit_line(margin: Floats, y: Floats, weight: Floats, prior: float = 0.0) -> tuple[Floats, Floats]:
    """Return slope and offset of the logistic regression of `y` on a margin, for many of them at once.

    Parameters
    ----------
    margin, y, weight
        Arrays that broadcast to (..., n): several margins of the same rows, or several weightings of one margin.
    prior
        Precision of a normal prior on the slope around 1; it keeps a calibrator finite where the margin separates the
        outcomes. A constant margin has slope 1.

    Returns
    -------
    slope, offset
        Each of shape (...).
    """
    margin, y, weight = np.broadcast_arrays(margin, y, weight)
    total = weight.sum(axis=-1, keepdims=True)
    centre = (weight * margin).sum(axis=-1, keepdims=True) / total
    spread = np.sqrt((weight * (margin - centre) ** 2).sum(axis=-1, keepdims=True) / total)
    constant = spread < 1e-9
    z = (margin - centre) / np.where(constant, 1.0, spread)
    # On the standardised margin the slope is slope * spread, so the prior's precision is divided by spread^2.
    pull = np.where(constant, 1.0, prior / np.where(constant, 1.0, spread**2))
    rate = (weight * y).sum(axis=-1, keepdims=True) / total
    a, b = np.log(rate / (1.0 - rate)), np.zeros_like(rate)
    for _ in range(60):
        p = expit(a + b * z)
        h = weight * np.maximum(p * (1.0 - p), 1e-9)
        residual = weight * (y - p)
        g_a = residual.sum(axis=-1, keepdims=True)
        g_b = (residual * z).sum(axis=-1, keepdims=True) - pull * (b - spread)
        h_aa, h_ab = h.sum(axis=-1, keepdims=True), (h * z).sum(axis=-1, keepdims=True)
        h_bb = (h * z**2).sum(axis=-1, keepdims=True) + pull
        det = h_aa * h_bb - h_ab**2
        step_a, step_b = (h_bb * g_a - h_ab * g_b) / det, (h_aa * g_b - h_ab * g_a) / det
        # A Newton step of more than one standardised unit is shortened: far from the minimum it may overshoot.
        shrink = 1.0 / np.maximum(1.0, np.maximum(np.abs(step_a), np.abs(step_b)))
        a, b = a + shrink * step_a, b + shrink * step_b
        if max(np.abs(step_a).max(), np.abs(step_b).max()) < 1e-9:
            break
    slope = np.where(constant, 1.0, b / np.where(constant, 1.0, spread))
    return slope[..., 0], (a - slope * centre)[..., 0]


def calibrator(margin: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return slope and offset (...) for serving, per margin (..., n): never negative, never wild.

    `y` (n,) is 0 or 1, `weight` (n,) positive. A margin that runs against the outcome out of fold carries no
    information: its slope becomes 0 and the offset the overall log-odds.
    """
    slope, offset = fit_line(margin, y, weight, prior=1.0)
    rate = float(np.average(y, weights=weight))
    none = slope <= 0.0
    return np.where(none, 0.0, np.minimum(slope, MAX_SLOPE)), np.where(none, np.log(rate / (1.0 - rate)), offset)


def log_loss(log_odds: Floats, y: Floats, weight: Floats) -> Floats:
    """Return the weighted mean log loss (...) of `log_odds` (..., n) over the last axis; `y` and `weight` are (n,)."""
    loss = weight * (np.logaddexp(0.0, log_odds) - y * log_odds)
    total: Floats = loss.sum(axis=-1) / np.broadcast_to(weight, loss.shape).sum(axis=-1)
    return total


def blend_weights(margins: Sequence[Floats], y: Floats, weight: Floats) -> Floats:
    """Return non-negative weights that sum to one, from a logistic regression of `y` on out-of-fold margins.

    `y` and `weight` are (n,), as is each of the k margins; the weights are (k,). Their common factor is left to the
    calibrator. Equal weights where no margin helps.
    """
    columns = np.stack(margins, axis=1)
    total = weight.sum()

    def loss(parameters: Floats) -> tuple[float, Floats]:
        log_odds = parameters[0] + columns @ parameters[1:]
        residual = weight * (expit(log_odds) - y) / total
        gradient = np.append(residual.sum(), columns.T @ residual)
        return float(log_loss(log_odds, y, weight)), gradient

    k = len(margins)
    start = np.append(0.0, np.full(k, 1.0 / k))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0.0, MAX_SLOPE)] * k).x[1:]
    share: Floats = found / found.sum() if found.sum() > 1e-6 else np.full(k, 1.0 / k)
    # Rounded, so that the last digits of an iterative solver are not part of a scorecard.
    rounded: Floats = np.round(share, 6)
    normed: Floats = rounded / rounded.sum()
    return normed
