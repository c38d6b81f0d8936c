"""Simulated numbers that a model can be fitted to at once: every kind of feature, with unknown values."""

from __future__ import annotations

import numpy as np

from data_schemas.model.scorecard import Feature

FEATURES = (
    Feature(name="therapy", kind="therapy", group="therapy", label="Therapy", levels=("placebo", "drug", "other")),
    Feature(name="ldl", kind="continuous", group="clinical", label="LDL"),
    Feature(name="stage", kind="categorical", group="clinical", label="Stage", levels=("a", "b", "c", "d")),
    Feature(name="statins", kind="binary", group="clinical", label="Statins", levels=("no", "yes")),
    Feature(name="rs1", kind="dosage", group="genetic", label="rs1", effect_allele="C"),
    Feature(name="rs2", kind="dosage", group="genetic", label="rs2", effect_allele="C", effect_model="dominant"),
    Feature(name="Y537S", kind="somatic", group="genetic", label="Y537S"),
)
PAIRS = tuple((0, j) for j in range(1, len(FEATURES)))


def draw_matrix(n: int, seed: int) -> np.ndarray:
    """(n, 7) values of FEATURES: LDL and stage often unknown, statins and genotypes rarely, level d never there."""
    rng = np.random.default_rng(seed)
    x = np.column_stack(
        [
            rng.integers(0, 3, n),
            rng.gamma(4.0, 30.0, n),
            rng.integers(0, 3, n),
            rng.random(n) < 0.3,
            rng.binomial(2, 0.4, n),
            rng.random(n) < 0.6,
            rng.random(n) < 0.3,
        ]
    ).astype(float)
    x[rng.random(n) < 0.2, 1] = np.nan
    x[rng.random(n) < 0.2, 2] = np.nan
    for column in (3, 4, 5, 6):
        x[rng.choice(n, 5, replace=False), column] = np.nan
    return x


def draw_outcome(x: np.ndarray, seed: int, genetic: float = 0.0) -> np.ndarray:
    """(n,) outcomes: LDL bends, the drug acts where LDL is high; `genetic` log-odds per copy at the first variant."""
    rng = np.random.default_rng(seed)
    ldl = np.nan_to_num(x[:, 1], nan=120.0)
    eta = np.minimum(ldl - 120.0, 40.0) / 25.0 + np.where(x[:, 0] == 1, (ldl - 120.0) / 50.0, 0.0) - 0.4 * x[:, 0]
    eta = eta + genetic * (np.nan_to_num(x[:, 4], nan=0.8) - 0.8)
    return (rng.random(len(x)) < 1.0 / (1.0 + np.exp(-eta))).astype(float)
