"""The self-test of a model covers its support and holds no patient."""

from __future__ import annotations

import numpy as np
from tiny_model import make_tiny_replicates, make_tiny_scorecard

from serving.scoring.score import Evaluator
from training.registry.golden import build_golden


def test_the_answers_are_the_evaluators():
    scorecard = make_tiny_scorecard()
    replicates = make_tiny_replicates(scorecard)
    golden = build_golden(scorecard, replicates)
    rows = np.array([[np.nan if v is None else v for v in case.row] for case in golden.cases])
    scores = Evaluator(scorecard, replicates).score(rows)
    assert golden.features == tuple(feature.name for feature in scorecard.features)
    np.testing.assert_array_equal([case.probability for case in golden.cases], scores.probability)
    np.testing.assert_array_equal([case.contributions for case in golden.cases], scores.contributions)
    np.testing.assert_array_equal([case.low for case in golden.cases], scores.low)
    np.testing.assert_array_equal([case.without_genetics for case in golden.cases], scores.without_genetics)


def test_the_rows_cover_levels_ranges_and_unknowns():
    golden = build_golden(make_tiny_scorecard(), None)
    assert len(golden.cases) >= 20
    columns = {name: [case.row[i] for case in golden.cases] for i, name in enumerate(golden.features)}
    assert {0.0, 1.0, None} == set(columns["therapy"])
    assert {0.0, 1.0, 2.0, None} == set(columns["rs2234693"])
    ages = [age for age in columns["age"] if age is not None]
    assert (min(ages), max(ages)) == (45, 80)
    assert None in columns["age"]
    assert all(case.low is None for case in golden.cases)


def test_the_same_seed_gives_the_same_rows():
    scorecard = make_tiny_scorecard()
    assert build_golden(scorecard, None, seed=3) == build_golden(scorecard, None, seed=3)
    assert build_golden(scorecard, None, seed=3) != build_golden(scorecard, None, seed=4)
