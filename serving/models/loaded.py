"""A bundle made ready to answer: verified, laid out as arrays, and shown to reproduce its stored answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.errors import ModelError
from data_schemas.model.bundle import Bundle, read_bundle
from data_schemas.model.golden import Golden
from data_schemas.model.project import model_name
from features.patient.terms import PatientTerms
from serving.scoring.score import Evaluator

Made = TypeVar("Made")

# How far the served answers may lie from the stored ones, in log-odds and in probability.
GOLDEN_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A verified, self-tested model. `version` is None for a bundle that came from a folder."""

    name: str
    version: int | None
    bundle: Bundle
    evaluator: Evaluator
    source: Literal["registry", "cache", "folder"]
    _made: dict[Callable[[LoadedModel], object], object] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def endpoint(self) -> Endpoint:
        """The endpoint as this model asks it: what must be known is what the model can use."""
        return self.bundle.endpoint.needed_by(self.bundle.scorecard.feature_set)

    @cached_property
    def terms(self) -> PatientTerms:
        """The terms in which patients are put to this model."""
        return PatientTerms(self.endpoint, self.bundle.catalogue)

    def once(self, make: Callable[[LoadedModel], Made]) -> Made:
        """Return what `make` makes of this model: made on the first call, and kept as long as the model is."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(Made, self._made[make])


def load_model(
    folder: Path,
    *,
    version: int | None = None,
    source: Literal["registry", "cache", "folder"] = "folder",
    catalogue: Catalogue | None = None,
) -> LoadedModel:
    """Read a bundle folder, verify it and let it reproduce its golden cases; `catalogue` as in `read_bundle`.

    Raises
    ------
    ModelError
        `bundle_integrity`, `schema_incompatible` or `golden_mismatch`.
    """
    bundle = read_bundle(folder, catalogue)
    evaluator = Evaluator(bundle.scorecard, bundle.replicates)
    check_golden(bundle.golden, evaluator, folder)
    return LoadedModel(model_name(bundle.endpoint.id), version, bundle, evaluator, source)


def check_golden(golden: Golden, evaluator: Evaluator, folder: Path) -> None:
    """Refuse a model whose answers to the stored rows are not the stored ones, to `GOLDEN_TOLERANCE`."""
    rows = np.array([[np.nan if v is None else v for v in case.row] for case in golden.cases], dtype=np.float64)
    scores = evaluator.score(rows)
    for name in ("log_odds", "probability", "contributions", "low", "high", "without_genetics"):
        stored: list[Any] = [getattr(case, name) for case in golden.cases]
        found: Floats | None = getattr(scores, name)
        agrees = found is None and all(value is None for value in stored)
        if found is not None and None not in stored:
            expected = np.array(stored, dtype=np.float64)
            agrees = expected.shape == found.shape and bool((abs(expected - found) <= GOLDEN_TOLERANCE).all())
        if not agrees:
            raise ModelError(
                "golden_mismatch",
                f"{folder}: the model's {name} are not the stored ones of golden.json; it was trained with other "
                "versions of this software or of NumPy: train it again here",
            )


def row_of(model: LoadedModel) -> dict[str, Any]:
    """Return the row of a model that came from a folder, in the form of the registry's rows."""
    bundle, card = model.bundle, model.bundle.card
    return {
        "endpoint": bundle.endpoint.id,
        "name": model.name,
        "version": None,
        "aliases": [],
        "created": card.trained_at,
        "candidate": card.candidate,
        "feature_set": card.feature_set,
        "cohort": card.cohort,
        "synthetic": card.synthetic,
        "suggested": True,
        "verdict": card.incremental.verdict,
        "scorecard": bundle.digest,
        "metrics": {},
    }
