"""`esr tumour`: what a tumour file says of somatic ESR1 variants, and what its silence means."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.terminal.tables import show_json, show_table
from data_schemas.catalogue.load import load_catalogue
from data_schemas.wire.prediction import SOMATIC_STATES
from data_schemas.wire.tumour import REASONS

if TYPE_CHECKING:
    from data_schemas.wire.tumour import TumourReport, TumourSample


# Each argument is an option of the command line.
def tumour(  # noqa: PLR0913
    file: Annotated[Path, typer.Argument(help="VCF, MAF, the folder of a cBioPortal study, or a list of HGVS names")],
    sample: Annotated[str | None, typer.Option(help="report this sample only")] = None,
    build: Annotated[Literal["37", "38"] | None, typer.Option(help="genome build of a VCF that does not tell")] = None,
    covers_esr1: Annotated[
        bool | None,
        typer.Option("--covers-esr1/--without-esr1", help="state that the assay looks at ESR1, or that it does not"),
    ] = None,
    assay: Annotated[str | None, typer.Option(help="name of the assay")] = None,
    limit_of_detection: Annotated[
        float | None, typer.Option(min=0, max=1, help="smallest allele fraction that the assay reports")
    ] = None,
    specimen: Annotated[
        Literal["tissue", "plasma", "other"] | None, typer.Option(help="what was sampled, where the file does not say")
    ] = None,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="when it was taken, where the file does not say")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON document")] = False,
) -> None:
    """Read a tumour file; a mutation without a call is `not detected` only where ESR1 was looked at."""
    from data_schemas.errors import InputFileError
    from features.somatic.readers.kinds import read_tumour
    from features.somatic.samples import Assay

    declared = Assay(name=assay, covers_esr1=covers_esr1, limit_of_detection=limit_of_detection)
    number: Literal[37, 38] | None = None if build is None else 37 if build == "37" else 38
    report = read_tumour(file, load_catalogue(), declared, build=number, tumour=sample)
    facts = {"specimen": specimen, "collected": date.date().isoformat() if date else None}
    report = report.model_copy(update={"samples": tuple(_with_facts(one, facts) for one in report.samples)})
    if sample is not None:
        samples = tuple(one for one in report.samples if one.sample == sample)
        if not samples:
            raise InputFileError("unknown_sample", f"{report.file}: has no sample of the name given")
        report = report.model_copy(update={"samples": samples})
    if as_json:
        show_json({**report.model_dump(mode="json"), "counts": report.counts})
    else:
        _show(report)


def _with_facts(sample: TumourSample, facts: dict[str, str | None]) -> TumourSample:
    """Return the sample with what was stated and its file leaves out."""
    return sample.model_copy(update={name: text for name, text in facts.items() if getattr(sample, name) is None})


def _show(report: TumourReport) -> None:
    genome = f", build {report.build}" if report.build else ""
    typer.echo(f"{report.file}: {report.format}{genome}; {report.n_read:,} rows, {len(report.samples):,} samples")
    show_table(
        "ESR1 variants found",
        ("sample", "variant", "change", "coding", "allele fraction", "reads", "specimen", "date", "assay", "place"),
        (row for sample in report.samples for row in _calls(sample)),
    )
    typer.echo("")
    show_table(
        "Samples by state",
        ("variant", "detected", "not detected", "not tested", "other variant"),
        ((name, *(states.get(state, 0) for state in SOMATIC_STATES)) for name, states in report.counts.items()),
    )
    left_open = _left_open(report)
    if left_open:
        typer.echo("")
        show_table("Left open by the file", ("variant", "samples", "code", "reason"), left_open)
    typer.echo("")
    show_table("Why", ("samples", "ESR1 looked at", "limit of detection", "reason"), _reasons(report))
    for note in report.notes:
        typer.echo(note)


def _calls(sample: TumourSample) -> list[tuple[object, ...]]:
    return [
        (
            sample.sample,
            one.variant,
            one.change,
            one.coding,
            None if one.vaf is None else f"{one.vaf:.4f}",
            None if one.alt_reads is None else f"{one.alt_reads}/{one.depth}",
            sample.specimen,
            sample.collected,
            sample.assay,
            one.place,
        )
        for one in sample.variants
    ]


def _left_open(report: TumourReport) -> list[tuple[object, ...]]:
    counts = Counter(item for sample in report.samples for item in sample.open.items())
    return [(name, count, code, REASONS[code]) for (name, code), count in sorted(counts.items())]


def _reasons(report: TumourReport) -> list[tuple[object, ...]]:
    counts: dict[tuple[str, str, str], int] = {}
    for one in report.samples:
        tested = {True: "yes", False: "no", None: "not stated"}[one.tested]
        limit = "not stated" if one.limit_of_detection is None else f"{one.limit_of_detection:g}"
        counts[tested, limit, one.reason] = counts.get((tested, limit, one.reason), 0) + 1
    return [(count, *key) for key, count in counts.items()]
