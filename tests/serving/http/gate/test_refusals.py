"""Every bad request gets its own code, the right status, a pointer, and the documented form of an error."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest
from servers import until

JSON = {"content-type": "application/json"}
SECRET = "Q7ZX-SECRET-PATIENT"


def one(patient: str) -> bytes:
    """Return a request for one patient, written by hand."""
    return f'{{"endpoint":"tiny-ldl","patients":[{patient}]}}'.encode()


def request_of(**patient: object) -> dict[str, object]:
    return {"endpoint": "tiny-ldl", "patients": [patient]}


def assert_problem(response, status: int, code: str, pointer: str | None = None) -> dict:
    document = json.loads(response.content, parse_constant=pytest.fail)
    assert (response.status_code, document["code"]) == (status, code), document
    assert response.headers["content-type"] == "application/problem+json"
    assert set(document) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert document["status"] == status
    assert document["type"].endswith(code)
    assert document["request_id"] == response.headers["x-request-id"]
    if pointer is not None:
        assert document["errors"][0]["pointer"] == pointer
    return document


@pytest.mark.parametrize(
    ("content", "status", "code", "pointer"),
    [
        (b"", 400, "malformed_json", ""),
        (b"{", 400, "malformed_json", ""),
        (b"\xff\xfe{}", 400, "malformed_json", ""),
        (b"\xef\xbb\xbf{}", 400, "malformed_json", ""),
        ('{"endpoint":"tiny-ldl","patients":[{}]}'.encode("utf-16"), 400, "malformed_json", ""),
        (b"[" * 100_000, 400, "malformed_json", ""),
        (b"[" * 500 + b"]" * 500, 400, "malformed_json", ""),
        (one('{"covariates":{"age":' + "9" * 5000 + "}}"), 400, "malformed_json", ""),
        (b'{"endpoint":"tiny-ldl","patients":[{"id":"\\ud800"}]}', 400, "malformed_json", ""),
        (b'{"endpoint":"tiny-ldl","endpoint":"x","patients":[{}]}', 400, "duplicate_key", "/endpoint"),
        (
            b'{"endpoint":"tiny-ldl","patients":[{},{"covariates":{"age":1,"age":2}}]}',
            400,
            "duplicate_key",
            "/patients/1/covariates/age",
        ),
        (one('{"covariates":{"a b":1,"a b":2}}'), 400, "duplicate_key", "/patients/0/covariates"),
        (one('{"covariates":{"age":NaN}}'), 400, "malformed_json", "/patients/0/covariates/age"),
        (one('{"covariates":{"age":-Infinity}}'), 400, "malformed_json", "/patients/0/covariates/age"),
        (b"[]", 422, "invalid_request", ""),
        (b'"text"', 422, "invalid_request", ""),
        (b"{}", 422, "invalid_request", "/endpoint"),
        (b'{"endpoint":"tiny-ldl"}', 422, "invalid_request", "/patients"),
        (b'{"endpoint":7,"patients":[{}]}', 422, "invalid_request", "/endpoint"),
        (b'{"endpoint":"tiny-ldl","patients":{}}', 422, "invalid_request", "/patients"),
        (b'{"endpoint":"tiny-ldl","patients":[{}],"model":"x"}', 422, "invalid_request", "/model"),
        (b'{"endpoint":"tiny-ldl","patients":[]}', 400, "no_rows", "/patients"),
        (b'{"endpoint":"tiny-ldl","patients":[' + b"{}," * 1000 + b"{}]}", 413, "too_many_patients", "/patients"),
        (b'{"endpoint":"tiny-ldll","patients":[{}]}', 404, "unknown_endpoint", None),
        (b'{"endpoint":"../../etc/passwd.toml","patients":[{}]}', 404, "unknown_endpoint", None),
        (b'{"endpoint":"tamoxifen-rfs","patients":[{}]}', 503, "model_unavailable", None),
    ],
)  # fmt: skip
def test_a_bad_body_gets_its_own_code(service, content, status, code, pointer):
    assert_problem(service.client.post("/v1/predict", content=content, headers=JSON), status, code, pointer)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 500 + b"]" * 500, "nested too deeply"),
        (one('{"covariates":{"age":1,"age":2}}'), "age stands twice in one object; keep one of the two"),
        (one('{"covariates":{"a b":1,"a b":2}}'), "A key stands twice in one object"),
        (b'{"endpoint":"tiny-ldl","patients":[{"id":"\\ud800"}]}', "half of a surrogate pair"),
        (b'{"endpoint":"tiny-ldl","patients":[' + b"{}," * 1000 + b"{}]}", "At most 1,000 entries"),
    ],
)
def test_a_bad_body_is_told_what_is_bad(service, content, said):
    assert said in service.client.post("/v1/predict", content=content, headers=JSON).json()["detail"]


def test_an_unknown_name_is_answered_with_the_nearest_one(service):
    wrong = service.post({"endpoint": "tiny-ldll", "patients": [{}]}).json()
    assert "tiny-ldl" in wrong["detail"]
    wrong = service.post({"endpoint": "tiny-ldl", "pateints": [{}]}).json()
    assert "patients" in wrong["errors"][1]["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/vnd.bentoml+pickle"},
        {"content-type": "Application/Vnd.BentoML+Pickle; charset=utf-8"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
    ids=str,
)
def test_only_plain_json_is_read(service, headers):
    content = b'{"endpoint":"tiny-ldl","patients":[{}]}'
    request = service.client.build_request("POST", "/v1/predict", content=content)
    request.headers.pop("content-type", None)
    request.headers.update(headers)
    assert_problem(service.client.send(request), 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_spelt_in_several_ways(service, tiny_patient, content_type):
    content = json.dumps(request_of(**tiny_patient))
    response = service.client.post("/v1/predict", content=content, headers={"content-type": content_type})
    assert response.status_code == 200


def test_a_large_body_is_refused_by_its_stated_length(service):
    too_large = 4 * 1024 * 1024 + 1
    # nothing of the body is sent: the answer must not wait for it
    answer = _raw(service, f"content-length: {too_large}\r\n\r\n".encode())
    assert b" 413 " in answer.partition(b"\r\n")[0]
    assert b'"code":"too_large"' in answer


def test_a_large_body_without_a_length_is_refused_on_the_way(service):
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    answer = _raw(service, b"transfer-encoding: chunked\r\n\r\n" + chunk * 66)
    assert b" 413 " in answer.partition(b"\r\n")[0]


def test_a_body_of_the_largest_size_is_read(service):
    content = b'{"endpoint":"tiny-ldl","patients":[{}]}'
    content += b" " * (4 * 1024 * 1024 - len(content))
    assert service.client.post("/v1/predict", content=content, headers=JSON).status_code == 200


def test_a_header_that_is_no_text_is_refused_in_full(service):
    answer = _raw(service, b"content-length: 2\r\n\r\n{}", b"application/json\xff")
    assert b" 415 " in answer.partition(b"\r\n")[0]
    assert answer.endswith(b"}")


def _raw(service, rest: bytes, content_type: bytes = b"application/json") -> bytes:
    """Send a POST by hand and return the whole answer; the service closes the connection, read or unread."""
    host, _, port = service.address.removeprefix("http://").partition(":")
    request = b"POST /v1/predict HTTP/1.1\r\nhost: x\r\ncontent-type: " + content_type + b"\r\n" + rest
    with socket.create_connection((host, int(port))) as connection:
        answer = b""
        # closing before all was read resets the connection; what had been answered is there all the same
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("POST", "/v1/predict/", 404, "not_found"),
        ("GET", "/static_content/../service.py", 404, "not_found"),
        ("GET", "/v1/endpoints/mht-ldl-respons", 404, "unknown_endpoint"),
        ("GET", "/v1/endpoints/a/b", 404, "unknown_endpoint"),
        ("GET", "/v1/predict", 405, "method_not_allowed"),
        ("DELETE", "/v1/endpoints", 405, "method_not_allowed"),
        ("POST", "/v1/models", 405, "method_not_allowed"),
        ("PUT", "/v1/predict", 405, "method_not_allowed"),
    ],
)
def test_a_wrong_route_or_method_is_a_problem_too(service, method, path, status, code):
    response = service.client.request(method, path)
    assert_problem(response, status, code)
    assert ("allow" in response.headers) == (status == 405)


def test_a_client_may_name_its_request(service):
    response = service.client.get("/v1/panel", headers={"x-request-id": "trace-42"})
    assert response.headers["x-request-id"] == "trace-42"
    forged = service.client.get("/v1/panel", headers={"x-request-id": "a b"})
    assert forged.headers["x-request-id"] != "a b"


INVALID = [
    ({"id": 7}, "wrong_type", ""),
    *(({"id": f"{SECRET}{mark}"}, "wrong_type", "") for mark in ("\x00", "\n", "\x1b[31m", "\u202e", "\u2028")),
    ({"id": SECRET, "covariates": {"age": "50"}}, "wrong_type", "/covariates/age"),
    ({"covariates": {"age": True}}, "wrong_type", "/covariates/age"),
    ({"covariates": {"age": [SECRET]}}, "wrong_type", "/covariates/age"),
    ({"covariates": {"waist": {"value": "4", "unit": "cm"}}}, "wrong_type", "/covariates/waist/value"),
    ({"covariates": {"waist": {"value": 4}}}, "missing_required", "/covariates/waist/unit"),
    ({"covariates": {"ldl_cholesterol": {"value": 4, "unit": SECRET}}}, "unknown_unit", "/covariates/ldl_cholesterol"),
    ({"covariates": {"age": 1e400}}, "out_of_range", "/covariates/age"),
    ({"covariates": {"age": 10**400}}, "out_of_range", "/covariates/age"),
    ({"covariates": {"age": -1}}, "out_of_range", "/covariates/age"),
    ({"covariates": {"aeg": 50}}, "unknown_field", "/covariates/aeg"),
    ({"covariats": {}}, "unknown_field", "/covariats"),
    ({SECRET + " x": 1}, "unknown_field", ""),
    ({"covariates": {"diabetes": SECRET}}, "unknown_level", "/covariates/diabetes"),
    ({"therapy": "placebo"}, "wrong_type", "/therapy"),
    ({"therapy": {"name": SECRET}}, "unknown_therapy", "/therapy/name"),
    ({"genotypes": {"rs2234639": "T/C"}}, "unknown_variant", "/genotypes/rs2234639"),
    ({"genotypes": {"rs2234693": SECRET}}, "invalid_genotype", "/genotypes/rs2234693"),
    ({"genotypes": {"rs2234693": 1}}, "wrong_type", "/genotypes/rs2234693"),
    ({"genotypes": {"rs2234693": "A/A"}}, "strand_mismatch", "/genotypes/rs2234693"),
    ({"genotypes": {"Y537S": "A/A"}}, "germline_somatic_mix", "/genotypes/Y537S"),
    ({"somatic": [{"variant": "rs2234693"}]}, "germline_somatic_mix", "/somatic/0/variant"),
    ({"somatic": [{"variant": "Y537S", "state": SECRET}]}, "unknown_level", "/somatic/0/state"),
    ({"somatic": [{"variant": "Y537S", "vaf": 2}]}, "out_of_range", "/somatic/0/vaf"),
    ({"somatic": [{"variant": "Y537S", "collected": 5}]}, "wrong_type", "/somatic/0/collected"),
    ({"somatic": "Y537S"}, "wrong_type", "/somatic"),
]  # fmt: skip


@pytest.mark.parametrize(("patient", "code", "pointer"), INVALID, ids=str)
def test_what_is_wrong_with_one_patient_stays_with_it(service, tiny_patient, patient, code, pointer):
    content = json.dumps({"endpoint": "tiny-ldl", "patients": [tiny_patient, patient, {**tiny_patient, "id": "p2"}]})
    content = content.replace("Infinity", "1e400")
    response = service.client.post("/v1/predict", content=content, headers=JSON)
    assert response.status_code == 200, response.text
    first, wrong, last = response.json()["predictions"]
    assert (first["status"], wrong["status"], last["status"]) == ("predicted", "invalid", "predicted")
    assert first["probability"] == last["probability"]
    assert wrong["probability"] is None
    found = wrong["problems"][0]
    assert (found["code"], found["pointer"]) == (code, f"/patients/1{pointer or ('/id' if 'id' in patient else '')}")
    assert SECRET not in json.dumps(wrong["problems"])


def test_the_log_holds_no_value_of_a_patient(service, tiny_patient):
    for patient, _, _ in INVALID:
        content = json.dumps(request_of(**patient)).replace("Infinity", "1e400")
        service.client.post("/v1/predict", content=content, headers=JSON)
    service.client.post("/v1/predict", content=f'{{"endpoint":"{SECRET}","patients":"{SECRET}"}}', headers=JSON)
    service.client.post("/v1/predict", content=SECRET, headers=JSON)
    service.client.get(f"/v1/{SECRET}%0d%0aforged%1b[31m")
    service.client.get("/v1/endpoints/" + SECRET)
    marker = service.client.get("/v1/panel").headers["x-request-id"]
    log = _log_with(service, marker)
    assert SECRET not in log
    assert "Traceback" not in log
    assert "forged" not in log
    assert all(line.isprintable() for line in log.splitlines())


def _log_with(service, marker: str) -> str:
    """Return the log once it has the line with `marker`, which is written after the answer was sent."""
    return until(lambda: log if marker in (log := service.log.read_text()) else None, service.process, service.log)
