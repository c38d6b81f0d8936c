"""Patients from a file, whatever its form: one JSON patient, a list, a whole request, or flat columns."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from data_schemas.catalogue.endpoint import Endpoint
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError, InputFileError, RequestError
from data_schemas.wire.patient import InvalidPatient, Patient, PatientRow, PredictionRequest
from data_schemas.wire.problems import problems
from serving.http.gate import strict_json
from serving.http.gate.problems import wrong_envelope

MAX_JSON_BYTES = 256 * 1024 * 1024


def read_patients(path: Path, terms: Terms) -> Iterator[Sequence[Patient | InvalidPatient]]:
    """Yield the patients of a file in blocks, in order.

    Raises
    ------
    RequestError, InputFileError
        The file as a whole cannot be read; what is wrong with one patient stays with it.
    """
    if path.suffix.lower() == ".json":
        yield _json_patients(path, terms.endpoint)
        return
    from features.patient.flat_file import read_patient_file

    yield from read_patient_file(path, terms)


def _json_patients(path: Path, endpoint: Endpoint) -> Sequence[Patient | InvalidPatient]:
    from features.files.local import open_file

    with open_file(path) as file:
        content = file.read(MAX_JSON_BYTES + 1)
    if len(content) > MAX_JSON_BYTES:
        raise InputFileError("too_large", f"{path.name}: larger than 256 MiB; use a CSV or Parquet file")
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        raise InputFileError("no_rows", f"{path.name}: is empty; is it the whole export?")
    try:
        strict_json.check(content)
        document = json.loads(content)
        if isinstance(document, dict) and "patients" in document:
            return _request(content, endpoint)
        # the same reader as the service's, so that a list or one patient is held to the same form
        found = content if isinstance(document, list) else b"[" + content + b"]"
        patients = TypeAdapter(tuple[PatientRow, ...]).validate_json(found)
    except ValidationError as error:
        raise RequestError("malformed_json", f"{path.name}: {error.errors()[0]['msg']}") from None
    except EsrError as error:
        wrong = RequestError(error.code, f"{path.name}: {error.message}", error.problems)
        raise _malformed(path, content) or wrong from None
    if not patients:
        raise InputFileError("no_rows", f"{path.name}: an empty list; at least one patient is needed")
    return patients


def _malformed(path: Path, content: bytes) -> RequestError | None:
    """Return the error of a file that is no JSON at all, with the place where it ceases to be."""
    try:
        json.loads(content.decode())
    except UnicodeDecodeError:
        return RequestError("malformed_json", f"{path.name}: is not UTF-8 text; save the file as UTF-8")
    except json.JSONDecodeError as error:
        place = f"{path.name}, line {error.lineno}, column {error.colno}"
        return RequestError("malformed_json", f"{place}: is not JSON from here on; correct it, or export it again")
    except (ValueError, RecursionError):
        return None
    return None


def _request(content: bytes, endpoint: Endpoint) -> Sequence[Patient | InvalidPatient]:
    try:
        request = PredictionRequest.model_validate_json(content)
    except ValidationError as error:
        findings = error.errors(include_url=False, include_input=False)
        raise wrong_envelope(problems(findings, PredictionRequest.model_fields)) from None
    if request.endpoint != endpoint.id:
        raise RequestError(
            "invalid_request",
            f"the request is for another endpoint than {endpoint.id}; name that one on the command line",
        )
    return request.patients
