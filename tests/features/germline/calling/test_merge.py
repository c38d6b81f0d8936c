"""Several records of one site become one call, or contradict each other."""

from __future__ import annotations

from vcf_calls import call


def test_a_doubted_genotype_contradicts_a_call(tmp_path):
    one = "6 152163335 . T C . PASS . GT:GQ 0/1:60"
    doubted = call(tmp_path, one, "6 152163335 . T C . PASS . GT:GQ 1/1:10")
    assert (doubted.state, doubted.reason, doubted.alleles) == ("conflict", "duplicate_calls", None)
    assert call(tmp_path, "6 152163335 . T C . LowQual . GT 0/0", one).reason == "duplicate_calls"
    assert call(tmp_path, one, "6 152163335 . T C . LowQual . GT 1/0").alleles == "C/T"


def test_duplicates_and_split_sites(tmp_path):
    one, same = "6 152163335 . T C . . . GT 0/1", "6 152163335 . T C . . . GT 1/0"
    assert call(tmp_path, one, same).alleles == "C/T"
    other = call(tmp_path, one, "6 152163335 . T C . . . GT 1/1")
    assert (other.state, other.reason, other.alleles) == ("conflict", "duplicate_calls", None)
    assert call(tmp_path, one, "6 152163335 . T G . . . GT 0/0").alleles == "C/T"
    assert call(tmp_path, "6 152163335 . T C . . . GT 0/0", "6 152163335 . T G . . . GT 0/1").reason == "other_allele"
    assert call(tmp_path, one, "6 152163335 . T C . . . GT ./.").alleles == "C/T"
    assert call(tmp_path, "6 152163335 . T C . . . GT 0/0", "6 152163334 . AT A . . . GT 0/1").reason == "deletion"
