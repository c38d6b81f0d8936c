"""The self-test that travels with a model: synthetic rows, and the answers that whoever loads it must reproduce."""

from __future__ import annotations

from pydantic import Field, model_validator

from data_schemas.record import Record


class GoldenCase(Record):
    """One synthetic row in the scorecard's feature order (unknown is null) and the answer it must get."""

    row: tuple[float | None, ...]
    log_odds: float
    probability: float
    contributions: tuple[float, ...]
    low: float | None = None
    high: float | None = None
    without_genetics: float | None = None


class Golden(Record):
    """The self-test of a model. The rows are drawn from its support, never from its patients."""

    features: tuple[str, ...]
    cases: tuple[GoldenCase, ...] = Field(min_length=20)

    @model_validator(mode="after")
    def _consistent(self) -> Golden:
        width = len(self.features)
        if any(len(case.row) != width or len(case.contributions) != width for case in self.cases):
            raise ValueError(f"every case needs {width} values and {width} contributions")
        return self
