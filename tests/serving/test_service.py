"""The service by itself: what it imports, its routes' layers, and its answers without any model."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
from servers import SERVE, client_of, until

from cli.terminal.running import free_port
from serving.http.routes import openapi
from training.registry.promote import promote

ALONE = """
import asyncio, json, sys
from serving.http.gate.outermost import GatedService
from serving.service import EsrResponse, application

async def main():
    app, sent, queue = application(), [], asyncio.Queue()

    async def send(message):
        sent.append(message)

    async def receive():
        return await queue.get()

    lifespan = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    queue.put_nowait({"type": "lifespan.startup"})
    status, body = 503, b"{}"
    while status == 503:  # until the model is loaded
        await asyncio.sleep(0.05)
        sent.clear()
        patient = json.loads(sys.argv[1])
        request = json.dumps({"endpoint": "tiny-ldl", "patients": [patient]}).encode()

        async def whole():
            return {"type": "http.request", "body": request, "more_body": False}

        scope = {"type": "http", "method": "POST", "path": "/v1/predict", "raw_path": b"/v1/predict",
                 "headers": [(b"content-type", b"application/json")], "query_string": b"", "root_path": "",
                 "client": None, "server": None, "scheme": "http", "http_version": "1.1"}
        await app(scope, whole, send)
        status, body = sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])
    queue.put_nowait({"type": "lifespan.shutdown"})
    await lifespan
    apis = [(api.route, api.is_task, api.batchable) for api in EsrResponse.apis.values()]
    modules = sorted({name.partition(".")[0] for name in sys.modules})
    frameworks = super(GatedService, EsrResponse).to_asgi(is_main=True)
    layers = [[one.cls.__name__ for one in service.user_middleware] for service in (frameworks, app.app)]
    print(json.dumps({"status": status, "modules": modules, "apis": apis, "needs": list(EsrResponse.dependencies),
                      "layers": layers}))

asyncio.run(main())
"""


def alone(environment: dict[str, str], patient: dict, folder) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", ALONE, json.dumps(patient)],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        cwd=folder,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_a_service_that_answers_has_imported_no_training_library(bundles, tiny_patient, tmp_path):
    found = alone({"ESR_BUNDLES": str(bundles), "ESR_HOME": str(tmp_path)}, tiny_patient, tmp_path)
    assert found["status"] == 200
    assert not {"sklearn", "xgboost", "matplotlib", "pandas", "training", "cli"}.intersection(found["modules"])
    # a task keeps its inputs on disk, and a dependency would unpickle what it is sent
    assert (found["apis"], found["needs"]) == ([["/v1/predict", False, False]], [])
    frameworks, ours = found["layers"]
    assert frameworks.count("TimeoutMiddleware") == 1
    assert [name for name in frameworks if name != "TimeoutMiddleware"] == ours


def test_neither_does_following_a_registry_import_one(register, esr_home, tiny_patient, tmp_path):
    promote("tiny-ldl", register())
    found = alone({"ESR_HOME": str(esr_home)}, tiny_patient, tmp_path)
    assert found["status"] == 200
    assert "mlflow" in found["modules"]
    assert not {"sklearn", "xgboost", "matplotlib", "training", "cli"}.intersection(found["modules"])


def test_without_any_model_the_service_lives_but_is_not_ready(tmp_path):
    port, log = free_port(), tmp_path / "log.txt"
    environment = {name: value for name, value in os.environ.items() if name != "ESR_BUNDLES"}
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "serve", "--port", str(port)],
            env=environment | {"ESR_HOME": str(tmp_path)},
            cwd=tmp_path,
            stdout=out,
            stderr=out,
        )
    try:
        with client_of(f"http://127.0.0.1:{port}") as client:
            answers = until(lambda: _without_model(client), process, log)
    finally:
        process.terminate()
        assert process.wait() == 0
    assert answers["/livez"].status_code == 200
    assert answers["/readyz"].status_code == 503
    assert answers["/readyz"].json()["code"] == "model_unavailable"
    predict = answers["/v1/predict"]
    assert (predict.status_code, predict.json()["code"]) == (503, "model_unavailable")
    assert predict.headers["retry-after"]
    assert "esr train mht-ldl-response" in predict.json()["detail"]


def _without_model(client: httpx.Client) -> dict[str, httpx.Response] | None:
    """Return an answer per route once the service has looked for models."""
    found = {path: client.get(path) for path in ("/livez", "/readyz")}
    found["/v1/predict"] = client.post("/v1/predict", json=openapi.example_request())
    return None if "being loaded" in found["/v1/predict"].text else found
