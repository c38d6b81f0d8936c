"""A file is opened once, unpacked with a count, and is whole or refused."""

from __future__ import annotations

import gzip
import io
import os
import zipfile

import pytest
from genotype_files import bgzf, person, vcf
from packed import gzipped

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.opening import opened
from features.files.packing import Limits
from features.germline.calling.match import match_file
from features.germline.readers.kinds import kind_of, read_genotypes
from features.germline.readings import targets

FILE = vcf(person()).encode()


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.mark.parametrize(
    "content",
    [
        FILE,
        FILE.replace(b"\n", b"\r\n"),
        FILE.rstrip(b"\n"),
        b"\xef\xbb\xbf" + FILE,
        gzipped(FILE),
        gzipped(FILE[:100]) + gzipped(FILE[100:]),
        bgzf(FILE, block=50),
        bgzf(FILE[:100], end=False) + bgzf(FILE[100:]),
        zipped(file=FILE),
        gzipped(FILE) + bytes(512),
        FILE.replace(b"\n", b"\r"),
        FILE.decode().encode("utf-16"),
        gzipped(b"\xfe\xff" + FILE.decode().encode("utf-16-be")),
    ],
    ids=[
        "plain",
        "CRLF",
        "no last line feed",
        "BOM",
        "gzip",
        "two gzips",
        "BGZF",
        "two BGZFs",
        "zip",
        "padded gzip",
        "old Mac",
        "UTF-16",
        "big-endian UTF-16 in gzip",
    ],
)
def test_packings_are_told_by_content(tmp_path, content):
    path = tmp_path / "without_an_ending"
    path.write_bytes(content)
    match = match_file(path, load_catalogue())
    assert (match.readings.n_read, match.calls.counts()["called"]) == (7, 7)


@pytest.mark.parametrize(
    ("content", "name", "code", "says"),
    [
        (b"", "x.vcf", "no_rows", "empty"),
        (b"\n\n", "x.vcf", "no_rows", "no content"),
        (gzipped(b""), "x.vcf.gz", "no_rows", "no content"),
        (FILE, "x.vcf.gz", "corrupt_file", "not gzip"),
        (gzipped(FILE)[:-3], "x.vcf.gz", "corrupt_file", "too early"),
        (gzipped(FILE)[:-40], "x.vcf.gz", "corrupt_file", "too early"),
        (flipped(gzipped(FILE), -6), "x.vcf.gz", "corrupt_file", "damaged"),
        (gzipped(FILE) + b"more", "x.vcf.gz", "corrupt_file", "damaged"),
        (bgzf(FILE, block=100, end=False), "x.vcf.gz", "corrupt_file", "end marker"),
        (flipped(bgzf(FILE, block=100), 40), "x.vcf.gz", "corrupt_file", "damaged"),
        (zipped(one=FILE, two=FILE), "x.zip", "corrupt_file", "just one"),
        (zipped(file=FILE).replace(b"\x08\x00", b"\x63\x00"), "x.zip", "corrupt_file", "not supported"),
        (flipped(zipped(file=FILE), 60), "x.zip", "corrupt_file", "damaged"),
        (b"BZh91AY&SY" + FILE, "x.vcf.bz2", "corrupt_file", "bzip2"),
        (b"\x28\xb5\x2f\xfd" + FILE, "x.vcf.zst", "corrupt_file", "zstd"),
        (FILE.replace(b"PASS", b"PA\0S"), "x.vcf", "corrupt_file", "NUL"),
        (b"##fileformat=VCFv4.2\n" + b"x" * 2**26 + b"y" * 2**21, "x.vcf", "corrupt_file", "64 MiB"),
        (FILE.decode().encode("utf-16")[:-1], "x.vcf", "encoding", "UTF-16"),
        (FILE.replace(b"\n", b"\r", 3), "x.vcf", "encoding", "line 4: has a carriage return"),
        (b'{"resourceType": "Bundle"}', "x.json", "unknown_format", "JSON"),
        (b"chr6\t1\t2\nchr6\t5\t9\n", "x.bed", "unknown_format", "--callable"),
        (b"Hugo_Symbol\tEntrez_Gene_Id\nESR1\t2099\n", "x.maf", "unknown_format", "MAF"),
        (b"\x7fELF\0\0\0", "x.vcf", "unknown_format", "binary"),
    ],
)
def test_each_bad_file_is_one_error(tmp_path, content, name, code, says):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputFileError) as raised:
        match_file(path, load_catalogue())
    assert raised.value.code == code
    assert raised.value.message.startswith(f"{name}: ")
    assert says in raised.value.message
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("path", ["missing.vcf", ".", "http://localhost/x.vcf", "s3://bucket/x.vcf", "x\0y"])
def test_only_local_files_are_opened(tmp_path, monkeypatch, path):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputFileError) as raised:
        opened(Path(path))
    assert raised.value.code == "file_missing"


def test_a_pipe_is_refused(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(InputFileError, match="pipe: is a pipe"):
        opened(path)


@pytest.mark.parametrize("pack", [gzip.compress, bgzf, lambda content: zipped(bomb=content)])
def test_unpacking_is_counted(tmp_path, pack):
    path = tmp_path / "bomb"
    path.write_bytes(pack(b"x" * 2**25) if pack is not bgzf else bgzf(b"x" * 2**25, block=60_000))
    for limits in (Limits(size=2**24), Limits(ratio=20)):
        with pytest.raises(InputFileError, match="unpacks to more than") as raised:
            for _ in opened(path, limits).chunks():
                pass
        assert raised.value.code == "too_large"
    assert sum(map(len, opened(path).chunks())) == 2**25


def test_a_name_is_shown_without_control_characters(tmp_path):
    path = tmp_path / "a\x1b[31m\nb.vcf"
    path.write_bytes(b"")
    with pytest.raises(InputFileError, match=r"a\?\[31m\?b\.vcf"):
        opened(path)


def test_the_beginning_is_enough_to_tell_a_format(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(gzipped(FILE + b"#" * 2**22))
    origin = opened(path)
    assert kind_of(origin) == "vcf"
    assert len(origin.head) == 2**16


@pytest.mark.parametrize("separator", ["\t", ","])
def test_line_ends_of_old_mac_files_are_read(tmp_path, separator):
    rows = [("rsid", "chromosome", "position", "genotype"), ("rs1", "1", "101", "AA"), ("rs2234693", "6", "5", "TC")]
    path = tmp_path / "array.txt"
    path.write_text("\r".join(map(separator.join, rows)))
    assert read_genotypes(path, targets(load_catalogue())).n_read == 2
