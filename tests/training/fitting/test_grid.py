"""The grid: support, cuts, what unknown means, and which features may interact."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_rows import FEATURES, draw_matrix

from data_schemas.catalogue.load import find_endpoint, load_catalogue
from training.fitting.grid import LEARN_ROWS, MAX_BINS, allowed_pairs, build_grid
from training.fitting.score_tables import Cut, Tables


@pytest.fixture(scope="module")
def grid():
    return build_grid(draw_matrix(300, 0), FEATURES, ())


def test_unknown_is_learned_only_where_many_clinical_values_are(grid):
    learned = {feature.name: feature.unknown_learned for feature in grid.features}
    assert learned == {
        "therapy": False,
        "ldl": True,
        "stage": True,
        "statins": False,
        "rs1": False,
        "rs2": False,
        "Y537S": False,
    }
    assert grid.features[3].n_unknown < LEARN_ROWS <= grid.features[1].n_unknown


def test_a_few_percent_that_are_unknown_are_not_learned_however_many_rows():
    x = draw_matrix(3000, 0)
    x[:, 1] = np.nan_to_num(x[:, 1], nan=120.0)
    for unknown, learned in ((149, False), (150, True)):
        x[:unknown, 1] = np.nan
        feature = build_grid(x, FEATURES, ()).features[1]
        assert feature.unknown_learned is learned
        assert feature.fill == np.nanmedian(x[:, 1])


def test_unknown_genotypes_are_never_learned_however_many():
    x = draw_matrix(300, 0)
    x[:150, 4] = np.nan
    feature = build_grid(x, FEATURES, ()).features[4]
    assert not feature.unknown_learned
    assert feature.fill == pytest.approx(np.nanmean(x[:, 4]))


def test_support_is_that_of_the_known_values(grid):
    x = draw_matrix(300, 0)
    ldl, stage = grid.features[1], grid.features[2]
    assert (ldl.minimum, ldl.maximum) == (np.nanmin(x[:, 1]), np.nanmax(x[:, 1]))
    assert ldl.fill == np.nanmedian(x[:, 1])
    assert ldl.minimum < ldl.p01 < ldl.p99 < ldl.maximum
    assert stage.level_counts["d"] == 0
    assert sum(stage.level_counts.values()) == np.sum(~np.isnan(x[:, 2]))
    assert grid.features[6].level_counts.keys() == {"not_detected", "detected"}


def test_cuts_follow_the_kind_of_feature(grid):
    assert [cut.edges for cut in grid.steps[2:]] == [(0.5, 1.5, 2.5), (0.5,), (0.5, 1.5), (0.5,), (0.5,)]
    assert len(grid.steps[1].edges) == MAX_BINS - 1
    assert grid.curves[0][1].edges == (grid.features[1].minimum, grid.features[1].maximum)
    assert len(grid.curves[4][1].edges) == 6
    assert [grid.curves[0][4].edges, grid.curves[2][4].edges, grid.curves[2][5].edges] == [
        (0.0, 2.0),
        (0.0, 1.0, 2.0),
        (0.0, 1.0),
    ]
    assert grid.curves[2][3] == grid.steps[3]


def test_a_few_distinct_numbers_are_cut_between_them():
    x = draw_matrix(300, 0)
    x[:, 1] = np.where(np.arange(300) % 3 == 0, 1.0, 4.0)
    grid = build_grid(x, FEATURES, ())
    assert grid.steps[1].edges == (2.5,)
    assert grid.curves[4][1].edges == (1.0, 4.0)


def test_only_fills_replace_unknown_values(grid):
    x = draw_matrix(300, 0)
    filled = grid.filled(x)
    assert np.array_equal(np.isnan(filled[:, 1]), np.isnan(x[:, 1]))
    assert not np.isnan(filled[:, 3:]).any()
    assert np.array_equal(filled[~np.isnan(x)], x[~np.isnan(x)])


def test_pairs_are_the_stated_ones_with_the_therapy_first():
    endpoint = find_endpoint(load_catalogue(), "mht-ldl-response")
    assert allowed_pairs(endpoint, FEATURES) == tuple((0, j) for j in range(1, 7))
    assert allowed_pairs(endpoint, FEATURES[1:]) == ()
    stated = endpoint.model_copy(update={"interactions": (("ldl", "therapy"), ("statins", "ldl"), ("ldl", "age"))})
    assert allowed_pairs(stated, FEATURES) == ((0, 1), (3, 1))


def test_unknown_nodes_of_a_pair_are_the_table_at_both_values():
    a, b = Cut(0, "step", (0.5,)), Cut(1, "piecewise_linear", (0.0, 2.0))
    table = np.array([[1.0, 3.0, np.nan], [10.0, 30.0, np.nan], [np.nan] * 3])
    filled = Tables(0.0, {(a, b): table}).with_unknown({0: 1.0, 1: 0.5}).cells[a, b]
    assert filled.tolist() == [[1.0, 3.0, 1.5], [10.0, 30.0, 15.0], [10.0, 30.0, 15.0]]
