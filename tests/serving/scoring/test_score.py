"""The evaluator against brute force: Shapley values by enumeration of all subsets, tables read one row at a time."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from data_schemas.errors import ModelError
from data_schemas.model.scorecard import Axis, Calibration, Feature, Scorecard, Term, expit
from serving.scoring.score import Evaluator


def node_weights(axis, value):
    """Weights of an axis' nodes for one value, written the slow and plain way."""
    weights = np.zeros(axis.n_nodes)
    edges = axis.edges
    if np.isnan(value):
        weights[-1] = 1
    elif axis.kind == "step":
        weights[sum(value >= edge for edge in edges)] = 1
    elif value <= edges[0]:
        weights[0] = 1
    elif value >= edges[-1]:
        weights[len(edges) - 1] = 1
    else:
        right = next(i for i, edge in enumerate(edges) if edge > value)
        share = (value - edges[right - 1]) / (edges[right] - edges[right - 1])
        weights[right - 1], weights[right] = 1 - share, share
    return weights


def plain_log_odds(card, row):
    names = [f.name for f in card.features]
    total = card.intercept
    for term in card.terms:
        axes = [card.axes[a] for a in term.axes]
        table = np.array(term.values).reshape([a.n_nodes for a in axes])
        for axis in reversed(axes):
            table = table @ node_weights(axis, row[names.index(axis.feature)])
        total += float(table)
    return card.calibration.slope * total + card.calibration.offset


def brute_force_shapley(card, row, background):
    """Interventional Shapley values straight from the definition: every coalition, every background row."""
    size = len(row)

    def value(coalition):
        rows = background.copy()
        rows[:, list(coalition)] = row[list(coalition)]
        return np.mean([plain_log_odds(card, r) for r in rows])

    phi = np.zeros(size)
    for i in range(size):
        others = [j for j in range(size) if j != i]
        for k in range(size):
            for coalition in combinations(others, k):
                share = factorial(k) * factorial(size - k - 1) / factorial(size)
                phi[i] += share * (value((*coalition, i)) - value(coalition))
    return phi


def random_scorecard(rng, background):
    features = tuple(
        Feature(name=f"x{i}", kind="continuous", group="clinical", label=f"x{i}") for i in range(background.shape[1])
    )
    shapes = [(0, "step", (-0.5, 0.5)), (0, "piecewise_linear", (-1.0, 0.0, 2.0)), (1, "piecewise_linear", (-1.0, 1.0))]
    shapes += [(2, "step", (0.0,)), (3, "piecewise_linear", (0.25,)), (1, "step", ())]
    axes = []
    for column, kind, edges in shapes:
        axis = Axis(
            feature=f"x{column}",
            kind=kind,
            edges=edges,
            mean_weights=(0,) * (len(edges) + (2 if kind == "step" else 1)),
        )
        mean = np.mean([node_weights(axis, v) for v in background[:, column]], axis=0)
        axes.append(axis.model_copy(update={"mean_weights": tuple(mean)}))
    terms = []
    for pair in [(0,), (1,), (2,), (4,), (5,), (0, 3), (1, 2), (3, 2), (2, 4)]:
        table = rng.normal(size=[axes[a].n_nodes for a in pair])
        total = 0.0
        for row in background:
            value = table
            for a in reversed(pair):
                value = value @ node_weights(axes[a], row[shapes[a][0]])
            total += float(value)
        terms.append(Term(axes=pair, values=tuple(table.ravel()), mean=total / len(background)))
    return Scorecard(
        endpoint="e", candidate="blend", feature_set="clinical+genetic",
        features=features, axes=tuple(axes), terms=tuple(terms),
        intercept=0.3, calibration=Calibration(slope=0.8, offset=-0.1), n_rows=len(background), therapies=("none",),
        panel_digest="sha256:0",
    )  # fmt: skip


def random_twin(rng, background):
    """A clinical model with an intercept and a calibration of its own, so that none passes for the other's."""
    own = {"feature_set": "clinical", "intercept": -0.7, "calibration": Calibration(slope=1.3, offset=0.2)}
    return random_scorecard(rng, background).model_copy(update=own)


@pytest.fixture
def case():
    rng = np.random.default_rng(11)
    background = rng.normal(size=(12, 4))
    background[0, 1] = background[3, 0] = np.nan
    rows = np.vstack([rng.normal(size=(6, 4)) * 2, [[0.5, -1.0, 0.0, 0.25]], [[np.nan] * 4]])
    card = random_scorecard(rng, background)
    return card, rows, background, rng


def test_log_odds_read_from_tables(case):
    card, rows, _, _ = case
    scores = Evaluator(card).score(rows)
    np.testing.assert_allclose(scores.log_odds, [plain_log_odds(card, r) for r in rows], atol=1e-12)
    np.testing.assert_allclose(scores.probability, 1 / (1 + np.exp(-scores.log_odds)), atol=1e-15)
    assert scores.low is None
    assert scores.without_genetics is None


def test_contributions_are_shapley_values_by_enumeration(case):
    card, rows, background, _ = case
    scores = Evaluator(card).score(rows)
    expected = [brute_force_shapley(card, row, background) for row in rows]
    np.testing.assert_allclose(scores.contributions, expected, atol=1e-10)


def test_contributions_and_baseline_sum_to_the_log_odds(case):
    card, rows, background, _ = case
    evaluator = Evaluator(card)
    scores = evaluator.score(rows)
    np.testing.assert_allclose(scores.contributions.sum(axis=1) + scores.baseline_log_odds, scores.log_odds, atol=1e-9)
    assert evaluator.baseline_log_odds == pytest.approx(
        np.mean([plain_log_odds(card, r) for r in background]), abs=1e-12
    )


def test_interval_is_the_quantile_of_the_replicates(case):
    card, rows, _, rng = case
    slope, offset = card.calibration.slope, card.calibration.offset
    sets = [[rng.normal(size=len(t.values)) for t in card.terms] for _ in range(21)]
    replicates = np.array([np.concatenate([[slope * 0.3 + offset], *[slope * v for v in values]]) for values in sets])
    per_replicate = []
    for values in sets:
        terms = tuple(t.model_copy(update={"values": tuple(v)}) for t, v in zip(card.terms, values, strict=True))
        per_replicate.append([plain_log_odds(card.model_copy(update={"terms": terms}), r) for r in rows])
    scores = Evaluator(card, replicates).score(rows)
    np.testing.assert_allclose(scores.low, expit(np.quantile(per_replicate, 0.05, axis=0)), atol=1e-6)
    np.testing.assert_allclose(scores.high, expit(np.quantile(per_replicate, 0.95, axis=0)), atol=1e-6)


def test_a_row_alone_equals_the_row_in_a_batch_across_blocks(case):
    card, _, _, rng = case
    replicates = rng.normal(size=(7, 1 + card.n_values))
    evaluator = Evaluator(card, replicates)
    rows = rng.normal(size=(1100, 4))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    batch = evaluator.score(rows)
    for i in (0, 511, 512, 1099):
        alone = evaluator.score(rows[i : i + 1])
        for name in ("log_odds", "probability", "contributions", "low", "high"):
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(batch, name)[i], rtol=0, atol=1e-12)


def test_twin_reads_its_own_columns(case):
    card, rows, background, rng = case
    twin = random_twin(rng, background)
    order = (2, 0, 3, 1)
    shuffled = card.model_copy(update={"features": tuple(card.features[i] for i in order), "twin": twin})
    scores = Evaluator(shuffled).score(rows[:, order])
    np.testing.assert_allclose(
        scores.without_genetics, expit(np.array([plain_log_odds(twin, r) for r in rows])), atol=1e-12
    )


@pytest.mark.parametrize("without_terms", ["model", "twin", "both"])
def test_a_model_without_terms_is_its_intercept(case, without_terms):
    card, rows, background, rng = case
    twin = random_twin(rng, background)
    if without_terms != "model":
        twin = twin.model_copy(update={"terms": ()})
    if without_terms != "twin":
        card = card.model_copy(update={"terms": ()})
    scores = Evaluator(card.model_copy(update={"twin": twin})).score(rows)
    np.testing.assert_allclose(scores.log_odds, [plain_log_odds(card, r) for r in rows], atol=1e-12)
    np.testing.assert_allclose(
        scores.without_genetics, expit(np.array([plain_log_odds(twin, r) for r in rows])), atol=1e-12
    )


def test_no_rows_give_no_scores(case):
    card, rows, _, _ = case
    assert Evaluator(card).score(rows[:0]).probability.shape == (0,)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda card, rows: Evaluator(card).score(rows[:, :3]),
        lambda card, rows: Evaluator(card).score(np.full((1, 4), np.inf)),
        lambda card, rows: Evaluator(card, np.zeros((3, card.n_values))),
        lambda card, rows: Evaluator(card, np.full((3, 1 + card.n_values), np.nan)),
    ],
    ids=["columns", "infinite", "replicate shape", "replicate nan"],
)
def test_what_does_not_fit_is_refused(case, misuse):
    card, rows, _, _ = case
    with pytest.raises(ModelError):
        misuse(card, rows)
