"""A VCF of any version, build and packing, BCF included, is read whole; a bad one is one error with line and cure."""

from __future__ import annotations

import gzip
import zipfile

import pytest
from genotype_files import GENOTYPES, person, vcf, write_bcf
from vcf_calls import read

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.packing import Limits
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets


@pytest.mark.parametrize("version", ["4.0", "4.1", "4.2", "4.3", "4.4", "4.5"])
def test_versions(tmp_path, version):
    readings = read(tmp_path, vcf(person(), version=version))
    assert (readings.format, readings.n_read, len(readings.sites)) == (f"VCF {version}", 7, 7)


@pytest.mark.parametrize("build", [37, 38])
@pytest.mark.parametrize("prefix", ["", "chr", "CHR"])
def test_builds_and_prefixes_give_the_same_calls(tmp_path, build, prefix):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(person(build, prefix=prefix)))
    calls = match_file(path, load_catalogue()).calls
    assert calls.proof.build == build
    assert {name: calls.sites[name].call(0).alleles for name in GENOTYPES} == {
        name: "/".join(sorted(letters.split("/"))) for name, letters in GENOTYPES.items()
    }


BCF_HEADER = (
    "##contig=<ID=1>",
    "##contig=<ID=6>",
    "##contig=<ID=14>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
)


BCF_TEXT = vcf(["1 5 . A C . PASS . GT 0/1", *person(), f"14 99 {'x' * 40} A C . PASS . GT 0/1"], header=BCF_HEADER)


@pytest.mark.parametrize("how", [{"packed": False}, {}, {"block": 60}, {"block": 60, "indexed": True}])
def test_bcf_gives_what_vcf_gives(tmp_path, how):
    readings = read_genotypes(write_bcf(tmp_path / "file.bcf", BCF_TEXT, **how), targets(load_catalogue()))
    assert readings.format.startswith("BCF")
    assert (readings.n_read, readings.whole) == ((7, False) if "indexed" in how else (9, True))
    letters = [(one.site, one.ref, one.codes.tolist()) for one in readings.sites]
    assert letters == [(one.site, one.ref, one.codes.tolist()) for one in read(tmp_path, BCF_TEXT).sites]


def test_a_record_is_found_by_name_in_a_bcf(tmp_path):
    for name in ("rs1271572", f"{'x' * 300};rs1271572"):
        text = vcf([f"14 5 {name} C A . PASS . GT 0/1"], header=BCF_HEADER)
        (reading,) = read_genotypes(write_bcf(tmp_path / "file.bcf", text), targets(load_catalogue())).sites
        assert (reading.site, reading.named, reading.build) == ("rs1271572", True, None)


@pytest.mark.parametrize("cut", [30, 400, -3, -40])
def test_a_cut_bcf_is_refused(tmp_path, cut):
    path = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputFileError) as raised:
        read_genotypes(path, targets(load_catalogue()))
    assert raised.value.code in ("corrupt_file", "no_rows")


def test_an_impossible_length_in_a_bcf_is_refused(tmp_path):
    path = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    content = bytearray(path.read_bytes())
    start = 9 + int.from_bytes(content[5:9], "little")
    content[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="record 1: is damaged"):
        read_genotypes(path, targets(load_catalogue()))


def test_alleles_of_a_bcf_that_are_no_text_are_one_error(tmp_path):
    path = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    path.write_bytes(path.read_bytes().replace(b"\x17A\x17G", b"\x17A\x17\xc7"))
    with pytest.raises(InputFileError, match="damaged record") as raised:
        read_genotypes(path, targets(load_catalogue()))
    assert raised.value.code == "corrupt_file"


@pytest.mark.parametrize("kind", [b"\x01", b"\x00"])
@pytest.mark.parametrize(("key", "codes"), [("GT", [[-1, -1]]), ("DP", [[0, 1]])])
def test_a_key_without_values_in_a_bcf_does_not_end_the_process(tmp_path, key, codes, kind):
    """The kinds are no number for each sample, and a value of no type."""
    records = person() if key == "GT" else [f"{one.replace(' GT ', ' GT:DP ')}:30" for one in person()]
    depth = '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">'
    path = write_bcf(tmp_path / "file.bcf", vcf(records, header=(*BCF_HEADER, depth)), packed=False)
    content, values = path.read_bytes(), b"\x21\x02\x04" if key == "GT" else b"\x11\x1e"
    at = content.index(values, content.index(b"\x17T\x17C"))
    path.write_bytes(content[:at] + kind + content[at + 1 :])
    sites = {one.site: one for one in read_genotypes(path, targets(load_catalogue())).sites}
    assert sites["rs2077647"].codes.tolist() == codes
    assert sites["rs2234693"].codes.tolist() == [[0, 1]]


def test_a_line_end_within_a_bcf_record_makes_no_second_line(tmp_path):
    name = "rs2234693;" + "x" * 80
    text = vcf([f"6 152163335 {name} T C . PASS . GT 0/1"], header=BCF_HEADER)
    path = write_bcf(tmp_path / "file.bcf", text, packed=False)
    path.write_bytes(path.read_bytes().replace(b"x" * 80, b"x\t.\t.\n6\t152163381".ljust(80, b"x")))
    with pytest.raises(InputFileError, match="record 6:152163335: is damaged"):
        read_genotypes(path, targets(load_catalogue()))


@pytest.mark.parametrize("packed", ["gzip", "zip"])
def test_a_bcf_is_read_in_any_packing(tmp_path, packed):
    plain = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    path = tmp_path / "packed"
    if packed == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "file.bcf")
    else:
        path.write_bytes(gzip.compress(plain.read_bytes()))
    found, expected = (read_genotypes(one, targets(load_catalogue())) for one in (path, plain))
    assert [(one.site, one.codes.tolist()) for one in found.sites] == [
        (one.site, one.codes.tolist()) for one in expected.sites
    ]


@pytest.mark.parametrize("packed", [True, False])
def test_limits_hold_for_a_bcf(tmp_path, packed):
    text = vcf([*person(), *(f"14 {number} . A C . PASS . GT 0/1" for number in range(1, 100))], header=BCF_HEADER)
    path = write_bcf(tmp_path / "file.bcf", text, packed=packed)
    for limits in (Limits(size=2000), Limits(samples=0)):
        with pytest.raises(InputFileError) as raised:
            read_genotypes(path, targets(load_catalogue()), limits)
        assert raised.value.code == "too_large"
    assert read_genotypes(path, targets(load_catalogue()), Limits(size=2**20, samples=1)).n_read == 106


def test_the_header_of_a_bcf_is_judged_as_that_of_a_vcf(tmp_path):
    path = write_bcf(tmp_path / "file.bcf", vcf([], samples=["Anna", "Bea"], header=BCF_HEADER), packed=False)
    path.write_bytes(path.read_bytes().replace(b"Anna\tBea", b"Anna\tAn\xff"))
    with pytest.raises(InputFileError, match="not UTF-8"):
        read_genotypes(path, targets(load_catalogue()))
    path.write_bytes(path.read_bytes().replace(b"Anna\tAn\xff", b"Ann\tAnn\0"))
    with pytest.raises(InputFileError, match="the same name"):
        read_genotypes(path, targets(load_catalogue()))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("##fileformat=VCFv4.2\n6\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n", "corrupt_file", "#CHROM"),
        (vcf([], samples=[]), "no_rows", "no sample columns"),
        (vcf([]).replace("POS", "Pos"), "wrong_columns", "line 2"),
        (vcf([]).replace("4.2", "9"), "unknown_format", "4.0 to 4.5"),
        (vcf(person()).replace("\tGT\t", " GT ", 1), "wrong_field_count", "line 3"),
        (vcf(person())[:-12], "wrong_field_count", "line 9"),
        (vcf(["6 x . A C . . . GT 0/1"]), "corrupt_file", "line 3"),
        (vcf(["6 152163335 . T C . . . GT a/b"]), "corrupt_file", "line 3"),
        (vcf(["6 152163335 . T;T C . . . GT 0/1"]), "corrupt_file", "line 3"),
        (vcf(person(), samples=["A", "A"]), "invalid_sample_name", "the same name"),
        (vcf([], samples=["Anna", "Аnna"]), "invalid_sample_name", "look the same"),
        (vcf([], samples=["x" * 10_000]), "invalid_sample_name", "10,000 characters"),
        (vcf([], samples=["a\u202eb"]), "invalid_sample_name", "invisible"),
        (vcf([], samples=["a\x07b"]), "invalid_sample_name", "control"),
        (vcf([], samples=[" "]), "invalid_sample_name", "no name"),
        (
            vcf([], samples=["../../etc/passwd"]),
            "invalid_sample_name",
            "sample 1 has a name with a slash at its beginning, a backslash or two dots",
        ),
        (vcf([], samples=["a\\b"]), "invalid_sample_name", "backslash"),
        (vcf([], samples=["S1", "a..b"]), "invalid_sample_name", "sample 2"),
        (vcf(person(), header=["##tumor_sample=S1"]), "germline_somatic_mix", "esr tumour"),
        (vcf([], samples=["NORMAL", "TUMOR"]), "germline_somatic_mix", "esr tumour"),
        (vcf(["6 152163335 . T C . . . GT 0/1"] * 2000), "corrupt_file", "1,000 records"),
    ],
)
def test_bad_vcfs_are_one_error_with_line_and_cure(tmp_path, text, code, says):
    with pytest.raises(InputFileError) as raised:
        read(tmp_path, text)
    assert (raised.value.code, says in raised.value.message) == (code, True), raised.value.message
    assert raised.value.message.startswith("file.vcf: ")
