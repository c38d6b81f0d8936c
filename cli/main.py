"""The `esr` command: one verb per question, one module per verb group.

A command that fails prints one line on stderr, ``error [code]: what and where and the cure``, and exits with the code
that `data_schemas.errors.FAULTS` gives. Heavy libraries are imported inside the verbs, so that ``esr --help`` is quick.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Annotated, NoReturn

import typer

from cli.verbs.catalogue import show
from cli.verbs.cohort import check, example, simulate
from cli.verbs.files import genotypes, tumour
from cli.verbs.model import predict, promote, registered, train
from cli.verbs.service import demo, serve, up
from data_schemas.errors import FAULTS, EsrError
from features.files.whole import FULL, refusal

# What the system says of a place that cannot be used; any other error of its kind is our defect.
REFUSED = frozenset(
    {
        *(*FULL, errno.EFBIG, errno.EROFS, errno.EIO),
        *(errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP),
    }
)

app = typer.Typer(
    name="esr",
    help="Calibrated, explained probabilities of response to hormonal therapy. Research use; not a medical device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("catalogue")(show.catalogue)
app.command("simulate")(simulate.simulate)
app.command("example")(example.example)
app.command("check")(check.check)
app.command("genotypes")(genotypes.genotypes)
app.command("tumour")(tumour.tumour)
app.command("train")(train.train)
app.command("models")(registered.models)
app.command("promote")(promote.promote)
app.command("predict")(predict.predict)
app.command("serve")(serve.serve)
app.command("up")(up.up)
app.command("demo")(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        from data_schemas import __version__

        typer.echo(f"esr-response {__version__}")
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
    _replace_closed_streams()
    try:
        try:
            app()
        finally:
            # here, where a full disk can still be told, and not when the interpreter ends
            sys.stdout.flush()
    except EsrError as error:
        _fail(error.code, error.message, *(f"  {problem.pointer}: {problem.detail}" for problem in error.problems))
    except BrokenPipeError:
        # the reader (head, less) has gone: say nothing
        _give_up_stdout()
        sys.exit(141)
    except OSError as error:
        if error.errno not in REFUSED:
            _defect(error)
        if error.filename is None:
            _give_up_stdout()
        place = "standard output" if error.filename is None else os.fsdecode(error.filename)
        refused = refusal(place, error)
        _fail(refused.code, refused.message)
    except Exception as error:  # noqa: BLE001 - what nobody foresaw is told as a defect, by type and place
        _defect(error)


def _replace_closed_streams() -> None:
    """Let what is started with a closed output (as some schedulers do) write into nothing."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _give_up_stdout() -> None:
    """Keep the interpreter from flushing into an output that takes no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _defect(error: Exception) -> NoReturn:
    """Report what nobody foresaw; an exception's own text may hold a patient's value, so its type and place only."""
    if os.environ.get("ESR_TRACEBACK"):
        raise error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"
    _fail("internal", f"{type(error).__name__} at {place}. This is a defect; ESR_TRACEBACK=1 shows the traceback.")


def _fail(code: str, message: str, *more: str) -> NoReturn:
    for line in (f"error [{code}]: {message}", *more):
        typer.echo(line, err=True)
    sys.exit(FAULTS[code].exit_code)
