"""What a header says of samples and sequences, and how many it may name."""

from __future__ import annotations

import pytest
from genotype_files import person, vcf, write_bcf, write_indexed
from vcf_calls import BUILD37, HEADER, read

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.packing import Limits
from features.germline.calling.match import match_file


@pytest.mark.parametrize("how", ["text", "indexed", "bcf"])
def test_an_accession_in_the_records_is_a_label(tmp_path, how):
    text = vcf(
        [one.replace("6 ", "NC_000006.12 ", 1) for one in person() if one.startswith("6")],
        header=("##contig=<ID=NC_000006.12>", *HEADER, "##reference=GRCh37"),
    )
    path = tmp_path / "file.vcf"
    if how == "text":
        path.write_text(text.replace("##contig=<ID=NC_000006.12>\n", ""))
    elif how == "indexed":
        path = write_indexed(tmp_path / "file.vcf.gz", text.replace(f"{BUILD37}\n", ""))
    else:
        path = write_bcf(tmp_path / "file.bcf", text)
    with pytest.raises(InputFileError, match="by its sequence names it is GRCh38") as raised:
        match_file(path, load_catalogue())
    assert raised.value.code == "wrong_genome_build"
    assert match_file(path, load_catalogue(), build=37).calls.sites["rs2234693"].call(0).alleles == "C/T"


def test_samples_beyond_a_limit_are_refused_in_the_header(tmp_path):
    path = tmp_path / "file.vcf"
    path.write_bytes(vcf([], samples=["S1", "S2", "S3"]).encode().replace(b"S3", b"\xff"))
    with pytest.raises(InputFileError, match="has 3 samples") as raised:
        match_file(path, load_catalogue(), limits=Limits(samples=2))
    assert raised.value.code == "too_large"


def test_a_million_columns(tmp_path):
    names = [f"S{number}" for number in range(1_000_000)]
    with pytest.raises(InputFileError) as raised:
        read(tmp_path, vcf(person(), names))
    assert raised.value.code == "wrong_field_count"
    assert "1,000,009" in raised.value.message


def test_odd_names_are_only_text(tmp_path):
    readings = read(tmp_path, vcf(["6 152163335 . T C . . . GT 0/1 0/0"], samples=["$(rm)", "=cmd|x"]))
    assert readings.samples == ("$(rm)", "=cmd|x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.vcf"]
