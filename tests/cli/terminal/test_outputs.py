"""A command never writes over what it reads, and writes whole files only; a place that takes none is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.terminal.outputs import check_output
from data_schemas.errors import EsrError


def test_an_input_is_never_written_over(tmp_path):
    data = tmp_path / "patients.csv"
    data.write_text("id\np1\n")
    alias = tmp_path / "alias.csv"
    alias.symlink_to(data)
    for output in (data, alias, tmp_path / "." / "patients.csv"):
        with pytest.raises(EsrError, match="is an input") as error:
            check_output(output, None, "hers", data)
        assert error.value.code == "output_exists"
    check_output(tmp_path / "answer.csv", None, "hers", data)


@pytest.mark.parametrize(("name", "said"), [("", "is a folder"), ("absent/answer.csv", "folder that exists")])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, name, said):
    with pytest.raises(EsrError, match=said):
        check_output(tmp_path / name)


@pytest.mark.parametrize("name", ["/dev/full", "/dev/answer.csv", "/proc/answer.csv"])
def test_a_device_is_no_place_for_a_file(name):
    with pytest.raises(EsrError, match="no ordinary file"):
        check_output(Path(name))


def refusal(*words: object) -> EsrError:
    with pytest.raises(EsrError) as caught:
        CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    return caught.value


def test_an_example_or_a_simulation_writes_nothing_where_it_cannot_write_all(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "cohort.toml").mkdir()
    for words in (
        ("example", "gbsg2", "-o", tmp_path / "folder.csv"),
        ("example", "gbsg2", "-o", tmp_path / "no" / "gbsg2.csv"),
        ("simulate", "mht-ldl-response", "-n", 20, "-o", tmp_path / "folder.csv"),
        ("simulate", "mht-ldl-response", "-n", 20, "-o", tmp_path / "no" / "cohort.csv"),
        ("simulate", "mht-ldl-response", "-n", 20, "-o", tmp_path / "cohort.csv"),
    ):
        assert refusal(*words).code == "output_exists", words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort.toml", "folder.csv"]


@pytest.mark.parametrize("words", [("catalogue", "evidence"), ("catalogue", "--json"), ("--help",)])
def test_a_full_disk_behind_standard_output_is_one_line(words):
    program = [sys.executable, "-c", "from cli.main import run; run()", *words]
    with open("/dev/full", "w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ, check=False)
    assert done.returncode == 74
    assert done.stderr.startswith("error [disk_full]: standard output")
    assert done.stderr.count("\n") == 1


def test_a_working_folder_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    program = [sys.executable, "-c", "from cli.main import run; run()", "demo"]
    environment = os.environ | {"ESR_HOME": str(tmp_path / "file" / "home")}
    done = subprocess.run(program, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 73
    assert done.stderr.startswith(f"error [output_exists]: {tmp_path}")
    assert done.stderr.endswith("name another place\n")
    assert done.stderr.count("\n") == 1


def test_a_closed_standard_output_is_no_error():
    code = "'from cli.main import run; run()'"
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -c {code} catalogue therapies >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
