"""`esr catalogue` and the errors of the command line."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import CatalogueError


def esr(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "from cli.main import run; run()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)


def listed(*arguments: str) -> list[list[str]]:
    result = CliRunner().invoke(app, ["catalogue", *arguments])
    assert result.exit_code == 0, result.output
    return [line.split("\t") for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("section", "rows"),
    [
        ("endpoints", lambda known: known.endpoints),
        ("panel", lambda known: [*known.variants, *known.somatic]),
        ("evidence", lambda known: known.evidence),
        ("covariates", lambda known: known.covariates),
        ("therapies", lambda known: known.therapies),
        ("cohorts", lambda known: known.cohorts),
    ],
)
def test_a_pipe_gets_one_line_per_row(section, rows):
    header, *lines = listed(section)
    assert [line[0] for line in lines] == list(rows(load_catalogue()))
    assert {len(line) for line in lines} == {len(header)}


def test_without_a_word_endpoints_are_listed():
    assert listed() == listed("endpoints")


@pytest.mark.parametrize("section", ["endpoints", "evidence", "covariates", "therapies", "cohorts"])
def test_json_holds_the_rows_in_full(section):
    rows = json.loads(CliRunner().invoke(app, ["catalogue", section, "--json"]).stdout)
    known = getattr(load_catalogue(), section)
    for row in rows:
        row.pop("may_say_predictive", None)
        assert row == known[row["id"]].model_dump(mode="json")
    assert len(rows) == len(known)


def test_the_panel_as_json_carries_its_digest():
    document = json.loads(CliRunner().invoke(app, ["catalogue", "panel", "--json"]).stdout)
    assert document["digest"] == load_catalogue().panel_digest
    assert [row["id"] for row in document["germline"]] == list(load_catalogue().variants)
    assert [row["id"] for row in document["somatic"]] == list(load_catalogue().somatic)


def test_one_endpoint_is_shown_with_what_its_number_is_not():
    result = CliRunner().invoke(app, ["catalogue", "mht-ldl-response"])
    assert "regression to the mean" in result.stdout
    assert "ldl_cholesterol\tLDL cholesterol\tmg/dL or mmol/L" in result.stdout


def test_a_slip_is_one_line_on_stderr_with_the_exit_code_of_the_fault():
    done = esr("catalogue", "pannel")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error [unknown_endpoint]: 'pannel' is no listing and no endpoint; did you mean 'panel'?\n"


def test_a_broken_file_of_the_users_is_told_without_a_traceback(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("title = 1")
    done = esr("catalogue", str(path))
    assert done.returncode == 78
    assert done.stderr.startswith(f"error [catalogue_invalid]: {path}: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_reader_that_leaves_early_causes_no_noise():
    code = "from cli.main import run; run()"
    command = f"{shlex.quote(sys.executable)} -c '{code}' catalogue evidence --json | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.stdout == "[\n"
    assert done.stderr == ""


def test_the_version_is_the_installed_one():
    from importlib.metadata import version

    assert CliRunner().invoke(app, ["--version"]).stdout == f"esr-response {version('esr-response')}\n"


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['esr', '--help']\n"
        "from cli.main import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'xgboost', 'mlflow', 'bentoml', 'pint', 'matplotlib', 'scipy'}\n"
        "sys.stderr.write(' '.join(sorted(heavy & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""


def test_what_is_neither_a_listing_nor_an_endpoint_is_told_both(tmp_path):
    for word, said in (
        ("panl", "did you mean 'panel'"),
        ("foo", "the listings are endpoints"),
        ("hers.txt", "listings"),
    ):
        with pytest.raises(CatalogueError, match=said) as caught:
            CliRunner().invoke(app, ["catalogue", word], catch_exceptions=False)
        assert caught.value.code == "unknown_endpoint"
