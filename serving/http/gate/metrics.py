"""What is counted beside BentoML's own request metrics: answers by status, refusals by code.

`prometheus_client` decides at import whether it counts for several processes, by an environment variable that
BentoML's worker sets when it starts; so it is imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from data_schemas.wire.prediction import Prediction


@cache
def _counters() -> tuple[Any, Any]:
    import prometheus_client

    return (
        prometheus_client.Counter("esr_predictions", "Patients answered", ["endpoint", "status"]),
        prometheus_client.Counter("esr_refused_requests", "Requests refused as a whole", ["code"]),
    )


@cache
def _answered(endpoint: str, status: str) -> Any:
    """Return one counter; looking it up among the others costs more than counting."""
    return _counters()[0].labels(endpoint, status)


def count_predictions(endpoint: str, predictions: Iterable[Prediction]) -> None:
    """Count one request's answers; `endpoint` must be one that has a model, so that labels stay few."""
    numbers: dict[str, int] = {}
    for prediction in predictions:
        numbers[prediction.status] = numbers.get(prediction.status, 0) + 1
    for status, number in numbers.items():
        _answered(endpoint, status).inc(number)


def count_refusal(code: str) -> None:
    """Count one request that was refused with this code."""
    _counters()[1].labels(code).inc()
