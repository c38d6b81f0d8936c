"""`POST /v1/genotypes`: one genotype file in, six-state calls of the panel out.

The body is the file itself. It is written to a private temporary file as it arrives, within limits of size and time,
and deleted as soon as it is answered; nothing of it is logged.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from data_schemas.catalogue.cohort import CallQuality
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError, InputFileError, RequestError, nearest
from data_schemas.wire.genotypes import GenotypeReport
from features.files.packing import Limits
from features.germline.calling.decide import Assumption
from features.germline.calling.match import match_file, match_report
from serving.http.gate.refusal import problem_response

ROUTE = "/v1/genotypes"
MEDIA_TYPES = ("application/octet-stream", "application/gzip", "application/x-gzip", "application/zip", "text/vcf")
"""What a body may be called. A browser's form can send none of them to another site unasked."""
MAX_UPLOAD_BYTES = 64 * 2**20
UPLOAD_DEADLINE_SECONDS = 60.0
MAX_UPLOADS = 4
MAX_SAMPLES = 1000
UNPACKED = Limits(size=2**30, ratio=100, samples=100_000)


class GenotypeQuery(CallQuality):
    """The query parameters."""

    build: Literal["37", "38"] | None = None
    assume_reference: Literal["true", "false"] = "false"
    sample: tuple[str, ...] = ()


@dataclass
class GenotypeRoute:
    """The route; `in_flight` counts the uploads in work."""

    in_flight: int = 0

    async def answer(self, request: Request) -> Response:
        """Answer one upload."""
        try:
            query = _query(request)
            _check_headers(request)
            if self.in_flight >= MAX_UPLOADS:
                raise RequestError("too_many_requests", f"{MAX_UPLOADS} files are in work; try again shortly.")
            self.in_flight += 1
            try:
                return Response(await _answer(request, query), media_type="application/json")
            finally:
                self.in_flight -= 1
        except EsrError as error:
            return problem_response(error)


async def _answer(request: Request, query: GenotypeQuery) -> bytes:
    with tempfile.NamedTemporaryFile(prefix="esr-genotypes-") as file:
        try:
            async with asyncio.timeout(UPLOAD_DEADLINE_SECONDS):
                size = 0
                async for chunk in request.stream():
                    size += len(chunk)
                    if size > MAX_UPLOAD_BYTES:
                        raise _too_large()
                    file.write(chunk)
        except TimeoutError:
            raise RequestError(
                "request_timeout", f"The file must arrive within {UPLOAD_DEADLINE_SECONDS:.0f} seconds."
            ) from None
        except ClientDisconnect:
            raise RequestError("request_timeout", "The connection was closed before the file was complete.") from None
        file.flush()
        return await asyncio.to_thread(_report, Path(file.name), query)


def _report(path: Path, query: GenotypeQuery) -> bytes:
    catalogue = load_catalogue()
    match = match_file(
        path,
        catalogue,
        build=None if query.build is None else 37 if query.build == "37" else 38,
        thresholds=query,
        assumption=Assumption(everywhere=query.assume_reference == "true"),
        limits=UNPACKED,
        name="the file",
    )
    if len(query.sample or match.readings.samples) > MAX_SAMPLES:
        raise InputFileError(
            "too_many_patients",
            f"the file: has {match.readings.n:,} samples; name up to {MAX_SAMPLES:,} of them, each as ?sample=",
        )
    report = GenotypeReport(panel=catalogue.panel_digest, files=(match_report(match, query.sample or None),))
    return report.model_dump_json().encode()


def _query(request: Request) -> GenotypeQuery:
    """Return the query parameters; an unknown or repeated one is refused by name."""
    known = GenotypeQuery.model_fields
    values: dict[str, str | tuple[str, ...]] = {}
    for key in request.query_params:
        every = tuple(request.query_params.getlist(key))
        if key not in known:
            near = nearest(key[:200], known)
            raise RequestError(
                "unknown_field",
                "There is no such query parameter; "
                + (f"did you mean {near}?" if near else f"known: {', '.join(known)}"),
            )
        if key != "sample" and len(every) > 1:
            raise RequestError("invalid_request", f"The query parameter {key} may be given once.")
        values[key] = every if key == "sample" else every[0]
    try:
        return GenotypeQuery.model_validate(values)
    except ValidationError as error:
        finding = error.errors(include_url=False, include_input=False)[0]
        raise RequestError("invalid_request", f"Query parameter {finding['loc'][0]}: {finding['msg']}.") from None


def _check_headers(request: Request) -> None:
    """Refuse by the headers alone, before a byte of the file is read."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() not in MEDIA_TYPES:
        raise RequestError("unsupported_media_type", f"Send the file as Content-Type: {', '.join(MEDIA_TYPES)}.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise RequestError("unsupported_media_type", "Send the file as it is, without Content-Encoding.")
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > MAX_UPLOAD_BYTES:
        raise _too_large()


def _too_large() -> RequestError:
    return RequestError(
        "too_large", f"The file may have at most {MAX_UPLOAD_BYTES // 2**20} MiB; send the panel's regions only."
    )
