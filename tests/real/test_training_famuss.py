"""FAMuSS: real ESR1 and ESR2 genotypes that have nothing to say on the phenotype; the software must say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalogue.load import find_cohort, load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.read import read_cohort
from training.evaluation.incremental import CLINICAL, GENETIC
from training.resampling.folds import deal_folds
from training.train import train


@pytest.fixture(scope="module")
def training(real_data, own_endpoint, tmp_path_factory):
    catalogue = load_catalogue()
    endpoint, cohort = own_endpoint("famuss-strength-change"), find_cohort(catalogue, "famuss")
    data = read_cohort(real_data / "fms_famuss" / "FMS_data.csv", cohort, Terms(endpoint, catalogue))
    # two repeats are enough for a verdict, and half the time
    folds = [deal_folds(data.response.y, data.person, np.random.default_rng(seed)) for seed in (1, 2)]
    parts = [pd.DataFrame({"row": data.row, "repeat": r, "fold": fold}) for r, fold in enumerate(folds)]
    path = tmp_path_factory.mktemp("famuss") / "folds.csv"
    pd.concat(parts).to_csv(path, index=False)
    return train(data, bootstrap=20, seed=0, folds=path)


def test_eight_real_variants_add_nothing(training):
    assert len([f for f in training.fitted["logistic", GENETIC].scorecard.features if f.group == "genetic"]) == 8
    assert training.incremental.verdict == "no evidence that genetics adds"
    assert training.incremental.test_p > 0.05
    assert training.incremental.differences["auc"].high < 0.01


def test_the_clinical_model_is_the_suggested_one_and_useful(training):
    assert training.suggested == (training.chosen[CLINICAL], CLINICAL)
    metrics = next(r.metrics for r in training.results if (r.candidate, r.feature_set) == training.suggested)
    assert metrics["auc"].value > 0.75


def test_the_person_in_two_rows_is_never_split(training):
    data = training.data
    rows = pd.DataFrame({"row": data.row, "person": data.person})
    folds = training.oof[["row", "repeat", "fold"]].drop_duplicates().merge(rows, on="row")
    assert folds.groupby(["repeat", "person"])["fold"].nunique().max() == 1
