"""Performance of calibrated probabilities: discrimination, overall accuracy, calibration; weighted where censored.

Every function takes calibrated log-odds, the outcome (1 favourable) and many weightings of the same rows at once: the
first is the cohort's own, the others resamples of persons, which give the intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from data_schemas.arrays import Floats, Labels
from data_schemas.model.card import Estimate
from data_schemas.model.scorecard import expit
from training.fitting.calibrate import fit_line

METRICS = (
    "auc",
    "log_loss",
    "brier",
    "scaled_brier",
    "calibration_slope",
    "calibration_intercept",
    "expected_observed",
)
RESAMPLES = 500
LEVEL = 0.95

# Cells of (weightings, rows) arrays worked on at once; some ten such arrays are alive together.
BLOCK = 1_000_000


def evaluate(log_odds: Floats, y: Floats, weights: Floats) -> dict[str, Floats]:
    """Return each of `METRICS` under each weighting.

    Parameters
    ----------
    log_odds, y
        (n,); rows whose outcome is NaN must have weight 0 and are left out.
    weights
        (R, n).

    Returns
    -------
    (R,) per metric:

    - ``auc``: probability that a favourable row scores above an unfavourable one, ties count half;
    - ``brier`` and ``scaled_brier`` = 1 - Brier / (Brier of the prevalence);
    - ``calibration_slope``: of the outcome on the log-odds; 1 where the log-odds do not vary;
    - ``calibration_intercept``: calibration in the large, the shift of the log-odds that makes expected equal observed;
    - ``expected_observed``: ratio of expected to observed favourable outcomes.
    """
    known = ~np.isnan(y)
    log_odds, y, weights = log_odds[known], y[known], weights[:, known]
    step = max(1, BLOCK // max(1, len(y)))
    blocks = [_evaluate(log_odds, y, weights[i : i + step]) for i in range(0, len(weights), step)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in METRICS}


def person_weights(person: Labels, resamples: int, rng: np.random.Generator) -> Floats:
    """Return multiplicities of rows (1 + resamples, n): ones, then bootstrap draws of the labels in `person` (n,)."""
    _, member = np.unique(person, return_inverse=True)
    persons = int(member.max()) + 1
    counts = rng.multinomial(persons, np.full(persons, 1.0 / persons), size=resamples)
    return np.vstack([np.ones(len(person)), counts[:, member].astype(float)])


def averaged(log_odds_of: Sequence[Floats], y: Floats, weights: Floats) -> dict[str, Floats]:
    """Return each metric pooled within a repeat and averaged over repeats, (R,) each.

    Every repeat has its log-odds (n,); `y` is (n,), `weights` (R, n). One weighting applies to all repeats, so a
    resampled person takes all of his or her predictions along.
    """
    found = [evaluate(log_odds, y, weights) for log_odds in log_odds_of]
    return {name: np.mean([one[name] for one in found], axis=0) for name in METRICS}


def estimate(values: Floats) -> Estimate:
    """Return the first of the values (R,) with the percentile interval of the others."""
    tail = (1.0 - LEVEL) / 2
    low, high = np.quantile(values[1:], [tail, 1.0 - tail]) if len(values) > 1 else (values[0], values[0])
    return Estimate(value=float(values[0]), low=float(low), high=float(high))


def _evaluate(log_odds: Floats, y: Floats, weights: Floats) -> dict[str, Floats]:
    p = expit(log_odds)
    total = weights.sum(axis=1)
    rate = weights @ y / total
    brier = weights @ (p - y) ** 2 / total
    slope, _ = fit_line(log_odds, y, weights)
    return {
        "auc": auc(log_odds, y, weights),
        "log_loss": weights @ (np.logaddexp(0.0, log_odds) - y * log_odds) / total,
        "brier": brier,
        "scaled_brier": 1.0 - brier / (rate * (1.0 - rate)),
        "calibration_slope": slope,
        "calibration_intercept": _intercept(log_odds, y, weights),
        "expected_observed": weights @ p / (weights @ y),
    }


def auc(score: Floats, y: Floats, weights: Floats) -> Floats:
    """Return the weighted area under the ROC curve (R,) of `score` (n,) for `y` (n,) under each of `weights` (R, n).

    >>> float(auc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([0.0, 1.0, 0.0, 1.0]), np.ones((1, 4)))[0])
    0.875
    """
    distinct, place = np.unique(score, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(distinct)))
    good = np.add.reduceat((weights * y)[:, order], starts, axis=1)
    bad = np.add.reduceat((weights * (1.0 - y))[:, order], starts, axis=1)
    below = np.cumsum(bad, axis=1) - bad / 2
    area: Floats = (good * below).sum(axis=1) / (good.sum(axis=1) * bad.sum(axis=1))
    return area


def _intercept(log_odds: Floats, y: Floats, weights: Floats) -> Floats:
    """Return the offset of a logistic regression whose slope on the log-odds is held at 1, by Newton's method."""
    shift = np.zeros(len(weights))
    target = weights @ y
    for _ in range(50):
        p = expit(log_odds + shift[:, None])
        step = (target - (weights * p).sum(axis=1)) / (weights * p * (1.0 - p)).sum(axis=1)
        step = np.clip(step, -1.0, 1.0)
        shift = shift + step
        if np.abs(step).max() < 1e-9:
            break
    return shift
