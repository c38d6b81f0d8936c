"""Cohorts of simulated numbers for the training's tests, and one whole training, made once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_rows import FEATURES, PAIRS, draw_matrix, draw_outcome

from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.outcome import Response
from features.cohort.read import CohortData, read_cohort
from training.evaluation.incremental import CLINICAL, GENETIC
from training.fitting.grid import build_grid
from training.fitting.pipeline import build_design
from training.resampling.sample import Sample
from training.result import Training
from training.simulation.simulate import simulate
from training.simulation.write import write_simulation
from training.train import train


@pytest.fixture(scope="session")
def make_sample() -> Callable[..., Sample]:
    """The builder of a Sample: ``make_sample(n, seed, genetic=..., person=..., response=...)``."""

    def make(
        n: int = 240, seed: int = 1, *, genetic: float = 0.0, person: np.ndarray | None = None, response=None
    ) -> Sample:
        x = draw_matrix(n, seed)
        clinical = x[:, :4].copy()
        designs = {
            CLINICAL: build_design(clinical, build_grid(clinical, FEATURES[:4], PAIRS[:3])),
            GENETIC: build_design(x, build_grid(x, FEATURES, PAIRS)),
        }
        known = Response(draw_outcome(x, seed + 1, genetic)) if response is None else response(x)
        return Sample(known, np.arange(n) if person is None else person, designs)

    return make


@pytest.fixture(scope="session")
def cohort_file(tmp_path_factory) -> Path:
    """A simulated cohort of 260 patients; its manifest lies beside it."""
    catalogue = load_catalogue()
    path = tmp_path_factory.mktemp("cohort") / "simulated.csv"
    write_simulation(simulate(Terms(find_endpoint(catalogue, "mht-ldl-response"), catalogue), 260, seed=3), path)
    return path


@pytest.fixture(scope="session")
def cohort(cohort_file) -> CohortData:
    """The simulated cohort with few of its columns, so that a training takes seconds."""
    catalogue = load_catalogue()
    manifest = find_cohort(catalogue, str(cohort_file.with_suffix(".toml")))
    data = read_cohort(cohort_file, manifest, Terms(find_endpoint(catalogue, "mht-ldl-response"), catalogue))
    few = ["therapy", "age", "ldl_cholesterol", "statins", "rs2234693", "rs4986938"]
    return dataclasses.replace(data, table=data.table[few])


@pytest.fixture(scope="session")
def folds_file(cohort, tmp_path_factory) -> Path:
    """One repeat of two folds: the quickest cross-fitting there is."""
    path = tmp_path_factory.mktemp("folds") / "folds.csv"
    pd.DataFrame({"row": cohort.row, "repeat": 7, "fold": np.arange(len(cohort.row)) % 2 + 1}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def training(cohort, folds_file) -> Training:
    return train(cohort, bootstrap=20, seed=11, folds=folds_file, n_jobs=1)
