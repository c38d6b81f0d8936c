"""Whether the catalogue still has what a stored model uses: its panel's rows, and the therapies of its endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.released import panel_of, row_digest
from data_schemas.catalogue.rows import ESR1_LBD, ReleasedPanel
from data_schemas.errors import ModelError
from data_schemas.model.scorecard import Scorecard

CURE = "train the model again, or use the version of this software that trained it"


def later_mutations(scorecard: Scorecard, endpoint: Endpoint, catalogue: Catalogue, folder: Path) -> frozenset[str]:
    """Return the panel's somatic mutations that the model's own panel did not have, if it may answer at all.

    Raises
    ------
    ModelError
        ``schema_incompatible`` where a row that the model uses is gone or asks something else by now; the rows are
        named. Rows that it does not use may change, and new ones may join.
    """
    today = panel_of(catalogue)
    panel = today if scorecard.panel_digest == catalogue.panel_digest else _released(scorecard, catalogue, folder)
    changed = [
        *_changed(_used(scorecard, endpoint, panel), panel.germline | panel.somatic, today.germline | today.somatic),
        *_changed_therapies(scorecard, endpoint, catalogue),
    ]
    if changed:
        raise ModelError(
            "schema_incompatible",
            f"{folder}: the model uses {', '.join(changed)}, which this software has otherwise or not at all; {CURE}",
        )
    return frozenset(catalogue.somatic.keys() - panel.somatic.keys())


def _released(scorecard: Scorecard, catalogue: Catalogue, folder: Path) -> ReleasedPanel:
    panel = catalogue.released.panels.get(scorecard.panel_digest)
    if panel is None:
        raise ModelError(
            "schema_incompatible",
            f"{folder}: the model was trained with variant panel {scorecard.panel_digest[:19]}, which this software "
            f"does not know; {CURE}",
        )
    return panel


def _used(scorecard: Scorecard, endpoint: Endpoint, panel: ReleasedPanel) -> Iterator[str]:
    """Yield the ids of the panel's rows that the model's features count; the domain counts each of its mutations."""
    for feature in scorecard.features:
        if feature.haplotype is not None:
            names = [site.rsid for site in feature.haplotype.sites]
        elif feature.name == ESR1_LBD:
            names = list(panel.somatic)
        else:
            names = [feature.name] if feature.kind in ("dosage", "somatic") else []
        yield from (name for name in names if name not in endpoint.declared_variants)


def _changed(names: Iterator[str], before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in now or before.get(name) != now[name]]


def _changed_therapies(scorecard: Scorecard, endpoint: Endpoint, catalogue: Catalogue) -> Iterator[str]:
    """Yield the endpoint's therapies that are gone, and those of the training cohort that ask something else."""
    released = catalogue.released.therapies
    for name in endpoint.therapies:
        if name in endpoint.declared_therapies:
            continue
        row = catalogue.therapies.get(name)
        if row is None or (name in scorecard.therapies and released.get(name) not in (None, row_digest(row))):
            yield name
