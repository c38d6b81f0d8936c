"""`esr check`: what a data file holds for an endpoint, before anybody trains on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.terminal.outputs import check_output
from cli.terminal.tables import show_json, show_table
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.endpoint import Binary, Change, Endpoint
from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.wire.prediction import SOMATIC_STATES, SomaticState

if TYPE_CHECKING:
    from features.cohort.report import CohortReport, GenotypeJoin
    from features.quality.records import SiteQuality


_LINKED = 0.2
_SHOWN = 5


def check(
    data: Annotated[Path, typer.Argument(help="CSV, TSV or Parquet file")],
    cohort: Annotated[str, typer.Option(help="id of a cohort manifest, or path to your own TOML")],
    endpoint: Annotated[
        str | None, typer.Option(help="id of an endpoint, or path to your own; by default each one that fits")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="write the genotype report, with charts, to this HTML file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document")] = False,
) -> None:
    """Read a cohort strictly and report who counts, what is missing and how good the genotypes are."""
    from features.cohort.read import check_columns, read_cohort

    if html is not None:
        check_output(html, data, cohort, endpoint)
    catalogue = load_catalogue()
    manifest = find_cohort(catalogue, cohort)
    asked = [find_endpoint(catalogue, endpoint)] if endpoint else fitting_endpoints(manifest, catalogue)
    reports = [read_cohort(data, manifest, Terms(one, catalogue)).report for one in asked]
    reports = reports or [check_columns(data, manifest, catalogue)]
    if html is not None:
        _write_page(html, reports)
    if as_json:
        show_json([report.model_dump(mode="json") for report in reports])
        return
    by_id = {one.id: Terms(one, catalogue) for one in asked}
    for report in reports:
        _show(report, by_id.get(report.endpoint or ""))


def _write_page(path: Path, reports: Sequence[CohortReport]) -> None:
    from data_schemas.errors import EsrError
    from features.cohort.page.html import quality_page
    from features.files.whole import write_all

    if len(reports) > 1:
        names = ", ".join(str(report.endpoint) for report in reports)
        raise EsrError("refused_setting", f"--html: several endpoints fit ({names}); name one with --endpoint")
    write_all({path: quality_page(reports[0])})


def fitting_endpoints(cohort: Cohort, catalogue: Catalogue) -> list[Endpoint]:
    """Return the catalogue's endpoints whose outcome, therapies and required covariates the manifest binds."""
    return [one for one in catalogue.endpoints.values() if _fits(cohort, one)]


def _fits(cohort: Cohort, endpoint: Endpoint) -> bool:
    outcome = endpoint.outcome
    if isinstance(outcome, Binary):
        told = cohort.response is not None
    elif isinstance(outcome, Change):
        told = outcome.covariate in cohort.covariates and outcome.covariate in cohort.follow_up
    else:
        told = cohort.time is not None and cohort.event is not None
    therapies = {*cohort.therapy.codes.values(), cohort.therapy.constant}
    somatic = set(cohort.somatic.columns) if cohort.somatic else set()
    bound = {"therapy", *cohort.covariates, *cohort.genotypes, *somatic}
    return told and bool(therapies & set(endpoint.therapies)) and set(endpoint.required) <= bound


def _show(report: CohortReport, terms: Terms | None) -> None:
    for line in _sentences(report):
        typer.echo(line)
    if report.by_therapy and terms:
        rows = [
            (terms.therapy_label(one.therapy), f"{one.n:,}", f"{one.n_favourable:,}", _percent(one.rate))
            for one in report.by_therapy
        ]
        _block("Favourable outcome by therapy", ("therapy", "patients", "favourable", "rate"), rows)
    if report.ineligible:
        excluded = [(one.detail, f"{one.n:,}", ", ".join(map(str, one.lines))) for one in report.ineligible]
        _block("Rows that do not count", ("reason", "rows", "first lines"), excluded)
    unknown = [(name, f"{n:,}", _percent(n / report.n)) for name, n in report.missing.items() if n]
    if unknown:
        _block("Unknown values", ("column", "rows", "share"), unknown)
    if report.sites:
        _block("Genotypes", _SITE_COLUMNS, [_site(one) for one in report.sites])
    linked = [
        (pair.first, pair.second, pair.ancestry, f"{pair.n:,}", _number(pair.r2))
        for pair in report.linkage
        if pair.r2 is not None and pair.r2 >= _LINKED
    ]
    if linked:
        title = f"Linked sites (squared correlation of genotypes at least {_LINKED}; --json has all pairs)"
        _block(title, ("first", "second", "ancestry", "persons", "r2"), linked)
    advice = (
        [(one.text, one.action) for one in report.genotypes.findings if one.level != "ok"] if report.genotypes else []
    )
    if advice:
        _block("Genotypes: what to do (--html draws it)", ("finding", "what to do"), advice)
    if report.somatic:
        _block(
            "Somatic ESR1",
            ("variant", "detected", "not detected", "not tested", "other variant"),
            _somatic(report.somatic),
        )


def _sentences(report: CohortReport) -> Iterator[str]:
    yield f"{report.file} as {report.cohort}: {report.n_read:,} rows read" + (
        f", {report.n:,} count for {report.endpoint}" if report.endpoint else ""
    )
    if report.synthetic:
        yield "Synthetic: made-up patients."
    if report.endpoint is None:
        yield "Columns only: no endpoint of the catalogue fits this cohort; name one with --endpoint for its outcome."
    else:
        yield f"Favourable outcome: {report.outcome}"
        censored = f"; {report.n_censored:,} are censored before that" if report.n_events is not None else ""
        yield f"{report.n_favourable:,} favourable, {report.n_unfavourable:,} not{censored}"
        weighted = " (weighted for censoring)" if report.n_events is not None else ""
        yield f"Rate of the favourable outcome: {_percent(report.event_rate)}{weighted}"
    if report.n_events is not None:
        yield f"Events at any time: {report.n_events:,}"
    if report.absent:
        yield f"The cohort knows nothing of: {', '.join(report.absent)}"
    for name, n in report.implausible.items():
        yield f"{name}: {n:,} values are possible, but outside the usual range"
    if report.genotype_file:
        join = report.genotype_file
        yield (
            f"{join.file}: {join.format}, build {join.build or 'unknown'} ({join.build_basis}), strand "
            f"{join.strand or 'unknown'} ({join.strand_basis}); {join.samples_joined:,} of {join.samples_in_file:,} "
            f"samples joined, {join.n_samples_without_row:,} without a row; {join.n_rows_without_sample:,} rows "
            f"without a sample"
        )
        yield from _unmatched(join)
    yield from report.notes


def _unmatched(join: GenotypeJoin) -> Iterator[str]:
    """Yield which samples and rows found no partner, the first few by name."""
    if join.n_samples_without_row:
        yield f"Samples without a row: {_first(join.samples_without_row, join.n_samples_without_row)}"
    if join.n_rows_without_sample:
        yield f"Rows without a sample: lines {_first(join.lines_without_sample, join.n_rows_without_sample)}"


def _first(some: Sequence[object], n: int) -> str:
    shown = some[:_SHOWN]
    more = f" and {n - len(shown):,} more (--json names some)" if n > len(shown) else ""
    return ", ".join(map(str, shown)) + more


_SITE_COLUMNS = (
    "variant", "ancestry", "persons", "call rate", "allele", "frequency", "HWE p (chi-square)", "HWE p (exact)",
)  # fmt: skip


def _site(one: SiteQuality) -> tuple[object, ...]:
    frequency, p, exact = _number(one.frequency), _number(one.hwe_p), _number(one.hwe_p_exact)
    rate = _percent(one.call_rate) + (f" ({_percent(one.assumed / one.n)} assumed)" if one.assumed else "")
    return one.variant, one.ancestry, f"{one.n:,}", rate, one.effect_allele, frequency, p, exact


def _somatic(states: Mapping[str, Mapping[SomaticState, int]]) -> list[tuple[object, ...]]:
    return [(name, *(f"{counts.get(state, 0):,}" for state in SOMATIC_STATES)) for name, counts in states.items()]


def _block(title: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    typer.echo("")
    if not sys.stdout.isatty():
        typer.echo(title)
    show_table(title, columns, rows)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}" if 0 < value < 0.001 else f"{value:.3f}"
