"""Changes of one codon on one molecule make one amino acid; where nobody says, nothing is found that may not be."""

from __future__ import annotations

import pytest
from tumour_vcfs import FIRST, detected, record, report_of_records, sample_of

from features.somatic.states import OTHER_VARIANT

N_AND_C = ((FIRST + 3, "T", "A"), (FIRST + 4, "A", "G"))
"""Y537N and Y537C; on one molecule AGT, which is Y537S."""

CIS = [
    ("GT:AD:PS", "0|1:80,20:91", "0|1:80,20:91"),
    ("GT:AD:PS", "1|0:80,20:91", "1|0:80,20:91"),
    ("GT:AD:PGT:PID", "0/1:80,20:0|1:91_T_A", "0/1:80,20:0|1:91_T_A"),
    ("PID:PGT:AD:GT", "91_T_A:1|0:80,20:0/1", "91_T_A:1|0:80,20:0/1"),
    ("GT:AD:HP", "0/1:80,20:91-1,91-2", "0/1:80,20:91-1,91-2"),
    ("GT:AD", "0|1:80,20", "0|1:80,20"),
    ("GT:AD:PS", "0|0|1:80,20:91", "0|0|1:80,20:91"),
    ("GT:AD:PS", "1|1:0,20:91", "1|1:0,20:91"),
]
TRANS = [
    ("GT:AD:PS", "0|1:80,20:91", "1|0:80,20:91"),
    ("GT:AD:PGT:PID", "0/1:80,20:0|1:91_T_A", "0/1:80,20:1|0:91_T_A"),
    ("GT:AD:HP", "0/1:80,20:91-1,91-2", "0/1:80,20:91-2,91-1"),
    ("GT:AD:PS", "0|0|1:80,20:91", "0|1|0:80,20:91"),
]
UNPHASED = [
    ("GT:AD", "0/1:80,20", "0/1:80,20"),
    ("GT:AD:PS", "0|1:80,20:91", "0|1:80,20:97"),
    ("GT:AD:PS", "0|1:80,20:91", "0/1:80,20:."),
    ("AD", "80,20", "80,20"),
    ("GT:AD:PGT:PID", "0/1:80,20:0|1:91_T_A", "0/1:80,20:.:."),
    ("GT:AD:HP", "0/1:80,20:91-1,91-2", "0/1:80,20:97-1,97-2"),
]


def _two(folder, case, changes=N_AND_C):
    keys, *columns = case
    lines = [record(*change, column, keys) for change, column in zip(changes, columns, strict=True)]
    return report_of_records(folder, lines)


@pytest.mark.parametrize("case", CIS)
def test_on_one_molecule_they_are_one_amino_acid(tmp_path, case):
    sample = _two(tmp_path, case).samples[0]
    (call,) = sample.variants
    assert (call.variant, call.change, call.coding) == ("Y537S", "Y537S", "c.1609_1610delinsAG")
    assert (call.place, call.alt_reads) == ("line 4 and line 5", 20)
    assert (sample.open, sample.states["Y537N"]) == ({}, "not_detected")


@pytest.mark.parametrize("case", TRANS)
def test_on_two_molecules_they_are_two(tmp_path, case):
    sample = _two(tmp_path, case).samples[0]
    assert (detected(sample), sample.open) == ({"Y537N", "Y537C"}, {})


@pytest.mark.parametrize("case", UNPHASED)
def test_where_nobody_says_all_candidates_are_open(tmp_path, case):
    report = _two(tmp_path, case)
    sample = report.samples[0]
    assert (detected(sample), sample.variants) == (set(), ())
    assert sample.open == dict.fromkeys(("Y537S", "Y537N", "Y537C", "ESR1_LBD"), "unphased")
    assert sample.states["D538G"] == "not_detected"
    assert any("Y537N and Y537C, or Y537S" in note or "Y537C and Y537N, or Y537S" in note for note in report.notes)


@pytest.mark.parametrize("case", [*CIS, *TRANS, *UNPHASED])
def test_phase_is_nothing_to_two_codons(tmp_path, case):
    sample = _two(tmp_path, case, ((FIRST + 1, "T", "C"), (FIRST + 7, "A", "G"))).samples[0]
    assert (detected(sample), sample.open) == ({"L536P", "D538G"}, {})


def test_a_silent_change_of_the_codon_counts(tmp_path):
    changes = ((FIRST + 1, "T", "A"), (FIRST + 2, "C", "G"))  # CAC is L536H, CTG silent, CAG L536Q
    cis = _two(tmp_path, CIS[0], changes).samples[0]
    assert (detected(cis), cis.variants[0].change) == ({OTHER_VARIANT}, "L536Q")
    assert detected(_two(tmp_path, TRANS[0], changes).samples[0]) == {"L536H"}
    assert _two(tmp_path, UNPHASED[0], changes).samples[0].open["L536H"] == "unphased"


def test_what_is_true_both_ways_is_found(tmp_path):
    changes = ((FIRST + 4, "A", "C"), (FIRST + 5, "T", "C"))  # TCT is Y537S, TAC silent, TCC Y537S
    for case in (*CIS, *TRANS, *UNPHASED):
        assert detected(_two(tmp_path, case, changes).samples[0]) == {"Y537S"}


def test_a_change_and_its_parts_are_not_counted_twice(tmp_path):
    whole, part = record(FIRST + 3, "TA", "AG"), record(FIRST + 3, "T", "A")
    sample = sample_of(tmp_path, whole, part)
    assert (detected(sample), sample.open) == ({"Y537S"}, {"Y537N": "unphased"})


def test_two_shifts_of_the_frame_that_may_restore_it_are_not_told_apart(tmp_path):
    lines = (record(FIRST + 4, "AT", "A"), record(FIRST + 6, "G", "GT"))  # TAG TAC on one molecule: a stop
    sample = sample_of(tmp_path, *lines)
    assert detected(sample) == {OTHER_VARIANT}


def test_a_homozygous_and_a_phased_change_share_a_side(tmp_path):
    lines = (
        record(FIRST + 3, "T", "A", "1|1:0,50:91", "GT:AD:PS"),
        record(FIRST + 4, "A", "G", "0|1:25,25:91", "GT:AD:PS"),
    )
    assert detected(sample_of(tmp_path, *lines)) == {"Y537N", "Y537S"}  # AAT on one side, AGT on the other


@pytest.mark.parametrize(
    ("side", "found"), [("0|1:80,20:91", set()), ("1|0:80,20:91", {"Y537N"}), ("0/1:80,20:.", {"Y537N"})]
)
def test_a_failed_change_on_the_same_molecule_leaves_open_what_it_would_change(tmp_path, side, found):
    lines = (
        record(FIRST + 3, "T", "A", "0|1:80,20:91", "GT:AD:PS"),
        record(FIRST + 4, "A", "G", side, "GT:AD:PS", filters="weak_evidence"),
    )
    sample = sample_of(tmp_path, *lines)
    assert detected(sample) == found
    assert sample.open["Y537S"] == "filtered"


def test_two_alleles_of_one_record_are_never_on_one_molecule(tmp_path):
    sample = sample_of(tmp_path, record(FIRST + 3, "TAT", "AAT,TGT", "0/1/2:80,10,10"))
    assert (detected(sample), sample.open) == ({"Y537N", "Y537C"}, {})
    beside = sample_of(tmp_path, record(FIRST + 3, "TAT", "AAT,TGT", "0/1/2:80,10,10"), record(FIRST + 5, "T", "C"))
    assert detected(beside) == {"Y537N", "Y537C"}  # the third base is silent with either


def test_an_unphased_change_may_be_on_two_molecules(tmp_path):
    lines = (
        record(FIRST, "C", "A", "0/1/1:60,40:.", "GT:AD:PS"),
        record(FIRST + 1, "T", "C", "0|1|1:60,40:5", "GT:AD:PS"),
        record(FIRST + 2, "C", "A", "0|0|1:80,20:5", "GT:AD:PS"),
    )
    # CCC and CCA are L536P, ACC and ACA are L536T: where the first base lies nobody says
    assert sample_of(tmp_path, *lines).open["L536P"] == "unphased"
