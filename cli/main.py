"""The `esr` command: one verb per question, one module per verb group.

A command that fails prints one line on stderr, ``error [code]: what and where and the cure``, and exits with the code
that `data_schemas.errors.FAULTS` gives. Heavy libraries are imported inside the verbs, so that ``esr --help`` is quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from cli import catalogue, check, demo, genotypes, models, predict, serve, simulate, train, tumour
from data_schemas.errors import FAULTS, EsrError

app = typer.Typer(
    name="esr",
    help="Calibrated, explained probabilities of response to hormonal therapy. Research use; not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("catalogue")(catalogue.catalogue)
app.command("simulate")(simulate.simulate)
app.command("example")(simulate.example)
app.command("check")(check.check)
app.command("genotypes")(genotypes.genotypes)
app.command("tumour")(tumour.tumour)
app.command("train")(train.train)
app.command("models")(models.models)
app.command("promote")(models.promote)
app.command("predict")(predict.predict)
app.command("serve")(serve.serve)
app.command("up")(demo.up)
app.command("demo")(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"esr-response {version('esr-response')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Calibrated, explained probabilities of response to hormonal therapy. Research use; not a medical device."""


def run() -> None:
    """Run the command line; the only place where an error becomes an exit code."""
    try:
        app()
    except EsrError as error:
        _fail(error.code, error.message, *(f"  {problem.pointer}: {problem.detail}" for problem in error.problems))
    except BrokenPipeError:
        # the reader (head, less) has gone: say nothing, and keep the interpreter from flushing into the closed pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        # an exception's own text may hold a patient's value, so only its type and place are shown
        if os.environ.get("ESR_TRACEBACK"):
            raise
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
        _fail("internal", f"{type(error).__name__} at {place}. This is a defect; ESR_TRACEBACK=1 shows the traceback.")


def _fail(code: str, message: str, *more: str) -> None:
    for line in (f"error [{code}]: {message}", *more):
        typer.echo(line, err=True)
    sys.exit(FAULTS[code].exit_code)
