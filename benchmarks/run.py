"""`make bench`: ratios measured in one run, on simulated patients only.

Absolute numbers are this machine's; the ratios are what counts. A missed aim is printed, not an error.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bench_genotypes import bench_genotypes
from bench_model import REPLICATES, make_model
from bench_process import bench_process
from bench_scorecard import bench_scorecard
from bench_service import bench_service
from report import Line

from data_schemas.model.project import IMPATIENT, QUIET, set_environment


def main() -> None:
    """Make a model, then run every benchmark with it."""
    set_environment(QUIET | IMPATIENT)
    for name in ("MLFLOW_TRACKING_URI", "ESR_BUNDLES"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="esr-bench-") as folder:
        os.environ["ESR_HOME"] = str(Path(folder) / "home")
        os.chdir(folder)
        print(f"Training on simulated patients ({REPLICATES} replicates per model) ...", flush=True)
        model = make_model(Path(folder))
        _show("scorecard", bench_scorecard(model))
        _show("service", bench_service(model))
        _show("process", bench_process())
        _show("genotype files", bench_genotypes(Path(folder)))
        os.chdir("/")


def _show(title: str, lines: Iterable[Line]) -> None:
    print(f"\n{title}")
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
