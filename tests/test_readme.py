"""The README's commands run, in its order; its paths, options and evidence exist; it says what the software is not."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from cli.terminal.running import free_port
from data_schemas.catalogue.load import load_catalogue

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line
]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
ESR = Path(sys.executable).with_name("esr")


def esr(*arguments):
    return subprocess.run([ESR, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def test_the_readme_is_a_page():
    assert 50 < len(README.splitlines()) <= 150
    assert "Research use; not a medical device." in README


def test_every_block_of_commands_is_tried():
    """A command in another kind of block would escape the tests below."""
    assert set(re.findall(r"^```(\w*)$", README, flags=re.MULTILINE)) == {"sh", "text", ""}
    assert any(line.startswith("make demo") for line in COMMANDS)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z]+)", README)) - {"a"}))
def test_every_make_target_exists(target):
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("esr ")])
def test_every_verb_and_option_exists(line):
    _, verb, *arguments = shlex.split(line)
    done = esr(verb, "--help")
    assert done.returncode == 0, done.stderr
    for option in (word for word in arguments if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", done.stdout), option


def test_every_file_named_exists():
    pages = "\n".join((README, *DOCS.values()))
    named = re.findall(r"(?:data_schemas|features|serving|training|tests|benchmarks|docs)/[\w./-]+\.\w+", pages)
    for path in (*named, "CITATION.cff", "CHANGELOG.md"):
        assert (ROOT / path).is_file(), path


def test_every_page_of_the_docs_is_named():
    assert [name for name in DOCS if f"docs/{name}" not in README] == []


def test_every_folder_is_shown():
    shown = README.split("## Where things are")[1].split("```")[1]
    for package in ("data_schemas", "features", "serving", "training", "cli"):
        line = next(line for line in shown.splitlines() if line.startswith(f"{package}/"))
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert package == "data_schemas" or folders <= set(re.findall(r"(\w+)/", line)), line


def test_every_line_of_science_is_a_row_of_evidence():
    lines = re.split(r"^- ", DOCS["genetics.md"], flags=re.MULTILINE)[1:]
    assert len(lines) >= 4
    evidence = load_catalogue().evidence
    for line in lines:
        cited = re.findall(r"`([\w-]+)`", line)
        assert cited, line
        assert set(cited) <= set(evidence), line
        for number in re.findall(r"\(n ([\d,]+)\)", line):
            assert any(number.replace(",", "") == row.n for row in map(evidence.__getitem__, cited)), line
        if "hazard ratio" in line:
            row = evidence[cited[0]]
            assert f"{row.effect}, 95 % interval {row.ci_low} to {row.ci_high}" in " ".join(line.split())
            assert row.may_say_predictive


@pytest.mark.slow
def test_every_command_works_in_a_fresh_folder(tmp_path):
    """Runs the README from top to bottom; only the ports differ, so that nothing else on this machine is in the way."""
    own = {"pyproject.toml", "requirements.lock"}
    for entry in ROOT.iterdir():
        if entry.name not in {".esr", ".git", *own}:
            (tmp_path / entry.name).symlink_to(entry)
    for name in own:
        # older than the stamp in .venv, which is shared: nothing may be installed from here
        shutil.copy(ROOT / name, tmp_path / name)
        os.utime(tmp_path / name, (0, 0))
    service, ui = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ESR_", "MLFLOW_"))}
    environment |= {"ESR_PORT": str(service), "ESR_UI_PORT": str(ui), "PATH": f"{ESR.parent}:{os.environ['PATH']}"}
    server = None
    printed = {}
    try:
        for line in COMMANDS:
            command = line.replace(":3000/", f":{service}/").replace(":5000/", f":{ui}/")
            if line == "make serve":
                with (tmp_path / "serve.txt").open("w") as said:
                    server = subprocess.Popen(
                        ["bash", "-c", command],
                        cwd=tmp_path,
                        env=environment | {"PYTHONUNBUFFERED": "1"},
                        start_new_session=True,
                        stdin=subprocess.DEVNULL,
                        stdout=said,
                    )
                wait_until_up(server, service, ui)
                continue
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            printed[line] = done.stdout
    finally:
        if server is not None:
            os.killpg(server.pid, signal.SIGINT)  # as Ctrl-C does
            try:
                server.wait(600)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(server.pid, signal.SIGKILL)
    assert not is_listening(service)
    assert not is_listening(ui)

    said = (tmp_path / "serve.txt").read_text()
    assert re.search(rf"http://127.0.0.1:{ui}/#/experiments/\d+/runs\S+ +esr-mht-ldl-response", said)
    demo = printed["make demo"]
    for page in (README, DOCS["answer.md"]):
        answer = re.search(r"^```text\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)[1]
        assert set(without_numbers(answer)) <= set(without_numbers(demo))
    assert "SYNTHETIC" in demo
    asked = json.loads(next(text for line, text in printed.items() if "/v1/predict" in line))
    assert [row["status"] for row in asked["predictions"]] == ["predicted", "predicted"]
    assert asked["model"]["synthetic"] is True
    assert "tamoxifen-rfs" in next(text for line, text in printed.items() if "/v1/endpoints" in line)
    assert "genetics: not assessed" in next(text for line, text in printed.items() if line.startswith("esr promote"))


def without_numbers(text):
    """Return the lines with every number and bar replaced: the last digit may differ between machines."""
    lines = (re.sub(r"[-+]*$", "", line) for line in text.splitlines() if line.strip())
    return [re.sub(r"[-+]?\d[\d.,]*", "#", line).rstrip() for line in lines]


def wait_until_up(server, *ports):
    for port in ports:
        while not is_listening(port):
            assert server.poll() is None, "make serve ended by itself"
            time.sleep(0.2)
    while httpx.get(f"http://127.0.0.1:{ports[0]}/readyz", trust_env=False, timeout=None).status_code != 200:
        time.sleep(0.2)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
