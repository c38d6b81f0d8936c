"""Units of clinical values: UCUM in the catalogue, pint for the arithmetic, one cached line per pair of units."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from data_schemas.catalogue.rows import Covariate
from data_schemas.errors import EsrError

if TYPE_CHECKING:
    import pint

DAYS = "d"
"""The unit of all times."""

# UCUM names that pint spells differently, or not at all.
_UCUM_TO_PINT = {
    "%": "percent",
    "1": "dimensionless",
    "a": "year",
    "mo": "month",
    "wk": "week",
    "d": "day",
    "h": "hour",
    "mm[Hg]": "mmHg",
    "[in_i]": "inch",
    "[lb_av]": "pound",
    "Cel": "degC",
}


def normalise(unit: str) -> str:
    """Return one spelling of a unit: ``µ`` as ``u``, a superscript as a digit, litre as ``L``.

    Examples
    --------
    >>> normalise("µmol/l"), normalise("kg/m²"), normalise(" mg/dl ")
    ('umol/L', 'kg/m2', 'mg/dL')
    """
    text = unit.strip().translate(str.maketrans("µμ²³", "uu23"))
    return re.sub(r"(?<![A-Za-z])([munpfcd]?)l(?![A-Za-z])", r"\1L", text)


def accepted_units(covariate: Covariate) -> tuple[str, ...]:
    """Return the units that a value of this covariate may be given in, its own first."""
    own = (covariate.unit, covariate.display_unit, *covariate.accepted_units)
    return tuple(dict.fromkeys(unit for unit in own if unit))


def convert(value: float, unit: str, covariate: Covariate) -> float:
    """Return `value`, given in `unit`, in the covariate's own unit.

    Raises
    ------
    EsrError
        ``unknown_unit`` where the covariate does not accept the unit; the message lists those it does.

    Examples
    --------
    >>> from data_schemas.catalogue.rows import Covariate
    >>> ldl = Covariate(id="ldl", label="LDL cholesterol", kind="continuous", unit="mg/dL",
    ...                 accepted_units=("mmol/L",), molar_mass=386.65)
    >>> round(convert(4.1, "mmol/L", ldl), 1)
    158.5
    """
    factor, offset = conversion(unit, covariate)
    return value * factor + offset


def conversion(unit: str, covariate: Covariate) -> tuple[float, float]:
    """Return (factor, offset) from `unit` to the covariate's own unit: ``own = value * factor + offset``.

    Raises
    ------
    EsrError
        ``unknown_unit``.
    """
    given = normalise(unit)
    listed = accepted_units(covariate)
    if given and given in (normalise(covariate.unit), normalise(covariate.display_unit)):
        return 1.0, 0.0
    if given not in {normalise(one) for one in listed}:
        raise EsrError("unknown_unit", f"{covariate.label} is accepted in {_choice(listed)}; convert the value")
    try:
        return line(given, normalise(covariate.unit), covariate.molar_mass)
    except ValueError:
        raise EsrError("unknown_unit", f"{covariate.label} cannot be converted; give it in {covariate.unit}") from None


@lru_cache(maxsize=512)
def line(unit: str, target: str, molar_mass: float | None = None) -> tuple[float, float]:
    """Return (factor, offset) of the straight line from `unit` to `target`, both UCUM; `molar_mass` in g/mol.

    Raises
    ------
    ValueError
        Where pint does not know a unit or the dimensions differ.

    Examples
    --------
    >>> line("mo", "d")[0]
    30.4375
    """
    import pint

    registry = _registry()
    chemistry = ("chemistry",) if molar_mass else ()
    context = {"mw": registry.Quantity(molar_mass, "g/mol")} if molar_mass else {}
    try:
        zero, one = (
            registry.Quantity(x, _pint_text(unit)).to(_pint_text(target), *chemistry, **context) for x in (0.0, 1.0)
        )
    except (pint.PintError, AssertionError, AttributeError, TypeError, ValueError, SyntaxError) as error:
        raise ValueError("the two units do not convert") from error
    # 14 digits: pint multiplies prefixes in binary, and 999.9999999999999 is 1000
    return float(f"{one.magnitude - zero.magnitude:.14g}"), float(f"{zero.magnitude:.14g}")


@cache
def _registry() -> pint.UnitRegistry[float]:
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    registry.define("international_unit = [international_unit] = IU")
    return registry


def _pint_text(unit: str) -> str:
    text = re.sub(r"\{[^}]*\}", "", unit) or "1"
    parts = re.split(r"([/.*])", text)
    return "".join("*" if part == "." else part if part in "/*" else _pint_factor(part) for part in parts)


def _pint_factor(part: str) -> str:
    if part in _UCUM_TO_PINT:
        return _UCUM_TO_PINT[part]
    name = part.rstrip("-0123456789")
    power = part[len(name) :]
    name = _UCUM_TO_PINT.get(name, name).replace("[IU]", "IU").replace("[iU]", "IU")
    return f"{name}**{power}" if power else name


def _choice(units: tuple[str, ...]) -> str:
    return " or ".join(units) if units else "no unit at all: it is a bare number"
