"""From exact tables to a scorecard document and its array of bootstrap replicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.errors import TrainingError
from data_schemas.model.bundle import replicates_digest
from data_schemas.model.scorecard import Axis, Calibration, Feature, Scorecard, Term
from serving.scoring.score import Evaluator
from training.fitting.score_tables import Cut, Tables

AGREEMENT = 1e-5  # log-odds; XGBoost's own margins are single precision
DECIMALS = 10  # of every stored number: far below the agreement, and above what the order of a sum can change


@dataclass(frozen=True)
class Frame:
    """What every scorecard of one feature set shares: the document's head, and the training cohort as background.

    `x` is the cohort's design matrix (n, F), one column per feature.
    """

    endpoint: str
    feature_set: str
    therapies: tuple[str, ...]
    panel_digest: str
    features: tuple[Feature, ...]
    x: Floats


def compile_scorecard(
    frame: Frame,
    candidate: str,
    tables: Tables,
    calibration: tuple[float, float],
    replicates: Sequence[Tables],
    twin: Scorecard | None = None,
) -> tuple[Scorecard, Floats | None]:
    """Return the scorecard and its (B, 1 + cells) replicates, None where there are none.

    Parameters
    ----------
    tables
        The fitted model before calibration, on the frame's features.
    calibration
        Slope and offset.
    replicates
        Calibrated tables of the bootstrap refits, over cuts of the same grid.
    """
    keys = sorted({cuts for one in (tables, *replicates) for cuts in one.cells})
    cuts = sorted({cut for key in keys for cut in key})
    number = {cut: i for i, cut in enumerate(cuts)}
    weights = {cut: _node_weights(cut, frame.x) for cut in cuts}
    axes = tuple(
        Axis(
            feature=frame.features[cut.feature].name,
            kind=cut.kind,
            edges=cut.edges,
            mean_weights=tuple(weights[cut].mean(axis=0).tolist()),
        )
        for cut in cuts
    )
    terms = []
    for key in keys:
        values = np.round(_cells(tables, key), DECIMALS)
        joint = weights[key[0]].mean(axis=0) if len(key) == 1 else weights[key[0]].T @ weights[key[1]] / len(frame.x)
        mean = float((joint * values).sum())
        terms.append(Term(axes=tuple(number[cut] for cut in key), values=tuple(values.ravel().tolist()), mean=mean))
    array = _replicate_array(keys, replicates, calibrated(tables, calibration)) if replicates else None
    slope, offset = (round(value, DECIMALS) for value in calibration)
    scorecard = Scorecard.model_validate(
        {
            "endpoint": frame.endpoint,
            "candidate": candidate,
            "feature_set": frame.feature_set,
            "features": frame.features,
            "axes": axes,
            "terms": tuple(terms),
            "intercept": round(tables.intercept, DECIMALS),
            "calibration": Calibration(slope=slope, offset=offset),
            "n_rows": len(frame.x),
            "therapies": frame.therapies,
            "panel_digest": frame.panel_digest,
            "replicates_digest": None if array is None else replicates_digest(array),
            "twin": twin,
        }
    )
    return scorecard, array


def calibrated(tables: Tables, calibration: tuple[float, float]) -> Tables:
    """Return tables with slope and offset folded in."""
    slope, offset = calibration
    return Tables(slope * tables.intercept + offset, {key: slope * cells for key, cells in tables.cells.items()})


def verify(scorecard: Scorecard, x: Floats, margin: Floats) -> None:
    """Compare the scorecard with its estimator's margins on every row, with the code that will serve it.

    Parameters
    ----------
    x
        (n, F) design matrix.
    margin
        (n,) the estimator's log-odds before calibration.

    Raises
    ------
    TrainingError
        `compilation_failed`.
    """
    largest = float(np.abs(Evaluator(scorecard).margin(x) - margin).max())
    if not largest <= AGREEMENT:
        raise TrainingError(
            "compilation_failed",
            f"{scorecard.candidate}, {scorecard.feature_set}: scorecard and estimator differ by {largest:.2g} log-odds "
            f"on a training row (at most {AGREEMENT:g} is allowed); nothing was registered, please report this",
        )


def _cells(tables: Tables, key: tuple[Cut, ...]) -> Floats:
    found: Mapping[tuple[Cut, ...], Floats] = tables.cells
    return found[key] if key in found else np.zeros([cut.n_nodes for cut in key])


def _node_weights(cut: Cut, x: Floats) -> Floats:
    """Return the (n, nodes) weights of the training rows on the nodes of a cut."""
    return cut.read(np.eye(cut.n_nodes), x[:, cut.feature])


def _replicate_array(keys: Sequence[tuple[Cut, ...]], replicates: Sequence[Tables], point: Tables) -> Floats:
    """Return the (B, 1 + cells) numbers of the replicates, moved so that their mean is the calibrated point model.

    A refit sees about 63 % of the persons, so its calibrator shrinks more than the point model's: the replicates centre
    on a value nearer the cohort's mean than the one that is served. Their spread is what the interval is for; that
    shift is not, and would leave confident patients outside their own interval. Log-odds are sums of cells, so moving
    every cell moves every patient's replicates by the right amount.
    """
    rows = np.stack([_row(one, keys) for one in replicates])
    centred: Floats = np.round(rows - rows.mean(axis=0) + _row(point, keys), DECIMALS)
    return centred


def _row(tables: Tables, keys: Sequence[tuple[Cut, ...]]) -> Floats:
    return np.concatenate([[tables.intercept], *(_cells(tables, key).ravel() for key in keys)])
