"""`bentoml build` packs a service that runs without training code, and `bentoml serve` stands behind the same gate."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from servers import client_of, wait_until_ready

from cli.terminal.running import free_port, program
from data_schemas import __version__

ROOT = Path(__file__).parents[2]

# Takes the editable installation of this project off the path of every Python process that has this on its own.
WITHOUT_THE_PROJECT = f"""
import sys
sys.path[:] = [place for place in sys.path if place.rstrip("/") != {str(ROOT)!r}]
"""


@pytest.fixture
def environment(tmp_path, bundles) -> dict[str, str]:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "sitecustomize.py").write_text(WITHOUT_THE_PROJECT)
    return os.environ | {
        "BENTOML_HOME": str(tmp_path / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "ESR_HOME": str(tmp_path / "home"),
        "ESR_BUNDLES": str(bundles),
    }


def test_a_bento_serves_without_training_code(environment, tmp_path, tiny_patient):
    subprocess.run([program("bentoml"), "build"], env=environment, cwd=ROOT, check=True, capture_output=True)
    (bento,) = (tmp_path / "bentoml" / "bentos" / "esr-response").glob("*/")
    assert {path.name for path in (bento / "src").iterdir() if path.is_dir()} == {"data_schemas", "features", "serving"}
    needs = (bento / "env" / "python" / "requirements.txt").read_text()
    assert not any(name in needs for name in ("scikit-learn", "xgboost", "matplotlib", "pandas"))

    environment["PYTHONPATH"] = str(tmp_path / "path")
    absent = subprocess.run(
        [sys.executable, "-c", "import training"], env=environment, cwd=tmp_path, capture_output=True
    )
    assert b"ModuleNotFoundError" in absent.stderr
    with serving(environment, tmp_path, str(bento)) as (client, log):
        answer = client.post("/v1/predict", json={"endpoint": "tiny-ldl", "patients": [tiny_patient]})
        refused = client.post("/v1/predict", content=b"{}", headers={"content-type": "text/plain"})
        unknown = client.get("/v1/nothing")
        incomplete = client.post("/v1/predict", json={})
        document = client.get("/docs.json").json()
    assert answer.status_code == 200, answer.text + log.read_text()
    assert answer.json()["predictions"][0]["status"] == "predicted"
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (incomplete.status_code, incomplete.json()["code"]) == (422, "invalid_request")
    # a client's mistake is not an error of the service
    assert "ValidationError" in log.read_text()
    assert "ERROR" not in log.read_text()
    assert "tiny-ldl: esr-tiny-ldl from the folder answers (scorecard sha256:" in log.read_text()
    assert document["info"]["version"] == __version__


def test_bentoml_serves_this_folder_too(environment, tiny_patient):
    with serving(environment, ROOT) as (client, _):
        answer = client.post("/v1/predict", json={"endpoint": "tiny-ldl", "patients": [tiny_patient]})
    assert answer.json()["predictions"][0]["status"] == "predicted"


@contextmanager
def serving(environment: dict[str, str], folder: Path, *target: str) -> Iterator[tuple[httpx.Client, Path]]:
    """Run ``bentoml serve`` in a folder; yield a client of it, and its log."""
    port = free_port()
    command = [program("bentoml"), "serve", *target, "--host", "127.0.0.1", "--port", str(port)]
    log = Path(environment["BENTOML_HOME"]).with_name("log.txt")
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=out)
        try:
            with client_of(f"http://127.0.0.1:{port}") as client:
                wait_until_ready(client, process, log)
                yield client, log
        finally:
            process.terminate()
            process.wait()
