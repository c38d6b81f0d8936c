"""From a cohort's canonical rows to its report: outcomes, gaps, genotype quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from data_schemas.arrays import Ints
from data_schemas.catalogue.endpoint import Endpoint
from features.cohort.bind import Bound
from features.cohort.outcome import Response
from features.cohort.report import CohortReport, Exclusion, TherapyRate
from features.matrix.haplotypes import haplotype_inputs
from features.quality.duplicates import duplicates, value_codes
from features.quality.findings import findings
from features.quality.people import (
    frequency_checks,
    missingness,
    people_calls,
    rare_combinations,
)
from features.quality.records import GenotypeQuality, Linkage, Site, SiteQuality
from features.quality.sites import linkage, site_quality


def describe(
    bound: Bound,
    endpoint: Endpoint,
    table: pd.DataFrame,
    response: Response,
    exclusions: tuple[Exclusion, ...],
    rows: Ints,
) -> CohortReport:
    """Return the report of the rows that count for an endpoint.

    Parameters
    ----------
    table, response
        The rows that count, as in `CohortData`.
    rows
        (n,) their 0-based rows in the file.
    """
    inputs = (*endpoint.covariates, *endpoint.variants, *endpoint.somatic)
    phases = haplotype_inputs(endpoint).phases
    return CohortReport(
        cohort=bound.source.cohort.id,
        file=bound.source.table.name,
        synthetic=bound.source.cohort.synthetic,
        endpoint=endpoint.id,
        outcome=endpoint.favourable,
        n_read=bound.source.n,
        n=len(table),
        n_favourable=int(np.nansum(response.y)),
        n_unfavourable=int(np.sum(response.y == 0)),
        n_censored=int(np.sum(~response.known)),
        n_events=None if response.event is None else int(response.event.sum()),
        event_rate=_rate(response),
        by_therapy=_by_therapy(table, response, endpoint),
        missing={str(name): int(table[name].isna().sum()) for name in table.columns if name not in phases},
        absent=tuple(name for name in inputs if name not in table),
        ineligible=exclusions,
        **_common(bound, rows, response),
    )


def describe_columns(bound: Bound) -> CohortReport:
    """Return the report of every row of the file, without an endpoint."""
    return CohortReport(
        cohort=bound.source.cohort.id,
        file=bound.source.table.name,
        synthetic=bound.source.cohort.synthetic,
        endpoint=None,
        n_read=bound.source.n,
        n=bound.source.n,
        missing={name: int(pd.isna(values).sum()) for name, values in bound.values.items()},
        **_common(bound, np.arange(bound.source.n)),
    )


def _common(bound: Bound, rows: Ints, response: Response | None = None) -> dict[str, Any]:
    """Return what a report says with and without an endpoint; genotype quality is that of everybody in the file."""
    odd = {name: int(np.isin(where, rows).sum()) for name, where in bound.source.implausible.items()}
    seen = {rsid: site.seen() for rsid, site in bound.sites.items()}
    sites, pairs = site_quality(seen, bound.ancestry), linkage(seen, bound.ancestry)
    return {
        "implausible": {name: n for name, n in odd.items() if n},
        "genotype_states": {rsid: site.states for rsid, site in bound.sites.items()},
        "genotype_file": bound.join,
        "genotypes": _genotypes(bound, seen, rows, response, sites, pairs) if bound.sites else None,
        "sites": sites,
        "linkage": pairs,
        "somatic": {name: dict(pd.Series(states[rows]).value_counts()) for name, states in bound.somatic.items()},
        "notes": tuple(bound.source.notes),
    }


def _genotypes(
    bound: Bound,
    seen: Mapping[str, Site],
    rows: Ints,
    response: Response | None,
    sites: Sequence[SiteQuality],
    pairs: Sequence[Linkage],
) -> GenotypeQuality:
    lines = bound.source.table.lines
    # phase is text, and a covariate is no genotype: both are left out of what tells one row from another
    other = {name: v for name, v in bound.values.items() if name not in bound.sites and v.dtype.kind == "f"}
    found = GenotypeQuality(
        people=people_calls(seen, lines),
        frequencies=tuple(frequency_checks(sites, seen)),
        missingness=() if response is None else tuple(missingness(seen, rows, response.y)),
        rare=tuple(rare_combinations(seen, lines)),
        duplicates=duplicates(seen, bound.person, value_codes({**other, **bound.follow_up}, len(lines)), lines),
    )
    return found.model_copy(update={"findings": findings(found, sites, pairs)})


def _by_therapy(table: pd.DataFrame, response: Response, endpoint: Endpoint) -> tuple[TherapyRate, ...]:
    if "therapy" not in table:
        return ()
    found = []
    for therapy in endpoint.therapies:
        rows = np.flatnonzero(table["therapy"].to_numpy() == therapy)
        if len(rows):
            arm = response.take(rows)
            favourable = int(np.nansum(arm.y))
            found.append(TherapyRate(therapy=therapy, n=len(rows), n_favourable=favourable, rate=_rate(arm)))
    return tuple(found)


def _rate(response: Response) -> float | None:
    weights = response.weights()
    total = float(weights.sum())
    return float(np.nansum(weights * response.y) / total) if total else None
