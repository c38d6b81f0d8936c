"""The option --no-skips, and the small hand-made model that several parts are tested with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tiny_model import make_tiny_scorecard, register_tiny, train_tiny, write_tiny_bundle

from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.model.scorecard import Scorecard
from training.registry.tracking import open_tracking
from training.result import Training

pytest_plugins = ["no_skips"]

# The same examples in every run, however long each takes: a test that fails tells of a change, not of a draw or of a
# busy machine.
settings.register_profile(
    "same_examples", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same_examples")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that train first: of several processes, none is left alone with the longest file at the end."""
    items.sort(key=lambda item: "train" not in item.nodeid.partition("::")[0])


@pytest.fixture
def tiny_scorecard() -> Callable[..., Scorecard]:
    """The builder of a small hand-made scorecard."""
    return make_tiny_scorecard


@pytest.fixture
def tiny_bundle() -> Callable[..., Path]:
    """The writer of a small hand-made bundle: ``tiny_bundle(folder, endpoint, genetic=..., shift=...)``."""
    return write_tiny_bundle


@pytest.fixture
def tiny_patient() -> dict[str, object]:
    """A patient, as JSON, whom the tiny model predicts."""
    return {
        "id": "p1",
        "therapy": {"name": "cee-mpa"},
        "covariates": {"age": 58, "ldl_cholesterol": {"value": 4.1, "unit": "mmol/L"}, "diabetes": "no"},
        "genotypes": {"rs2234693": "T/C"},
    }


@pytest.fixture(scope="session")
def tiny_training(tmp_path_factory) -> Training:
    """A real training on a small made-up cohort, run once."""
    return train_tiny(tmp_path_factory.mktemp("training"))


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory) -> Path:
    """A new MLflow database without anything in it; its schema takes seconds to build, so it is built once."""
    file = tmp_path_factory.mktemp("registry") / "mlflow.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESR_HOME", str(file.parent))
        with open_tracking(f"sqlite:///{file}"):
            return file


@pytest.fixture
def esr_home(tmp_path, monkeypatch, empty_registry) -> Path:
    """A project's working folder with an empty registry of its own."""
    folder = tmp_path / "esr"
    folder.mkdir(mode=0o700)
    shutil.copy(empty_registry, folder / "mlflow.db")
    monkeypatch.setenv("ESR_HOME", str(folder))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("ESR_BUNDLES", raising=False)
    return folder


@pytest.fixture
def register(esr_home, tmp_path_factory) -> Callable[..., int]:
    """The registration of a tiny model in `esr_home`: ``register(endpoint, shift=..., genetic=...)`` -> version."""

    def register_one(*endpoint: Endpoint, **changes: object) -> int:
        return register_tiny(tmp_path_factory.mktemp("tiny"), *endpoint, **changes)

    return register_one
