"""`esr demo` walks the whole path on simulated patients."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.terminal.running import free_port, interrupt_on_stop, program, running
from cli.verbs.service.up import SERVICE_PORT, UI_PORT
from data_schemas.errors import ModelError
from data_schemas.model.project import CHALLENGER, CHAMPION, QUIET, home, set_environment, sqlite_file, tracking_uri
from features.files.whole import writing_to

ENDPOINT = "mht-ldl-response"
EXAMPLE = Path(__file__).parents[3] / "data_schemas" / "examples" / f"{ENDPOINT}.json"


def demo(
    patients: Annotated[int, typer.Option("-n", min=200, help="how many patients to simulate")] = 1500,
    bootstrap: Annotated[int, typer.Option(min=20, help="bootstrap refits behind the interval")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="of the simulation and of the training")] = 7,
) -> None:
    """Simulate a cohort, train, register, promote, serve, ask over HTTP, explain the answer, and stop."""
    import httpx

    set_environment(QUIET)
    interrupt_on_stop()
    folder = home() / "demo"
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    data = folder / f"{ENDPOINT}-synthetic.csv"
    _refuse_real_champion()
    _verb("simulate", ENDPOINT, "-n", str(patients), "--seed", str(seed), "-o", str(data))
    _verb(
        *("train", ENDPOINT, "--cohort", str(data.with_suffix(".toml")), "--data", str(data)),
        *("--bootstrap", str(bootstrap), "--seed", str(seed)),
    )
    _verb("models", ENDPOINT)
    _verb("promote", ENDPOINT, str(_challenger()), "--reason", "make demo")

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    serve = ("serve", "--port", str(port))
    _say(serve)
    with running([program("esr"), *serve], folder / "service.log", f"{url}/readyz"):
        typer.echo(f"POST {url}/v1/predict < {_short(EXAMPLE)}\n")
        answer = httpx.post(
            f"{url}/v1/predict",
            content=EXAMPLE.read_bytes(),
            headers={"content-type": "application/json"},
            timeout=30,
            trust_env=False,
        )
        answer.raise_for_status()
        _show(answer.json())
    typer.echo("\nThe demo's service is stopped. `make serve` starts it again beside the MLflow UI; open then:")
    typer.echo(f"  http://127.0.0.1:{SERVICE_PORT}/    the service, with its documentation and this example")
    typer.echo(f"  http://127.0.0.1:{UI_PORT}/    the MLflow UI: runs, metrics, calibration curves, versions")
    typer.echo("Trained on SYNTHETIC patients. Research use; not a medical device.")


def _say(arguments: tuple[str, ...]) -> None:
    typer.secho(f"\n$ esr {shlex.join(_short(Path(a)) if '/' in a else a for a in arguments)}", bold=True)


def _short(path: Path) -> str:
    """Return a path as a reader would type it here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _verb(*arguments: str) -> None:
    """Print an `esr` command and run it; a failing one has said why, and ends the demo with its exit code."""
    _say(arguments)
    done = subprocess.run([program("esr"), *arguments], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)


def _versions() -> list[dict[str, Any]]:
    from serving.models.store import Store

    return [row for row in Store(tracking_uri()).models() if row["endpoint"] == ENDPOINT]


def _refuse_real_champion() -> None:
    """Refuse to put a simulated model in the place of one that was trained on patients."""
    file = sqlite_file(tracking_uri())
    if file is not None and not file.is_file():
        return
    for row in _versions():
        if CHAMPION in row["aliases"] and not row["synthetic"]:
            raise ModelError(
                "refused_setting",
                f"{row['name']} version {row['version']} is champion and was trained on patients; the demo would "
                "replace it. Give the demo a folder of its own: ESR_HOME=.esr-demo make demo",
            )


def _challenger() -> int:
    """Return the version that the training suggests."""
    return next(int(row["version"]) for row in _versions() if CHALLENGER in row["aliases"])


def _show(answer: dict[str, Any]) -> None:
    from cli.verbs.model.predict import show
    from data_schemas.wire.prediction import PredictionResponse

    show(PredictionResponse.model_validate(answer))
