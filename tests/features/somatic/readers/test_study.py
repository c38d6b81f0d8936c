"""MAF files and cBioPortal study folders: what was found, what was looked for, and what neither says."""

from __future__ import annotations

import pytest
from packed import gzipped

from data_schemas.catalogue.assays import AssayPanel
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import InputFileError
from features.files.opening import opened
from features.somatic.readers.study import read_study, report_of
from features.somatic.samples import Assay
from features.somatic.states import OTHER_VARIANT

CATALOGUE = load_catalogue()
COLUMNS = (
    "Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "Variant_Classification", "Reference_Allele",
    "Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "Mutation_Status", "t_ref_count", "t_alt_count", "HGVSc",
    "HGVSp_Short",
)  # fmt: skip
Y537S = ("ESR1", "GRCh37", "6", "152419923", "Missense_Mutation", "A", "C", "s1", "SOMATIC", "90", "10",
         "ENST00000206249.3:c.1610A>C", "p.Y537S")  # fmt: skip
TP53 = (
    "TP53",
    "GRCh37",
    "17",
    "7577120",
    "Missense_Mutation",
    "C",
    "T",
    "s2",
    "SOMATIC",
    "50",
    "50",
    "c.818G>A",
    "p.R273H",
)


def _with(row, **changes):
    return tuple(changes.get(name, value) for name, value in zip(COLUMNS, row, strict=True))


def _maf(folder, *rows, before="", name="data_mutations.txt"):
    text = before + "\n".join("\t".join(row) for row in (COLUMNS, *rows)) + "\n"
    path = folder / name
    path.write_bytes(gzipped(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def _report(path, assay=None, samples=()):
    return report_of(opened(path), CATALOGUE, assay or Assay(), samples)


def _states(report, sample="s1"):
    return next(one.states for one in report.samples if one.sample == sample)


@pytest.mark.parametrize("name", ["data_mutations.txt", "data_mutations.txt.gz"])
def test_a_call_is_named_placed_and_measured(tmp_path, name):
    report = _report(_maf(tmp_path, Y537S, TP53, before="#version 2.4\n", name=name))
    (call,) = report.samples[0].variants
    assert (call.variant, call.change, call.coding) == ("Y537S", "Y537S", "c.1610A>C")
    assert (call.vaf, call.alt_reads, call.depth, call.place) == (0.1, 10, 100, "line 3")
    assert (report.build, report.n_read) == (37, 2)


def test_without_a_word_on_the_assay_absence_is_not_tested(tmp_path):
    report = _report(_maf(tmp_path, Y537S, TP53))
    assert _states(report)["Y537S"] == "detected"
    assert _states(report)[ESR1_LBD] == "detected"
    assert _states(report)["D538G"] == "not_tested"
    assert set(_states(report, "s2").values()) == {"not_tested"}
    assert "does not say" in report.samples[1].reason


def test_a_declared_assay_makes_absence_not_detected_at_its_limit(tmp_path):
    assay = Assay(name="plasma panel", covers_esr1=True, limit_of_detection=0.001)
    report = _report(_maf(tmp_path, Y537S, TP53), assay, samples=["s1", "s2", "s3"])
    assert set(_states(report, "s2").values()) == {"not_detected"}
    assert set(_states(report, "s3").values()) == {"not_detected"}
    assert report.samples[2].limit_of_detection == 0.001


def test_who_the_file_lists_as_sequenced_bounds_a_declared_assay(tmp_path):
    path = _maf(tmp_path, Y537S, before="#Sequenced_Samples: s1 s2\n")
    report = _report(path, Assay(covers_esr1=True), samples=["s1", "s2", "s3"])
    assert _states(report, "s2")["Y537S"] == "not_detected"
    assert _states(report, "s3")["Y537S"] == "not_tested"


def test_another_esr1_variant_is_shown_and_no_wild_type(tmp_path):
    row = _with(Y537S, Start_Position="152419950", Reference_Allele="C", Tumor_Seq_Allele2="A", HGVSp_Short="p.A546D",
                HGVSc="c.1637C>A")  # fmt: skip
    report = _report(_maf(tmp_path, row), Assay(covers_esr1=True))
    assert report.samples[0].variants[0].change == "A546D"
    states = _states(report)
    assert (states[OTHER_VARIANT], states[ESR1_LBD], states["Y537S"]) == ("detected", "other_variant", "not_detected")


@pytest.mark.parametrize(
    "changes",
    [
        {"HGVSp_Short": "", "HGVSc": "c.1610_1611delinsCA", "Reference_Allele": "AT", "Tumor_Seq_Allele2": "CA"},
        {"HGVSp_Short": "", "HGVSc": ""},
        {"HGVSp_Short": "", "HGVSc": "", "NCBI_Build": "GRCh38", "Start_Position": "152098788"},
        {"HGVSp_Short": "", "HGVSc": "", "NCBI_Build": "", "Start_Position": "152098788"},
        {"Chromosome": "chr6", "NCBI_Build": "hg19"},
        {"Chromosome": "", "Start_Position": ""},
    ],
)
def test_a_mutation_is_known_by_name_or_by_position_in_either_build(tmp_path, changes):
    report = _report(_maf(tmp_path, _with(Y537S, **changes)))
    assert report.samples[0].variants[0].variant == "Y537S"


@pytest.mark.parametrize(
    ("changes", "code", "sentence"),
    [
        ({"NCBI_Build": "GRCh38"}, "wrong_genome_build", "line 2: says build 38"),
        ({"NCBI_Build": "GRCh37", "Start_Position": "152098788"}, "wrong_genome_build", "in build 38"),
        ({"NCBI_Build": "NCBI36"}, "wrong_genome_build", "build 36"),
        ({"Start_Position": "152461616"}, "wrong_genome_build", "no coding base"),
        ({"Reference_Allele": "G"}, "wrong_genome_build", "reference letter"),
        ({"HGVSp_Short": "p.D538G"}, "conflicting_findings", "different mutations"),
        ({"HGVSp_Short": "p.Y537C", "HGVSc": ""}, "conflicting_findings", "line 2"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(tmp_path, changes, code, sentence):
    with pytest.raises(InputFileError, match=sentence) as caught:
        _report(_maf(tmp_path, _with(Y537S, **changes)))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Mutation_Status": "Germline"}, "germline"),
        ({"Variant_Classification": "Silent"}, "neither the protein"),
        ({"Variant_Classification": "Intron"}, "neither the protein"),
    ],
)
def test_rows_that_are_no_somatic_change_are_passed_over_and_counted(tmp_path, changes, reason):
    report = _report(_maf(tmp_path, _with(Y537S, **changes)), Assay(covers_esr1=True))
    assert set(_states(report).values()) == {"not_detected"}
    assert reason in report.notes[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_rows"),
        ("#only a comment\n", "no_rows"),
        ("Hugo_Symbol\tSample\n", "wrong_columns"),
        ("Hugo_Symbol\tTumor_Sample_Barcode\nTP53\n", "wrong_field_count"),
        ("Hugo_Symbol\tTumor_Sample_Barcode\tHugo_Symbol\n", "wrong_columns"),
    ],
)
def test_damaged_files_are_refused(tmp_path, text, code):
    path = tmp_path / "x.maf"
    path.write_text(text)
    with pytest.raises(InputFileError) as caught:
        _report(path)
    assert caught.value.code == code


def _study(folder, matrix=None, lists=(), samples=True):
    _maf(folder, Y537S, TP53)
    if samples:
        table = "#a\n#b\nPATIENT_ID\tSAMPLE_ID\tSAMPLE_CLASS\np1\ts1\tcfDNA\np2\ts2\tTumor\np3\ts3\t\n"
        (folder / "data_clinical_sample.txt").write_text(table)
    if matrix:
        (folder / "data_gene_panel_matrix.txt").write_bytes(matrix)
    for name, genes in lists:
        (folder / f"data_gene_panel_{name}.txt").write_text(f"stable_id: {name}\ngene_list: {genes}\n")
    return folder


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_matrix_says_who_was_tested_whatever_its_line_ends(tmp_path, end):
    rows = (b"SAMPLE_ID\tmutations\tcna", b"s1\tIMPACT468\tNA", b"s2\tSMALL\tNA", b"s3\tNA\tNA")
    report = read_study(_study(tmp_path, end.join(rows) + end, [("SMALL", "TP53\tPIK3CA")]), CATALOGUE)
    assert [one.tested for one in report.samples] == [True, False, False]
    assert _states(report, "s1")["D538G"] == "not_detected"
    assert set(_states(report, "s2").values()) | set(_states(report, "s3").values()) == {"not_tested"}
    assert [one.patient for one in report.samples] == ["p1", "p2", "p3"]
    assert [one.specimen for one in report.samples] == ["plasma", "tissue", None]


def test_a_study_whose_genes_leave_esr1_out_tested_nobody(tmp_path):
    folder = _study(tmp_path, lists=[("SMALL", "TP53 PIK3CA")])
    _maf(folder, TP53)
    report = read_study(folder, CATALOGUE)
    assert {one.tested for one in report.samples} == {False}


def test_an_assay_version_that_nobody_knows_stays_open(tmp_path):
    matrix = b"SAMPLE_ID\tmutations\ns1\tNEW\ns2\tNEW\ns3\tNEW\n"
    report = read_study(_study(tmp_path, matrix), CATALOGUE)
    assert {one.tested for one in report.samples} == {None}
    declared = Assay(panels={"NEW": AssayPanel(covers_esr1=True, limit_of_detection=0.05)})
    report = read_study(tmp_path, CATALOGUE, declared)
    assert {(one.tested, one.limit_of_detection) for one in report.samples} == {(True, 0.05)}


def test_a_call_outside_the_assay_is_a_contradiction(tmp_path):
    matrix = b"SAMPLE_ID\tmutations\ns1\tSMALL\ns2\tSMALL\n"
    with pytest.raises(InputFileError, match="not on the panel") as caught:
        read_study(_study(tmp_path, matrix, [("SMALL", "TP53")]), CATALOGUE)
    assert caught.value.code == "conflicting_findings"


def test_a_folder_without_mutations_is_no_study(tmp_path):
    with pytest.raises(InputFileError, match="no cBioPortal study"):
        read_study(tmp_path, CATALOGUE)


def test_a_call_of_an_unlisted_sample_is_noted(tmp_path):
    _study(tmp_path)
    _maf(tmp_path, Y537S, _with(Y537S, Tumor_Sample_Barcode="s9"))
    assert any("1 samples with an ESR1 call have no row" in note for note in read_study(tmp_path, CATALOGUE).notes)


@pytest.mark.parametrize(("filtered", "alt", "state"), [("weak", "10", "not_tested"), ("PASS", "0", "not_tested"),
                                                        ("PASS", "10", "detected")])  # fmt: skip
def test_a_filtered_row_and_one_without_reads_leave_their_mutation_open(tmp_path, filtered, alt, state):
    path = tmp_path / "data_mutations.txt"
    row = _with(Y537S, t_alt_count=alt)
    path.write_text("\t".join((*COLUMNS, "FILTER")) + "\n" + "\t".join((*row, filtered)) + "\n")
    states = _states(_report(path, Assay(covers_esr1=True)))
    assert (states["Y537S"], states["D538G"]) == (state, "not_detected")
    assert states[ESR1_LBD] == state


def test_a_row_named_as_another_genes_change_is_refused(tmp_path):
    row = _with(Y537S, HGVSp_Short="p.E545K", HGVSc="", Start_Position="", Chromosome="")
    with pytest.raises(InputFileError, match="line 2: the amino acid or base before the change") as caught:
        _report(_maf(tmp_path, row))
    assert caught.value.code == "conflicting_findings"


@pytest.mark.parametrize("names", [{"HGVSp_Short": "p.T594=", "HGVSc": ""}, {"HGVSp_Short": "", "HGVSc": "c.1782G>A"}])
def test_a_silent_row_without_a_class_is_passed_over(tmp_path, names):
    row = _with(Y537S, Variant_Classification="", Chromosome="", Start_Position="", **names)
    report = _report(_maf(tmp_path, row), Assay(covers_esr1=True))
    assert set(_states(report).values()) == {"not_detected"}
    assert "the amino acid stays" in report.notes[0]
