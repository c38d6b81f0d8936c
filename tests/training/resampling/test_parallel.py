"""Independent tasks: in order, on one process or two, and a clear word where a process is killed."""

from __future__ import annotations

import os

import numpy as np
import pytest

from data_schemas.errors import TrainingError
from training.resampling.parallel import children, run_tasks


def test_results_come_in_order_from_any_number_of_processes():
    tasks = [(seed, 3) for seed in children(np.random.SeedSequence(1), 4)]
    advanced = []
    alone, both = (run_tasks(children, tasks, jobs, lambda: advanced.append(1)) for jobs in (1, 2))
    assert [[one.spawn_key for one in found] for found in both] == [[(i, j) for j in range(3)] for i in range(4)]
    assert [[one.spawn_key for one in found] for found in alone] == [[one.spawn_key for one in found] for found in both]
    assert len(advanced) == 8


def test_children_are_the_same_at_every_call():
    seed = np.random.SeedSequence(3)
    first, again = children(seed, 2), children(seed, 2)
    assert [one.generate_state(1)[0] for one in first] == [one.generate_state(1)[0] for one in again]


@pytest.mark.filterwarnings("ignore:A worker stopped while some jobs were given:UserWarning")
def test_a_killed_process_is_named_with_the_cure():
    with pytest.raises(TrainingError, match="--jobs 1") as caught:
        run_tasks(os._exit, [(1,), (1,)], 2)
    assert caught.value.code == "worker_lost"
