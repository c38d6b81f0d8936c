"""A site's alleles are the same in every representation of a SNP."""

from __future__ import annotations

import pytest
from vcf_calls import call

from features.germline.readers.vcf.alleles import alleles_at


@pytest.mark.parametrize(
    ("record", "alleles"),
    [
        ("6 152163335 . T C . PASS . GT 0/1", "C/T"),
        ("6 152163335 rs2234693 t c . . . GT 1/1", "C/C"),
        ("6 152163335 . T G,C . . . GT 0/2", "C/T"),
        ("6 152163335 . TA CA . . . GT 0/1", "C/T"),
        ("6 152163333 . GATG GACG . . . GT 0/1", "C/T"),
        ("6 152163335 . TA T,CA . . . GT 0/2", "C/T"),
        ("6 152163335 . TA T,CA . . . GT 0/1", "T/T"),
        ("6 152163335 . T <NON_REF> . . . GT 0/0", "T/T"),
        ("6 152163335 . T C,<NON_REF> . . . GT 0/1", "C/T"),
        ("6 152163335 . T . . . . GT 0/0", "T/T"),
        ("6 152163335 . T C,* . . . GT 1|0", "C/T"),
    ],
)
def test_every_representation_of_a_snp(tmp_path, record, alleles):
    found = call(tmp_path, record, build=37)
    assert (found.state, found.alleles) == ("called", alleles)


def test_alleles_at_a_site_follow_the_representation():
    assert alleles_at("GTTC", ["G", "GTC"], 1).texts == ("T", "*", "T")
    assert alleles_at("T", ["TTTT"], 0) is None
    assert alleles_at("TA", ["G"], 0).texts == ("T", "G")
    assert alleles_at("N", ["N[6:5["], 0) is None
