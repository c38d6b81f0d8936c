"""The lock, the metadata, `.ci/run` and the option it leans on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from data_schemas import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")]


def locked() -> dict[str, str]:
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1].split(" ;")[0] for line in LOCK}


def test_the_lock_holds_exact_versions_and_nothing_else():
    for line in LOCK:
        assert re.fullmatch(r'[\w.-]+==[\w.]+( ; platform_system == "Linux")?', line), line
    assert len(locked()) == len(LOCK)


@pytest.mark.parametrize(
    "text",
    [
        *PROJECT["dependencies"],
        *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
        "hatchling>=1.27",
        "editables",
    ],
)
def test_the_lock_satisfies_every_declared_dependency(text):
    requirement = Requirement(text)
    assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


def test_a_bento_installs_the_locked_versions():
    packages = re.findall(r'^ {4}- "(.+)"$', (ROOT / "bentofile.yaml").read_text(), flags=re.MULTILINE)
    assert len(packages) == 8
    for name, version in (package.split("==") for package in packages):
        assert locked()[canonicalize_name(name)] == version, name


def test_every_place_states_the_same_version():
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), flags=re.MULTILINE)
    changelog = re.search(r"^## (\d.*)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert citation
    assert changelog
    assert citation[1] == changelog[1] == PROJECT["version"] == __version__


def test_the_packages_are_the_five():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = document["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert packages == ["data_schemas", "features", "serving", "training", "cli"]
    assert all((ROOT / package / "__init__.py").is_file() for package in packages)


def test_ci_names_the_real_data_it_lacks(tmp_path):
    absent = tmp_path / "absent"
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run")],
        env=os.environ | {"ESR_REAL_DATA": str(absent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "ESR_REAL_DATA" in done.stderr


SKIPPING = {
    "in a test": "import pytest\n\ndef test_it():\n    pytest.skip('no data')\n",
    "in a module": "import pytest\n\npytest.skip('no data', allow_module_level=True)\n",
    "by a mark": "import pytest\n\n@pytest.mark.skip(reason='no data')\ndef test_it():\n    pass\n",
    "in a fixture": """\
import pytest


@pytest.fixture
def data():
    pytest.skip("no data")


def test_it(data):
    pass
""",
}


@pytest.mark.parametrize("source", SKIPPING.values(), ids=list(SKIPPING))
def test_no_skips_makes_a_skip_a_failure(tmp_path, source):
    assert run_pytest(tmp_path, source) in (0, 5)
    assert run_pytest(tmp_path, source, "--no-skips") in (1, 2)


def test_no_skips_holds_in_several_processes_too(tmp_path):
    shared = ("-p", "xdist", "--numprocesses", "1")
    assert run_pytest(tmp_path, SKIPPING["in a fixture"], *shared) == 0
    assert run_pytest(tmp_path, SKIPPING["in a fixture"], *shared, "--no-skips") == 1


def test_a_warning_is_an_error_in_several_processes_too(tmp_path):
    source = "import warnings\n\ndef test_it():\n    warnings.warn('look', stacklevel=1)\n"
    options = ("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "pytest_timeout")
    assert run_pytest(tmp_path, source, *options, "-p", "xdist", "--numprocesses", "1") == 1


def test_no_skips_leaves_an_expected_failure_alone(tmp_path):
    source = "import pytest\n\n@pytest.mark.xfail(strict=True)\ndef test_it():\n    assert False\n"
    assert run_pytest(tmp_path, source, "--no-skips") == 0


def run_pytest(folder, source, *options):
    """Return how a run of one file ends; no plugin is loaded but those that the options name, which takes seconds."""
    (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no_skips", "-p", "no:cacheprovider", *options, "test_it.py"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT / "tests"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode
