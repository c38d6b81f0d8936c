"""`esr predict`: every form of input, every form of output, the service's own answer."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import tomli_w
from tiny_model import TINY_ENDPOINT, write_tiny_bundle
from typer.testing import CliRunner

from cli.main import app
from cli.terminal.answer_text import AnswerLine, styled
from data_schemas.errors import EsrError
from data_schemas.wire.prediction import PredictionResponse

HEADER = "id,therapy,age,ldl_cholesterol [mmol/L],diabetes,rs2234693\n"
ROW = "p1,cee-mpa,58,4.1,no,T/C\n"


@pytest.fixture
def bundle(tmp_path) -> Path:
    return write_tiny_bundle(tmp_path / "bundle")


def esr(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(done.exception, EsrError):
        raise done.exception
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


def saved(path: Path, document: object) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def predicted(text: str) -> list[float | None]:
    return [one.probability for one in PredictionResponse.model_validate_json(text).predictions]


def test_one_patient_a_list_a_request_and_columns_get_the_same_answer(tmp_path, bundle, tiny_patient):
    forms = {
        "one.json": tiny_patient,
        "list.json": [tiny_patient],
        "request.json": {"endpoint": "tiny-ldl", "patients": [tiny_patient]},
        "columns.csv": HEADER + ROW,
        "columns.tsv": (HEADER + ROW).replace(",", "\t"),
    }
    files = [saved(tmp_path / name, document) for name, document in forms.items()]
    frame = pd.read_csv(tmp_path / "columns.csv")
    frame.to_parquet(tmp_path / "columns.parquet")
    for path in [*files, tmp_path / "columns.parquet"]:
        found = predicted(esr("predict", "tiny-ldl", path, "--bundle", bundle, "--json"))
        assert found == [pytest.approx(0.6196351704071782, abs=1e-12)], path


def test_text_in_a_pipe_tells_number_parts_and_caveats(tmp_path, bundle, tiny_patient):
    text = esr("predict", "tiny-ldl", saved(tmp_path / "p.json", tiny_patient), "--bundle", bundle)
    assert "p1: 62.0 % (90 % interval 51.3 % to 71.5 %)" in text
    assert "without genetics: 54.9 %" in text
    assert "LDL cholesterol 158.5 mg/dL" in text
    assert "simulated patients" in text
    assert "\x1b" not in text


def test_rows_that_cannot_be_read_leave_the_others_and_exit_3(tmp_path, bundle):
    path = saved(tmp_path / "p.csv", HEADER + ROW + "p2,cee-mpa,58,lots,no,T/C\n" + ROW + "p3,placebo,58,,no,T/C\n")
    text = esr("predict", "tiny-ldl", path, "--bundle", bundle, "--json", code=3)
    found = PredictionResponse.model_validate_json(text).predictions
    assert [one.status for one in found] == ["predicted", "invalid", "invalid", "abstained"]
    assert found[1].problems[0].pointer == "/patients/1/covariates/ldl_cholesterol"
    assert found[2].problems[0].code == "duplicate_patient"
    assert "lots" not in text


def test_more_rows_than_a_request_may_hold(tmp_path, bundle):
    rows = "".join(f"p{i},cee-mpa,58,4.1,no,T/C\n" for i in range(1500)) + "p0,cee-mpa,58,4.1,no,T/C\n"
    out = tmp_path / "out.csv"
    esr("predict", "tiny-ldl", saved(tmp_path / "p.csv", HEADER + rows), "--bundle", bundle, "-o", out, code=3)
    written = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["id"] for row in written] == [f"p{i}" for i in range(1500)] + ["p0"]
    assert {row["probability"] for row in written[:1500]} == {"0.6196351704071782"}
    assert written[1500]["problems"] == "duplicate_patient:/patients/1500/id"


def test_csv_has_the_numbers_and_no_formula(tmp_path, bundle):
    path = saved(tmp_path / "p.csv", HEADER + ROW.replace("p1", "=cmd()") + ROW.replace("p1", "@p"))
    out = tmp_path / "out.csv"
    esr("predict", "tiny-ldl", path, "--bundle", bundle, "-o", out)
    first, second = csv.DictReader(out.read_text().splitlines())
    assert (first["id"], second["id"]) == ("'=cmd()", "'@p")
    parts = sum(float(value) for name, value in first.items() if name.startswith("log_odds["))
    assert 0 < float(first["low"]) < float(first["probability"]) < float(first["high"]) < 1
    assert parts == pytest.approx(float(first["log_odds"]) + 0.15953, abs=1e-4)


def test_json_output_is_the_services_answer(tmp_path, bundle, tiny_patient):
    path, out = saved(tmp_path / "p.json", tiny_patient), tmp_path / "out.json"
    esr("predict", "tiny-ldl", path, "--bundle", bundle, "-o", out)
    assert predicted(out.read_text()) == predicted(esr("predict", "tiny-ldl", path, "--bundle", bundle, "--json"))


@pytest.mark.parametrize(
    ("name", "document", "code"),
    [
        ("p.json", '{"age": 1, "age": 2}', "duplicate_key"),
        ("p.json", "{", "malformed_json"),
        ("p.json", "[]", "no_rows"),
        ("p.json", {"endpoint": "other", "patients": [{}]}, "invalid_request"),
        ("p.json", {"endpoint": "tiny-ldl", "patients": [{}], "x": 1}, "invalid_request"),
        ("p.csv", "id,aeg\np1,5\n", "unknown_field"),
        ("p.csv", HEADER, "no_rows"),
        ("p.csv", HEADER + "p1,cee-mpa\n", "wrong_field_count"),
        ("p.xlsx", "PK", "unknown_format"),
        ("p.csv", "id;age\np1;5,5\n", "wrong_columns"),
        ("p.tsv", "id,age\np1,5\n", "wrong_columns"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(tmp_path, bundle, name, document, code):
    out = tmp_path / "out.csv"
    with pytest.raises(EsrError) as caught:
        esr("predict", "tiny-ldl", saved(tmp_path / name, document), "--bundle", bundle, "-o", out)
    assert caught.value.code == code
    assert name in caught.value.message or code == "invalid_request"
    assert list(tmp_path.glob("*out.csv*")) == []


def test_arguments_that_cannot_be(tmp_path, bundle, tiny_patient, monkeypatch):
    path = saved(tmp_path / "p.json", tiny_patient)
    monkeypatch.setenv("ESR_HOME", str(tmp_path / "home"))
    for arguments, code, named in (
        (("mht-ldl-respons", path), "unknown_endpoint", "mht-ldl-response"),
        (("mht-ldl-response", path), "model_unavailable", "esr train"),
        (("mht-ldl-response", path, "--bundle", bundle), "model_unavailable", "tiny-ldl"),
        (("tiny-ldl", path, "--bundle", bundle, "-o", tmp_path / "out.txt"), "refused_setting", ".csv"),
        (("tiny-ldl", tmp_path, "--bundle", bundle), "file_missing", f"{tmp_path}: is a folder"),
        (("tiny-ldl", tmp_path / "absent.json", "--bundle", bundle), "file_missing", "absent.json"),
        (("tiny-ldl", path, "--bundle", bundle, "-o", tmp_path / "no" / "out.csv"), "output_exists", "out.csv"),
    ):
        with pytest.raises(EsrError) as caught:
            esr("predict", *arguments)
        assert (caught.value.code, named in caught.value.message) == (code, True), arguments


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.csv", "id;age\np1;5,5\n", "separated by a semicolon, where its suffix says a comma"),
        ("p.csv", "id\tage\np1\t5\n", "separated by a tab, where its suffix says a comma"),
        ("p.tsv", "id,age\np1,5\n", "separated by a comma, where its suffix says a tab"),
    ],
)
def test_another_separator_is_named_with_its_cure(tmp_path, bundle, name, content, said):
    with pytest.raises(EsrError) as caught:
        esr("predict", "tiny-ldl", saved(tmp_path / name, content), "--bundle", bundle)
    assert said in caught.value.message
    assert "export the table with commas as .csv" in caught.value.message


def test_a_label_that_does_not_fit_its_column_shows_that_it_is_cut():
    line = AnswerLine("  a label of some length", "contribution", 0.5)
    assert styled(line, 24)[0].startswith("  a label of some length  +0.500")
    assert styled(line, 12)[0].startswith("  a label o…  +0.500")


def test_a_closed_pipe_is_quiet(tmp_path, bundle, tiny_patient):
    patients = [{**tiny_patient, "id": f"p{i}"} for i in range(300)]
    path = saved(tmp_path / "p.json", patients)
    program = f"'{sys.executable}' -c 'from cli.main import run; run()'"
    command = f"{program} predict tiny-ldl '{path}' --bundle '{bundle}' | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.startswith("p0: 62.0 %")
    assert done.stderr == ""


WRONG_JSON = {  # content, code, what is said
    "empty": (b"", "no_rows", "p.json: is empty"),
    "cut off": (b'{"id": "p1",\n "covariates": {', "malformed_json", "p.json, line 2, column 17: is not JSON"),
    "not a number": (b'{"covariates": {"age": NaN}}', "malformed_json", "use null where a value is unknown"),
    "another encoding": ('{"id": "é"}'.encode("latin-1"), "malformed_json", "save the file as UTF-8"),
    "a key twice": (b'{"id": "a", "id": "b"}', "duplicate_key", "keep one of the two"),
}


@pytest.mark.parametrize("wrong", WRONG_JSON)
def test_a_wrong_json_file_is_told_by_its_place(tmp_path, bundle, wrong):
    content, code, said = WRONG_JSON[wrong]
    (tmp_path / "p.json").write_bytes(content)
    with pytest.raises(EsrError) as caught:
        esr("predict", "tiny-ldl", tmp_path / "p.json", "--bundle", bundle)
    assert caught.value.code == code
    assert said in caught.value.message


def test_a_mark_before_a_json_file_is_passed_over(tmp_path, bundle, tiny_patient):
    (tmp_path / "p.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(tiny_patient).encode())
    assert "62.0 %" in esr("predict", "tiny-ldl", tmp_path / "p.json", "--bundle", bundle)


def test_a_model_that_is_not_there_is_told_from_a_misspelt_endpoint(tmp_path, esr_home, tiny_patient):
    patient = saved(tmp_path / "p.json", tiny_patient)
    for words, code, said in (
        (("mht-ldl-respose",), "unknown_endpoint", "did you mean 'mht-ldl-response'"),
        (("something-own",), "unknown_endpoint", "no model here is of it"),
        (("mht-ldl-response",), "model_unavailable", "esr train mht-ldl-response"),
        (("tiny-ldl", "--bundle", tmp_path / "no"), "model_unavailable", "check the path"),
    ):
        with pytest.raises(EsrError) as caught:
            esr("predict", words[0], patient, *words[1:])
        assert caught.value.code == code
        assert said in caught.value.message


def test_an_own_endpoint_file_is_held_against_the_model(tmp_path, bundle, tiny_patient):
    def file(**changes: object) -> Path:
        record = TINY_ENDPOINT.model_copy(update=changes)
        document = record.model_dump(mode="json", exclude={"id"}, exclude_defaults=True, exclude_none=True)
        return saved(tmp_path / "tiny-ldl.toml", tomli_w.dumps(document))

    patient = saved(tmp_path / "p.json", tiny_patient)
    assert "62.0 %" in esr("predict", file(title="In other words"), patient, "--bundle", bundle)
    with pytest.raises(EsrError, match="differs in time_at_risk_days;") as caught:
        esr("predict", file(time_at_risk_days=730.0), patient, "--bundle", bundle)
    assert caught.value.code == "other_definition"


def test_the_help_says_how_tumour_findings_are_written():
    assert "ESR1_LBD=not_detected" in esr("predict", "--help")
