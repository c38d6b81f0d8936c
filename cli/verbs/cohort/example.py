"""`esr example` writes a public real cohort."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal.outputs import check_output


def example(
    name: Annotated[str, typer.Argument(help="gbsg2: 686 women with node-positive breast cancer")],
    output: Annotated[Path, typer.Option("-o", "--output", help="where the CSV goes")],
) -> None:
    """Write a public real cohort, with the columns that the manifest of the same name expects."""
    from data_schemas.errors import EsrError, InputFileError, nearest
    from features.files.whole import write_all
    from training.simulation.public_data import EXAMPLES

    if name not in EXAMPLES:
        near = nearest(name, EXAMPLES)
        hint = f"; did you mean {near}?" if near else f"; there is {', '.join(EXAMPLES)}"
        raise EsrError("unknown_cohort", f"no example is called {name!r}{hint}")
    check_output(output)
    text = EXAMPLES[name]().to_csv(index=False, lineterminator="\n")
    if output.exists() and not _holds(output, text):
        raise InputFileError("output_exists", f"{output}: exists and holds something else; name another file with -o")
    write_all({output: text})
    step = shlex.join(("esr", "check", str(output), "--cohort", name))
    typer.echo(f"wrote {output}: {text.count(chr(10)) - 1} rows; next: {step}")


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False
