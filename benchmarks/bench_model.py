"""The model that all benchmarks use: trained on simulated patients, in a registry of its own.

Cross-fitting is cut to one repeat of two folds, which changes what is known of the model and nothing of how it is
served. The bootstrap refits are repeated until there are `REPLICATES` of them: the time of an interval depends on
their number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats
from data_schemas.catalogue.load import find_cohort, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.bundle import replicates_digest
from features.cohort.read import read_cohort
from features.matrix.encode import encode
from training.registry.promote import promote
from training.registry.record import log_training
from training.result import Fitted, Training
from training.simulation.simulate import simulate
from training.simulation.write import write_simulation
from training.train import train

ENDPOINT = "mht-ldl-response"
GENETIC = "clinical+genetic"
PATIENTS = 1000
REFITS = 20
REPLICATES = 200


@dataclass(frozen=True)
class BenchModel:
    """A training with `REPLICATES` replicates per model, registered and promoted."""

    training: Training
    version: int

    @property
    def uri(self) -> str:
        """The model's address for MLflow."""
        return f"models:/esr-{ENDPOINT}/{self.version}"

    def rows(self, n: int, seed: int) -> Floats:
        """Return (n, features) encoded rows of new simulated patients, unknown fields included."""
        catalogue = load_catalogue()
        features = self.training.fitted["xgboost", GENETIC].scorecard.features
        drawn = simulate(Terms(catalogue.endpoints[ENDPOINT], catalogue), 5000, seed)
        folder = Path("rows")
        folder.mkdir(exist_ok=True)
        write_simulation(drawn, folder / "patients.csv")
        data = _read(folder / "patients.csv")
        columns = {feature.name: data.table[feature.name].tolist() for feature in features}
        x = encode(columns, features)
        return np.tile(x, (-(-n // len(x)), 1))[:n]


def make_model(folder: Path) -> BenchModel:
    """Simulate, train, register in ``ESR_HOME`` and promote the largest of the models."""
    catalogue = load_catalogue()
    path = folder / "cohort.csv"
    write_simulation(simulate(Terms(catalogue.endpoints[ENDPOINT], catalogue), PATIENTS, 1), path)
    data = _read(path)
    folds = folder / "folds.csv"
    halves = {"row": range(PATIENTS), "repeat": 0, "fold": [i % 2 for i in range(PATIENTS)]}
    pd.DataFrame(halves).to_csv(folds, index=False)
    training = _with_replicates(train(data, bootstrap=REFITS, seed=1, folds=folds))
    # the largest model of all is served, so that the benchmark flatters nobody
    training = replace(training, chosen={**training.chosen, GENETIC: "blend"}, suggested=("blend", GENETIC))
    versions = log_training(training)
    version = next(one.version for one in versions if one.suggested)
    promote(ENDPOINT, version, reason="benchmark")
    return BenchModel(training, version)


def _read(path: Path):
    catalogue = load_catalogue()
    manifest = find_cohort(catalogue, str(path.with_suffix(".toml")))
    return read_cohort(path, manifest, Terms(catalogue.endpoints[ENDPOINT], catalogue))


def _with_replicates(training: Training) -> Training:
    fitted = {}
    for key, one in training.fitted.items():
        replicates = np.tile(one.replicates, (REPLICATES // REFITS, 1))
        scorecard = one.scorecard.model_copy(update={"replicates_digest": replicates_digest(replicates)})
        fitted[key] = Fitted(scorecard, replicates)
    return replace(training, fitted=fitted)
