"""A file of another assembly than builds 37 and 38 is refused by its name, whatever is declared."""

from __future__ import annotations

import pytest
from genotype_files import person, vcf, write_bcf, write_indexed

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.assemblies import refuse_other_assembly
from features.germline.calling.decide import Assumption
from features.germline.calling.match import match_file

CATALOGUE = load_catalogue()
OTHERS = {
    "##reference=/refs/T2T-CHM13_v2.0.fasta": "T2T-CHM13",
    "##reference=hs1.fa": "T2T-CHM13",
    "##reference=file:///GCF_009914755.1_genomic.fna": "T2T-CHM13",
    "##contig=<ID=chr6,length=172126628>": "T2T-CHM13",
    "##contig=<ID=6,assembly=T2T-CHM13v2.0>": "T2T-CHM13",
    "##contig=<ID=NC_060930.1>": "T2T-CHM13",
    "##contig=<ID=CP068264.2,length=5>": "T2T-CHM13",
    "##reference=hg17": "NCBI35",
    "##reference=ucsc.mm10.fa": "mouse",
    "##contig=<ID=14,length=125139656>": "mouse",
    "##reference=canFam3.1.fa.gz": "dog",
    "##contig=<ID=chr1,length=122678785>": "dog",
    "##contig=<ID=chr34,length=5>": "no human",
    "##assembly=Rnor_6.0": "rat",
}
OURS = (
    "##reference=GRCh37",
    "##reference=file:///projects/t2t/GRCh37.fa",
    "##reference=/refs/hs37d5.fa",
    "##reference=human_g1k_v37.fasta",
    "##contig=<ID=6,length=152420096>",
    "##contig=<ID=26,length=16569>",
    "##contig=<ID=chr6,length=171115067,assembly=b37>",
    "##bcftools_command=view chm13_study.vcf",
    '##INFO=<ID=X,Number=1,Type=String,Description="position in T2T-CHM13">',
)


@pytest.mark.parametrize("declared", [None, 38])
@pytest.mark.parametrize("line", OTHERS)
def test_another_assembly_is_refused_by_name_whatever_is_declared(tmp_path, line, declared):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(["1 100 . A G . PASS . GT 0/1"], header=[line]))
    with pytest.raises(InputFileError, match=OTHERS[line]) as caught:
        match_file(path, CATALOGUE, build=declared, assumption=Assumption(everywhere=declared is not None))
    assert caught.value.code == "wrong_genome_build"
    assert "neither build 37 nor 38" in caught.value.message


@pytest.mark.parametrize("line", OURS)
def test_lines_of_our_builds_and_of_nothing_are_read(tmp_path, line):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(person(), header=[line]))
    assert match_file(path, CATALOGUE).calls.proof.build == 37
    refuse_other_assembly("file.vcf", [line])


@pytest.mark.parametrize("how", ["indexed", "bcf"])
def test_every_reader_looks(tmp_path, how):
    declared = '##FORMAT=<ID=GT,Number=1,Type=String,Description="">'
    text = vcf(person(38), header=["##reference=chm13v2.0.fa", "##contig=<ID=6>", "##contig=<ID=14>", declared])
    path = tmp_path / f"file.{'bcf' if how == 'bcf' else 'vcf.gz'}"
    path = write_bcf(path, text) if how == "bcf" else write_indexed(path, text)
    with pytest.raises(InputFileError, match="T2T-CHM13"):
        match_file(path, CATALOGUE, build=38)


def test_a_sequence_of_another_assembly_in_the_records_is_refused(tmp_path):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(["NC_060930.1 100 . A G . PASS . GT 0/1"]))
    with pytest.raises(InputFileError, match="by its sequence names it is T2T-CHM13"):
        match_file(path, CATALOGUE, build=38, assumption=Assumption(everywhere=True))


@pytest.mark.parametrize("declared", [37, 38])
def test_a_declared_build_does_not_outweigh_a_header_of_build_36(tmp_path, declared):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(["1 100 . A G . PASS . GT 0/1"], header=["##reference=hg18.fa"]))
    with pytest.raises(InputFileError, match="NCBI36") as caught:
        match_file(path, CATALOGUE, build=declared)
    assert caught.value.code == "wrong_genome_build"
