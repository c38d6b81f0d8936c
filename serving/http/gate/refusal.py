"""An error as a response of a route, with the ID of the request in hand."""

from __future__ import annotations

from starlette.responses import Response

from data_schemas.errors import EsrError
from serving.http.gate import metrics, problems
from serving.http.gate.admit import REQUEST_ID, UNREAD


def problem_response(error: EsrError) -> Response:
    """Return an error as problem details."""
    metrics.count_refusal(error.code)
    content = problems.body(error, REQUEST_ID.get())
    headers = {"connection": "close"} if error.fault.status in UNREAD else None
    return Response(content, status_code=error.fault.status, media_type=problems.MEDIA_TYPE, headers=headers)
