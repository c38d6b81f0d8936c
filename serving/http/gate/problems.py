"""Errors on the wire: RFC 9457 problem details with one code per fault and a JSON pointer per place.

Texts are ours: they name the place, the expectation and the cure, never what the client sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from data_schemas.errors import FAULTS, EsrError, Problem, RequestError
from data_schemas.wire.patient import PredictionRequest
from data_schemas.wire.problems import problems

MEDIA_TYPE = "application/problem+json"

# What an error of the framework, which knows no codes of ours, amounts to.
CODE_OF_STATUS = {
    400: "invalid_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many_requests",
    500: "internal",
    503: "model_unavailable",
    504: "timeout",
}

DETAIL = {
    "not_found": "There is no such route; GET / documents all of them.",
    "method_not_allowed": "This route does not have this method; the Allow header lists those it has.",
    "model_unavailable": "No model is loaded yet; GET /v1/endpoints says for which endpoints there is one.",
    "timeout": "The answer took too long; send fewer patients in one request.",
    "internal": "The service failed; the request ID finds the entry in its log.",
}


def document(error: EsrError, request_id: str) -> dict[str, Any]:
    """Return the problem document of an error."""
    fault = error.fault
    return {
        "type": f"urn:esr-response:problem:{error.code}",
        "title": fault.title,
        "status": fault.status,
        "detail": error.message,
        "code": error.code,
        "request_id": request_id,
        "errors": [problem.model_dump() for problem in error.problems],
    }


def body(error: EsrError, request_id: str) -> bytes:
    """Return the problem document of an error as JSON."""
    return json.dumps(document(error, request_id), separators=(",", ":"), allow_nan=False).encode()


def from_status(status: int) -> EsrError:
    """Return the error that a bare HTTP status of the framework amounts to."""
    code = CODE_OF_STATUS.get(status, "internal" if status >= 500 else "invalid_request")
    return RequestError(code, DETAIL.get(code, FAULTS[code].title + "."))


def from_framework(status: int, content: bytes) -> EsrError:
    """Return the error that a framework's error response amounts to.

    BentoML answers 400 with pydantic's findings under ``detail`` where the envelope is wrong; they become problems.
    """
    try:
        findings = json.loads(content)["detail"]
        found = problems(findings, PredictionRequest.model_fields)
    except (ValueError, KeyError, TypeError):
        return from_status(status)
    return wrong_envelope(found)


def wrong_envelope(found: Sequence[Problem]) -> RequestError:
    """Return the error for a request whose own form is wrong.

    The first problem that concerns the request as a whole gives the code; otherwise it is ``invalid_request``.
    """
    whole = ("malformed_json", "too_many_patients", "no_rows")
    for problem in found:
        if problem.code in whole:
            return RequestError(problem.code, problem.detail, (problem,))
    return RequestError(
        "invalid_request", "The request does not have the documented form; see its errors and GET /.", tuple(found)
    )
