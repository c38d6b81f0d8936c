"""One name or change over several residues is each mutation that it contains; what cannot be told is left open."""

from __future__ import annotations

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError
from data_schemas.wire.patient import Patient
from features.files.opening import opened
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms
from features.somatic.findings import found_by
from features.somatic.readers.kinds import read_tumour
from features.somatic.readers.names_list import read_findings_list
from features.somatic.samples import Assay, GenomeChange, named
from features.somatic.states import OTHER_VARIANT

CATALOGUE = load_catalogue()
COVERED = Assay(covers_esr1=True)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("p.L536_Y537delinsRC", ("L536R", "Y537C")),
        ("p.Leu536_Tyr537delinsArgCys", ("L536R", "Y537C")),
        ("ESR1 L536_Y537>RC", ("L536R", "Y537C")),
        ("p.536_537LY>RC", ("L536R", "Y537C")),
        ("p.LeuTyr536ArgCys", ("L536R", "Y537C")),
        ("p.Y537delinsN", ("Y537N",)),
        ("p.L536_D538delinsPYG", ("L536P", "D538G")),  # the middle residue stays
        ("p.Y537_D538delinsNA", ("Y537N", OTHER_VARIANT)),
        ("p.L536_Y537delinsQH", (OTHER_VARIANT,)),
        ("NM_000125.4:c.1607_1610delinsGCTG", ("L536R", "Y537C")),  # CTC TAT > CGC TGT
        ("NM_000125:c.1607_1610delTCTAinsGCTG", ("L536R", "Y537C")),
        ("ESR1 c.1607_1610TCTA>GCTG", ("L536R", "Y537C")),
        ("ESR1 c.1609_1614delinsAATGGC", ("Y537N", "D538G")),
        ("ESR1 c.1609_1610delinsAG", ("Y537S",)),  # TAT > AGT
        ("ESR1 c.1609_1611inv", (OTHER_VARIANT,)),  # TAT > ATA, Y537I
    ],
)
def test_a_name_is_each_mutation_that_it_contains(name, ids):
    found = found_by(name, CATALOGUE)
    assert (found.ids, found.open) == (ids, frozenset())


@pytest.mark.parametrize(
    ("name", "residues"),
    [
        ("p.Y537_D538delinsSGG", {537, 538}),
        ("p.L536_Y537delinsR", {536, 537}),
        ("p.Y537delinsSG", {537}),
        ("ESR1 c.1610_1611delinsCAGGT", {537}),
        ("ESR1 c.1606_1611delinsAGC", {536, 537}),
        ("p.Y537_D538delins", {537, 538}),
    ],
)
def test_a_change_that_may_hide_a_mutation_leaves_it_open(name, residues):
    found = found_by(name, CATALOGUE)
    assert found.ids == (OTHER_VARIANT,)
    assert found.open == {OTHER_VARIANT, *(one for one, row in CATALOGUE.somatic.items() if row.residue in residues)}


@pytest.mark.parametrize(
    "name",
    ["p.Y537fs", "p.Y537del", "p.L536_Y537del", "p.D538_L539insG", "p.Y537*", "ESR1 c.1610del", "ESR1 c.1609_1611del",
     "ESR1 c.1611_1612insGGT", "ESR1 c.1608_1610del", "ESR1 c.1612_1614dup", "K252N"],
)  # fmt: skip
def test_a_change_that_is_understood_leaves_nothing_open(name):
    found = found_by(name, CATALOGUE)
    assert (found.ids, found.open) == ((OTHER_VARIANT,), frozenset())


@pytest.mark.parametrize("name", ["p.Y538_D539delinsSG", "p.536_537YD>RC", "p.YD536SG"])
def test_a_change_that_is_not_the_receptors_is_no_finding(name):
    with pytest.raises(EsrError) as caught:
        found_by(name, CATALOGUE)
    assert caught.value.code == "unknown_somatic_variant"


def test_letters_that_contradict_the_codon_leave_its_residue_open():
    assert found_by("ESR1 c.1609_1611TTT>AAT", CATALOGUE).open == {OTHER_VARIANT, "Y537S", "Y537N", "Y537C"}


def _list(tmp_path, text):
    path = tmp_path / "r.txt"
    path.write_text(text + "\n")
    return read_findings_list(opened(path), CATALOGUE, COVERED).samples[0]


def test_a_list_and_a_maf_hold_both_mutations(tmp_path):
    sample = _list(tmp_path, "p.L536_Y537delinsPN 7 %")
    assert [(one.variant, one.change, one.vaf) for one in sample.variants] == [
        ("L536P", "L536P", 0.07),
        ("Y537N", "Y537N", 0.07),
    ]
    assert (sample.states["D538G"], sample.states["Y537S"]) == ("not_detected", "not_detected")
    maf = tmp_path / "x.maf"
    columns = "Hugo_Symbol\tTumor_Sample_Barcode\tNCBI_Build\tChromosome\tStart_Position\tReference_Allele\t"
    maf.write_text(
        columns + "Tumor_Seq_Allele2\tt_ref_count\tt_alt_count\n"
        "ESR1\ta\t38\t6\t152098785\tTCTA\tCCAA\t70\t30\n"
        "ESR1\tb\t37\t6\t152419920\tTCTA\tCC\t70\t30\n"
    )
    one, two = read_tumour(maf, CATALOGUE, COVERED).samples
    assert {name for name, state in one.states.items() if state == "detected"} == {ESR1_LBD, "L536P", "Y537N"}
    assert (two.states[OTHER_VARIANT], two.states["Y537N"]) == ("detected", "not_detected")  # out of frame


def test_a_row_that_neither_name_nor_position_explains_leaves_everything_open(tmp_path):
    maf = tmp_path / "x.maf"
    maf.write_text("Hugo_Symbol\tTumor_Sample_Barcode\tHGVSp_Short\nESR1\ta\tENSP00000999999:p.Tyr9Ser\nESR1\tb\tp.?\n")
    for sample in read_tumour(maf, CATALOGUE, COVERED).samples:
        assert (sample.variants, set(sample.open.values())) == ((), {"unreadable_row"})
        assert set(sample.states.values()) == {"not_tested"}


def test_names_and_positions_of_several_residues_must_agree():
    change = GenomeChange("6", 152098788, "ATGA", "CTGG")
    both = named(("p.Y537_D538delinsSG", "c.1610_1613delinsCTGG"), change, 38, CATALOGUE)
    assert [one.variant for one in both.variants] == ["Y537S", "D538G"]
    with pytest.raises(EsrError, match="different mutations"):
        named(("p.Y537S",), change, 38, CATALOGUE)


def test_a_request_has_both_mutations_and_leaves_open_what_may_be_hidden():
    endpoint = CATALOGUE.endpoints["serd-progression"]
    terms = PatientTerms(endpoint.model_copy(update={"somatic": (ESR1_LBD, *CATALOGUE.somatic)}), CATALOGUE)

    def states(*findings):
        return resolve(Patient(somatic=findings), terms).somatic

    both = states({"variant": "p.L536_Y537delinsRC"})
    assert (both["L536R"], both["Y537C"], both[ESR1_LBD]) == ("detected", "detected", "detected")
    hidden = states({"variant": "p.L536_Y537delinsR"}, {"variant": ESR1_LBD, "state": "not_detected"})
    assert (hidden["L536R"], hidden["D538G"], hidden[ESR1_LBD]) == ("not_tested", "not_detected", "not_tested")
    absent = states({"variant": "p.L536_Y537delinsRC", "state": "not_detected"})
    assert absent["L536R"] == "not_tested"
