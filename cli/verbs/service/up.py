"""`esr up` keeps the service and the MLflow UI up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

import typer

from cli.terminal.running import free_port, interrupt_on_stop, program, running
from data_schemas.errors import ModelError
from data_schemas.model.project import QUIET, home, set_environment, sqlite_file, tracking_uri

SERVICE_PORT = 3000
UI_PORT = 5000


def up(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, envvar="ESR_PORT", help="of the service; 0 takes a free one")
    ] = SERVICE_PORT,
    ui_port: Annotated[
        int, typer.Option(min=0, max=65535, envvar="ESR_UI_PORT", help="of the MLflow UI; 0 takes a free one")
    ] = UI_PORT,
) -> None:
    """Keep the service and the MLflow UI up, on this machine only, until Ctrl-C."""
    set_environment(QUIET)
    interrupt_on_stop()
    logs = home() / "logs"
    uri = tracking_uri()
    file = sqlite_file(uri)
    if file is not None and not file.is_file():
        raise ModelError("model_unavailable", f"there is no registry at {file}; `make demo` or `esr train` makes one")
    service = free_port(port, only=_is_stated(context, "port"))
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{service}"
        stack.enter_context(
            running([program("esr"), "serve", "--port", str(service)], logs / "service.log", f"{url}/livez")
        )
        typer.echo(f"service    {url}/    documentation and example; log in {logs / 'service.log'}")
        ui = free_port(ui_port, only=_is_stated(context, "ui_port"))
        command = [program("mlflow"), "ui", "--backend-store-uri", uri, "--host", "127.0.0.1", "--port", str(ui)]
        url = f"http://127.0.0.1:{ui}"
        stack.enter_context(running([*command, "--workers", "1"], logs / "mlflow-ui.log", f"{url}/health"))
        typer.echo(f"MLflow UI  {url}/    runs and models; log in {logs / 'mlflow-ui.log'}")
        for name, page in _experiments(url):
            typer.echo(f"           {page}    {name}")
        typer.echo("Ctrl-C stops both. Research use; not a medical device.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            typer.echo("stopping")


def _experiments(url: str) -> Iterator[tuple[str, str]]:
    """Yield each endpoint's experiment and its page of runs, which MLflow's start page does not lead to by itself.

    They are a convenience: where MLflow does not list them, there are none.
    """
    import httpx

    asked = {"max_results": 100, "filter": "name LIKE 'esr-%'"}
    try:
        answer = httpx.post(f"{url}/api/2.0/mlflow/experiments/search", json=asked, timeout=60, trust_env=False)
        found = answer.json().get("experiments", ()) if answer.is_success else ()
    except (httpx.HTTPError, ValueError):
        return
    for one in found:
        yield one["name"], f"{url}/#/experiments/{one['experiment_id']}/runs?workflowType=machine_learning"


def _is_stated(context: typer.Context, name: str) -> bool:
    """Whether an option was given, on the command line or in the environment; a default may give way."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"
