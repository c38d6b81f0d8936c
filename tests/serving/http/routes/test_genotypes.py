"""`POST /v1/genotypes`: a file as it is, in; calls out; nothing left behind."""

from __future__ import annotations

import gzip
import socket
import tempfile
from pathlib import Path

import pytest
from genotype_files import bgzf, person, vcf
from packed import gzipped

from data_schemas.wire.genotypes import GenotypeReport

TYPE = {"content-type": "application/octet-stream"}
FILE = vcf(person(38)).encode()


def send(service, content: bytes, **options):
    return service.client.post("/v1/genotypes", content=content, headers=options.pop("headers", TYPE), **options)


def assert_refused(response, status: int, code: str) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert (response.status_code, document["code"]) == (status, code), document
    assert document["request_id"] == response.headers["x-request-id"]
    return document["detail"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bgzf])
def test_a_file_becomes_calls(service, pack):
    response = send(service, pack(FILE))
    assert response.status_code == 200, response.text
    (report,) = GenotypeReport.model_validate_json(response.content).files
    assert report.proof.build == 38
    calls = {call.variant: call for call in report.samples[0].sites}
    assert (calls["rs2234693"].state, calls["rs2234693"].alleles, calls["rs2234693"].dosage) == ("called", "C/T", 1.0)
    assert calls["rs1271572"].state == "not_assayed"
    assert report.counts["called"] == 7


def test_a_table_of_letters_needs_no_name(service):
    response = send(service, b"sample,age,rs2234693\np1,61,T/C\np2,60,\n", params={"sample": "p1"})
    (report,) = GenotypeReport.model_validate_json(response.content).files
    assert [call.alleles for call in report.samples[0].sites if call.variant == "rs2234693"] == ["C/T"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_however_its_text_is_written(service, encoding, end):
    rows = ("# made on a Monday", "sample,rs2234693", "", "p1,T/C", "p2,C/C", "")
    response = send(service, end.join(rows).encode(encoding))
    (report,) = GenotypeReport.model_validate_json(response.content).files
    found = [call.alleles for one in report.samples for call in one.sites if call.variant == "rs2234693"]
    assert found == ["C/T", "C/C"]


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b"sample,rs2234693\np1,T/C\np2\n", "wrong_field_count",
         "the file: line 3: has 1 fields where the header has 2; is the row cut off?"),
        (b"sample,rs2234693\np1,T/C\0\n", "encoding",
         "the file: line 2: has a control character; remove it, or export the file again"),
        (b"sample,rs2234693\np1,T/C\np1,C/C\n", "invalid_sample_name",
         "the file: samples 1 and 2 have the same name; rename one"),
    ],
)  # fmt: skip
def test_a_damaged_table_is_told_as_at_every_door(service, content, code, detail):
    assert assert_refused(send(service, content), 400, code) == detail


def test_query_parameters_are_those_of_the_command(service):
    content = vcf(["6 152163335 . T C . . . GT:GQ 0/1:30"], header=["##reference=GRCh37"]).encode()
    found = {
        query: send(service, content, params=query).json()["files"][0]["counts"]
        for query in ("", "min_gq=50", "assume_reference=true")
    }
    assert found[""]["called"] == 1
    assert found["min_gq=50"]["failed_qc"] == 1
    assert found["assume_reference=true"]["assumed_reference"] == 6
    detail = assert_refused(send(service, content, params="build=38"), 422, "wrong_genome_build")
    assert "GRCh37" in detail
    assert_refused(send(service, content, params="sample=Nobody"), 422, "unknown_sample")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("min_gp=3", "unknown_field"),
        ("min_gq=x", "invalid_request"),
        ("min_gq=nan", "invalid_request"),
        ("build=36", "invalid_request"),
        ("build=37&build=38", "invalid_request"),
    ],
)
def test_wrong_parameters_are_named(service, query, code):
    detail = assert_refused(send(service, FILE, params=query), 422, code)
    assert query.split("=")[0].replace("min_gp", "min_gq") in detail


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "no_rows"),
        (FILE[:-10], 400, "wrong_field_count"),
        (gzipped(FILE)[:-9], 400, "corrupt_file"),
        (bgzf(FILE, end=False), 400, "corrupt_file"),
        (b'{"resourceType": "Bundle"}', 415, "unknown_format"),
        (gzipped(vcf(person()).encode() + b"6\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n" * 2_000_000), 413, "too_large"),
    ],
)
def test_bad_files_are_problems(service, content, status, code):
    detail = assert_refused(send(service, content), status, code)
    assert "tmp" not in detail
    assert "esr-genotypes" not in detail


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json"},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/x-www-form-urlencoded"},
        {},
        TYPE | {"content-encoding": "gzip"},
    ],
)
def test_only_plain_files_are_taken(service, headers):
    assert_refused(send(service, FILE, headers=headers), 415, "unsupported_media_type")


def test_a_file_may_have_64_mib(service):
    with socket.create_connection((service.client.base_url.host, service.client.base_url.port), 10) as line:
        line.sendall(
            b"POST /v1/genotypes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Length: 67108865\r\n\r\n"
        )
        assert line.recv(4096).startswith(b"HTTP/1.1 413")

    def parts():
        for _ in range(66):
            yield bytes(2**20)

    assert_refused(service.client.post("/v1/genotypes", content=parts(), headers=TYPE), 413, "too_large")


def test_another_method_is_refused(service):
    assert_refused(service.client.get("/v1/genotypes"), 405, "method_not_allowed")


def test_nothing_is_left_or_logged(service):
    name = "Qqq7ZX-SECRET"
    content = vcf(person(38), samples=[name]).encode()
    assert name in send(service, content, params={"sample": name}).text
    assert_refused(send(service, content + b"6\t151842200\tx\n", params={"sample": name}), 400, "wrong_field_count")
    assert not list(Path(tempfile.gettempdir()).glob("esr-genotypes-*"))
    assert name not in service.log.read_text()
