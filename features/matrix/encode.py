"""Canonical values to the design matrix. The one encoder, for training and for serving; it has no fit.

One row per patient, one column per feature, float64, NaN for unknown: a continuous covariate as it is, a level as its
index, a variant as copies of its effect allele under the feature's effect model, a somatic finding as 1 or 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from data_schemas.arrays import Floats
from data_schemas.catalogue.rows import ESR1_LBD, Covariate
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from data_schemas.model.scorecard import COPIES, Feature
from features.matrix.haplotypes import covered, endpoint_haplotypes, haplotype_column, replaced_sites

FeatureSet = Literal["clinical", "clinical+genetic"]


def endpoint_features(
    terms: Terms,
    feature_set: FeatureSet,
    available: Collection[str] | None = None,
    therapies: Sequence[str] | None = None,
) -> tuple[Feature, ...]:
    """Return the columns of an endpoint's design matrix: therapy, covariates, then variants and somatic findings.

    Parameters
    ----------
    available
        Names that a cohort knows anything about; the others are left out. None means all.
    therapies
        Levels of the therapy feature, by default the endpoint's. With fewer than two there is no such feature.
    """
    endpoint = terms.endpoint
    levels = tuple(endpoint.therapies if therapies is None else therapies)
    features = [_therapy(levels, terms)] if len(levels) > 1 else []
    features += [_clinical(row) for name in endpoint.covariates if (row := terms.covariate(name))]
    if feature_set == "clinical+genetic":
        haplotypes = endpoint_haplotypes(terms)
        if available is not None:
            haplotypes = [one for one in haplotypes if covered(one, available)]
        single = [rsid for rsid in endpoint.variants if rsid not in replaced_sites(haplotypes)]
        features += [_dosage(rsid, terms) for rsid in single] + haplotypes
        features += [_somatic(name, terms) for name in endpoint.somatic]
    return tuple(f for f in features if available is None or f.name in available or f.kind == "therapy" or f.haplotype)


def encode(columns: Mapping[str, Sequence[float | str | None]], features: Sequence[Feature]) -> Floats:
    """Return the design matrix.

    Parameters
    ----------
    columns
        Canonical values by name, as in `Resolved.values`: lists of equal length, or a DataFrame. Which ones a haplotype
        needs, `inputs` says.
    features
        The columns wanted, in order.

    Returns
    -------
    (n, F) of numbers. A level that the feature does not have is NaN, as an unknown one is; whoever scores the row
    tells the two apart by the level itself.

    Raises
    ------
    EsrError
        ``schema_incompatible`` where a feature has no column.

    Examples
    --------
    >>> age = Feature(name="age", kind="continuous", group="clinical", label="Age")
    >>> smoker = Feature(name="smoker", kind="binary", group="clinical", label="Smoker", levels=("no", "yes"))
    >>> encode({"age": [61.0, None], "smoker": ["yes", "no"]}, [age, smoker]).tolist()
    [[61.0, 1.0], [nan, 0.0]]
    """
    return Encoder(features)(columns)


class Encoder:
    """`encode` with the features read once, for whoever encodes one row after the other."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._features = tuple(features)
        self._steps = [(feature.name, _numbers_of(feature)) for feature in features]

    def __call__(self, columns: Mapping[str, Sequence[float | str | None]]) -> Floats:
        """Return the (n, F) design matrix of `columns`, as `encode` does."""
        if not self._steps:
            return np.empty((len(next(iter(columns.values()), ())), 0))
        try:
            found = [columns[name] if numbers is None else numbers(columns) for name, numbers in self._steps]
        except KeyError:
            absent = [one.name for one in self._features if one.haplotype is None and one.name not in columns]
            raise EsrError(
                "schema_incompatible", f"no values for {', '.join(absent)}; the model belongs to another endpoint"
            ) from None
        if len(found[0]) == 1:
            # one patient: numpy reads a list of numbers in a fraction of the time that a list of lists takes
            return np.array([[column[0] for column in found]], dtype=np.float64)
        return np.array(found, dtype=np.float64).T.copy()


def columns_of(rows: Iterable[Mapping[str, float | str | None]], names: Iterable[str]) -> dict[str, list[Any]]:
    """Turn the values of many patients into columns for `encode`.

    Examples
    --------
    >>> columns_of([{"age": 61.0}, {"age": None}], ["age"])
    {'age': [61.0, None]}
    """
    listed = list(rows)
    return {name: [row.get(name) for row in listed] for name in names}


Numbers = Callable[[Mapping[str, Sequence[Any]]], Sequence[Any] | Floats]


def _numbers_of(feature: Feature) -> Numbers | None:
    """Return what makes the (n,) numbers of a feature, None and NaN unknown; None: its column as it is."""
    name = feature.name
    if feature.haplotype:
        return lambda columns: haplotype_column(columns, feature)
    if feature.levels:
        index: dict[Any, float] = {level: float(number) for number, level in enumerate(feature.levels)}
        return lambda columns: [index.get(value, np.nan) for value in columns[name]]
    if feature.kind != "dosage" or feature.effect_model == "additive":
        return None
    # dominant counts the first copy, recessive the second; an expected dosage between whole copies stays on that line
    if feature.effect_model == "dominant":
        return lambda columns: np.minimum(np.asarray(columns[name], dtype=np.float64), 1.0)
    return lambda columns: np.maximum(np.asarray(columns[name], dtype=np.float64) - 1.0, 0.0)


def _therapy(levels: tuple[str, ...], terms: Terms) -> Feature:
    return Feature(
        name="therapy",
        kind="therapy",
        group="therapy",
        label="Therapy",
        levels=levels,
        level_labels={name: row.label for name in levels if (row := terms.therapy(name))},
    )


def _clinical(row: Covariate) -> Feature:
    return Feature(
        name=row.id,
        kind=row.kind,
        group="clinical",
        label=row.label,
        unit=row.shown_unit,
        decimals=row.decimals,
        levels=row.levels,
        level_labels=row.level_labels,
    )


def _dosage(rsid: str, terms: Terms) -> Feature:
    row = terms.variant(rsid)
    if row is None:
        raise EsrError("catalogue_invalid", f"{terms.endpoint.id}: {rsid} is neither on the panel nor declared")
    name = f" ({row.names[0]})" if row.names else ""
    return Feature(
        name=rsid,
        kind="dosage",
        group="genetic",
        label=f"{row.gene} {rsid}{name}{COPIES}{row.effect_allele}",
        effect_allele=row.effect_allele,
        effect_model=terms.endpoint.effect_models.get(rsid, "additive"),
        evidence=terms.evidence_for(rsid),
    )


def _somatic(name: str, terms: Terms) -> Feature:
    what = "mutation of the ligand-binding domain" if name == ESR1_LBD else terms.catalogue.somatic[name].id
    gene = "ESR1" if name == ESR1_LBD else terms.catalogue.somatic[name].gene
    return Feature(
        name=name,
        kind="somatic",
        group="genetic",
        label=f"somatic {gene} {what}",
        evidence=terms.evidence_for(name),
    )
