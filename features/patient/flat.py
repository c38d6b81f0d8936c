"""Patients in flat columns, as a CSV file or an MLflow frame has them, to the patients of a request.

========================  ==========================================================================================
``id``                    any text
``therapy``               therapy id
``dose``, ``dose [mg]``   a number, in the therapy's own unit unless the header says another
``age``, ``ldl [mmol/L]`` a covariate of the catalogue or of the endpoint, in our unit unless the header says another
``rs2234693``             forward-strand letters (``T/C``)
``somatic``               tumour findings joined by ``;``: names or HGVS of what was detected, and ``NAME=not_detected``
========================  ==========================================================================================

An empty cell is unknown. A column that nobody knows refuses the whole table, as does one that holds an array's codes
(AB, BB) instead of letters, since AA would pass for letters in it; a wrong cell only makes its row invalid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter

from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError, InputFileError, nearest
from data_schemas.wire.patient import InvalidPatient, Patient, PatientRow
from data_schemas.wire.prediction import STATED_STATES
from features.germline.spelling import unreadable, why_no_letters
from features.matrix.haplotypes import haplotype_inputs
from features.values.units import accepted_units, conversion

if TYPE_CHECKING:
    import pandas as pd

Field = Literal["id", "therapy", "dose", "covariate", "genotype", "somatic"]

_PLAIN: dict[str, Field] = {"id": "id", "therapy": "therapy", "dose": "dose", "somatic": "somatic"}
_HEADER = re.compile(r"(?P<name>[^\[\]]*?)\s*(?:\[(?P<unit>.*)\])?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class FlatColumn:
    """One column: what it holds, of what, and in which unit where the header states one."""

    header: str
    field: Field
    name: str
    numeric: bool = False
    required: bool = False
    unit: str | None = None


def flat_columns(terms: Terms) -> tuple[FlatColumn, ...]:
    """Return the columns that an endpoint uses, in our own units: the input signature of its models."""
    endpoint = terms.endpoint
    eligibility = (criterion.covariate for criterion in endpoint.eligibility)
    covariates = dict.fromkeys((*endpoint.covariates, *eligibility, *haplotype_inputs(endpoint).ancestry))
    names = ["id", "therapy", "dose", *covariates, *endpoint.variants, *(["somatic"] if endpoint.somatic else [])]
    return tuple(
        FlatColumn(**{**vars(column), "required": column.name in endpoint.required})
        for column in read_header(names, terms)
    )


def headers_with_unit(column: FlatColumn, terms: Terms) -> tuple[str, ...]:
    """Return the headers that a column may have instead of its name alone: ``ldl [mmol/L]`` for each accepted unit."""
    if not column.numeric:
        return ()
    if column.field == "dose":
        therapies = (terms.therapy(name) for name in terms.endpoint.therapies)
        units = tuple(dict.fromkeys(row.dose_unit for row in therapies if row and row.dose_unit))
    else:
        covariate = terms.covariate(column.name)
        units = accepted_units(covariate) if covariate else ()
    return tuple(f"{column.name} [{unit}]" for unit in units)


def read_header(headers: Sequence[str], terms: Terms) -> tuple[FlatColumn, ...]:
    """Return what each column is.

    Raises
    ------
    InputFileError
        ``wrong_columns`` for a name given twice or a unit where none belongs, ``unknown_field`` or ``unknown_variant``
        with the nearest known name, ``unknown_unit``.
    """
    columns: list[FlatColumn] = []
    for place, header in enumerate(headers, start=1):
        column = _column(header, place, terms)
        if any(column.name == other.name for other in columns):
            raise InputFileError(
                "wrong_columns", f"column {place} ({header}): {column.name} is given twice; remove one"
            )
        columns.append(column)
    return tuple(columns)


def patients_from_frame(frame: pd.DataFrame, terms: Terms) -> list[Patient | InvalidPatient]:
    """Return the patients of a frame, in order; its cells may be text or typed.

    Raises
    ------
    InputFileError
        As `read_header`; ``invalid_genotype`` for a column of an array's codes.
    """
    names = [str(name) for name in frame.columns]
    known = frame.astype(object).where(frame.notna(), None)
    values = [known.iloc[:, place].tolist() for place in range(len(names))]
    columns = read_header(names, terms)
    return list(_patients(columns, values, len(frame), terms))


def patients_from_columns(table: Mapping[str, Sequence[Any]], terms: Terms) -> list[Patient | InvalidPatient]:
    """Return the patients of a table of equally long columns, as `patients_from_frame` does; None or '' is unknown."""
    columns = read_header(list(table), terms)
    values = list(table.values())
    return list(_patients(columns, values, len(values[0]) if values else 0, terms))


def _patients(
    columns: Sequence[FlatColumn], values: Sequence[Sequence[Any]], n: int, terms: Terms
) -> Iterator[Patient | InvalidPatient]:
    _refuse_codes(columns, values, terms)
    adapter: TypeAdapter[Patient | InvalidPatient] = TypeAdapter(PatientRow)
    for row in range(n):
        cells = [(column, _cell(cells[row])) for column, cells in zip(columns, values, strict=True)]
        known = [(column, cell) for column, cell in cells if cell is not None]
        yield adapter.validate_python(_document(known, terms))


def _refuse_codes(columns: Sequence[FlatColumn], values: Sequence[Sequence[Any]], terms: Terms) -> None:
    for place, (column, cells) in enumerate(zip(columns, values, strict=True), start=1):
        variant = terms.variant(column.name) if column.field == "genotype" else None
        texts = (cell for cell in cells if isinstance(cell, str))
        if variant is not None and why_no_letters(texts) == "array_codes":
            error = unreadable("array_codes", variant.id, variant.alleles)
            raise InputFileError(error.code, f"column {place} ({column.header}): {error.message}")


def _document(cells: Sequence[tuple[FlatColumn, Any]], terms: Terms) -> dict[str, Any]:
    """Return one row in the form of a request's patient; whatever is wrong with a cell is for the request's checks."""
    document: dict[str, Any] = {"covariates": {}, "genotypes": {}}
    dose: dict[str, Any] | None = None
    for column, cell in cells:
        value = _number(cell) if column.numeric else cell
        match column.field:
            case "id":
                document["id"] = str(cell) if isinstance(cell, int) else cell
            case "therapy":
                document["therapy"] = {"name": cell}
            case "dose":
                dose = {"value": value, "unit": column.unit}
            case "covariate":
                document["covariates"][column.name] = value if column.unit is None else _quantity(value, column.unit)
            case "genotype":
                document["genotypes"][column.name] = cell
            case "somatic":
                document["somatic"] = _findings(cell)
    if dose is not None:
        therapy = document.setdefault("therapy", {})
        row = terms.therapy(str(therapy.get("name")))
        therapy["dose"] = dose if dose["unit"] is not None else {**dose, "unit": row.dose_unit if row else ""}
    return document


def _cell(value: Any) -> Any:
    """Return a cell as plain Python: None where it is empty, no blanks around text."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _number(cell: Any) -> Any:
    """Return the number that a text spells; any other text stays, and is refused where a number must be."""
    return float(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell) else cell


def _quantity(value: Any, unit: str) -> Any:
    return value if isinstance(value, str) else {"value": value, "unit": unit}


def _findings(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    findings = []
    for part in filter(None, (part.strip() for part in cell.split(";"))):
        name, _, state = part.rpartition("=")
        findings.append(
            {"variant": name.strip(), "state": state} if state in STATED_STATES and name else {"variant": part}
        )
    return findings


def _column(header: str, place: int, terms: Terms) -> FlatColumn:
    match = _HEADER.fullmatch(header.strip())
    name, unit = (match["name"], match["unit"]) if match else (header.strip(), None)
    where = f"column {place} ({header})"
    if name in _PLAIN:
        if unit is not None and name != "dose":
            raise InputFileError("wrong_columns", f"{where}: {name} has no unit; leave the bracket out")
        return FlatColumn(header, _PLAIN[name], name, numeric=name == "dose", unit=unit)
    covariate = terms.covariate(name)
    if covariate is not None:
        if unit is not None and covariate.kind != "continuous":
            raise InputFileError("wrong_columns", f"{where}: {name} has levels and no unit; leave the bracket out")
        if unit is not None:
            try:
                conversion(unit, covariate)
            except EsrError as error:
                raise InputFileError(error.code, f"{where}: {error.message}") from None
        return FlatColumn(header, "covariate", name, numeric=covariate.kind == "continuous", unit=unit)
    if terms.variant(name) is not None and unit is None:
        return FlatColumn(header, "genotype", name)
    raise _unknown(name, where, terms)


def _unknown(name: str, where: str, terms: Terms) -> InputFileError:
    code = "unknown_variant" if re.fullmatch(r"rs\d+", name) else "unknown_field"
    near = nearest(name, [*_PLAIN, *terms.endpoint.covariates, *terms.variants, *terms.covariates])
    cure = f"did you mean {near}?" if near else "rename it or leave it out"
    return InputFileError(code, f"{where}: not a column that this software knows; {cure}")
