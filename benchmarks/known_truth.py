"""What intervals and p-values are worth where the truth is known: simulated cohorts, drawn again and again.

Prints the share of new patients whose true probability lies in a model's 90 % interval, and how often the test of
genetics rejects at 5 % where genetics does nothing. Takes some ten minutes; needs no data.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats
from data_schemas.catalogue.load import find_cohort, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.project import QUIET, set_environment
from features.cohort.read import CohortData, read_cohort
from features.matrix.encode import encode
from serving.scoring.score import Evaluator
from training.evaluation.incremental import GENETIC
from training.evaluation.permutation import nested_test
from training.simulation.simulate import simulate
from training.simulation.write import write_simulation
from training.train import build_sample, train

INTERVALS = (
    ("mht-ldl-response", 500),
    ("mht-ldl-response", 1500),
    ("tamoxifen-rfs", 700),
    ("serd-progression", 400),
)
COHORTS, NEW_PATIENTS, REFITS = 3, 1000, 60
NULL_SIZES, NULL_COHORTS, PERMUTATIONS = (400, 1000), 200, 199


def drawn(endpoint_id: str, n: int, seed: int, folder: Path, *, null: bool = False) -> tuple[CohortData, Floats]:
    """Return a simulated cohort and the true probability of each of its rows."""
    catalogue = load_catalogue()
    endpoint = catalogue.endpoints[endpoint_id]
    simulation, path = simulate(Terms(endpoint, catalogue), n, seed, null=null), folder / "cohort.csv"
    write_simulation(simulation, path)
    data = read_cohort(path, find_cohort(catalogue, str(path.with_suffix(".toml"))), Terms(endpoint, catalogue))
    return data, simulation.probability[data.row]


def coverage(endpoint_id: str, n: int, seed: int, folder: Path) -> float:
    """Return the share of new patients whose true probability the interval of the chosen genetic model holds."""
    data, _ = drawn(endpoint_id, n, seed, folder)
    halves = {"row": data.row, "repeat": 0, "fold": np.arange(len(data.row)) % 2}
    pd.DataFrame(halves).to_csv(folder / "folds.csv", index=False)
    training = train(data, bootstrap=REFITS, seed=seed, folds=folder / "folds.csv")
    fitted = training.fitted[training.chosen[GENETIC], GENETIC]
    new, truth = drawn(endpoint_id, NEW_PATIENTS, 10_000 + seed, folder)
    features = fitted.scorecard.features
    x = encode({feature.name: new.table[feature.name].tolist() for feature in features}, features)
    scores = Evaluator(fitted.scorecard, fitted.replicates).score(x)
    return float(np.mean((scores.low <= truth) & (truth <= scores.high)))


def rejects(n: int, seed: int, folder: Path) -> bool:
    """Whether the test of genetics rejects at 5 % in a cohort where genetics does nothing."""
    data, _ = drawn(INTERVALS[0][0], n, seed, folder, null=True)
    sample, _ = build_sample(data)
    return nested_test(sample, GENETIC, np.random.SeedSequence(seed), PERMUTATIONS).p < 0.05


def main() -> None:
    """Print what is found, line by line."""
    set_environment(QUIET)
    with tempfile.TemporaryDirectory(prefix="esr-truth-") as name:
        folder = Path(name)
        print(f"true probability in the 90 % interval, {COHORTS} cohorts, {NEW_PATIENTS} new patients each")
        for endpoint_id, n in INTERVALS:
            shares = [coverage(endpoint_id, n, seed, folder) for seed in range(COHORTS)]
            found = ", ".join(f"{100 * share:.0f}" for share in shares)
            print(f"  {endpoint_id:<20} {n:>5,} patients   {100 * np.mean(shares):3.0f} %   ({found})", flush=True)
        print(f"genetics found at p < 0.05 where it does nothing, {NULL_COHORTS} cohorts")
        for n in NULL_SIZES:
            rate = np.mean([rejects(n, seed, folder) for seed in range(NULL_COHORTS)])
            print(f"  {INTERVALS[0][0]:<20} {n:>5,} patients   {100 * rate:3.1f} %", flush=True)


if __name__ == "__main__":
    main()
