"""Rows of a MAF as programs pass them on: which allele is the change, how many reads support it."""

from __future__ import annotations

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.opening import opened
from features.somatic.readers.study import read_study, report_of
from features.somatic.samples import Assay

CATALOGUE = load_catalogue()
COLUMNS = (
    "Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "Variant_Classification", "Reference_Allele",
    "Tumor_Seq_Allele1", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "t_depth", "t_alt_count", "HGVSp_Short",
)  # fmt: skip
D538G = {
    "Hugo_Symbol": "ESR1", "NCBI_Build": "GRCh38", "Chromosome": "6", "Start_Position": "152098791",
    "Variant_Classification": "Missense_Mutation", "Reference_Allele": "A", "Tumor_Seq_Allele1": "A",
    "Tumor_Seq_Allele2": "G", "Tumor_Sample_Barcode": "s1", "t_depth": "400", "t_alt_count": "8", "HGVSp_Short": "",
}  # fmt: skip


def write(folder, *rows, name="x.maf"):
    lines = ["\t".join(COLUMNS), *("\t".join((D538G | row)[column] for column in COLUMNS) for row in rows)]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def sample(folder, **changes):
    (found,) = report_of(opened(write(folder, changes)), CATALOGUE, Assay(covers_esr1=True)).samples
    return found


@pytest.mark.parametrize(
    "alleles",
    [
        {"Tumor_Seq_Allele1": "G", "Tumor_Seq_Allele2": "A"},
        {"Tumor_Seq_Allele1": "G", "Tumor_Seq_Allele2": "G"},
        {"Tumor_Seq_Allele1": "G", "Tumor_Seq_Allele2": ""},
        {"Tumor_Seq_Allele1": "", "Tumor_Seq_Allele2": "G"},
        {"Tumor_Seq_Allele1": "g ", "Tumor_Seq_Allele2": "a"},
    ],
)
def test_the_allele_that_differs_from_the_reference_is_the_change(tmp_path, alleles):
    found = sample(tmp_path, **alleles)
    assert [(one.variant, one.vaf) for one in found.variants] == [("D538G", 0.02)]
    assert found.states["D538G"] == "detected"


def test_two_alleles_that_are_both_changes_are_refused_with_the_cure(tmp_path):
    with pytest.raises(InputFileError, match="line 2: two tumour alleles") as caught:
        sample(tmp_path, Tumor_Seq_Allele1="C")
    assert caught.value.code == "conflicting_findings"
    rows = write(tmp_path, {}, {"Tumor_Seq_Allele2": "C"})
    (told,) = report_of(opened(rows), CATALOGUE, Assay(covers_esr1=True)).samples
    assert len(told.variants) == 2


def test_a_row_without_a_change_is_no_proof_of_absence(tmp_path):
    found = sample(tmp_path, Tumor_Seq_Allele2="A")
    assert found.variants == ()
    assert found.states["D538G"] == "not_tested"
    assert found.open["D538G"] == "unreadable_row"


@pytest.mark.parametrize(("count", "vaf"), [("8", 0.02), ("8.0", 0.02), ("8.", 0.02), ("", None), ("NA", None)])
def test_a_count_is_a_number(tmp_path, count, vaf):
    found = sample(tmp_path, t_alt_count=count)
    assert [(one.variant, one.vaf) for one in found.variants] == [("D538G", vaf)]


@pytest.mark.parametrize("depth", ["400", "400.0", "", "0", "NA"])
@pytest.mark.parametrize("count", ["0", "0.0", "0.00"])
def test_no_read_is_no_support_whatever_the_depth(tmp_path, count, depth):
    found = sample(tmp_path, t_alt_count=count, t_depth=depth)
    assert found.variants == ()
    assert (found.states["D538G"], found.open["D538G"]) == ("not_tested", "no_support")


def test_a_count_that_is_none_leaves_the_mutation_open(tmp_path):
    found = sample(tmp_path, t_alt_count="8/400")
    assert (found.variants, found.states["D538G"], found.open["D538G"]) == ((), "not_tested", "unreadable_row")


def _study(folder, listed):
    write(folder, {}, {"Hugo_Symbol": "TP53", "Tumor_Sample_Barcode": "s2"}, name="data_mutations.txt")
    (folder / "data_clinical_sample.txt").write_text("PATIENT_ID\tSAMPLE_ID\np1\ts1\np2\ts2\np3\ts3\np4\ts4\n")
    (folder / "case_lists").mkdir()
    for name, text in listed.items():
        (folder / "case_lists" / name).write_text(text)
    samples = read_study(folder, CATALOGUE, Assay(covers_esr1=True)).samples
    return {one.sample: one.states["Y537S"] for one in samples}


def test_a_sample_that_no_case_list_names_was_not_sequenced(tmp_path):
    lists = {
        "cases_sequenced.txt": "stable_id: x_sequenced\ncase_list_ids: s1\ts3\n",
        "cases_all.txt": "stable_id: x_all\ncase_list_ids: s1\ts2\ts3\ts4\n",
    }
    # s2 has a mutation of another gene, so it was sequenced whatever the list says
    expected = {"s1": "not_detected", "s2": "not_detected", "s3": "not_detected", "s4": "not_tested"}
    assert _study(tmp_path, lists) == expected


def test_a_study_without_a_list_of_sequenced_samples_is_judged_by_what_is_declared(tmp_path):
    states = _study(tmp_path, {"cases_all.txt": "stable_id: x_all\ncase_list_ids: s1\n"})
    assert set(states.values()) == {"not_detected"}


def test_a_list_of_sequenced_samples_without_samples_is_refused(tmp_path):
    with pytest.raises(InputFileError, match="case_list_ids") as caught:
        _study(tmp_path, {"cases_sequenced.txt": "stable_id: x_sequenced\n"})
    assert caught.value.code == "wrong_columns"
