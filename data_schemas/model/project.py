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


# Set before mlflow or bentoml is imported, and only where the user has not: nothing phones home, `mlflow ui` starts no
# job consumers, and copying a few files draws no bar.
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}

# Reading: a registry that does not answer costs seconds; MLflow's own defaults retry for minutes.
IMPATIENT = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "2"}

# Answering: one patient's tables are too small to share, and a thread that waits for a busy processor holds up the
# answer. NumPy reads this when it is imported.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def set_environment(settings: dict[str, str]) -> None:
    """Set environment variables where the user has said nothing; child processes inherit them."""
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def sqlite_file(uri: str) -> Path | None:
    """Return the file of an SQLite tracking URI, or None for any other registry.

    >>> sqlite_file("sqlite:////srv/esr/mlflow.db").as_posix()
    '/srv/esr/mlflow.db'
    >>> sqlite_file("https://registry.example") is None
    True
    """
    if not uri.startswith("sqlite:///"):
        return None
    return Path(uri.removeprefix("sqlite:///").split("?")[0])
