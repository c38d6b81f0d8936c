"""Elastic-net logistic regression along a path of penalties.

Minimised is ``sum_i w_i log-loss_i / sum_i w_i + penalty * (l1_ratio |b|_1 + (1 - l1_ratio) |b|_2^2 / 2)``, the
intercept free; in scikit-learn's terms ``C = 1 / (penalty * sum(w))``. The method is glmnet's (Friedman, Hastie and
Tibshirani 2010, J Stat Softw 33:1): a quadratic approximation of the log loss, solved by scikit-learn's coordinate
descent on its Gram matrix, each penalty starting from the last one's solution. A search needs thousands of such fits;
along a path they cost a fraction of one `LogisticRegression` each, for the same answer (a test compares).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import enet_path

from data_schemas.arrays import Floats
from data_schemas.model.scorecard import expit

# Of the last Newton step's largest change of a coefficient; Newton's method converges quadratically, so what is left
# after such a step is about its square.
TOLERANCE = 1e-4
MAX_STEPS = 100
MAX_SWEEPS = 5000


class _Penalty(NamedTuple):
    """How much coefficients cost, and how much of that is by their absolute value."""

    strength: float
    l1_ratio: float

    def of(self, b: Floats) -> float:
        """Return the cost of coefficients (p,)."""
        return self.strength * (self.l1_ratio * float(np.abs(b).sum()) + (1 - self.l1_ratio) / 2 * float(b @ b))


def logistic_path(
    z: Floats, y: Floats, weight: Floats, penalties: Sequence[float], l1_ratio: float
) -> list[tuple[float, Floats]]:
    """Fit one model per penalty.

    Parameters
    ----------
    z
        (n, p) standardised columns.
    y
        (n,) 0 or 1.
    weight
        (n,) positive weights.
    penalties
        Decreasing.

    Returns
    -------
    (intercept, coefficients (p,)) per penalty.
    """
    z = np.asfortranarray(z)
    rate = float(np.average(y, weights=weight))
    intercept, beta = float(np.log(rate / (1.0 - rate))), np.zeros(z.shape[1])
    fits: list[tuple[float, Floats]] = []
    # Validation costs as much as the short solves. A solve that stops early is finished by the next Newton step.
    with config_context(skip_parameter_validation=True), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for strength in penalties:
            intercept, beta = _solve(z, y, weight, _Penalty(strength, l1_ratio), (intercept, beta))
            fits.append((intercept, beta))
    return fits


def _solve(
    z: Floats, y: Floats, weight: Floats, penalty: _Penalty, start: tuple[float, Floats]
) -> tuple[float, Floats]:
    """Return the minimum, from a start; a Newton direction that raises the objective is halved."""
    intercept, beta = start
    if not z.shape[1]:
        return intercept, beta
    total = float(weight.sum())

    def objective(a: float, b: Floats) -> float:
        eta = a + z @ b
        loss = float(weight @ (np.logaddexp(0.0, eta) - y * eta)) / total
        return loss + penalty.of(b)

    value = objective(intercept, beta)
    for _ in range(MAX_STEPS):
        p = expit(intercept + z @ beta)
        h = np.maximum(weight * p * (1.0 - p), 1e-6 * weight) / total
        residual = weight * (y - p) / total
        centre = h @ z / h.sum()
        gradient = z.T @ residual - centre * residual.sum()
        # A column at zero whose gradient the penalty outweighs stays at zero: only the others are worth a Hessian.
        active = (beta != 0.0) | (np.abs(gradient) > penalty.strength * penalty.l1_ratio)
        move = np.zeros(len(beta))
        if active.any():
            root = np.sqrt(h)[:, None] * (z[:, active] - centre[active])
            # The working response of the quadratic approximation, for the coordinate descent's stopping rule.
            working = root @ beta[active] + (residual - h * (residual.sum() / h.sum())) / np.sqrt(h)
            gram = root.T @ root
            xy = gram @ beta[active] + gradient[active]
            move[active] = _descend(gram, xy, float(working @ working), penalty, beta[active]) - beta[active]
        shift = float(residual.sum() / h.sum() - centre @ move)
        size = 1.0
        while (trial := objective(intercept + size * shift, beta + size * move)) > value + 1e-12 and size > 1e-6:
            size /= 2
        intercept, beta, value = intercept + size * shift, beta + size * move, trial
        if max(float(np.abs(move).max()), abs(shift)) < TOLERANCE:
            break
    return intercept, beta


def _descend(gram: Floats, xy: Floats, yy: float, penalty: _Penalty, start: Floats) -> Floats:
    """Minimise ``b' gram b / 2 - xy' b + penalty(b)`` by scikit-learn's coordinate descent."""
    # Where Gram and Xy are given, enet_path reads only the shape of X and the norm of y; one row makes its 1/n a one.
    _, path, _ = enet_path(
        np.zeros((1, len(xy)), order="F"),
        np.array([np.sqrt(yy)]),
        l1_ratio=penalty.l1_ratio,
        alphas=[penalty.strength],
        precompute=gram,
        Xy=xy,
        coef_init=start,  # worked on in place; a masked copy of the coefficients
        check_input=False,
        tol=1e-6,
        max_iter=MAX_SWEEPS,
    )
    found: Floats = path[:, 0]
    return found
