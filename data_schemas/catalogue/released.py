"""What was released before: every panel that a stored model may have been trained with, and every therapy.

A stored model names its panel by `panel_digest`. `released.toml` says which rows that panel had, each by the digest of
what it asks, so that a model goes on answering while the rows that it uses are what they were: a row more, another
row's correction, a remark or a name changes nothing. Nothing in that file is ever changed or removed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import WORDING
from data_schemas.catalogue.rows import ReleasedPanel, SomaticVariant, Therapy, Variant
from data_schemas.record import digest

HEAD = """\
# Panels and therapies that stored models were trained with, each row by the digest of what it asks. Written by
# `make released`, which adds and never changes: a model rests on its panel for as long as the model is kept.
"""

_UNTOLD = {"note", "sources", "codon"}
"""What no digest holds: remarks, and the gene's own letters beside a mutation, which change no mutation."""
_ALWAYS_TOLD = frozenset(
    {
        "alt", "effect_allele_basis", "frequency", "grch37", "grch38", "hgvs_c", "hgvs_p", "literature_letters",
        "names", "ref", "ref_verified",
    }
)  # fmt: skip
"""Keys that the first panel's digest holds even at their default; a key that is added later counts only beyond it."""
_SOMATIC_WORDING = frozenset({"consequence", "status"} | _UNTOLD)


def panel_digest(variants: Mapping[str, Variant], somatic: Mapping[str, SomaticVariant]) -> str:
    """Return the digest of everything in the panel that a call depends on.

    Rewording a note does not change it, nor does a key of a later version that a row leaves at its default.
    """
    rows = {key: _told(row) for key, row in variants.items()} | {key: _told(row) for key, row in somatic.items()}
    return digest(_text(rows))


def row_digest(row: Variant | SomaticVariant | Therapy) -> str:
    """Return the digest of what a row asks, as an endpoint's definition takes it: no remarks, names or frequencies."""
    if isinstance(row, SomaticVariant):
        wording = _SOMATIC_WORDING
    else:
        wording = WORDING["declared_variants" if isinstance(row, Variant) else "declared_therapies"]
    return digest(_text(row.model_dump(mode="json", exclude=set(wording), exclude_defaults=True)))


def panel_of(catalogue: Catalogue) -> ReleasedPanel:
    """Return today's panel as it is written down."""
    return ReleasedPanel(
        germline={key: row_digest(row) for key, row in catalogue.variants.items()},
        somatic={key: row_digest(row) for key, row in catalogue.somatic.items()},
    )


def released_text(catalogue: Catalogue) -> str:
    """Return the text of `released.toml` with today's panel and therapies added; what stood there stays as it is."""
    known, today = catalogue.released, catalogue.panel_digest
    panels = dict(known.panels)
    panels.setdefault(today, panel_of(catalogue))
    therapies = {key: row_digest(row) for key, row in catalogue.therapies.items() if key not in known.therapies}
    lines = [HEAD]
    for name, panel in panels.items():
        lines += _table(f'panels."{name}".germline', panel.germline)
        lines += _table(f'panels."{name}".somatic', panel.somatic)
    return "\n".join([*lines, *_table("therapies", known.therapies | therapies)])


def _table(name: str, rows: Mapping[str, str]) -> list[str]:
    return [f"[{name}]", *(f'{_key(key)} = "{one}"' for key, one in rows.items()), ""]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _told(row: Variant | SomaticVariant) -> dict[str, Any]:
    told = row.model_dump(mode="json", exclude=_UNTOLD, exclude_defaults=True)
    return told | row.model_dump(mode="json", include=set(_ALWAYS_TOLD))


def _text(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
