"""Haplotypes in a design: learned from the cohort once, in place of their sites, interacting as those did."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.scorecard import Feature
from features.cohort.read import read_cohort
from features.matrix.choices import with_choices
from features.patient.flat import flat_columns
from training.evaluation.incremental import CLINICAL, GENETIC
from training.fitting.grid import allowed_pairs
from training.train import build_sample

CATALOGUE = load_catalogue()
TA, CG = "haplotype:rs2234693-rs9340799:TA", "haplotype:rs2234693-rs9340799:CG"


@pytest.fixture(scope="module")
def endpoint():
    terms = Terms(find_endpoint(CATALOGUE, "mht-ldl-response"), CATALOGUE)
    return with_choices(terms, ["rs4986938=recessive"], ["pvuii-xbai"]).endpoint


@pytest.fixture(scope="module")
def sample(cohort_file, endpoint):
    manifest = find_cohort(CATALOGUE, str(cohort_file.with_suffix(".toml")))
    return build_sample(read_cohort(cohort_file, manifest, Terms(endpoint, CATALOGUE)))[0]


def _features(sample, feature_set=GENETIC):
    return {feature.name: feature for feature in sample.designs[feature_set].grid.features}


def test_haplotypes_carry_the_frequencies_of_the_cohort(sample):
    features = _features(sample)
    assert {TA, CG} <= set(features)
    assert not {"rs2234693", "rs9340799"} & set(features)
    assert not {TA, CG} & set(_features(sample, CLINICAL))
    table = features[TA].haplotype.tables[0]
    assert table.ancestry == "pooled"
    assert sum(table.values) == pytest.approx(1)


def test_columns_are_copies_and_effect_models_hold(sample):
    design = sample.designs[GENETIC]
    names = [feature.name for feature in design.grid.features]
    known = design.x[:, [names.index(TA), names.index(CG)]]
    known = known[~np.isnan(known).any(axis=1)]
    assert known.min() >= 0
    assert known.sum(axis=1).max() <= 2 + 1e-9
    recessive = design.x[:, names.index("rs4986938")]
    assert set(np.unique(recessive[~np.isnan(recessive)])) <= {0.0, 1.0}


def test_a_stated_interaction_of_a_site_becomes_one_of_its_haplotypes(sample, endpoint):
    features = (
        Feature(name="therapy", kind="therapy", group="therapy", label="t", levels=("a", "b")),
        *(_features(sample)[name] for name in (TA, CG)),
    )
    stated = endpoint.model_copy(update={"interactions": (("therapy", "rs2234693"), ("rs2234693", "rs9340799"))})
    therapy_with_each, within = ((0, 1), (0, 2)), allowed_pairs(stated, features)[2:]
    assert allowed_pairs(stated, features)[:2] == therapy_with_each
    assert [sorted(pair) for pair in within] == [[1, 2]]


def test_frames_of_the_model_have_a_column_for_the_ancestry(endpoint):
    assert "race_ethnicity" in [column.name for column in flat_columns(Terms(endpoint, CATALOGUE))]
