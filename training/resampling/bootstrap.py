"""Bootstrap refits of the whole pipeline: replicates for the interval, and the optimism of each metric.

To each replicate a draw is added of what the models' penalties hold back (see `shrinkage`), which all refits
have in common: else the interval would be too narrow.

Persons are drawn with replacement, with all of their rows; all copies share a fold. Inner folds, blend weights and
calibrators are made anew in each replicate; hyper-parameters are held at the chosen values, since a search in each
would cost many minutes (the model card's settings say so).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from data_schemas.arrays import Floats, Ints
from data_schemas.errors import TrainingError
from training.fitting.compile import calibrated
from training.fitting.estimators import CANDIDATES, Key, Setting, curve_knots
from training.fitting.score_tables import Tables, weighted_sum
from training.resampling.metrics import METRICS, evaluate
from training.resampling.parallel import children, run_tasks
from training.resampling.refusals import persons_with
from training.resampling.sample import Sample, fit_rows
from training.resampling.shrinkage import Shrinkage, measure_shrinkage

MIN_DRAWN = 10  # persons of either outcome in a replicate, so that its inner folds have some
DRAWS = 100  # before a replicate is given up; with the fewest persons that are trained on, the first nearly always does


@dataclass(frozen=True)
class Bootstrapped:
    """Calibrated tables of each replicate, and mean optimism of each metric, by (candidate, feature set)."""

    tables: dict[Key, list[Tables]]
    optimism: dict[Key, dict[str, float]]


def bootstrap(
    sample: Sample,
    held: Mapping[str, Mapping[str, Setting]],
    replicates: int,
    seed: np.random.SeedSequence,
    n_jobs: int,
    advance: Callable[[], None],
) -> Bootstrapped:
    """Refit `replicates` times; `held` are the settings by feature set and estimator."""
    shrinkage = _shrinkage(sample, held) if replicates else {}
    tasks = [(sample, held, shrinkage, one) for one in children(seed, replicates)]
    found = run_tasks(_replicate, tasks, n_jobs, advance)
    keys = [(candidate, feature_set) for feature_set in sample.designs for candidate in CANDIDATES]
    optimism = {
        key: {name: float(np.mean([one[1][key][name] for one in found])) for name in METRICS} if found else {}
        for key in keys
    }
    return Bootstrapped({key: [one[0][key] for one in found] for key in keys}, optimism)


def _shrinkage(sample: Sample, held: Mapping[str, Mapping[str, Setting]]) -> dict[str, Shrinkage]:
    """Return the shrinkage per feature set, over the knots that its curves have anyway."""
    y, weight = sample.response.y, sample.response.weights()
    return {
        feature_set: measure_shrinkage(design, y, weight, curve_knots(held[feature_set]))
        for feature_set, design in sample.designs.items()
    }


def _replicate(
    sample: Sample,
    held: Mapping[str, Mapping[str, Setting]],
    shrinkage: Mapping[str, Shrinkage],
    seed: np.random.SeedSequence,
) -> tuple[dict[Key, Tables], dict[Key, dict[str, float]]]:
    draw_seed, fit_seed, unknown_seed, shrinkage_seed = children(seed, 4)
    count = draw_persons(sample, np.random.default_rng(draw_seed))
    rows = np.flatnonzero(count)
    everybody = np.arange(sample.n)
    weight_here = np.zeros(sample.n)
    copies = np.repeat(rows, count[rows])
    np.add.at(weight_here, copies, sample.response.take(copies).weights())
    weights = np.stack([weight_here, sample.response.weights()])
    tables: dict[Key, Tables] = {}
    optimism: dict[Key, dict[str, float]] = {}
    for feature_set, design in sample.designs.items():
        # The same seed for both feature sets: the same inner folds, and the same stand-ins for unknown values.
        pipeline = fit_rows(sample, feature_set, rows, count[rows], fit_seed, held[feature_set])
        unknown = _stand_ins(design.x, design.grid.fills, np.random.default_rng(unknown_seed))
        held_back = shrinkage[feature_set].draw(np.random.default_rng(shrinkage_seed)).with_unknown(unknown)
        for candidate, one in pipeline.tables(design, unknown).items():
            refitted = calibrated(one, pipeline.calibration[candidate])
            tables[candidate, feature_set] = weighted_sum([(1.0, refitted), (1.0, held_back)])
        for candidate, log_odds in pipeline.log_odds(design, everybody).items():
            found = evaluate(log_odds, sample.response.y, weights)
            optimism[candidate, feature_set] = {name: float(found[name][0] - found[name][1]) for name in METRICS}
    return tables, optimism


def draw_persons(sample: Sample, rng: np.random.Generator) -> Ints:
    """Return how often each row is in the replicate, (n,); drawn again until both outcomes suffice to fold.

    Raises
    ------
    TrainingError
        `too_few_rows`: a hundred draws did not hold enough persons of either outcome.
    """
    persons, member = np.unique(sample.person, return_inverse=True)
    for _ in range(DRAWS):
        count: Ints = rng.multinomial(len(persons), np.full(len(persons), 1.0 / len(persons)))[member]
        if min(persons_with((sample.response.y == y) & (count > 0), sample.person) for y in (0, 1)) >= MIN_DRAWN:
            return count
    raise TrainingError(
        "too_few_rows",
        f"{DRAWS} draws of {len(persons):,} persons with replacement never held {MIN_DRAWN} of either outcome; "
        "the rarer outcome needs more persons, or train with --bootstrap 0, which gives no interval",
    )


def _stand_ins(x: Floats, fills: Mapping[int, float], rng: np.random.Generator) -> dict[int, float]:
    """Draw, for each feature whose unknown is not learned, the value of one training row in place of the fill.

    The point model puts an unknown value at the fill; that the patient may be anywhere in the cohort's distribution is
    uncertainty, and this is how the interval widens by it.
    """
    order = rng.permutation(len(x))
    out = {}
    for column in fills:
        # Each feature has its own row, found from its own place in the order, so that a further feature moves no other.
        values = np.roll(order, -int(rng.integers(len(x))))
        known = x[values, column]
        out[column] = float(known[~np.isnan(known)][0])
    return out
