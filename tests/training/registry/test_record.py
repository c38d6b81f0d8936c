"""A training is logged whole and registered, or leaves no version behind."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from tiny_model import TINY_ENDPOINT

from data_schemas.errors import CatalogueError, ModelError
from data_schemas.model.project import tracking_uri
from serving.models.store import Store
from training.registry.card import model_card
from training.registry.promote import promote
from training.registry.record import log_training, prepare
from training.registry.run_values import candidate_metrics, estimate_text, version_tags
from training.registry.tracking import open_tracking

NAME = f"esr-{TINY_ENDPOINT.id}"
CANDIDATES = {"logistic", "xgboost", "blend"}


def runs(parent: bool) -> list:
    """Return the parent runs, or their children."""
    with open_tracking(tracking_uri()) as tracking:
        experiment = tracking.client.get_experiment_by_name(NAME).experiment_id
        found = tracking.client.search_runs([experiment])
    return [run for run in found if ("mlflow.parentRunId" not in run.data.tags) == parent]


def versions() -> list[int]:
    with open_tracking(tracking_uri()) as tracking:
        return tracking.versions(NAME)


def history(run, metric: str) -> dict[int, float]:
    with open_tracking(tracking_uri()) as tracking:
        return {point.step: point.value for point in tracking.client.get_metric_history(run.info.run_id, metric)}


def files(esr_home, run) -> set[str]:
    folder = esr_home / "artifacts" / NAME / run.info.run_id / "artifacts"
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def logged(tiny_training, empty_registry, tmp_path_factory):
    """The tiny training in a registry of its own; the tests of this module that change nothing share it."""
    home = tmp_path_factory.mktemp("logged")
    (home / "mlflow.db").write_bytes(empty_registry.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESR_HOME", str(home))
        yield home, log_training(tiny_training)


def test_one_version_per_feature_set_the_suggested_one_last(logged, tiny_training):
    _, registered = logged
    assert [version.version for version in registered] == [1, 2]
    assert {version.feature_set for version in registered} == {"clinical", "clinical+genetic"}
    assert all(version.candidate == tiny_training.chosen[version.feature_set] for version in registered)
    last = registered[-1]
    assert last.suggested
    assert (last.candidate, last.feature_set) == tiny_training.suggested
    assert not registered[0].suggested
    with open_tracking(tracking_uri()) as tracking:
        assert tracking.alias(NAME, "challenger") == last.version
        assert tracking.alias(NAME, "champion") is None


def test_versions_say_what_they_are(logged, tiny_training):
    _, registered = logged
    rows = {row["version"]: row for row in Store().models()}
    for version in registered:
        row = rows[version.version]
        assert row["scorecard"] == version.digest
        assert row["cohort"] == "tiny-cohort"
        assert row["synthetic"] is True
        assert row["verdict"] == tiny_training.incremental.verdict
        assert row["suggested"] is version.suggested
        assert row["metrics"]["auc"].startswith("0.")


def test_a_parent_run_and_a_child_per_candidate_and_feature_set(logged, tiny_training):
    home, _ = logged
    (parent,) = runs(parent=True)
    children = runs(parent=False)
    assert parent.info.status == "FINISHED"
    assert {child.info.status for child in children} == {"FINISHED"}
    assert {child.data.tags["mlflow.parentRunId"] for child in children} == {parent.info.run_id}
    keys = [(child.data.params["candidate"], child.data.params["feature_set"]) for child in children]
    assert sorted(keys) == sorted((c, f) for c in CANDIDATES for f in ("clinical", "clinical+genetic"))
    assert files(home, parent) == {"model_card.json", "candidates.png", "genotypes.html", "genotypes.json"}
    assert all(files(home, child) == {"model_card.json", "calibration.png"} for child in children)
    assert parent.data.params["seed"] == "0"
    assert parent.data.params["cohort_digest"] == tiny_training.data.digest
    assert parent.data.tags["verdict"] == tiny_training.incremental.verdict
    assert parent.data.tags["synthetic"] == "true"
    difference = tiny_training.incremental.differences["log_loss"]
    assert parent.data.metrics["genetics_log_loss_difference_lo"] == difference.low
    assert parent.data.metrics["genetics_test_p"] == tiny_training.incremental.test_p


def test_metrics_have_their_bounds(logged, tiny_training):
    for child in runs(parent=False):
        key = (child.data.params["candidate"], child.data.params["feature_set"])
        (result,) = [r for r in tiny_training.results if (r.candidate, r.feature_set) == key]
        for name, estimate in result.metrics.items():
            assert child.data.metrics[name] == estimate.value
            assert child.data.metrics[f"{name}_lo"] == estimate.low
            assert child.data.metrics[f"{name}_hi"] == estimate.high
        assert not [name for name in child.data.metrics if name.endswith(("_apparent", "_corrected"))]
        corrected = {f"{name}_optimism_corrected": value for name, value in result.corrected.items()}
        assert corrected.items() <= candidate_metrics(result, 50).items()


def test_the_headline_is_the_procedure_and_the_candidates_own_is_marked(logged, tiny_training):
    _, registered = logged
    (parent,) = runs(parent=True)
    quoted = tiny_training.performance(tiny_training.suggested[1])
    for name, estimate in quoted.items():
        assert parent.data.metrics[name] == estimate.value
        assert parent.data.metrics[f"{name}_lo"] == estimate.low
        assert parent.data.metrics[f"{name}_hi"] == estimate.high
    rows = {row["version"]: row for row in Store().models()}
    for version in registered:
        quoted = tiny_training.performance(version.feature_set)
        assert rows[version.version]["metrics"]["auc"] == estimate_text(quoted["auc"])
        card = model_card(tiny_training, version.candidate, version.feature_set)
        own = next(r for r in card.candidates if (r.candidate, r.feature_set) == (card.candidate, card.feature_set))
        tags = version_tags(card, digest="d", bundle="b", definition="f", suggested=True)
        assert tags["auc"] == estimate_text(quoted["auc"])
        assert tags["candidate_auc"] == estimate_text(own.metrics["auc"])


def test_the_calibration_curve_is_a_metric_by_step(logged, tiny_training):
    child = next(run for run in runs(parent=False) if run.data.params["feature_set"] == "clinical")
    curve = history(child, "calibration_curve")
    oof = tiny_training.oof
    key = (child.data.params["candidate"], child.data.params["feature_set"])
    part = oof[(oof["candidate"] == key[0]) & (oof["feature_set"] == key[1])].sort_values("probability")
    groups = np.array_split(np.arange(len(part)), 10)
    by_row = dict(zip(tiny_training.data.row.tolist(), tiny_training.data.response.y.tolist(), strict=True))
    observed = [np.mean([by_row[row] for row in part["row"].to_numpy()[group]]) for group in groups]
    steps = [round(100 * part["probability"].to_numpy()[group].mean()) for group in groups]
    assert curve[steps[0]] == pytest.approx(observed[0])
    assert curve[steps[-1]] == pytest.approx(observed[-1])
    assert set(curve) == set(steps)
    low, high = history(child, "calibration_curve_lo"), history(child, "calibration_curve_hi")
    assert all(low[step] <= curve[step] <= high[step] for step in curve)
    assert history(child, "calibration_curve_ideal") == {step: step / 100 for step in curve}


def test_runs_name_the_cohort_by_digest_and_hold_no_row_of_it(logged, tiny_training):
    home, _ = logged
    for run in (*runs(parent=True), *runs(parent=False)):
        (data,) = run.inputs.dataset_inputs
        assert data.dataset.name == "tiny-cohort"
        assert tiny_training.data.digest.removeprefix("sha256:").startswith(data.dataset.digest)
        assert json.loads(data.dataset.profile)["rows"] == 120
    assert not list(home.rglob("*.csv"))
    assert not list(home.rglob("*example*"))


def test_a_registered_model_can_be_promoted_and_served(logged):
    _, registered = logged
    promote(TINY_ENDPOINT.id, registered[0].version)
    model = Store().champion(TINY_ENDPOINT.id)
    assert model.bundle.digest == registered[0].digest
    assert model.bundle.scorecard.feature_set == registered[0].feature_set
    assert len(model.bundle.replicates) == 20


def test_a_second_training_adds_versions_and_stores_rows_only_where_asked(tiny_training, esr_home):
    first = log_training(tiny_training)
    assert not list(esr_home.rglob("*.csv"))
    second = log_training(tiny_training, log_oof=True)
    assert [version.version for version in (*first, *second)] == [1, 2, 3, 4]
    assert [version.digest for version in first] == [version.digest for version in second]
    assert len(runs(parent=True)) == 2
    (file,) = esr_home.rglob("*.csv")
    assert file.name == "out_of_fold.csv"
    assert len(file.read_text().splitlines()) == len(tiny_training.oof) + 1


def test_where_artifacts_cannot_be_written_nothing_is_registered(tiny_training, esr_home):
    (esr_home / "artifacts").write_text("in the way")
    with pytest.raises(ModelError) as caught:
        log_training(tiny_training)
    assert caught.value.code == "output_exists"
    assert [run.info.status for run in runs(parent=True)] == ["FAILED"]
    assert versions() == []


def test_a_registry_that_cannot_be_written_is_noticed_before_training(esr_home):
    assert prepare(TINY_ENDPOINT) is None
    assert runs(parent=True) == []
    with pytest.raises(CatalogueError):
        prepare(TINY_ENDPOINT.model_copy(update={"id": "a/b"}))
    (esr_home / "mlflow.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(ModelError) as caught:
        prepare(TINY_ENDPOINT)
    assert caught.value.code == "registry_corrupt"


def test_a_champion_of_another_definition_is_told_before_training(register):
    version = register()
    other = TINY_ENDPOINT.model_copy(update={"time_at_risk_days": 730.0})
    assert prepare(other) is None
    promote(TINY_ENDPOINT.id, version)
    assert prepare(TINY_ENDPOINT) is None
    assert prepare(other) == version


def test_where_the_second_version_fails_the_first_is_taken_back(tiny_training, esr_home):
    connection = sqlite3.connect(esr_home / "mlflow.db")
    connection.execute(
        "create trigger refuse before insert on model_versions when new.version = 2 "
        "begin select raise(abort, 'refused by the test'); end"
    )
    connection.commit()
    connection.close()
    with pytest.raises(ModelError) as caught:
        log_training(tiny_training)
    assert caught.value.code == "registry_corrupt"
    assert versions() == []
    assert [run.info.status for run in runs(parent=True)] == ["FAILED"]


def test_two_processes_can_make_the_same_registry(tmp_path):
    code = f"""
import os
os.environ["ESR_HOME"] = {str(tmp_path / "new")!r}
os.environ.pop("MLFLOW_TRACKING_URI", None)
from data_schemas.model.project import tracking_uri
from training.registry import lock
from training.registry.tracking import open_tracking
lock.WAIT_SECONDS = 3600.0
with open_tracking(tracking_uri()) as tracking:
    print(tracking.experiment("esr-x"))
"""
    makers = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [maker.communicate()[0].strip() for maker in makers]
    assert [maker.returncode for maker in makers] == [0, 0]
    assert answers[0] == answers[1] != ""
    home = tmp_path / "new"
    assert {path.name for path in home.iterdir()} == {"mlflow.db", "registry.lock"}
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "mlflow.db").stat().st_mode & 0o777 == 0o600
    with sqlite3.connect(home / "mlflow.db") as database:
        places = [place for (place,) in database.execute("select artifact_location from experiments")]
    database.close()
    assert len(places) == 2
    assert all(place.startswith((home / "artifacts").as_uri()) for place in places)
