"""The model card says how the cohort's genotypes came about."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from genotype_files import vcf

from data_schemas.catalogue.cohort import GenotypeFile
from data_schemas.catalogue.load import find_cohort, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.card import CandidateResult, IncrementalValue
from features.cohort.read import read_cohort
from training.evaluation.incremental import CLINICAL, GENETIC
from training.fitting.estimators import SELECTED
from training.registry.card import model_card
from training.resampling.sample import fit_rows
from training.result import Training, TrainingSettings
from training.train import build_sample

CALLED, ABSENT = "rs2234693", "rs4986938"
GIVEN = {
    "logistic": {"knots": 0, "interactions": 0, "l1_ratio": 1.0, "penalty": 0.016},
    "xgboost": {"max_depth": 1, "leaf_share": 0.12, "reg_lambda": 5.0, "subsample": 0.5, "eta": 0.1, "rounds": 20},
}


@pytest.fixture(scope="module")
def plain_training(cohort):
    """What a card needs of a training, without a search: settings are given, and there is nothing to quote."""
    sample, warnings = build_sample(cohort)
    everyone = np.arange(sample.n), np.ones(sample.n, dtype=np.int64)
    pipelines = {name: fit_rows(sample, name, *everyone, np.random.SeedSequence(0), GIVEN) for name in sample.designs}
    return Training(
        data=cohort,
        fitted={},
        results=tuple(CandidateResult(candidate=SELECTED, feature_set=name, metrics={}) for name in pipelines),
        incremental=IncrementalValue(verdict="genetics not assessed", sentence="Genetics was not assessed."),
        oof=pd.DataFrame(),
        chosen={name: pipeline.preferred for name, pipeline in pipelines.items()},
        suggested=("logistic", CLINICAL),
        pipelines=pipelines,
        settings=TrainingSettings(seed=0, repeats=1, folds=2, folds_from_file=False, inner_repeats=1, bootstrap=0),
        warnings=warnings,
        trained_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def card_warnings(plain_training, cohort_file, tmp_path):
    """Return the warnings on the cards of a training on the cohort with its genotypes from a VCF of one site."""

    def warnings(feature_set: str = GENETIC, **declared) -> tuple[str, ...]:
        catalogue = load_catalogue()
        persons = pd.read_csv(cohort_file)["id"].tolist()[1:]
        place = catalogue.variants[CALLED].grch38
        record = f"{place.chrom} {place.pos} {CALLED} T C . PASS . GT {' '.join(['0/1'] * len(persons))}"
        (tmp_path / "calls.vcf").write_text(vcf([record], persons))
        table = tmp_path / cohort_file.name
        table.write_bytes(cohort_file.read_bytes())
        file = GenotypeFile(path="calls.vcf", **declared)
        manifest = find_cohort(catalogue, str(cohort_file.with_suffix(".toml"))).model_copy(
            update={"genotypes": {}, "genotype_file": file, "ignored_columns": None}
        )
        report = read_cohort(table, manifest, Terms(plain_training.data.endpoint, catalogue)).report
        of_file = dataclasses.replace(plain_training, data=dataclasses.replace(plain_training.data, report=report))
        return model_card(of_file, "logistic", feature_set).warnings

    return warnings


@pytest.mark.parametrize("feature_set", [CLINICAL, GENETIC])
def test_reference_by_assertion_is_said_with_its_share_of_people(card_warnings, feature_set):
    (said,) = [one for one in card_warnings(feature_set, assume_reference=True) if "Assumed reference" in one]
    # 259 of 260 persons have a sample in the file
    assert f"{ABSENT} 99.6 %" in said
    assert CALLED not in said


def test_without_an_assertion_nothing_is_said(card_warnings):
    assert not any("Assumed reference" in one for one in card_warnings())
