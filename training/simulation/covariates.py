"""Draw clinical covariates from the catalogue's typical values: truncated, correlated, and eligible.

Covariates are assumptions, not data: the catalogue's `typical` rows, the endpoint's where its patients differ, and the
round correlations of `simulation.toml` come from no cohort.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr, ndtri

from data_schemas.arrays import Floats, Objects, Values
from data_schemas.catalogue.endpoint import Change, Criterion
from data_schemas.catalogue.rows import Covariate
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError
from data_schemas.reference.simulation import assumptions


def simulated_covariates(terms: Terms) -> dict[str, Covariate]:
    """Return what a simulated patient has: the endpoint's covariates, its outcome's baseline, its criteria's.

    Each with the typical values of this endpoint's patients.
    """
    endpoint = terms.endpoint
    names = list(endpoint.covariates)
    if isinstance(endpoint.outcome, Change):
        names.append(endpoint.outcome.covariate)
    names += [criterion.covariate for criterion in endpoint.eligibility]
    rows = {}
    for name in dict.fromkeys(names):
        covariate = terms.covariate(name)
        if covariate is None:
            raise CatalogueError("catalogue_invalid", f"endpoints/{endpoint.id}.toml: {name} is not a covariate")
        own = endpoint.simulation.typical.get(name) if endpoint.simulation else None
        rows[name] = covariate if own is None else covariate.model_copy(update={"typical": own})
    return rows


def draw_covariates(terms: Terms, n: int, rng: np.random.Generator) -> dict[str, Values]:
    """Return (n,) values by covariate: numbers in the covariate's unit and precision, or level texts; all eligible."""
    rows = simulated_covariates(terms)
    criteria = {criterion.covariate: criterion for criterion in terms.endpoint.eligibility}
    numbers = {name: row for name, row in rows.items() if row.kind == "continuous"}
    scores = _correlated_scores(list(numbers), n, rng)
    columns: dict[str, Values] = {}
    for name, row in rows.items():
        low, high = bounds(row, criteria.get(name))
        if name in numbers:
            columns[name] = _rounded(row, _truncated(row, scores[name], low, high), low, high)
        else:
            levels, shares = level_shares(row, criteria.get(name))
            columns[name] = rng.choice(np.array(levels, dtype=object), size=n, p=shares)
    _agree(columns, rows, criteria, rng)
    return columns


def typical(covariate: Covariate) -> tuple[float, float, bool]:
    """Return centre, spread and whether both are on the log scale; without a typical value, the plausible range's."""
    given = covariate.typical
    if "log_sd" in given:
        return float(np.log(given["mean"])), given["log_sd"], True
    if "mean" in given and "sd" in given:
        return given["mean"], given["sd"], False
    low, high = bounds(covariate, None)
    return (low + high) / 2, (high - low) / 6, False


def standardise(covariate: Covariate, values: Floats) -> Floats:
    """Return values (n,) in standard deviations from the typical one, on the log scale where the catalogue says so."""
    centre, spread, log = typical(covariate)
    if log:
        values = np.log(np.maximum(values, 0.5 * 10.0**-covariate.decimals))
    return np.asarray((values - centre) / spread)


def bounds(covariate: Covariate, criterion: Criterion | None) -> tuple[float, float]:
    """Return the plausible range, narrowed to what the endpoint's criterion admits."""
    low, high = covariate.plausible or (-np.inf, np.inf)
    if criterion is not None:
        low = low if criterion.minimum is None else max(low, criterion.minimum)
        high = high if criterion.maximum is None else min(high, criterion.maximum)
    return low, high


def level_shares(covariate: Covariate, criterion: Criterion | None) -> tuple[tuple[str, ...], Floats]:
    """Return the levels that the criterion admits and their shares (levels,), which sum to one."""
    levels = criterion.any_of if criterion is not None and criterion.any_of else covariate.levels
    shares = np.array([covariate.typical.get(level, 0.0) for level in levels])
    if shares.sum() == 0:
        shares = np.ones(len(levels))
    return tuple(levels), shares / shares.sum()


def _correlated_scores(names: list[str], n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Return standard normal scores by covariate; the stated correlations are made jointly possible first."""
    matrix = np.eye(len(names))
    for a, b, value in assumptions().correlations:
        if a in names and b in names:
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = value
    roots, vectors = np.linalg.eigh(matrix)
    square = vectors * np.sqrt(np.maximum(roots, 1e-6))
    square /= np.linalg.norm(square, axis=1, keepdims=True)
    scores = rng.standard_normal((n, len(names))) @ square.T
    return {name: scores[:, k] for k, name in enumerate(names)}


def _truncated(covariate: Covariate, score: Floats, low: float, high: float) -> Floats:
    """Return the truncated normal (or log-normal) values of these scores, by quantile."""
    centre, spread, log = typical(covariate)
    ends = np.array([low, high])
    if log:
        ends = np.log(np.maximum(ends, 1e-12))
    first, last = ndtr((ends - centre) / spread)
    values = centre + spread * ndtri(first + (last - first) * ndtr(score))
    return np.asarray(np.exp(values) if log else values)


def _rounded(covariate: Covariate, values: Floats, low: float, high: float) -> Floats:
    scale = 10.0**covariate.decimals
    return np.clip(np.round(values, covariate.decimals), np.ceil(low * scale) / scale, np.floor(high * scale) / scale)


def _agree(
    columns: dict[str, Values],
    rows: Mapping[str, Covariate],
    criteria: Mapping[str, Criterion],
    rng: np.random.Generator,
) -> None:
    """Make covariates that follow from others follow from them, in place."""

    def put(name: str, values: Floats) -> None:
        columns[name] = _rounded(rows[name], values, *bounds(rows[name], criteria.get(name)))

    n, assumed = len(next(iter(columns.values()))), assumptions()
    lipids = ("ldl_cholesterol", "hdl_cholesterol", "triglycerides")
    if "total_cholesterol" in rows and all(name in rows for name in lipids):
        ldl, hdl, triglycerides = (columns[name] for name in lipids)
        put("total_cholesterol", ldl + hdl + triglycerides / 5 + rng.normal(0, 4, n))
    if "age" in rows and "menopausal_status" in rows:
        row = rows["menopausal_status"]
        levels, shares = level_shares(row, criteria.get("menopausal_status"))
        columns["menopausal_status"] = _by_rank(
            columns["age"] + rng.normal(0, assumed.status_blur, n), row, levels, shares
        )
    if "age" in rows and "years_since_menopause" in rows:
        put(
            "years_since_menopause",
            np.clip(columns["years_since_menopause"], 0, columns["age"] - assumed.earliest_menopause),
        )
    if "menopausal_status" in rows and "years_since_menopause" in rows:
        after = columns["menopausal_status"] == "postmenopausal"
        columns["years_since_menopause"] = np.where(after, columns["years_since_menopause"], np.nan)
    for name, condition in assumed.only_with.items():
        if name in rows and condition in rows:
            share = rows[name].typical.get("yes", 0.5) / max(rows[condition].typical.get("yes", 0.5), 1e-9)
            yes = (columns[condition] == "yes") & (rng.random(n) < min(share, 1.0))
            columns[name] = np.where(yes, "yes", "no").astype(object)


def _by_rank(latent: Floats, row: Covariate, levels: tuple[str, ...], shares: Floats) -> Objects:
    """Return levels in the catalogue's order by rising `latent`, each with its share."""
    order = sorted(range(len(levels)), key=lambda k: row.levels.index(levels[k]))
    cuts = np.quantile(latent, np.minimum(np.cumsum(shares[order])[:-1], 1.0))
    # "right" puts a value on a cut above it; a first level of share zero then has no one
    return np.array(levels, dtype=object)[order][np.searchsorted(cuts, latent, side="right")]
