"""The registered model answers other people's tools with the service's own numbers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from servers import client_of, wait_until_ready
from tiny_model import TINY_ENDPOINT

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import InputFileError
from data_schemas.model.project import OUTPUTS, tracking_uri
from data_schemas.wire.patient import Patient
from features.patient.flat import read_header
from serving.answer.predict import predict
from serving.models.loaded import load_model
from serving.pyfunc import _load_pyfunc
from training.registry.signature import input_columns

FRAME = pd.DataFrame({
    "id": ["p1", "p2", "p3", "p4"],
    "therapy": ["cee-mpa", "placebo", "cee-mpa", "aspirin"],
    "age": [58.0, float("nan"), 63.0, 60.0],
    "ldl_cholesterol": [158.5, 131.0, float("nan"), 140.0],
    "diabetes": ["no", None, "yes", "no"],
    "rs2234693": ["T/C", None, "C/C", "T/T"],
})  # fmt: skip


def as_patient(row: dict) -> Patient:
    """Return the request's form of a row of FRAME, written out by hand."""
    known = {name: value for name, value in row.items() if value is not None and value == value}
    covariates = {name: known[name] for name in ("age", "ldl_cholesterol", "diabetes") if name in known}
    genotypes = {"rs2234693": known["rs2234693"]} if "rs2234693" in known else {}
    return Patient(id=row["id"], therapy={"name": row["therapy"]}, covariates=covariates, genotypes=genotypes)


def expected(folder) -> pd.DataFrame:
    predictions = predict(load_model(folder), [as_patient(row) for row in FRAME.to_dict("records")])
    rows = [
        (p.probability, p.interval and p.interval.low, p.interval and p.interval.high, p.without_genetics, p.status)
        for p in predictions
    ]
    return pd.DataFrame(rows, columns=list(OUTPUTS))


def test_a_frame_gets_the_answers_of_the_service(tmp_path, tiny_bundle):
    folder = tiny_bundle(tmp_path / "bundle")
    answers = _load_pyfunc(str(folder)).predict(FRAME)
    assert answers["status"].tolist() == ["predicted", "predicted", "abstained", "invalid"]
    assert answers["probability"].isna().tolist() == [False, False, True, True]
    wanted = expected(folder)
    for name in OUTPUTS[:-1]:
        np.testing.assert_array_equal(answers[name].to_numpy(float), wanted[name].to_numpy(float))
    assert (answers["probability"] != answers["without_genetics"])[:2].any()


def test_a_frames_own_index_is_kept_and_no_row_is_no_error(tmp_path, tiny_bundle):
    model = _load_pyfunc(str(tiny_bundle(tmp_path / "bundle")))
    assert model.predict(FRAME.set_axis([9, 7, 5, 3])).index.tolist() == [9, 7, 5, 3]
    assert model.predict(FRAME[:0]).empty


def test_a_column_that_nobody_knows_is_refused(tmp_path, tiny_bundle):
    model = _load_pyfunc(str(tiny_bundle(tmp_path / "bundle")))
    with pytest.raises(InputFileError, match="rs2234693"):
        model.predict(FRAME.rename(columns={"rs2234693": "rs2234639"}))


def test_mlflow_loads_the_registered_model_with_its_signature(register, esr_home, monkeypatch):
    version = register()
    # Other people's tools find a model through MLflow's own global setting.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri())
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(f"models:/esr-{TINY_ENDPOINT.id}/{version}")
    (folder,) = (path.parent for path in esr_home.glob("artifacts/**/manifest.json"))
    inputs = {column["name"]: (column["type"], column["required"]) for column in signature(model)}
    assert inputs["ldl_cholesterol"] == inputs["ldl_cholesterol [mmol/L]"] == ("any", False)
    assert inputs["therapy"] == ("string", True)
    assert inputs["age"] == ("any", False)
    assert inputs["rs2234693"] == ("string", False)
    answers = model.predict(FRAME)
    wanted = expected(folder)
    np.testing.assert_array_equal(answers["probability"].to_numpy(float), wanted["probability"].to_numpy(float))
    fewer = model.predict(FRAME.drop(columns=["age", "rs2234693"]))
    assert fewer["status"].tolist()[:2] == ["predicted", "predicted"]


def signature(model) -> list[dict]:
    return model.metadata.signature.inputs.to_dict()


def test_whole_numbers_are_numbers_and_an_error_repeats_no_row(register, monkeypatch):
    version = register()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri())
    monkeypatch.delenv("MLFLOW_DISABLE_SCHEMA_DETAILS", raising=False)
    import mlflow.pyfunc
    from mlflow.exceptions import MlflowException

    model = mlflow.pyfunc.load_model(f"models:/esr-{TINY_ENDPOINT.id}/{version}")
    floats = pd.DataFrame(
        {"id": ["1", "2"], "therapy": "cee-mpa", "age": [58.0, 63.0], "ldl_cholesterol": [158.0, 131.0]}
    )
    whole = floats.astype({"id": "int64", "age": "int64", "ldl_cholesterol": "int64"})
    nullable = floats.astype({"age": "Int64", "ldl_cholesterol": "Int32"})
    wanted = model.predict(floats)
    assert wanted["status"].tolist() == ["predicted", "predicted"]
    for frame in (whole, nullable):
        pd.testing.assert_frame_equal(model.predict(frame), wanted)
    assert model.predict(floats.assign(age=["x", "58"]))["status"].tolist() == ["invalid", "predicted"]
    for wrong, error in (
        (whole.drop(columns="therapy"), MlflowException),
        (whole.assign(therapy=[4711, 4712]), MlflowException),
        (whole.drop(columns="ldl_cholesterol"), InputFileError),
    ):
        with pytest.raises(error) as caught:
            model.predict(wrong)
        assert not {"158", "63", "4711"} & set(caught.value.message.replace("'", " ").split())


def test_a_header_with_a_unit_reaches_the_model_through_mlflow(register, esr_home, monkeypatch):
    version = register()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking_uri())
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(f"models:/esr-{TINY_ENDPOINT.id}/{version}")
    (folder,) = (path.parent for path in esr_home.glob("artifacts/**/manifest.json"))
    patient = Patient(
        therapy={"name": "cee-mpa", "dose": {"value": 0.625, "unit": "mg/d"}},
        covariates={"age": 70, "ldl_cholesterol": {"value": 5.9, "unit": "mmol/L"}},
        genotypes={"rs2234693": "T/C"},
    )
    (wanted,) = predict(load_model(folder), [patient])
    frame = pd.DataFrame({
        "therapy": ["cee-mpa"], "dose [mg/d]": [0.625], "age [years]": [70], "ldl_cholesterol [mmol/L]": [5.9],
        "rs2234693": ["T/C"],
    })  # fmt: skip
    assert wanted.status == "predicted"
    assert model.predict(frame)["probability"].tolist() == [wanted.probability]
    middling = model.predict(frame.assign(**{"ldl_cholesterol [mmol/L]": 3.5}))
    assert middling["probability"].tolist() != [wanted.probability]
    with pytest.raises(InputFileError, match="ldl_cholesterol is given twice"):
        model.predict(frame.assign(ldl_cholesterol=140.0))
    with pytest.raises(InputFileError, match="lacks ldl_cholesterol"):
        model.predict(frame.rename(columns={"ldl_cholesterol [mmol/L]": "ldl_cholesterol [g/L]"}))


@pytest.mark.parametrize("endpoint", load_catalogue().endpoints.values(), ids=lambda endpoint: endpoint.id)
def test_every_column_of_a_signature_is_one_that_the_model_reads(endpoint):
    fields = input_columns(endpoint)
    for field in fields:
        (column,) = read_header([field.name], Terms(endpoint, load_catalogue()))
        assert column.name == field.name.partition(" [")[0]
    names = {field.name for field in fields}
    assert len(names) == len(fields)
    assert all(f"{name} [mmol/L]" in names for name in names if name.endswith("_cholesterol"))


def test_the_artifact_holds_data_only(register, esr_home):
    register()
    (folder,) = (path.parent for path in esr_home.glob("artifacts/**/MLmodel"))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    outside = {name for name in files if not name.startswith("data/bundle/")}
    assert outside == {"MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt"}
    text = (folder / "MLmodel").read_text()
    assert "loader_module: serving.pyfunc" in text
    assert "example" not in text.replace("type_hint_from_example", "")
    requirements = (folder / "requirements.txt").read_text().split()
    assert all("==" in line for line in requirements)
    assert not {"scikit-learn", "xgboost", "esr-response"} & {line.split("==")[0] for line in requirements}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_mlflow_models_serve_returns_the_same_probabilities(register, esr_home, tmp_path):
    version = register()
    (folder,) = (path.parent for path in esr_home.glob("artifacts/**/manifest.json"))
    port = free_port()
    # MLflow starts `uvicorn` by its name: as in an activated environment, ours comes first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "MLFLOW_TRACKING_URI": tracking_uri(), "PATH": path}
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local", "--host", "127.0.0.1",
             "--port", str(port), "--workers", "1", "--model-uri", f"models:/esr-{TINY_ENDPOINT.id}/{version}"],
            env=environment,
            cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            body = {"dataframe_split": json.loads(FRAME.to_json(orient="split", index=False))}
            with client_of(f"http://127.0.0.1:{port}") as client:
                wait_until_ready(client, server, tmp_path / "server.log", "/ping")
                response = client.post("/invocations", json=body)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            server.wait()
    assert response.status_code == 200, response.text
    found = [row["probability"] for row in response.json()["predictions"]]
    wanted = expected(folder)["probability"]
    assert np.isnan(found[2:]).all()
    np.testing.assert_allclose(found[:2], wanted[:2], rtol=0, atol=1e-15)


def test_a_clinical_model_needs_no_genetic_column():
    asked = TINY_ENDPOINT.model_copy(update={"required": (*TINY_ENDPOINT.required, "rs2234693")})
    needed = {
        inputs: {field.name for field in input_columns(asked.needed_by(inputs)) if field.required}
        for inputs in ("clinical", "clinical+genetic")
    }
    assert needed["clinical"] == {"therapy"}
    assert needed["clinical+genetic"] == {"therapy", "rs2234693"}


def test_a_required_number_must_be_there_in_some_unit(tmp_path, tiny_bundle):
    model = _load_pyfunc(str(tiny_bundle(tmp_path / "bundle")))
    with pytest.raises(InputFileError, match="lacks ldl_cholesterol,"):
        model.predict(FRAME.drop(columns="ldl_cholesterol"))
