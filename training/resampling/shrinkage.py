"""What a penalty hides: the part of a model's error that its refits have in common, and so do not show.

A penalised model errs in two ways. Its estimate moves with the patients that were drawn, and bootstrap refits show by
how much; and it is drawn towards the cohort's mean, refits like itself. Intervals of refits alone are therefore too
narrow. Of models with genetics, trained on simulated cohorts (``mht-ldl-response`` with 500 and 1,500 patients,
``tamoxifen-rfs`` with 700, ``serd-progression`` with 400; 60 refits), a nominal 90 % of refits alone held the true
probability of 74, 83, 71 and 56 % of 1,000 new patients; with what is added here, of 94, 95, 91 and 85 %
(``benchmarks/known_truth.py``).

Seen as a prior, a ridge penalty with precisions ``L`` on top of the information ``H`` of the data gives the error of
the log-odds the variance ``V = (H + L)^-1 = V H V + V L V``. The first part is the sampling variance, the second the
expected square of what the penalty holds back. An interval of both keeps its level on average over the patients of a
cohort, not for each of them (Nychka 1988, JASA 83:1134; Marra and Wood 2012, Scand J Stat 39:53). Draws of the second
part are what is added here to the refits, which keep the first.

The penalty is one for all columns, and is estimated from the cohort by MacKay's iteration (1992, Neural Comput 4:415).
The columns bend and interact wherever the endpoint allows it, chosen or not: that a curve or an interaction was not
chosen does not mean that there is none. Rows of one person count as if they were of several.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.model.scorecard import expit
from training.fitting.basis import Basis, build_basis
from training.fitting.pipeline import Design
from training.fitting.score_tables import Tables

MIN_KNOTS = 2
START, MIN_PRECISION, MAX_PRECISION = 20.0, 1.0, 1e4
MAX_STEPS = 100
TOLERANCE = 1e-3
LONGEST_STEP = 1.0  # log-odds per standard deviation of a column; a Newton step far from the minimum may overshoot


@dataclass(frozen=True)
class Shrinkage:
    """The distribution of what the penalty holds back: ``factor @ z`` of a standard normal z, the intercept first.

    `factor` is (1 + p, 1 + p) for the p columns of the basis.
    """

    basis: Basis
    factor: Floats

    def draw(self, rng: np.random.Generator) -> Tables:
        """Return the tables of one draw; unknown values stand at the fill."""
        coefficients = self.factor @ rng.standard_normal(self.factor.shape[1])
        return self.basis.tables(float(coefficients[0]), coefficients[1:])


def measure_shrinkage(design: Design, y: Floats, weight: Floats, knots: int) -> Shrinkage:
    """Return the shrinkage of models on a design.

    Parameters
    ----------
    y, weight
        (n,) outcome and weight of the design's rows; those of weight 0 are left out.
    knots
        Interior knots of the curves, at least `MIN_KNOTS` are used.
    """
    basis, columns = build_basis(design.x, design.grid, max(knots, MIN_KNOTS))
    known = weight > 0
    z = np.column_stack([np.ones(int(known.sum())), columns[known]])
    variance, precision = _ridge(z, y[known], weight[known])
    return Shrinkage(basis, variance * np.sqrt(np.append(0.0, np.full(columns.shape[1], precision))))


def _ridge(z: Floats, y: Floats, weight: Floats) -> tuple[Floats, float]:
    """Return ``(H + L)^-1`` and the precision of all columns but the first, at their joint fixed point."""
    beta, precision = np.zeros(z.shape[1]), START
    free = np.append(0.0, np.ones(z.shape[1] - 1))
    for _ in range(MAX_STEPS):
        p = expit(z @ beta)
        information = (z * (weight * p * (1.0 - p))[:, None]).T @ z
        variance = np.asarray(np.linalg.inv(information + np.diag(precision * free + 1e-9)), dtype=np.float64)
        step = variance @ (z.T @ (weight * (y - p)) - precision * free * beta)
        beta = beta + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        # Parameters that the data determine, over the square of what they came to.
        determined = len(beta) - 1 - precision * float(np.diag(variance)[1:].sum())
        found = float(np.clip(determined / max(float(beta[1:] @ beta[1:]), 1e-12), MIN_PRECISION, MAX_PRECISION))
        settled = abs(np.log(found / precision)) < TOLERANCE and np.abs(step).max() < TOLERANCE
        precision = found
        if settled:
            break
    return variance, precision
