"""Which records belong to a site: blocks, chromosome names, positions."""

from __future__ import annotations

from genotype_files import person
from vcf_calls import call


def test_a_gvcf_block_covers_a_site_with_its_own_quality(tmp_path):
    block = "6 152163000 . G <NON_REF> . . END=152163400 GT:DP:GQ:MIN_DP 0/0:30:60:{depth}"
    rest = [one for one in person() if "15216333" not in one and "15216338" not in one]
    found = call(tmp_path, block.format(depth=25), *rest)
    assert (found.state, found.alleles, found.gq, found.dp) == ("called", "T/T", 60, 25)
    assert found.found == "line 4"
    assert call(tmp_path, block.format(depth=5), *rest).reason == "low_dp"
    assert call(tmp_path, block.replace("152163400", "152163334").format(depth=25), *rest).state == "not_assayed"


def test_a_palindromic_site_in_a_block_is_reference(tmp_path):
    block = "6 152265000 . A <*> . . END=152266000 GT:GQ 0/0:60"
    found = call(tmp_path, block, site="rs1801132", build=37)
    assert (found.state, found.alleles) == ("called", "G/G")


def test_a_structural_record_without_alternate_is_no_reference_block(tmp_path):
    record = "6 152163000 . G . . PASS {info}END=152163400 GT 0/0"
    rest = [one for one in person() if "15216333" not in one and "15216338" not in one]
    assert call(tmp_path, record.format(info=""), *rest).state == "called"
    assert call(tmp_path, record.format(info="SVTYPE=DEL;"), *rest).state == "not_assayed"


def test_refseq_names_are_chromosomes(tmp_path):
    assert call(tmp_path, "NC_000006.11 152163335 . T C . . . GT 0/1").alleles == "C/T"


def test_leading_zeros_of_a_chromosome(tmp_path):
    assert call(tmp_path, "chr06 152163335 . T C . . . GT 0/1").alleles == "C/T"
    assert call(tmp_path, "06 152163335 . T C . . . GT 0/1").alleles == "C/T"


def test_an_unverified_position_is_refused_and_a_name_is_not(tmp_path):
    record = "14 64761944 {name} C A . . . GT 0/1"
    by_position = call(tmp_path, *person(), record.format(name="."), site="rs1271572")
    assert (by_position.state, by_position.reason) == ("failed_qc", "unverified_position")
    by_name = call(tmp_path, *person(), record.format(name="rs1271572"), site="rs1271572")
    assert (by_name.state, by_name.alleles, by_name.dosage) == ("called", "A/C", 1.0)


def test_an_absent_site_is_not_assayed(tmp_path):
    found = call(tmp_path, *person(), site="rs1271572")
    assert (found.state, found.reason, found.found) == ("not_assayed", "not_in_file", None)
