"""`esr train` with a user's own endpoint and cohort files: models, verdict, out-of-fold file, and clear refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import tomli_w
from tiny_model import TINY_ENDPOINT, TRAINING_COHORT
from typer.testing import CliRunner

from cli.main import app
from data_schemas.errors import EsrError

N = 120


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder of a user's own: an endpoint, a manifest, a table and folds."""
    folder = tmp_path_factory.mktemp("project")
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "arm": rng.choice(["placebo", "cee-mpa"], N),
            "age": rng.integers(45, 80, N),
            "ldl": rng.normal(145, 30, N).round(1),
            "diabetes": rng.choice(["no", "yes"], N, p=[0.85, 0.15]),
            "pvuii": rng.choice(["TT", "TC", "CC"], N, p=[0.3, 0.5, 0.2]),
        }
    )
    falls = rng.random(N) < 1 / (1 + np.exp(0.6 - 1.1 * (table["arm"] == "cee-mpa") - (table["ldl"] - 145) / 40))
    table["ldl_later"] = (table["ldl"] * np.where(falls, 0.8, 0.95)).round(1)
    table.to_csv(folder / "cohort.csv", index=False)
    fold = np.array([4, 1])[np.arange(N) % 2]
    pd.DataFrame({"row": np.arange(N), "repeat": 2, "fold": fold}).to_csv(folder / "folds.csv", index=False)
    for name, record in (("own-endpoint", TINY_ENDPOINT), ("own-cohort", TRAINING_COHORT)):
        document = record.model_dump(mode="json", exclude={"id"}, exclude_defaults=True, exclude_none=True)
        (folder / f"{name}.toml").write_text(tomli_w.dumps(document))
    return folder


def words(project, **changed: str) -> list[str]:
    options = {
        "cohort": str(project / "own-cohort.toml"),
        "data": str(project / "cohort.csv"),
        "folds": str(project / "folds.csv"),
        "bootstrap": "20",
        "jobs": "1",
    } | changed
    return ["train", str(project / "own-endpoint.toml"), *(w for name, v in options.items() for w in (f"--{name}", v))]


def refusal(project, **changed: str) -> EsrError:
    with pytest.raises(EsrError) as caught:
        CliRunner().invoke(app, words(project, **changed), catch_exceptions=False)
    return caught.value


def test_a_users_own_endpoint_and_cohort_become_registered_models(project, esr_home):
    oof = project / "oof.csv"
    result = CliRunner().invoke(app, words(project, oof=str(oof)), catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stderr == ""  # no bar where nobody looks at a terminal
    lines = result.stdout.splitlines()
    header = next(line for line in lines if line.startswith("candidate\t")).split("\t")
    rows = [dict(zip(header, line.split("\t"), strict=True)) for line in lines if line.count("\t") == len(header) - 1]
    assert [(row["candidate"], row["inputs"]) for row in rows[1:]] == [
        (candidate, inputs)
        for inputs in ("clinical", "clinical+genetic")
        for candidate in ("logistic", "xgboost", "blend", "selected")
    ]
    assert all(" to " in row["AUC"] for row in rows[1:])
    assert {row["corrected AUC"] for row in rows[1:]} == {""}  # 20 refits are too few to tell the optimism
    assert any(line.startswith("Placebo\t") and line.endswith("%") for line in lines)
    assert any("genetics adds" in line or "Genetics" in line for line in lines)
    assert lines[-2].startswith("next: esr promote own-endpoint ")

    written = pd.read_csv(oof)
    assert list(written.columns) == ["row", "repeat", "fold", "candidate", "feature_set", "probability"]
    assert len(written) == 8 * N
    joined = written.merge(pd.read_csv(project / "folds.csv"))
    assert len(joined) == 8 * N  # the numbers of repeats and folds are those of the file
    assert oof.stat().st_mode & 0o077 == 0
    assert list(project.glob(".oof*")) == []

    listed = json.loads(CliRunner().invoke(app, ["models", "own-endpoint", "--json"]).stdout)
    assert [row["version"] for row in listed] == [2, 1]


def test_a_place_that_takes_no_output_is_refused_before_training(project, esr_home):
    for name in ("nowhere/oof.csv", "x" * 250 + ".csv", "x" * 300 + ".csv", "own-cohort.toml"):
        assert refusal(project, oof=str(project / name)).code == "output_exists"
        assert not (esr_home / "artifacts").exists()
    assert list(project.glob(".x*")) == []


def test_what_is_not_registered_leaves_no_out_of_fold_file(project, esr_home):
    (esr_home / "artifacts").write_text("")
    error = refusal(project, oof=str(project / "lost.csv"), bootstrap="0")
    assert error.code in ("output_exists", "registry_corrupt")
    assert list(project.glob("*lost.csv*")) == []


def test_folds_that_do_not_fit_are_refused(project, esr_home):
    (project / "short.csv").write_text("row,repeat,fold\n0,0,0\n")
    error = refusal(project, folds=str(project / "short.csv"))
    assert error.code == "invalid_folds"
    assert "119 used rows" in error.message


def test_a_misspelt_endpoint_is_answered_with_the_nearest(project, esr_home):
    asked = ["train", "mht-ldl-respose", *words(project)[2:]]
    with pytest.raises(EsrError, match="mht-ldl-response"):
        CliRunner().invoke(app, asked, catch_exceptions=False)
