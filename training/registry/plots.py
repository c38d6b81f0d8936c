"""Figures of a training run: is the model calibrated, and how do the candidates compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data_schemas.arrays import Floats, Ints
from data_schemas.model.card import CandidateResult
from features.quality.people import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GROUPS = 10
Z = 1.959963984540054

INK, MUTED, CLINICAL, GENETIC = "#1f2933", "#8795a1", "#2b6cb0", "#c05621"
COLOURS = {"clinical": CLINICAL, "clinical+genetic": GENETIC}

# What the overview shows of each candidate: key, title, and whether larger is better.
OVERVIEW = (("auc", "AUC", True), ("log_loss", "Log loss", False), ("calibration_slope", "Calibration slope", None))


@dataclass(frozen=True)
class CalibrationCurve:
    """Groups of patients by predicted probability: mean prediction, observed share with its 95 % interval, and size.

    All arrays are (groups,); `size` is the number of patients of one repeat.
    """

    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    size: Floats


def calibration_curve(
    probability: Floats, y: Floats, weight: Floats, repeat: Ints, groups: int = GROUPS
) -> CalibrationCurve:
    """Return the curve of out-of-fold probabilities: grouped within each repeat, averaged over repeats.

    Parameters
    ----------
    probability, y, weight, repeat
        (n,) per row and repeat; `weight` is 0 where the outcome is censored. Every repeat scores each row once.

    Notes
    -----
    Wilson's interval with the effective number of patients ``(sum w)^2 / sum w^2`` of a group (Wilson 1927,
    JASA 22:209).
    """
    parts = [
        _groups(probability[chosen], y[chosen], weight[chosen], groups)
        for chosen in (repeat == number for number in np.unique(repeat))
    ]
    predicted, observed, effective, size = np.mean(parts, axis=0)
    low, high = wilson(observed, effective, Z)
    return CalibrationCurve(predicted, observed, low, high, size)


def _groups(probability: Floats, y: Floats, weight: Floats, groups: int) -> Floats:
    """Return (4, groups) of one repeat: weighted mean prediction, observed share, effective and actual size."""
    order = np.argsort(probability, kind="stable")
    order = order[weight[order] > 0]
    rows = []
    for part in np.array_split(order, max(min(groups, len(order)), 1)):
        w = weight[part]
        total = w.sum()
        rows.append((w @ probability[part] / total, w @ y[part] / total, total**2 / (w @ w), len(part)))
    return np.array(rows).T


def draw_calibration(curve: CalibrationCurve, probability: Floats, title: str, subtitle: str = "") -> Figure:
    """Draw observed against predicted, with a histogram of the predicted probabilities (n,) below."""
    figure = _figure(5.6, 6.9)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), label="perfect")
    upper.errorbar(
        curve.predicted,
        curve.observed,
        yerr=np.maximum([curve.observed - curve.low, curve.high - curve.observed], 0),
        color=CLINICAL,
        marker="o",
        markersize=5,
        linewidth=1.6,
        elinewidth=1,
        capsize=2,
        label=f"groups of about {curve.size.mean():.0f} patients, 95 % interval",
    )
    upper.set(xlim=(0, 1), ylim=(0, 1), ylabel="Observed share")
    upper.legend(frameon=False, loc="upper left", fontsize=8)
    lower.hist(probability, bins=np.linspace(0, 1, 41), color=CLINICAL, alpha=0.75)
    lower.set(xlabel="Predicted probability, out of fold", ylabel="Predictions", yticks=[])
    figure.suptitle(title, fontsize=11, color=INK, x=0.5)
    upper.set_title(subtitle, fontsize=8, color=MUTED)
    for axes in (upper, lower):
        _plain(axes)
    return figure


def draw_overview(results: Sequence[CandidateResult], title: str) -> Figure:
    """Draw every candidate's out-of-fold AUC, log loss and calibration slope with 95 % intervals, one line each."""
    names = [f"{result.candidate} · {result.feature_set}" for result in results]
    places = np.arange(len(results))[::-1]
    figure = _figure(9.6, 1.5 + 0.38 * len(results))
    for axes, (key, label, larger) in zip(
        np.atleast_1d(figure.subplots(1, len(OVERVIEW), sharey=True)), OVERVIEW, strict=True
    ):
        for place, result in zip(places, results, strict=True):
            estimate = result.metrics.get(key)
            if estimate is None:
                continue
            colour = COLOURS.get(result.feature_set, INK)
            axes.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=2, solid_capstyle="round")
            axes.plot(estimate.value, place, marker="o", color=colour, markersize=6)
            text = f"{estimate.value:.3f}"
            axes.annotate(
                text, (estimate.value, place), (0, 6), textcoords="offset points", ha="center", fontsize=8, color=INK
            )
        if larger is None:
            axes.axvline(1, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        better = {True: " (larger is better)", False: " (smaller is better)", None: " (1 is right)"}[larger]
        axes.set_xlabel(label + better, fontsize=9)
        axes.set(ylim=(-0.6, len(results) - 0.2))
        axes.set_yticks(places, names, fontsize=9)
        _plain(axes)
    figure.suptitle(title, fontsize=11, color=INK)
    return figure


def _figure(width: float, height: float) -> Figure:
    """Return a figure that belongs to no window and to no global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=130, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=8, length=3)
    axes.grid(color="#e4e7eb", linewidth=0.6)
    axes.set_axisbelow(True)
