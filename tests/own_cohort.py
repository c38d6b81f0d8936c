"""A user's own cohort: its manifest, a few rows with every kind of gap, longer clean files, and times to an event."""

from __future__ import annotations

import numpy as np

from data_schemas.catalogue.endpoint import Change
from data_schemas.catalogue.load import load_catalogue

CATALOGUE = load_catalogue()


LDL, TAMOXIFEN, SERD = (CATALOGUE.endpoints[name] for name in ("mht-ldl-response", "tamoxifen-rfs", "serd-progression"))


MANIFEST = {
    "id": "mine", "title": "t", "design": "randomised", "synthetic": True, "licence": "l", "citation": "c",
    "ancestry": "not stated", "missing": ["NA"], "row_id": "id",
    "therapy": {"column": "arm", "codes": {"E": "cee-mpa", "P": "placebo", "T": "tamoxifen"}},
    "covariates": {
        "sex": {"constant": "female"},
        "menopausal_status": {"constant": "postmenopausal"},
        "age": {"column": "age", "unit": "a"},
        "statins": {"column": "statin", "codes": {"0": "no", "1": "yes"}},
        "ldl_cholesterol": {"column": "ldl", "unit": "mmol/L"},
    },
    "follow_up": {"ldl_cholesterol": {"column": "ldl1", "unit": "mmol/L"}},
    "genotypes": {
        "rs2234693": {"column": "pvuii", "strand": "forward", "separator": "/"},
        "rs9340799": {"column": "xbai", "strand": "reverse"},
    },
}  # fmt: skip


ROWS = {
    "id": ["a", "b", "c", "d", "e", "f"],
    "arm": ["E", "P", "E", "T", "P", ""],
    "age": ["61", "NA", "5.5e1", "60", "39", "58"],
    "statin": ["0", "1", "", "0", "0", "1"],
    "ldl": ["4.0", "3.6", "4.4", "4.0", "4.0", "4.0"],
    "ldl1": ["3.0", "3.5", "", "3.0", "3.0", "3.0"],
    "pvuii": ["T/C", "C/C", "", "T/T", "./.", "T/T"],
    "xbai": ["TC", "TT", "", "CC", "TT", "TC"],
}


def long(n=60):
    """Return a clean file of n rows."""
    rng = np.random.default_rng(0)
    ldl = rng.uniform(3.0, 5.0, n)
    return {
        "id": [f"p{i}" for i in range(n)],
        "arm": ["E", "P"] * (n // 2),
        "age": rng.integers(50, 75, n).astype(str).tolist(),
        "statin": ["0", "1"] * (n // 2),
        "ldl": [f"{x:.2f}" for x in ldl],
        "ldl1": [f"{x * 0.9:.2f}" for x in ldl],
        "pvuii": ["T/C"] * n,
        "xbai": ["TC"] * n,
    }


def with_values(rows, column, values):
    """Return the file with some rows of a column replaced: {0-based row: text}."""
    changed = list(rows[column])
    for row, text in values.items():
        changed[row] = text
    return rows | {column: changed}


def heavy(later=False):
    """Sixty people, of whom twenty are weighed in pounds: at the start, or a year later."""
    rows, drawn = long(60), np.random.default_rng(0).normal(0, 0.18, (2, 60))
    kilograms = 72 * np.exp(drawn)
    kilograms[int(later), 20:40] *= 2.20462
    now, then = ([f"{value:.1f}" for value in column] for column in kilograms)
    return rows | {"kg": now, "kg1": then}


WEIGHED = {
    "covariates": MANIFEST["covariates"] | {"weight": {"column": "kg", "unit": "kg"}},
    "follow_up": {"weight": {"column": "kg1", "unit": "kg"}},
}


LIGHTER = LDL.model_copy(update={"outcome": Change(kind="change", covariate="weight", relative_change=-0.05)})


TIMES = {
    "id": list("abcdef"), "arm": ["T"] * 6, "nodes": ["1", "2", "3", "1", "2", "3"],
    "months": ["40", "10", "20", "", "50", "36"], "status": ["0", "1", "0", "1", "1", ""],
}  # fmt: skip


TIME_MANIFEST = {
    "covariates": {"sex": {"constant": "female"}, "positive_nodes": {"column": "nodes", "unit": "1"}},
    "follow_up": {}, "genotypes": {}, "time": {"column": "months", "unit": "mo"},
    "event": {"column": "status", "codes": {"1": "true", "0": "false"}},
}  # fmt: skip


def followed(n=300, seed=0):
    """Return who was followed for how many days: exponential events, censored between two and eight years."""
    rng = np.random.default_rng(seed)
    event, censored = rng.exponential(2000, n), rng.uniform(730, 2920, n)
    days = np.ceil(np.minimum(event, censored))
    rows = {"id": [f"p{i}" for i in range(n)], "arm": ["T"] * n, "nodes": ["1", "2", "3"] * (n // 3)}
    return rows | {"status": np.where(event <= censored, "1", "0").tolist()}, days
