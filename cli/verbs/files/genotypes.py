"""`esr genotypes`: what a genotype file says of the panel's sites, what was proven of it, why a site is not called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from pydantic import ValidationError

from cli.terminal.tables import show_json, show_table
from data_schemas.catalogue.cohort import USUAL, CallQuality
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError

if TYPE_CHECKING:
    from data_schemas.wire.genotypes import MatchReport, SampleCalls, SiteCall
    from features.germline.calling.decide import Assumption
    from features.germline.calling.match import Match

COLUMNS = (
    *("file", "sample", "variant", "gene", "state", "alleles", "effect_allele", "dosage", "phased", "phase_set"),
    *("gq", "dp", "imputation_quality", "strand", "found", "reason"),
)
SHOWN = 20
"""Samples that a terminal shows; a pipe, TSV and JSON get all."""


# Each argument is an option of the command line.
def genotypes(  # noqa: PLR0913
    files: Annotated[list[Path], typer.Argument(help="VCF, BCF, array export, PLINK set or table of letters")],
    sample: Annotated[list[str] | None, typer.Option(help="report this sample only; may be repeated")] = None,
    build: Annotated[Literal["37", "38"] | None, typer.Option(help="genome build, where nothing proves it")] = None,
    assume_reference: Annotated[
        bool, typer.Option("--assume-reference", help="assert that sites absent from the file are reference")
    ] = False,
    callable_bed: Annotated[
        Path | None, typer.Option("--callable", help="BED of regions where an absent variant means reference")
    ] = None,
    min_gq: Annotated[
        float, typer.Option(min=0, help="smallest genotype quality, where the file has it")
    ] = USUAL.min_gq,
    min_dp: Annotated[float, typer.Option(min=0, help="smallest read depth, where the file has it")] = USUAL.min_dp,
    min_r2: Annotated[
        float, typer.Option(min=0, max=1, help="smallest imputation quality; 0 accepts a file without it")
    ] = USUAL.min_r2,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document")] = False,
    as_tsv: Annotated[bool, typer.Option("--tsv", help="print one tab-separated line per sample and site")] = False,
) -> None:
    """Read genotype files into six-state calls of the panel; an absent site is never taken for reference."""
    from data_schemas.wire.genotypes import GenotypeReport
    from features.germline.calling.match import match_file, match_report, sample_numbers

    if as_json and as_tsv:
        raise EsrError("refused_setting", "--json and --tsv: choose one")
    catalogue = load_catalogue()
    assumption = _assumption(assume_reference, callable_bed)
    number: Literal[37, 38] | None = None if build is None else 37 if build == "37" else 38
    limits = _limits(min_gq, min_dp, min_r2)
    # every file is read before anything is printed: a command that fails prints its error only
    matches = [match_file(file, catalogue, build=number, thresholds=limits, assumption=assumption) for file in files]
    if as_tsv:
        _show_lines([(match, sample_numbers(match, sample or None)) for match in matches])
        return
    reports = tuple(match_report(match, sample or None, None if as_json else SHOWN) for match in matches)
    if as_json:
        show_json(GenotypeReport(panel=catalogue.panel_digest, files=reports).model_dump(mode="json"))
        return
    for report in reports:
        _show(report, len(sample) if sample else report.samples_in_file)


def _limits(min_gq: float, min_dp: float, min_r2: float) -> CallQuality:
    try:
        return CallQuality(min_gq=min_gq, min_dp=min_dp, min_r2=min_r2)
    except ValidationError:  # Typer checks the ranges, and lets inf pass
        raise EsrError("refused_setting", "--min-gq, --min-dp, --min-r2: give finite numbers") from None


def _assumption(everywhere: bool, bed: Path | None) -> Assumption:
    from features.germline.calling.decide import Assumption
    from features.germline.calling.regions import read_regions

    return Assumption(everywhere, None if bed is None else read_regions(bed))


def _show_lines(matches: list[tuple[Match, Sequence[int]]]) -> None:
    from features.germline.calling.match import sample_calls

    typer.echo("\t".join(COLUMNS))
    for match, numbers in matches:
        for one in (sample_calls(match, number) for number in numbers):
            for call in one.sites:
                row = call.model_dump(mode="json") | {"file": match.readings.file, "sample": one.sample}
                typer.echo("\t".join(_cell(row[name]) for name in COLUMNS))


def _cell(value: object) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _show(report: MatchReport, asked: int) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    records = f"{report.records_read:,} records read" + ("" if report.whole_file else " by index")
    console.print(f"{report.file}: {report.format}, {report.samples_in_file:,} samples, {records}")
    for line in _proof_lines(report):
        console.print(f"  {line}")
    for one in report.samples if report.sites_found or report.counts["assumed_reference"] else ():
        _show_sample(one)
    if report.sites_found and asked > SHOWN:
        console.print(f"{asked - SHOWN:,} more samples: --sample names one, --tsv and --json print all")
    for note in report.notes:
        console.print(note)
    counted = ", ".join(f"{count:,} {state}" for state, count in report.counts.items() if count)
    console.print(f"{report.file}: {report.sites_found} panel sites found; {counted}\n")


def _proof_lines(report: MatchReport) -> Iterator[str]:
    proof = report.proof
    sites = f" by {', '.join(proof.build_sites)}" if proof.build_sites else ""
    says = f"; the file says {', '.join(proof.header_says)}" if proof.header_says else ""
    yield f"genome build: {proof.build or 'unknown'} ({proof.build_basis}{sites}){says}"
    yield f"strand: {proof.strand or 'unknown'} ({proof.strand_basis})"


def _show_sample(one: SampleCalls) -> None:
    from features.germline.calling.calls import REASONS

    show_table(
        one.sample,
        ("site", "letters", "dosage", "state", "found"),
        (
            (
                call.variant,
                call.phased or call.alleles,
                None if call.dosage is None else f"{call.dosage:.4g} {call.effect_allele}",
                f"{call.state}: {REASONS[call.reason]}" if call.reason else call.state,
                ", ".join(filter(None, (call.found, _quality(call)))),
            )
            for call in one.sites
        ),
    )
    states = Counter(call.state for call in one.sites)
    typer.echo("  " + ", ".join(f"{count} {state}" for state, count in states.items()) + "\n")


def _quality(call: SiteCall) -> str:
    parts = (("GQ", call.gq), ("DP", call.dp), ("R2", call.imputation_quality))
    shown = [f"{name} {value:.4g}" for name, value in parts if value is not None]
    return " ".join([*shown, *([f"PS {call.phase_set}"] if call.phase_set is not None else [])])
