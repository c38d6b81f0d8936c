"""What writer and reader of a registry share: where it lies, and what models, aliases and outputs are called."""

from __future__ import annotations

import os
import re
from pathlib import Path

from data_schemas.errors import CatalogueError

BUNDLE_FOLDER = "bundle"
"""The bundle's folder inside an MLflow model's artifacts."""

CHAMPION = "champion"
"""The alias of the version that is served; only a promotion moves it."""

CHALLENGER = "challenger"
"""The alias of the version that the last training suggests."""

NUMBERS = ("probability", "low", "high", "without_genetics")
"""The numbers that a registered model answers with, one column each."""

OUTPUTS = (*NUMBERS, "status")
"""All columns that a registered model answers with; what is no number is text."""

MODEL_NAME = re.compile(r"esr-([A-Za-z0-9][A-Za-z0-9._-]*)")


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


def model_name(endpoint_id: str) -> str:
    """Return the name of an endpoint's registered model.

    Raises
    ------
    CatalogueError
        `catalogue_invalid`: an id that cannot be part of a file name.

    >>> model_name("mht-ldl-response")
    'esr-mht-ldl-response'
    """
    name = f"esr-{endpoint_id}"
    if endpoint_of(name) is None:
        raise CatalogueError(
            "catalogue_invalid",
            f"endpoint {endpoint_id!r}: an id has letters, digits, dots, dashes and underscores only; rename its file",
        )
    return name


def endpoint_of(name: str) -> str | None:
    """Return the endpoint of a registered model, or None where the model is not one of ours.

    >>> endpoint_of("esr-mht-ldl-response"), endpoint_of("esr-../x")
    ('mht-ldl-response', None)
    """
    match = MODEL_NAME.fullmatch(name)
    return match.group(1) if match else None
