"""Does genetics add to the clinical model? One rule, and a verdict in words.

*adds*: a test of nested unpenalised logistic models has p < 0.05 **and** the 95 % interval of the paired, cross-fitted
log-loss difference lies below zero. *harms*: that interval lies wholly beyond a margin above zero. Otherwise there is
no evidence that genetics adds, which is a normal result. Net reclassification is not used: it rewards miscalibration.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression

from data_schemas.model_card import IncrementalValue
from serving.score import expit
from training.basis import build_basis
from training.estimators import SELECTED
from training.metrics import averaged, estimate
from training.sample import Sample

Floats = NDArray[np.float64]

CLINICAL, GENETIC = "clinical", "clinical+genetic"
SIGNIFICANCE = 0.05
HARM_MARGIN = 0.01  # log loss
RANK_TOLERANCE = 1e-7


@dataclass(frozen=True)
class NestedTest:
    """A chi-square test of the genetic columns of a logistic regression, clinical columns in both models."""

    name: str
    statistic: float
    df: int

    @property
    def p(self) -> float:
        """The probability of such a statistic, or a larger one, where genetics does nothing."""
        return float(chi2.sf(self.statistic, self.df))


def incremental_value(sample: Sample, log_odds: dict[tuple[str, str], Floats], resamples: Floats) -> IncrementalValue:
    """Return the verdict.

    Parameters
    ----------
    log_odds
        Cross-fitted, (repeats, n) per (candidate, feature set). The inner choices of either feature set are compared,
        on the same folds.
    resamples
        (R, n) weightings of the rows, the cohort's own first.
    """
    if GENETIC not in sample.designs:
        return not_assessed()
    y = sample.response.y
    with_genetics = averaged(list(log_odds[SELECTED, GENETIC]), y, resamples)
    without = averaged(list(log_odds[SELECTED, CLINICAL]), y, resamples)
    differences = {name: estimate(with_genetics[name] - without[name]) for name in ("auc", "log_loss", "brier")}
    test, loss = nested_test(sample), differences["log_loss"]
    found = (
        f"{test.name} p = {test.p:.2g} ({test.df} df); log loss changes by {loss.value:+.4f} "
        f"(95 % interval {loss.low:+.4f} to {loss.high:+.4f}, below zero is better)"
    )
    if test.p < SIGNIFICANCE and loss.high < 0:
        verdict, words = "adds", "Genetics adds to the clinical model"
    elif loss.low > HARM_MARGIN:
        verdict, words = "harms", "Genetics harms: the model is worse with it than without"
    else:
        verdict, words = (
            "no evidence that genetics adds",
            "There is no evidence that genetics adds to the clinical model",
        )
    return IncrementalValue.model_validate(
        {
            "verdict": verdict,
            "sentence": f"{words}: {found}.",
            "lrt_statistic": test.statistic,
            "lrt_df": test.df,
            "lrt_p": test.p,
            "differences": differences,
        }
    )


def not_assessed() -> IncrementalValue:
    """Return the verdict of a cohort without genotypes or somatic findings."""
    return IncrementalValue(
        verdict="genetics not assessed",
        sentence="Genetics was not assessed: the cohort has no genotype or somatic finding that the endpoint uses.",
    )


def nested_test(sample: Sample) -> NestedTest:
    """Test all genetic columns at once: their main effects, and their interactions where the endpoint states some.

    Main effects of the clinical features are in both models. Without weights and with one row per person it is the
    likelihood-ratio test; otherwise the likelihood is not one, and it is the Wald test with a variance that is robust
    to weights and to clusters of persons (White 1982, Econometrica 50:1; Liang and Zeger 1986, Biometrika 73:13). The
    censoring weights count as known, which makes the test slightly conservative.
    """
    design = sample.designs[GENETIC]
    weight = sample.response.weights()
    known = weight > 0
    basis, columns = build_basis(design.x, design.grid, knots=0)
    genetic_feature = {j for j, feature in enumerate(design.grid.features) if feature.group == "genetic"}
    is_genetic, is_clinical = [], []
    for block in basis.blocks:
        touches = any(cut.feature in genetic_feature for cut in block.cuts)
        is_genetic += [touches] * len(block.shapes)
        is_clinical += [not touches and len(block.cuts) == 1] * len(block.shapes)
    clinical = _orthonormal(columns[known][:, np.array(is_clinical)], np.ones((int(known.sum()), 1)))
    genetic = _orthonormal(columns[known][:, np.array(is_genetic)], np.column_stack([np.ones(len(clinical)), clinical]))
    y, weight, person = sample.response.y[known], weight[known], sample.person[known]
    plain = bool(np.all(weight == 1.0)) and len(np.unique(person)) == len(person)
    if plain:
        gain = _log_likelihood(np.hstack([clinical, genetic]), y) - _log_likelihood(clinical, y)
        return NestedTest("likelihood-ratio test", 2.0 * max(0.0, gain), genetic.shape[1])
    statistic = _robust_wald(np.hstack([clinical, genetic]), y, weight, person, genetic.shape[1])
    return NestedTest("robust Wald test", statistic, genetic.shape[1])


def _orthonormal(columns: Floats, given: Floats) -> Floats:
    """Return an orthogonal basis, of unit variance, of what `columns` add to `given`: collinear ones count once."""
    onto, _ = np.linalg.qr(given)
    left = columns - onto @ (onto.T @ columns)
    u, singular, _ = np.linalg.svd(left, full_matrices=False)
    scale = float(np.sqrt((columns**2).sum(axis=0).max(initial=0.0)))
    kept: Floats = u[:, singular > RANK_TOLERANCE * max(scale, 1e-300)] * np.sqrt(len(columns))
    return kept


def _fit(z: Floats, y: Floats, weight: Floats | None = None) -> LogisticRegression:
    return LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8, max_iter=100).fit(
        z, y, sample_weight=weight
    )


def _log_likelihood(z: Floats, y: Floats) -> float:
    if not z.shape[1]:
        rate = float(y.mean())
        return float(len(y) * (rate * np.log(rate) + (1.0 - rate) * np.log(1.0 - rate)))
    eta = _fit(z, y).decision_function(z)
    return float((y * eta - np.logaddexp(0.0, eta)).sum())


def _robust_wald(z: Floats, y: Floats, weight: Floats, person: NDArray[np.generic], tested: int) -> float:
    """Return the Wald statistic of the last `tested` coefficients with a sandwich variance clustered by person."""
    model = _fit(z, y, weight)
    full = np.column_stack([np.ones(len(z)), z])
    p = expit(model.decision_function(z))
    bread = np.linalg.inv((full * (weight * p * (1.0 - p))[:, None]).T @ full)
    scores = full * (weight * (y - p))[:, None]
    _, member = np.unique(person, return_inverse=True)
    by_person = np.zeros((int(member.max()) + 1, full.shape[1]))
    np.add.at(by_person, member, scores)
    variance = (bread @ (by_person.T @ by_person) @ bread)[-tested:, -tested:]
    beta = model.coef_[0, -tested:]
    return float(beta @ np.linalg.solve(variance, beta))


def suggestion(verdict: IncrementalValue, chosen: dict[str, str]) -> tuple[str, str]:
    """Return (candidate, feature set): with genetics only where it adds."""
    feature_set = GENETIC if verdict.verdict == "adds" else CLINICAL
    return chosen[feature_set], feature_set
