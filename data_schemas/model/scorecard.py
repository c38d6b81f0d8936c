"""The scorecard: a fitted, calibrated model as a document that a person can read and diff.

A margin (log-odds before calibration) is ``intercept + sum of terms``. A term is a table over the nodes of one axis, or
of two. An axis turns one feature's value into at most two neighbouring nodes with weights that sum to one:

``step``
    `edges` are the interior edges of half-open bins ``[e[k-1], e[k])``; ``len(edges) + 1`` nodes, weight one on the
    bin.
``piecewise_linear``
    `edges` are the knots, one node each; a value between two knots is shared between them, a value outside is clamped.

The last node of every axis, behind those, stands for "unknown". A served log-odds is ``slope * margin + offset``.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from data_schemas.arrays import Floats
from data_schemas.catalogue.haplotype import Haplotype
from data_schemas.catalogue.rows import Group
from data_schemas.record import Record

FORMAT_VERSION: Literal[1] = 1
COPIES = ", copies of "
"""Stands in the label of a dosage between the site, or haplotype, and what is counted there."""


class Feature(Record):
    """One column of the design matrix: how a patient becomes a number, and what the training cohort looked like.

    A categorical, binary or therapy feature is coded by the index of its level in `levels`; a dosage lies in [0, 2]; a
    somatic feature is 1 detected, 0 not detected. Unknown is NaN. `fill` is the value an unknown one was given in
    training where `unknown_learned` is false: the median, the commonest level, the mean dosage.
    """

    name: str
    kind: Literal["continuous", "categorical", "binary", "therapy", "dosage", "somatic"]
    group: Group
    label: str
    unit: str = ""
    decimals: int = 1
    levels: tuple[str, ...] = ()
    level_labels: dict[str, str] = Field(default_factory=dict)
    effect_allele: str | None = None
    effect_model: Literal["additive", "dominant", "recessive"] = "additive"
    haplotype: Haplotype | None = Field(
        None, description="for a dosage that counts a haplotype: sites, letters, frequencies"
    )
    evidence: tuple[str, ...] = ()
    # the training cohort's support
    minimum: float | None = None
    maximum: float | None = None
    p01: float | None = Field(None, description="1st percentile in the training cohort")
    p99: float | None = Field(None, description="99th percentile in the training cohort")
    level_counts: dict[str, int] = Field(default_factory=dict)
    n_unknown: int = 0
    unknown_learned: bool = False
    fill: float = 0.0

    @property
    def subject(self) -> str:
        """The label without what is counted, which a dosage's label ends in."""
        return self.label.partition(COPIES)[0] if self.kind == "dosage" else self.label


class Axis(Record):
    """One feature cut into nodes. `mean_weights` is the training cohort's mean weight of each node, unknown last."""

    feature: str
    kind: Literal["step", "piecewise_linear"]
    edges: tuple[float, ...]
    mean_weights: tuple[float, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes, the unknown one included."""
        return len(self.edges) + (2 if self.kind == "step" else 1)

    @model_validator(mode="after")
    def _consistent(self) -> Axis:
        if any(b <= a for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError(f"axis of {self.feature}: edges must increase")
        if len(self.mean_weights) != self.n_nodes:
            raise ValueError(f"axis of {self.feature}: {self.n_nodes} mean weights needed")
        return self


class Term(Record):
    """A table over one axis or two (row-major), in margin log-odds.

    `mean` is the table's mean over the training cohort (joint, for two axes).
    """

    axes: tuple[int, ...] = Field(min_length=1, max_length=2)
    values: tuple[float, ...]
    mean: float


class Calibration(Record):
    """``log_odds = slope * margin + offset``, from out-of-fold margins."""

    slope: float
    offset: float


class Scorecard(Record):
    """The whole model. `replicates_digest` ties the float array of bootstrap replicates to this document."""

    format_version: Literal[1] = FORMAT_VERSION
    endpoint: str
    candidate: str
    feature_set: Literal["clinical", "clinical+genetic"]
    features: tuple[Feature, ...]
    axes: tuple[Axis, ...]
    terms: tuple[Term, ...]
    intercept: float
    calibration: Calibration
    n_rows: int
    therapies: tuple[str, ...]
    panel_digest: str
    interval_level: float = 0.9
    replicates_digest: str | None = None
    twin: Scorecard | None = Field(None, description="the clinical-only model, where this one uses genetics")

    @model_validator(mode="after")
    def _consistent(self) -> Scorecard:
        names = [f.name for f in self.features]
        if len(set(names)) != len(names):
            raise ValueError("two features of one name")
        for axis in self.axes:
            if axis.feature not in names:
                raise ValueError(f"an axis names {axis.feature}, which is no feature")
        for number, term in enumerate(self.terms):
            size = 1
            for axis_index in term.axes:
                if not 0 <= axis_index < len(self.axes):
                    raise ValueError(f"term {number} names axis {axis_index}, which does not exist")
                size *= self.axes[axis_index].n_nodes
            if len(term.values) != size:
                raise ValueError(f"term {number} needs {size} values")
            if len({self.axes[a].feature for a in term.axes}) != len(term.axes):
                raise ValueError(f"term {number} joins a feature with itself")
        return self

    @property
    def n_values(self) -> int:
        """Number of table cells over all terms; a replicate row holds the intercept and then these."""
        return sum(len(term.values) for term in self.terms)


def expit(log_odds: Floats) -> Floats:
    """Return the probability of each log-odds (...), without overflow at either end.

    >>> expit(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)
