"""The columns that a registered model takes and gives, as MLflow's signature states them."""

from __future__ import annotations

from dataclasses import dataclass

from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.model.project import NUMBERS, OUTPUTS
from features.patient.flat import flat_columns, headers_with_unit

# Columns of an input that MLflow takes as they are.
ANY_TYPE = frozenset({"id", "dose", "covariate"})


@dataclass(frozen=True)
class FlatField:
    """A column of a signature: its MLflow type (``double``, ``string`` or ``any``), and whether it must be there."""

    name: str
    type: str
    required: bool = True


# What serving.pyfunc answers with.
OUTPUT_COLUMNS = tuple(FlatField(name, "double" if name in NUMBERS else "string") for name in OUTPUTS)


def input_columns(endpoint: Endpoint) -> tuple[FlatField, ...]:
    """Return the input signature of an endpoint's models: flat columns, in our own units or a stated one.

    MLflow drops columns that a signature lacks, so each header with an accepted unit is an optional column. It cannot
    say "one of these": that a required number is there, in whatever unit, is for `serving.pyfunc` to check.

    Ids, doses and covariates may be of any type. MLflow refuses 64-bit whole numbers where a signature says double,
    with an error that repeats rows; our reader takes them, and what is no number makes its own row invalid only.
    """
    terms = Terms(endpoint, load_catalogue())
    fields: list[FlatField] = []
    for column in flat_columns(terms):
        others = headers_with_unit(column, terms)
        kind = "any" if column.field in ANY_TYPE else "string"
        fields.append(FlatField(column.name, kind, column.required and not others))
        fields += [FlatField(header, kind, required=False) for header in others]
    return tuple(fields)
