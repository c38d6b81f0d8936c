"""Requests per second for one explained patient, against an empty route and against `mlflow models serve`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from bench_model import ENDPOINT, BenchModel
from load import Target
from report import Line

from cli.terminal.running import free_port
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.project import ONE_THREAD, tracking_uri
from data_schemas.toml_file import FOLDER
from features.patient.flat import flat_columns
from features.patient.terms import PatientTerms

ROUNDS = 40
SECONDS = 0.25
EXAMPLE = FOLDER / "examples" / f"{ENDPOINT}.json"


def bench_service(model: BenchModel) -> list[Line]:
    """Measure the two servers one after the other, and the routes of one server in turn."""
    request = json.loads(EXAMPLE.read_text())
    one = {"endpoint": ENDPOINT, "patients": request["patients"][:1]}
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("empty_service.py")), str(port)]
    with serving(command, port, "/readyz", "service.log") as process:
        explained = Target(port, "/v1/predict", json.dumps(one).encode())
        empty, threaded = Target(port, "/empty", b"{}"), Target(port, "/empty-in-a-thread", b"{}")
        answered = httpx.post(f"http://127.0.0.1:{port}/v1/predict", json=one).json()["predictions"][0]
        if answered["status"] != "predicted":
            raise RuntimeError(f"the example patient was not predicted: {answered}")
        rates, empty_rates, threaded_rates = rounds(explained, empty, threaded)
        peak = peak_memory(process.pid)
    mlflow_rates = _mlflow(model, request["patients"][0], answered["probability"])
    # the best round of each: whatever else the machine does can only slow one down
    ours, nothing, in_a_thread, theirs = map(max, (rates, empty_rates, threaded_rates, mlflow_rates))
    return [
        Line("one explained patient", f"{ours:,.0f} requests/s"),
        Line("empty route, same process", f"{nothing:,.0f} requests/s", ours / nothing, 0.6),
        Line("empty route as a plain def, same process", f"{in_a_thread:,.0f} requests/s", ours / in_a_thread),
        Line("mlflow models serve, same model", f"{theirs:,.0f} requests/s", ours / theirs, 3.0),
        Line("peak memory of the service after that", f"{peak / 2**20:,.0f} MiB"),
    ]


def rounds(first: Target, *others: Target) -> list[list[float]]:
    """Return the rates of the targets, measured in turn so that what the machine does meanwhile hits all alike."""
    targets = (first, *others)
    for target in targets:
        target.requests_per_second(0.5)
    found: list[list[float]] = [[] for _ in targets]
    for _ in range(ROUNDS):
        for rates, target in zip(found, targets, strict=True):
            rates.append(target.requests_per_second(SECONDS))
    return found


def _mlflow(model: BenchModel, patient: dict, expected: float) -> list[float]:
    """Return the rates of MLflow's own server; its answer must be ours."""
    port = free_port()
    # MLflow starts `uvicorn` by its name
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "--model-uri", model.uri]
    body = json.dumps({"dataframe_split": _flat(patient)}).encode()
    with serving(command, port, "/ping", "mlflow.log"):
        target = Target(port, "/invocations", body)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/invocations", content=body, headers={"content-type": "application/json"}
        )
        found = answer.json()["predictions"][0]["probability"]
        if abs(found - expected) > 1e-12:
            raise RuntimeError("mlflow models serve and our service disagree")
        return rounds(target)[0]


def _flat(patient: dict) -> dict[str, list]:
    """Return a request's patient as one row of flat columns in our own units."""
    from data_schemas.wire.patient import Patient
    from features.patient.resolve import resolve

    catalogue = load_catalogue()
    endpoint = catalogue.endpoints[ENDPOINT]
    values = resolve(Patient.model_validate_json(json.dumps(patient)), PatientTerms(endpoint, catalogue)).values
    cells = {**values, **patient["genotypes"], "id": patient["id"]}
    columns = [column.name for column in flat_columns(Terms(endpoint, catalogue))]
    return {"columns": columns, "data": [[cells.get(name) for name in columns]]}


@contextmanager
def serving(command: list[str], port: int, ready: str, log: str) -> Iterator[subprocess.Popen]:
    """Run a server in a process group of its own until the block ends."""
    # as `esr serve` sets it for itself, and for MLflow's server alike
    environment = os.environ | ONE_THREAD
    with open(log, "w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)
        try:
            wait_until(f"http://127.0.0.1:{port}{ready}", process, log)
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def wait_until(url: str, process: subprocess.Popen, log: str) -> None:
    """Wait until `url` answers 200."""
    for _ in range(900):
        if process.poll() is not None:
            raise RuntimeError(Path(log).read_text()[-3000:])
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer: {Path(log).read_text()[-3000:]}")


def peak_memory(pid: int) -> int:
    """Return the largest resident size that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
