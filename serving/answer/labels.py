"""How a patient's value reads beside its contribution: label, value, unit, and what stands in where it is unknown."""

from __future__ import annotations

from math import isnan

from data_schemas.model.scorecard import Feature
from data_schemas.wire.prediction import GenotypeCall, SomaticState

_STAND_IN = {
    "continuous": "cohort median used",
    "dosage": "cohort mean used",
}

_SOMATIC_TEXT: dict[SomaticState, str] = {
    "detected": "detected",
    "not_detected": "not detected",
    "not_tested": "not tested",
    "other_variant": "not told by another ESR1 variant",
}


class Label:
    """The label of one feature.

    Examples
    --------
    >>> ldl = Label(Feature(name="ldl", kind="continuous", group="clinical", label="LDL", unit="mg/dL"))
    >>> ldl.text(158.5)
    'LDL 158.5 mg/dL'
    >>> ldl.text(float("nan"))
    'LDL unknown (cohort median used)'
    """

    def __init__(self, feature: Feature) -> None:
        self._is_dosage = feature.kind == "dosage"
        # letters say better what a dosage counts
        self._name = feature.subject
        self._full_name = feature.label
        self._format = f"%s %.{feature.decimals}f" + (f" {feature.unit}" if feature.unit else "").replace("%", "%%")
        self._levels = [f"{feature.label} {feature.level_labels.get(level, level)}" for level in feature.levels]
        stand_in = _STAND_IN.get(feature.kind, "commonest level used")
        self._unknown = f"{self._name} unknown" + ("" if feature.unknown_learned else f" ({stand_in})")

    def text(self, value: float, call: GenotypeCall | None = None, state: SomaticState | None = None) -> str:
        """Return the text for an encoded value, NaN unknown; `call` and `state` are of the feature's own site."""
        if state is not None:
            return f"{self._name} {_SOMATIC_TEXT[state]}" if state in ("detected", "not_detected") else self._unknown
        if isnan(value):
            return self._unknown
        if self._levels:
            return self._levels[int(value)]
        if call is not None and call.alleles:
            return f"{self._name} {call.alleles}"
        if self._is_dosage:
            return f"{self._full_name} {value:.2f}"
        return self._format % (self._name, value)
