"""Independent tasks on several processes, with the same result on any number of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from data_schemas.errors import TrainingError

Result = TypeVar("Result")


def children(seed: np.random.SeedSequence, n: int) -> list[np.random.SeedSequence]:
    """Return the first `n` children of a seed; unlike ``seed.spawn`` the same ones at every call.

    A task may run in this process or on a copy in another: a seed that counts its children would tell the two apart.
    """
    return [np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, i)) for i in range(n)]


def processors() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_tasks(
    function: Callable[..., Result],
    tasks: Sequence[tuple[Any, ...]],
    n_jobs: int,
    advance: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Return ``function(*task)`` of each task, in order; `advance` is called after each.

    Raises
    ------
    TrainingError
        `worker_lost`: a process was killed.
    """
    if n_jobs == 1 or len(tasks) < 2:
        results = []
        for task in tasks:
            results.append(_alone(function, task))
            advance()
        return results
    results = []
    try:
        for result in Parallel(n_jobs=n_jobs, return_as="generator")(delayed(_alone)(function, task) for task in tasks):
            results.append(result)
            advance()
    except BrokenProcessPool:
        raise TrainingError(
            "worker_lost",
            "a worker process was ended from outside, most often for want of memory; nothing was registered. "
            "Try again with fewer processes (--jobs 1)",
        ) from None
    return results


def _alone(function: Callable[..., Result], task: tuple[Any, ...]) -> Result:
    """Run one task on one thread: sums in BLAS depend on the number of threads in their last bits, digests on all."""
    with threadpool_limits(1):
        return function(*task)
