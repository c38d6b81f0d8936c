"""What a tumour's VCF says of a site without a mutation: read, not read, not called; and files without a sample."""

from __future__ import annotations

import pytest
from tumour_vcfs import BUILD38, CATALOGUE, FIRST, detected, record, report_of_records, sample_of

from data_schemas.errors import InputFileError
from features.somatic.samples import Assay

D538 = FIRST + 7
OPEN_538 = {"D538G"}


def _open(sample):
    return {name for name in sample.open if name != "ESR1_LBD"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (record(D538, "A", ".", "./.:0:0", "GT:AD:DP"), "no_reads"),
        (record(D538, "A", "G", "0/0:0,0", "GT:AD"), "no_reads"),
        (record(D538, "A", "G", "0/0:0", "GT:DP"), "no_reads"),
        (record(D538, "A", "G", "0/0", "GT", info="DP=0"), "no_reads"),
        (record(D538, "A", "G", "./.:31,0", "GT:AD"), "not_called"),
        (record(D538, "A", "G", "0/.:31,0", "GT:AD"), "not_called"),
        (record(D538, "A", "G", ".", "GT:AD"), "not_called"),
        (record(D538, "A", "G", ".:.", "AD:DP"), "not_called"),
        (record(D538, "A", "G", "0/0:400,0", filters="LowDP"), "filtered"),
        (record(D538, "A", "G", "0/0:400,0:lowq", "GT:AD:FT"), "filtered"),
        (record(D538, "A", "T", "0/1:40,9", filters="strand_bias"), "filtered"),
        (record(D538, "A", ".", "0/0:17:1300", "GT:AD:DP"), "not_called"),
        (record(D538, "A", "G", "0/0:17,400", "GT:AD"), "not_called"),
        (record(D538, "A", "G", "0/0:0:0", "GT:RD:AD"), "no_reads"),
        (record(D538, "A", "G", "0/0:0:0", "GT:RO:AO"), "no_reads"),
        (record(D538, "A", "G", "0/0:80:900", "GT:RO:AO"), "not_called"),
        (record(D538, "A", "G", "0:0,0:0,0:0,0:0,0", "DP:AU:CU:GU:TU"), "no_reads"),
    ],
)
def test_a_site_without_reads_or_call_is_open_whatever_the_assay_covers(tmp_path, line, reason):
    sample = sample_of(tmp_path, line)
    assert (_open(sample), sample.open["D538G"], sample.states["ESR1_LBD"]) == (OPEN_538, reason, "not_tested")
    assert (sample.states["D538G"], sample.states["Y537S"]) == ("not_tested", "not_detected")


@pytest.mark.parametrize(
    "line",
    [
        record(D538, "A", ".", "0/0:900:900", "GT:AD:DP"),
        record(D538, "A", "G", "0/0:900,2", "GT:AD"),
        record(D538, "A", "G", "0/0:902:900:2", "GT:DP:RD:AD"),
        record(D538, "A", "G", "0/0:900:0", "GT:RD:AD"),
        record(D538, "A", "G", "0/0:900:2", "GT:RO:AO"),
        record(D538, "A", "G", "0/0:900,0", filters="RefCall"),
        record(FIRST, "C", "<NON_REF>", "0/0:300:290", "GT:DP:MIN_DP", info=f"END={FIRST + 20}"),
        record(D538, "A", "<NON_REF>", "0/0:300,0", "GT:AD"),
        record(FIRST - 9000, "A", "G", "0/0:0,0"),
        record(FIRST - 5, "A", "<DUP>", "0/0:0", "GT:DP", info=f"SVTYPE=DUP;END={FIRST + 50}"),
    ],
)
def test_a_site_that_was_read_stays_not_detected(tmp_path, line):
    sample = sample_of(tmp_path, line)
    assert (sample.open, sample.states["D538G"]) == ({}, "not_detected")


@pytest.mark.parametrize(
    ("first", "last", "residues"), [(0, 8, {536, 537, 538}), (-70, 2, {536}), (8, 90, {538}), (4, 5, {537})]
)
def test_a_block_without_reads_opens_each_residue_that_it_touches(tmp_path, first, last, residues):
    line = record(FIRST + first, "N", "<NON_REF>", "0/0:60:0", "GT:DP:MIN_DP", info=f"END={FIRST + last}")
    sample = sample_of(tmp_path, line)
    assert _open(sample) == {name for name, row in CATALOGUE.somatic.items() if row.residue in residues}


def test_a_block_counts_where_no_other_record_tells_the_build_but_the_header(tmp_path):
    block = record(FIRST - 500, "C", "<*>", "0/0:0", "GT:DP", info=f"END={FIRST + 500}")
    assert _open(sample_of(tmp_path, block, header=())) == set()  # nothing tells the build: all is not tested
    assert set(sample_of(tmp_path, block, header=()).states.values()) == {"not_tested"}
    assert "D538G" in _open(sample_of(tmp_path, block, header=(), build=38))


def test_what_was_found_stays_found_beside_a_failed_record(tmp_path):
    sample = sample_of(tmp_path, record(D538, "A", "G"), record(D538, "A", "T", filters="weak_evidence"))
    assert (detected(sample), sample.states["ESR1_LBD"], sample.open) == ({"D538G"}, "detected", {})


@pytest.mark.parametrize("alt", ["<NON_REF>", "R", "*", "<DEL>"])
def test_an_allele_without_letters_opens_its_residue(tmp_path, alt):
    sample = sample_of(tmp_path, record(D538, "A", alt, "0/1:70,30"))
    assert _open(sample) == OPEN_538
    assert sample.open["D538G"] == "complex_change"


def test_two_headers_builds_prove_none(tmp_path):
    mixed = (BUILD38, "##reference=hs37d5.fa")
    assert set(sample_of(tmp_path, header=mixed).states.values()) == {"not_tested"}


def test_reference_letters_that_are_not_the_genes_are_refused(tmp_path):
    with pytest.raises(InputFileError, match="reference letter is not ESR1's") as caught:
        sample_of(tmp_path, record(FIRST + 4, "AG", "CT"))
    assert caught.value.code == "wrong_genome_build"


READS = (
    BUILD38,
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=AF,Number=1,Type=Float,Description="Fraction">',
)


def _bare(pos, ref, alt, info, filters="PASS"):
    return "\t".join(("chr6", str(pos), ".", ref, alt, "99", filters, info))


def test_a_file_without_samples_is_read_as_one(tmp_path):
    found = _bare(FIRST + 4, "A", "G", "DP=1500;AF=0.02;DP4=700,770,14,16")
    sample = sample_of(tmp_path, found, header=READS, columns=())
    (call,) = sample.variants
    assert (sample.sample, call.variant, call.vaf, call.alt_reads, call.depth) == ("clinic-7", "Y537C", 0.02, 30, 1500)
    assert sample_of(tmp_path, found, header=READS, columns=(), tumour="K-3").sample == "K-3"
    fraction = sample_of(tmp_path, _bare(FIRST + 4, "A", "G", "DP=1500;AF=0.02"), header=READS, columns=())
    assert fraction.variants[0].vaf == 0.02
    with_format = sample_of(tmp_path, f"{found}\tGT", header=READS, columns=("FORMAT",))
    assert detected(with_format) == {"Y537C"}


def test_a_file_without_samples_leaves_open_what_it_did_not_read(tmp_path):
    lines = (
        _bare(FIRST + 4, "A", "G", "DP=1500;AF=0.02", "min_snvqual_73"),
        _bare(D538, "A", "G", "DP=0;AF=0"),
        _bare(FIRST + 1, "T", "A", "SB=0"),
    )
    sample = sample_of(tmp_path, *lines, header=READS, columns=())
    assert (sample.open["Y537C"], sample.open["D538G"], sample.open["L536H"]) == ("filtered", "no_reads", "not_called")
    assert detected(sample) == set()


@pytest.mark.parametrize(
    "header",
    [(BUILD38,), (*READS, "##INFO=<ID=AN,Number=1,Type=Integer,Description=Alleles>"), READS[:2]],
)
def test_a_database_is_no_tumour(tmp_path, header):
    with pytest.raises(InputFileError, match="no sample column") as caught:
        report_of_records(tmp_path, [_bare(D538, "A", "G", "DP=90;AF=0.1")], header, columns=(), assay=Assay())
    assert caught.value.code == "no_rows"


@pytest.mark.parametrize(
    ("keys", "column"), [("GT:RD:AD:FREQ", "0/1:196:4:2%"), ("GT:DP:RO:AO", "0/1:200:196:4"), ("AO:RO", "4:196")]
)
def test_reads_are_counted_as_callers_write_them(tmp_path, keys, column):
    (call,) = sample_of(tmp_path, record(D538, "A", "G", column, keys)).variants
    assert (call.vaf, call.alt_reads, call.depth) == (0.02, 4, 200)


@pytest.mark.parametrize("protein", ["p.Leu536_Tyr537delinsArgCys", "p.LeuTyr536ArgCys"])
@pytest.mark.parametrize("coding", ["c.1607_1610delinsGCTG", "c.1607_1610delTCTAinsGCTG", ""])
def test_an_annotated_change_of_two_residues_is_both(tmp_path, protein, coding):
    layout = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|SYMBOL|Feature|HGVSc|HGVSp">'
    names = f"ENST00000206249.8:{coding}|ENSP00000206249.3:{protein}"
    info = f"CSQ=GCTG|missense_variant|ESR1|ENST00000206249|{names}"
    sample = sample_of(tmp_path, record(FIRST + 1, "TCTA", "GCTG", info=info), header=(BUILD38, layout))
    assert detected(sample) == {"L536R", "Y537C"}
