"""The routes that read, and the documentation."""

from __future__ import annotations

import json
import re

from data_schemas.catalogue.load import load_catalogue
from serving.http.routes import openapi


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
    assert set(panel["variants"]) == set(load_catalogue().variants)
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
