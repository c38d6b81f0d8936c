"""The routes that read, the documentation, and a service without any model."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time

import pytest

from data_schemas.catalogue.load import load_catalogue
from serving.http.routes import openapi
from training.registry.promote import promote


def test_the_documented_example_works_as_it_stands(service):
    document = service.client.get("/docs.json").json()
    content = document["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]
    response = service.post(content["example"])
    assert response.status_code == 200
    assert {one["status"] for one in response.json()["predictions"]} == {"predicted"}


def test_the_example_is_of_an_endpoint_that_is_served():
    of = openapi.example_of
    assert of({"tiny-ldl"}) == of(()) == of({"mht-ldl-response", "tamoxifen-rfs"}) == "mht-ldl-response"
    assert of({"tiny-ldl", "tamoxifen-rfs"}) == "tamoxifen-rfs"
    operation = openapi.document("tamoxifen-rfs")["paths"]["/v1/predict"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["example"]["endpoint"] == "tamoxifen-rfs"


def test_every_documented_route_answers(service):
    paths = service.client.get("/docs.json").json()["paths"]
    for path in paths.keys() - {"/v1/predict", "/v1/genotypes"}:
        assert service.client.get(path.format(id="mht-ldl-response")).status_code == 200, path


def test_the_document_refers_only_to_schemas_that_it_holds():
    text = json.dumps(openapi.document())
    names = set(openapi.document()["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= names
    assert {"PredictionRequest", "Patient", "PredictionResponse", "ProblemDetails"} <= names
    assert "InvalidPatient" not in names


def test_the_documentation_page_loads_nothing_from_elsewhere(service):
    page = service.client.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert links
    for link in links:
        if link == "data:,":  # no icon, and so no request for one
            continue
        assert link.startswith("./")
        assert service.client.get(link.removeprefix(".")).status_code == 200
    assert "http" not in page.text


def test_endpoints_say_whether_they_have_a_model(service):
    listed = {one["id"]: one for one in service.client.get("/v1/endpoints").json()}
    assert set(load_catalogue().endpoints) | {"tiny-ldl"} == set(listed)
    assert listed["tamoxifen-rfs"]["model"] is None
    model = listed["mht-ldl-response"]["model"]
    assert (model["name"], model["synthetic"], model["design"]) == ("esr-mht-ldl-response", True, "randomised")
    assert all(one["is_not"] for one in listed.values())


def test_one_endpoint_tells_its_inputs(service):
    found = service.client.get("/v1/endpoints/mht-ldl-response").json()
    ldl = next(row for row in found["covariates"] if row["id"] == "ldl_cholesterol")
    assert ldl["unit"]
    assert ldl["possible"]
    assert {row["id"] for row in found["variants"]} == set(load_catalogue().endpoints["mht-ldl-response"].variants)
    assert all("mht-ldl-response" in row["endpoints"] for row in found["evidence"])
    assert found["model_card"]["intended_use"] == "Research use; not a medical device."


def test_the_panel_and_the_models_are_listed(service):
    panel = service.client.get("/v1/panel").json()
    assert panel["digest"] == load_catalogue().panel_digest
    assert len(panel["variants"]) == 8
    models = service.client.get("/v1/models").json()
    assert {row["endpoint"] for row in models} == {"tiny-ldl", "mht-ldl-response"}


def test_metrics_count_answers_and_refusals_and_no_paths_of_clients(service, tiny_patient):
    service.post({"endpoint": "tiny-ldl", "patients": [tiny_patient]})
    service.client.get("/v1/some-path-nobody-has")
    text = service.client.get("/metrics").text
    assert re.search(r'esr_predictions_total\{endpoint="tiny-ldl",status="predicted"\} [1-9]', text)
    assert re.search(r'esr_refused_requests_total\{code="not_found"\} [1-9]', text)
    assert 'endpoint="/v1/predict"' in text
    assert "some-path-nobody-has" not in text


ALONE = """
import asyncio, json, sys
from serving.service import EsrResponse, GatedService, application

async def main():
    app, sent, queue = application(), [], asyncio.Queue()

    async def send(message):
        sent.append(message)

    async def receive():
        return await queue.get()

    lifespan = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    queue.put_nowait({"type": "lifespan.startup"})
    status, body = 0, b"{}"
    for _ in range(200):
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
        if status == 200:
            break
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from cli.main import run; run()", "serve", "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if name != "ESR_BUNDLES"}
    process = subprocess.Popen(
        command, env=environment | {"ESR_HOME": str(tmp_path)}, cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    try:
        import httpx

        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            answers = _when_up(client, process)
    finally:
        process.terminate()
        assert process.wait(30) == 0
    assert answers["/livez"].status_code == 200
    assert answers["/readyz"].status_code == 503
    assert answers["/readyz"].json()["code"] == "model_unavailable"
    predict = answers["/v1/predict"]
    assert (predict.status_code, predict.json()["code"]) == (503, "model_unavailable")
    assert predict.headers["retry-after"]
    assert "esr train mht-ldl-response" in predict.json()["detail"]


def _when_up(client, process) -> dict:
    import httpx

    for _ in range(600):
        assert process.poll() is None
        try:
            found = {path: client.get(path) for path in ("/livez", "/readyz")}
            found["/v1/predict"] = client.post("/v1/predict", json=openapi.example_request())
        except httpx.ConnectError:
            time.sleep(0.1)
            continue
        if "being loaded" not in found["/v1/predict"].text:
            return found
        time.sleep(0.1)
    raise AssertionError("the service did not start")


def test_a_service_is_refused_beyond_this_machine(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", "serve", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert "error [refused_setting]" in done.stderr
    assert "--behind-proxy" in done.stderr


def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", "from cli.main import run; run()", "serve", "--port", str(port)],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr


def test_a_silent_connection_is_closed(monkeypatch):
    uvicorn = pytest.importorskip("uvicorn")
    from serving.http.gate import header_deadline

    monkeypatch.setattr(header_deadline, "HEADER_DEADLINE_SECONDS", 0.2)

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def scenario():
        config = uvicorn.Config(app, port=0, http=header_deadline.TimedH11, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        slow_reader, slow_writer = await asyncio.open_connection("127.0.0.1", port)
        slow_writer.write(b"GET / HT")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"200" in await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.3)
        closed = await asyncio.wait_for(slow_reader.read(), 5)
        writer.close()
        slow_writer.close()
        server.should_exit = True
        await running
        return closed

    assert asyncio.run(scenario()) == b""
