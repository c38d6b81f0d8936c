"""`esr simulate` writes a synthetic cohort and prints its truth."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.terminal.outputs import check_output
from cli.terminal.tables import show_table
from data_schemas.catalogue.load import find_endpoint
from data_schemas.catalogue.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.simulation.simulate import Simulation


def simulate(
    endpoint: Annotated[str, typer.Argument(help="id of an endpoint, or a path to your own TOML")],
    n: Annotated[int, typer.Option("-n", "--patients", min=1, max=1_000_000, help="how many patients")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same bytes")] = 0,
    null: Annotated[bool, typer.Option("--null", help="genetics has no effect")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="a CSV; default ENDPOINT-synthetic.csv here")
    ] = None,
) -> None:
    """Simulate a cohort with a stated truth; its manifest and the truth are written beside it."""
    from data_schemas.catalogue.load import load_catalogue
    from training.simulation.simulate import simulate as draw
    from training.simulation.write import companions, write_simulation

    catalogue = load_catalogue()
    question = find_endpoint(catalogue, endpoint)
    path = output or Path(f"{question.id}-synthetic.csv")
    for one in (path, *companions(path)):
        check_output(one, endpoint)
    simulation = draw(Terms(question, catalogue), n, seed, null=null)
    manifest, truth = write_simulation(simulation, path)

    typer.echo(f"SYNTHETIC cohort for {question.id}: {n} patients, seed {seed}{', genetics has no effect' * null}")
    title = f"The truth, in log-odds of {question.favourable}"
    show_table(title, ("of", "per", "log-odds"), truth_rows(simulation))
    if genetics := list(genetic_rows(simulation)):
        show_table("Genetics that was drawn", ("what", "frequency", "basis"), genetics)
    typer.echo(f"mean true probability {simulation.probability.mean():.3f}")
    typer.echo(f"wrote {path}, its manifest {manifest} and the truth {truth}")
    typer.echo(f"next: {shlex.join(('esr', 'train', endpoint, '--cohort', str(manifest), '--data', str(path)))}")


def truth_rows(simulation: Simulation) -> Iterator[tuple[str, str, str]]:
    """Yield what, per what, and the log-odds, of every term of the truth."""
    truth = simulation.truth
    yield "intercept", "", f"{truth.intercept:+.2f}"
    for name, effect in truth.effects.items():
        yield name, "standard deviation", f"{effect:+.2f}"
    for name, by_level in truth.level_effects.items():
        for level, effect in by_level.items():
            yield name, level, f"{effect:+.2f}"
    alleles = {row.variant: row.allele for row in simulation.frequencies}
    for name, effect in truth.variant_effects.items():
        yield name, f"copy of {alleles[name]}" if name in alleles else "detected", f"{effect:+.2f}"
    for pair, effect in truth.interactions.items():
        yield pair.replace(":", " x "), "product of both", f"{effect:+.2f}"
    if simulation.null:
        yield "every variant", "copy or finding", f"{0:+.2f}"


def genetic_rows(simulation: Simulation) -> Iterator[tuple[str, str, str]]:
    """Yield what was drawn, its share, and whether that share was measured or assumed."""
    basis = {
        "haplotypes": "measured, European; linked by haplotypes",
        "measured": "measured, European",
        "assumed": "ASSUMED: nobody measured it for this panel",
    }
    for row in simulation.frequencies:
        yield f"{row.variant} {row.allele}", f"{row.value:.3f}", basis[row.basis]
    for name, share in simulation.findings.items():
        if share:
            yield f"somatic {name}", f"{share:.3f}", "assumed"
