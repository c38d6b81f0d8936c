"""A whole training on a small simulated cohort with strong genetics."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from data_schemas.errors import TrainingError
from data_schemas.model.bundle import replicates_digest
from data_schemas.record import canonical_json, digest
from features.matrix.encode import encode
from serving.scoring.score import Evaluator
from training.evaluation.incremental import CLINICAL, GENETIC
from training.fitting.compile import verify
from training.fitting.estimators import CANDIDATES, SELECTED
from training.registry.card import model_card
from training.resampling.metrics import METRICS
from training.resampling.refusals import MIN_REPLICATES
from training.train import FOLDS_STAGE, REPLICATES_STAGE, build_sample, train

KEYS = {(candidate, feature_set) for candidate in CANDIDATES for feature_set in (CLINICAL, GENETIC)}


def matrix(training, scorecard):
    table = training.data.table
    return encode({f.name: table[f.name].tolist() for f in scorecard.features}, scorecard.features)


def digests(training):
    return {key: digest(canonical_json(one.scorecard)) for key, one in training.fitted.items()}


def test_every_candidate_is_there_on_both_feature_sets(training):
    assert set(training.fitted) == KEYS
    assert {(r.candidate, r.feature_set) for r in training.results} == KEYS | {
        (SELECTED, CLINICAL),
        (SELECTED, GENETIC),
    }
    assert set(training.chosen) == {CLINICAL, GENETIC}
    assert training.suggested in KEYS


def test_each_metric_is_measured_in_three_ways(training):
    for result in training.results:
        assert tuple(result.metrics) == METRICS
        assert all(m.low < m.value < m.high for m in result.metrics.values())
        for part in (result.apparent, result.corrected):
            assert set(part) == (set() if result.candidate == SELECTED else set(METRICS))
        if result.candidate != SELECTED:
            assert result.metrics["auc"].value < result.apparent["auc"]
    optimism = [r.apparent["auc"] - r.corrected["auc"] for r in training.results if r.candidate != SELECTED]
    assert np.mean(optimism) > 0


def test_apparent_is_the_served_model_on_its_own_rows(training):
    for result in training.results:
        if result.candidate != SELECTED:
            card = training.fitted[result.candidate, result.feature_set].scorecard
            scores = Evaluator(card).score(matrix(training, card))
            known = ~np.isnan(training.data.response.y)
            brier = np.mean((scores.probability[known] - training.data.response.y[known]) ** 2)
            assert result.apparent["brier"] == pytest.approx(brier, abs=1e-6)


def test_what_is_quoted_is_the_whole_procedure_with_its_choice(training):
    for (candidate, feature_set), _ in training.fitted.items():
        card = model_card(training, candidate, feature_set)
        (selected,) = [r for r in training.results if (r.candidate, r.feature_set) == (SELECTED, feature_set)]
        assert card.performance == selected.metrics
        assert card.candidates == training.results


def test_few_replicates_are_refused_or_warned_of(training, cohort):
    assert any("20 bootstrap refits" in warning for warning in model_card(training, "blend", GENETIC).warnings)
    for number in (-1, 1, MIN_REPLICATES - 1):
        with pytest.raises(TrainingError, match=f"at least {MIN_REPLICATES}") as caught:
            train(cohort, bootstrap=number)
        assert caught.value.code == "refused_setting"


def test_the_card_says_what_an_interval_holds(training):
    assert "all patients with the same inputs" in model_card(training, "blend", GENETIC).interval
    none = dataclasses.replace(training, settings=dataclasses.replace(training.settings, bootstrap=0))
    assert "no interval" in model_card(none, "blend", GENETIC).interval


def test_scorecards_score_the_cohort_with_an_interval(training):
    for (candidate, feature_set), one in training.fitted.items():
        assert (one.scorecard.candidate, one.scorecard.feature_set) == (candidate, feature_set)
        assert one.replicates.shape == (20, 1 + one.scorecard.n_values)
        assert one.scorecard.replicates_digest == replicates_digest(one.replicates)
        scores = Evaluator(one.scorecard, one.replicates).score(matrix(training, one.scorecard))
        # replicates are centred on the point model, so its probability is never outside by more than their skewness
        cells = np.concatenate([term.values for term in one.scorecard.terms])
        assert np.allclose(one.replicates[:, 1:].mean(axis=0), one.scorecard.calibration.slope * cells, atol=1e-8)
        assert np.all((scores.low <= scores.probability) & (scores.probability <= scores.high))
        assert np.allclose(scores.contributions.sum(axis=1) + scores.baseline_log_odds, scores.log_odds, atol=1e-9)
        # the background of the contributions is the training cohort itself
        assert np.allclose(scores.contributions.mean(axis=0), 0, atol=1e-9)


def test_the_served_probability_is_calibrated_in_the_large(training):
    for one in training.fitted.values():
        scores = Evaluator(one.scorecard).score(matrix(training, one.scorecard))
        assert scores.probability.mean() == pytest.approx(np.nanmean(training.data.response.y), abs=0.03)


def test_the_twin_is_the_same_candidate_without_genetics(training):
    for candidate in CANDIDATES:
        clinical = training.fitted[candidate, CLINICAL].scorecard
        twin = training.fitted[candidate, GENETIC].scorecard.twin
        assert clinical.twin is None
        assert twin == clinical.model_copy(update={"replicates_digest": None})
        assert {f.group for f in twin.features} == {"therapy", "clinical"}


def test_the_blend_is_the_weighted_sum(training):
    pipeline = training.pipelines[GENETIC]
    cards = {candidate: training.fitted[candidate, GENETIC].scorecard for candidate in CANDIDATES}
    x = matrix(training, cards["blend"])
    margins = {candidate: Evaluator(card).margin(x) for candidate, card in cards.items()}
    blended = sum(share * margins[name] for name, share in pipeline.shares.items())
    assert sum(pipeline.shares.values()) == pytest.approx(1)
    assert np.abs(blended - margins["blend"]).max() < 1e-8


def test_out_of_fold_predictions_cover_each_used_row_once(training):
    oof = training.oof
    assert len(oof) == 8 * len(training.data.row)
    for _, part in oof.groupby(["candidate", "feature_set"]):
        assert sorted(part["row"]) == sorted(training.data.row)
        assert set(part["repeat"]) == {7}  # as in the file of folds
        assert dict(zip(part["row"], part["fold"], strict=True)) == dict(
            zip(training.data.row, np.arange(len(training.data.row)) % 2 + 1, strict=True)
        )


def test_the_card_states_the_run(training):
    card = model_card(training, "blend", GENETIC)
    assert (card.candidate, card.feature_set, card.synthetic) == ("blend", GENETIC, True)
    assert card.n_rows == len(training.data.row)
    assert card.n_events == np.nansum(training.data.response.y)
    assert set(card.hyperparameters) == {"logistic", "xgboost", "blend"}
    assert set(model_card(training, "logistic", CLINICAL).hyperparameters) == {"logistic"}
    assert card.settings["seed"] == 11
    assert card.settings["bootstrap"] == 20
    assert card.settings["folds_from_file"] is True
    assert card.settings["replicates_hold_hyperparameters"] is True
    assert set(card.event_rate_by_therapy) == {"cee-mpa", "placebo"}
    assert card.incremental == training.incremental


def test_the_same_seed_gives_the_same_models_on_any_number_of_processes(training, cohort, folds_file):
    seen = []
    again = train(
        cohort,
        bootstrap=20,
        seed=11,
        folds=folds_file,
        n_jobs=2,
        progress=lambda *step: seen.append(step),
    )
    assert digests(again) == digests(training)
    assert again.oof.equals(training.oof)
    assert again.results == training.results
    assert seen == [
        *((FOLDS_STAGE, done, 4) for done in range(5)),
        *((REPLICATES_STAGE, done, 20) for done in range(21)),
    ]


def test_a_wrong_compilation_is_refused(training):
    one = training.fitted["logistic", CLINICAL].scorecard
    x = matrix(training, one)
    margin = Evaluator(one).margin(x)
    verify(one, x, margin)
    margin[17] += 2e-5
    with pytest.raises(TrainingError, match="differ by") as caught:
        verify(one, x, margin)
    assert caught.value.code == "compilation_failed"
    margin[17] = np.nan
    with pytest.raises(TrainingError):
        verify(one, x, margin)


def test_constant_columns_are_left_out_with_a_warning(cohort):
    table = cohort.table.assign(age=60.0)
    sample, warnings = build_sample(dataclasses.replace(cohort, table=table))
    assert "age" not in [feature.name for feature in sample.features(CLINICAL)]
    assert any(warning.startswith("age has the same value") for warning in warnings)


def test_an_adjustment_set_is_on_the_card_and_what_the_models_lack_of_it_is_said(training, cohort):
    manifest = cohort.cohort.model_copy(update={"adjustment_set": ("age", "bmi", "tumour_grade")})
    declared = dataclasses.replace(cohort, cohort=manifest)
    _, warnings = build_sample(declared)
    assert any("adjustment_set names bmi, tumour_grade, which" in warning for warning in warnings)
    card = model_card(dataclasses.replace(training, data=declared), "blend", GENETIC)
    assert card.adjustment_set == manifest.adjustment_set
    assert model_card(training, "blend", GENETIC).adjustment_set == ()


def test_nothing_to_predict_from_is_refused(cohort):
    table = cohort.table[["rs2234693"]]
    with pytest.raises(TrainingError) as caught:
        build_sample(dataclasses.replace(cohort, table=table))
    assert caught.value.code == "no_features"


def test_a_cohort_without_genotypes_trains_the_clinical_model_alone(cohort):
    table = cohort.table[["therapy", "age"]]
    sample, _ = build_sample(dataclasses.replace(cohort, table=table))
    assert list(sample.designs) == [CLINICAL]
