"""`esr catalogue`: what the software knows, and what one endpoint asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple

import typer

from cli.terminal.tables import show_json, show_table
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.endpoint import Change, Endpoint, TimeToEvent
from data_schemas.catalogue.load import find_endpoint, is_path, load_catalogue
from data_schemas.catalogue.rows import Covariate, Position
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, nearest
from data_schemas.record import Record


class Section(NamedTuple):
    """One listing: its title, its columns, how to fill them, and the documents behind it."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[Catalogue], Iterable[tuple[object, ...]]]
    documents: Callable[[Catalogue], Any]


def catalogue(
    what: Annotated[
        str,
        typer.Argument(
            help="endpoints, panel, evidence, covariates, therapies or cohorts; or one endpoint's id or path."
        ),
    ] = "endpoints",
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows in full, as JSON.")] = False,
) -> None:
    """List what the software knows: endpoints, variants, published evidence, covariates, therapies, cohorts."""
    known = load_catalogue()
    section = SECTIONS.get(what)
    if section is None:
        _show_endpoint(_endpoint(known, what), known, as_json)
    elif as_json:
        show_json(section.documents(known))
    else:
        show_table(section.title, section.columns, section.rows(known))


def _endpoint(known: Catalogue, what: str) -> Endpoint:
    try:
        return find_endpoint(known, what)
    except CatalogueError as error:
        if error.code != "unknown_endpoint" or is_path(what) or nearest(what, known.endpoints):
            raise
        near = nearest(what, SECTIONS)
        hint = f"did you mean {near!r}?" if near else f"the listings are {', '.join(SECTIONS)}"
        text = f"{what!r} is no listing and no endpoint; {hint}"
        raise CatalogueError("unknown_endpoint", text) from None


def _show_endpoint(endpoint: Endpoint, known: Catalogue, as_json: bool) -> None:
    if as_json:
        show_json(endpoint.model_dump(mode="json"))
        return
    lines = [
        endpoint.title,
        f"  who       {endpoint.population}",
        f"  what      {endpoint.favourable} ({_outcome(endpoint)})",
        f"  therapies {', '.join(endpoint.therapies)}",
        f"  required  {', '.join(endpoint.required)}",
        *(f"  is not    {sentence}" for sentence in endpoint.is_not),
        "",
    ]
    typer.echo("\n".join(lines))
    show_table("Inputs", ("name", "what", "unit or levels"), _inputs(Terms(endpoint, known)))


def _inputs(terms: Terms) -> Iterable[tuple[object, ...]]:
    for name in terms.endpoint.covariates:
        covariate = terms.covariate(name)
        if covariate:
            yield name, covariate.label, _scale(covariate)
    for name in terms.endpoint.variants:
        variant = terms.variant(name)
        if variant:
            yield (
                name,
                f"{variant.gene} {variant.names[0] if variant.names else ''}",
                "/".join(variant.alleles),
                "genetic",
            )
    for name in terms.endpoint.somatic:
        yield name, "somatic ESR1", "detected, not_detected, not_tested"


def _outcome(endpoint: Endpoint) -> str:
    outcome = endpoint.outcome
    if isinstance(outcome, Change):
        relative = outcome.relative_change
        size = f"{relative:+.0%}" if relative is not None else f"{outcome.absolute_change:+g}"
        return f"change of {outcome.covariate} {size} in {endpoint.time_at_risk_days:g} days"
    if isinstance(outcome, TimeToEvent):
        return f"free of {outcome.event} at {outcome.horizon_days:g} days"
    return f"binary, {endpoint.time_at_risk_days:g} days"


def _scale(covariate: Covariate) -> str:
    if covariate.levels:
        return ", ".join(covariate.levels)
    units = dict.fromkeys((covariate.display_unit or covariate.unit, *covariate.accepted_units))
    return " or ".join(units)


def _span(bounds: tuple[float, float] | None) -> str:
    return f"{bounds[0]:g} to {bounds[1]:g}" if bounds else ""


def _place(position: Position | None) -> str:
    return f"{position.chrom}:{position.pos}" if position else ""


def _panel_rows(known: Catalogue) -> Iterable[tuple[object, ...]]:
    for row in known.variants.values():
        alleles, effect = "/".join(row.alleles), row.effect_allele
        places = _place(row.grch37), _place(row.grch38)
        yield row.id, row.gene, row.names[0] if row.names else "", *places, alleles, effect, row.status
    for mutation in known.somatic.values():
        places = _place(mutation.grch37), _place(mutation.grch38)
        alleles = f"{mutation.ref}/{mutation.alt}"
        yield mutation.id, mutation.gene, mutation.hgvs_p, *places, alleles, mutation.alt, mutation.status


def _evidence_rows(known: Catalogue) -> Iterable[tuple[object, ...]]:
    for row in known.evidence.values():
        interval = f" ({row.ci_low:g} to {row.ci_high:g})" if row.ci_low is not None else ""
        found = "no effect" if row.null_result else f"{row.effect}{interval}, {row.effect_type}"
        yield (
            row.id,
            ", ".join(row.variants),
            row.therapy,
            row.outcome,
            row.n,
            found,
            row.role,
            row.replicated,
            row.source,
        )


def _dumped(rows: Iterable[Record]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json") for row in rows]


def _panel_document(known: Catalogue) -> dict[str, Any]:
    return {
        "digest": known.panel_digest,
        "germline": _dumped(known.variants.values()),
        "somatic": _dumped(known.somatic.values()),
    }


SECTIONS: dict[str, Section] = {
    "endpoints": Section(
        "Endpoints",
        ("endpoint", "question", "outcome", "therapies"),
        lambda known: ((e.id, e.title, _outcome(e), ", ".join(e.therapies)) for e in known.endpoints.values()),
        lambda known: _dumped(known.endpoints.values()),
    ),
    "panel": Section(
        "Panel; letters on the forward strand, effect = the allele that a dosage counts",
        ("id", "gene", "name", "GRCh37", "GRCh38", "alleles", "effect", "status"),
        _panel_rows,
        _panel_document,
    ),
    "evidence": Section(
        "Published associations, nulls included",
        ("id", "variants", "therapy", "outcome", "n", "found", "role", "replicated", "source"),
        _evidence_rows,
        lambda known: [
            row.model_dump(mode="json") | {"may_say_predictive": row.may_say_predictive}
            for row in known.evidence.values()
        ],
    ),
    "covariates": Section(
        "Covariates",
        ("id", "label", "kind", "unit or levels", "plausible", "possible", "LOINC"),
        lambda known: (
            (c.id, c.label, c.kind, _scale(c), _span(c.plausible), _span(c.possible), c.loinc)
            for c in known.covariates.values()
        ),
        lambda known: _dumped(known.covariates.values()),
    ),
    "therapies": Section(
        "Therapies",
        ("id", "label", "class", "at the receptor", "dose unit"),
        lambda known: ((t.id, t.label, t.therapy_class, t.mechanism, t.dose_unit) for t in known.therapies.values()),
        lambda known: _dumped(known.therapies.values()),
    ),
    "cohorts": Section(
        "Cohorts",
        ("id", "title", "design", "synthetic", "licence"),
        lambda known: (
            (c.id, c.title, c.design, "yes" if c.synthetic else "no", c.licence) for c in known.cohorts.values()
        ),
        lambda known: _dumped(known.cohorts.values()),
    ),
}
