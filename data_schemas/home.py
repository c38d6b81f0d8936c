"""Where a project keeps its registry: ``ESR_HOME``, by default `.esr` in the current folder."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the working folder; it need not exist yet."""
    return Path(os.environ.get("ESR_HOME", ".esr")).absolute()


def tracking_uri() -> str:
    """Return MLflow's tracking URI: ``MLFLOW_TRACKING_URI`` if the user set it, else SQLite in `home()`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home() / 'mlflow.db'}"
