"""The OpenAPI document: written from the very classes that validate requests and answers."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from data_schemas import __version__
from data_schemas.errors import FAULTS, Problem
from data_schemas.toml_file import FOLDER
from data_schemas.wire.genotypes import GenotypeReport
from data_schemas.wire.patient import PredictionRequest
from data_schemas.wire.prediction import PredictionResponse
from serving.http.gate.problems import MEDIA_TYPE
from serving.http.routes import genotypes

DEFAULT = "mht-ldl-response"

DESCRIPTION = """Calibrated, explained probabilities of response to hormonal therapy, from ESR1/ESR2 variants and
clinical covariates. Research use; not a medical device.

`sum(contributions.log_odds) + logit(baseline) = log_odds`, where `baseline` is the calibrated probability at the
training cohort's mean log-odds. Genotypes are letters on the forward strand. What is left out or null is unknown;
nothing is filled in silently. A patient is `predicted`, `abstained` (with reasons, without a number) or `invalid`
(with JSON pointers); the other patients of the request are answered all the same."""


class ProblemDetails(BaseModel):
    """RFC 9457 problem details; `code` is one of a fixed list."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: tuple[Problem, ...]


# path -> summary, or a path and its parameter
READ_ROUTES = {
    "/v1/endpoints": "The endpoints, each with its model's state",
    "/v1/endpoints/{id}": "One endpoint: its inputs with units and ranges, its evidence, its model",
    "/v1/models": "Every registered model version",
    "/v1/panel": "The variant panel: positions, alleles, effect alleles, sources",
    "/livez": "Whether the process is alive",
    "/readyz": "Whether a model has reproduced its self-test and can answer",
    "/metrics": "Prometheus metrics",
}


def example_of(served: Collection[str]) -> str:
    """Return the endpoint of the example request: one that is served and has an example, else the default."""
    return next((name for name in (DEFAULT, *sorted(served)) if name in served and _example(name).is_file()), DEFAULT)


def _example(endpoint_id: str) -> Path:
    return FOLDER / "examples" / f"{endpoint_id}.json"


def example_request(endpoint_id: str = DEFAULT) -> dict[str, Any]:
    """Return an example request; it works as it stands where the endpoint has a model."""
    found: dict[str, Any] = json.loads(_example(endpoint_id).read_bytes())
    return found


@cache
def document(endpoint_id: str = DEFAULT) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, with the example of an endpoint."""
    _, schemas = models_json_schema(
        [
            (PredictionRequest, "validation"),
            *((one, "serialization") for one in (PredictionResponse, GenotypeReport, ProblemDetails)),
        ],
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "ESR Response", "version": __version__, "description": DESCRIPTION},
        "servers": [{"url": "."}],
        "paths": {
            "/v1/predict": {"post": _predict_operation(example_request(endpoint_id))},
            genotypes.ROUTE: {"post": _genotypes_operation()},
            **{path: {"get": _read_operation(path, summary)} for path, summary in READ_ROUTES.items()},
        },
        "components": {"schemas": schemas["$defs"]},
    }


def _reference(model: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model}"}


def _problem_responses(*codes: str) -> dict[str, Any]:
    by_status: dict[str, list[str]] = {}
    for code in codes:
        by_status.setdefault(str(FAULTS[code].status), []).append(f"`{code}`: {FAULTS[code].title}")
    content = {MEDIA_TYPE: {"schema": _reference("ProblemDetails")}}
    return {
        status: {"description": "; ".join(texts), "content": content} for status, texts in sorted(by_status.items())
    }


def _predict_operation(example: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": "predict",
        "summary": "Explained probabilities for 1 to 1,000 patients",
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _reference("PredictionRequest"), "example": example},
            },
        },
        "responses": {
            "200": {
                "description": "One prediction per patient, in order",
                "content": {"application/json": {"schema": _reference("PredictionResponse")}},
            },
            **_problem_responses(
                "malformed_json",
                "duplicate_key",
                "no_rows",
                "unknown_endpoint",
                "request_timeout",
                "too_large",
                "too_many_patients",
                "unsupported_media_type",
                "invalid_request",
                "too_many_requests",
                "internal",
                "model_unavailable",
            ),
        },
    }


def _genotypes_operation() -> dict[str, Any]:
    file = {"schema": {"type": "string", "format": "binary"}}
    fields = genotypes.GenotypeQuery.model_json_schema()["properties"]
    return {
        "operationId": "genotypes",
        "summary": "A genotype file (VCF, BCF, array export, table of letters) to calls of the panel",
        "parameters": [{"name": name, "in": "query", "schema": schema} for name, schema in fields.items()],
        "requestBody": {"required": True, "content": dict.fromkeys(genotypes.MEDIA_TYPES, file)},
        "responses": {
            "200": {
                "description": "Calls of every panel site, and what was proven of the file",
                "content": {"application/json": {"schema": _reference("GenotypeReport")}},
            },
            **_problem_responses(
                "corrupt_file",
                "no_rows",
                "unknown_format",
                "wrong_genome_build",
                "genome_build_unknown",
                "strand_mismatch",
                "unknown_sample",
                "invalid_sample_name",
                "too_large",
                "too_many_patients",
                "too_many_requests",
                "request_timeout",
                "invalid_request",
            ),
        },
    }


def _read_operation(path: str, summary: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": path.strip("/").replace("v1/", "").replace("/{id}", "_by_id"),
        "summary": summary,
        "responses": {"200": {"description": summary}},
    }
    if "{id}" in path:
        operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        operation["responses"] |= _problem_responses("unknown_endpoint")
    if path in ("/readyz", "/v1/models"):
        operation["responses"] |= _problem_responses("model_unavailable")
    return operation
