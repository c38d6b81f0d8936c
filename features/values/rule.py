"""One clinical value: its type, its unit, its range, its level. Requests and cohorts use the same rules.

A rule is a covariate made ready: compiled once, it checks a value in about a microsecond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from data_schemas.catalogue.rows import Covariate
from data_schemas.errors import EsrError, nearest
from data_schemas.wire.patient import CovariateValue, Quantity
from features.values.units import accepted_units, conversion

YES_NO = ("no", "yes")
_EVERYTHING = (-math.inf, math.inf)


@dataclass(frozen=True)
class ClinicalRule:
    """What a value of one covariate must be: a number where `continuous`, else a level. Bounds are in its own unit."""

    covariate: Covariate
    continuous: bool
    possible: tuple[float, float]
    plausible: tuple[float, float]
    levels: frozenset[str]
    conversions: dict[str, tuple[float, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, covariate: Covariate) -> ClinicalRule:
        """Compile a covariate."""
        return cls(
            covariate=covariate,
            continuous=covariate.kind == "continuous",
            possible=covariate.possible or _EVERYTHING,
            plausible=covariate.plausible or covariate.possible or _EVERYTHING,
            levels=frozenset(covariate.levels),
        )

    def value(self, raw: CovariateValue) -> float | str:
        """Return a known value as a number in our unit, or as a level.

        Raises
        ------
        EsrError
            ``wrong_type``, ``unknown_unit``, ``out_of_range`` or ``unknown_level``; the message never holds the value.
        """
        return self._number(raw) if self.continuous else self._level(raw)

    def is_implausible(self, value: float | str) -> bool:
        """Whether a value in our unit is possible, yet outside what passes without a warning."""
        low, high = self.plausible
        return not isinstance(value, str) and not low <= value <= high

    def implausible_text(self) -> str:
        """Return the sentence that goes with an implausible value."""
        usual = self._span(self.plausible)
        return f"{self.covariate.label} is outside {usual}, where values usually lie; check it and its unit"

    def impossible_text(self) -> str:
        """Return the sentence that goes with an impossible value."""
        return f"{self.covariate.label} must lie within {self._span(self.possible)}; check the value and its unit"

    def level_text(self) -> str:
        """Return what a level may be."""
        return f"{self.covariate.label} must be one of {', '.join(self.covariate.levels)}"

    def _number(self, raw: CovariateValue) -> float:
        # numbers first: asking whether one is a pydantic model takes longer than everything else here
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            value = float(raw) if abs(raw) < 1e300 else math.inf
        elif isinstance(raw, Quantity):
            factor, offset = self._conversion(raw.unit)
            value = raw.value * factor + offset
        else:
            raise EsrError("wrong_type", f"{self.covariate.label} must be a number{self._unit_hint()}")
        low, high = self.possible
        if not low <= value <= high or not math.isfinite(value):
            raise EsrError("out_of_range", self.impossible_text())
        return value

    def _level(self, raw: CovariateValue) -> str:
        if isinstance(raw, bool) and self.levels == set(YES_NO):
            return YES_NO[raw]
        if not isinstance(raw, str):
            raise EsrError("wrong_type", f"{self.level_text()}, as text")
        if raw not in self.levels:
            near = nearest(raw, self.covariate.levels)
            raise EsrError("unknown_level", self.level_text() + (f"; did you mean {near}?" if near else ""))
        return raw

    def _conversion(self, unit: str) -> tuple[float, float]:
        known = self.conversions.get(unit)
        if known is None:
            known = self.conversions[unit] = conversion(unit, self.covariate)
        return known

    def _unit_hint(self) -> str:
        unit = self.covariate.shown_unit
        others = " or ".join(accepted_units(self.covariate))
        return f" in {unit}, or an object with value and unit ({others})" if unit else ""

    def _span(self, bounds: tuple[float, float]) -> str:
        unit = self.covariate.shown_unit
        return f"{bounds[0]:g} to {bounds[1]:g}" + (f" {unit}" if unit else "")
