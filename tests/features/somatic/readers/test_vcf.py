"""Somatic VCFs: annotated and not, tumour with normal, filters, both builds, and what absence does not say."""

from __future__ import annotations

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError, InputFileError
from features.files.opening import opened
from features.somatic.readers.vcf import read_tumour_vcf
from features.somatic.samples import Assay, GenomeChange, named
from features.somatic.states import OTHER_VARIANT

CATALOGUE = load_catalogue()
COVERED = Assay(name="panel", covers_esr1=True, limit_of_detection=0.005)
BUILD38 = "##contig=<ID=chr6,length=170805979>"


def _vcf(tmp_path, *records, header=(), samples=("TUMOR",)):
    names = "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples))
    path = tmp_path / "t.vcf"
    path.write_text("\n".join(("##fileformat=VCFv4.2", *header, names, *records)) + "\n")
    return opened(path)


def _record(pos, ref, alt, *columns, keys="GT:AD", filters="PASS", info=".", chrom="chr6"):
    return "\t".join((chrom, str(pos), ".", ref, alt, ".", filters, info, keys, *(columns or ("0/1:90,10",))))


def _one(origin, assay=COVERED, **more):
    report = read_tumour_vcf(origin, CATALOGUE, assay, **more)
    return report.samples[0]


@pytest.mark.parametrize("name", list(CATALOGUE.somatic))
@pytest.mark.parametrize("build", [37, 38])
def test_each_panel_mutation_is_found_by_position_in_both_builds(tmp_path, name, build):
    row = CATALOGUE.somatic[name]
    place = row.grch37 if build == 37 else row.grch38
    report = read_tumour_vcf(_vcf(tmp_path, _record(place.pos, row.ref, row.alt, chrom="6")), CATALOGUE, COVERED)
    assert report.build == build
    sample = report.samples[0]
    assert {one for one, state in sample.states.items() if state == "detected"} == {ESR1_LBD, name}
    assert sample.variants[0].vaf == 0.1
    assert sample.limit_of_detection == 0.005


def test_absence_says_nothing_unless_the_assay_is_declared(tmp_path):
    sample = _one(_vcf(tmp_path, _record(152098788, "A", "C")), Assay())
    assert (sample.states["Y537S"], sample.states["D538G"], sample.tested) == ("detected", "not_tested", None)
    sample = _one(_vcf(tmp_path, _record(152098788, "A", "C")))
    assert sample.states["D538G"] == "not_detected"


def test_a_file_without_any_esr1_record_needs_a_known_build(tmp_path):
    assert _one(_vcf(tmp_path, header=(BUILD38,))).states["D538G"] == "not_detected"
    assert "genome build" in _one(_vcf(tmp_path)).reason
    assert _one(_vcf(tmp_path)).states["D538G"] == "not_tested"
    assert _one(_vcf(tmp_path), build=38).states["D538G"] == "not_detected"


def test_several_bases_and_several_alleles(tmp_path):
    sample = _one(_vcf(tmp_path, _record(152098788, "AT", "CA")))
    assert sample.states["Y537S"] == "detected"
    both = _record(152098788, "A", "C,G", "0/1/2:80,15,5")
    states = _one(_vcf(tmp_path, both)).states
    assert (states["Y537S"], states["Y537C"]) == ("detected", "detected")
    second = _one(_vcf(tmp_path, _record(152098788, "A", "C,G", "0/2:80,0,20")))
    assert (second.states["Y537S"], second.states["Y537C"]) == ("not_detected", "detected")
    assert second.variants[0].vaf == 0.2


def test_the_normal_is_left_out(tmp_path):
    record = _record(152098788, "A", "C", "0/0:100,0", "0/1:90,10")
    report = read_tumour_vcf(
        _vcf(tmp_path, record, header=("##normal_sample=N1",), samples=("N1", "T1")), CATALOGUE, COVERED
    )
    assert [one.sample for one in report.samples] == ["T1"]
    assert report.samples[0].states["Y537S"] == "detected"
    with pytest.raises(InputFileError, match="no sample of the name"):
        read_tumour_vcf(_vcf(tmp_path, record, samples=("N1", "T1")), CATALOGUE, COVERED, tumour="X")
    with pytest.raises(InputFileError, match="named as the normal"):
        read_tumour_vcf(_vcf(tmp_path, _record(152098788, "A", "C"), samples=("NORMAL",)), CATALOGUE, COVERED)


@pytest.mark.parametrize(
    ("columns", "filters"), [(("0/1:90,10",), "weak_evidence"), (("./.:0,0",), "PASS"), ((".",), "PASS")]
)
def test_what_was_filtered_or_not_called_stays_open(tmp_path, columns, filters):
    sample = _one(_vcf(tmp_path, _record(152098788, "A", "C", *columns, filters=filters)))
    assert (sample.states["Y537S"], sample.states[ESR1_LBD], sample.states["D538G"]) == (
        "not_tested",
        "not_tested",
        "not_detected",
    )


@pytest.mark.parametrize(
    ("keys", "column", "state"),
    [
        ("GT:AD:FT", "0/1:90,10:strand_bias", "not_tested"),
        ("GT:AD:FT", "0/1:90,10:PASS", "detected"),
        ("GT:AD:FT", "0/1:90,10:.", "detected"),
        ("GT:AD", "0/1:90,0", "not_tested"),
        ("GT:AF", "0/1:0.0", "not_tested"),
    ],
)
def test_a_samples_own_filter_and_a_call_without_reads_leave_it_open(tmp_path, keys, column, state):
    sample = _one(_vcf(tmp_path, _record(152098788, "A", "C", column, keys=keys)))
    assert (sample.states["Y537S"], sample.states["D538G"]) == (state, "not_detected")


def test_another_variant_that_was_filtered_leaves_the_domain_open(tmp_path):
    sample = _one(_vcf(tmp_path, _record(152098815, "C", "A", filters="weak_evidence", chrom="chr06")))
    assert (sample.states[ESR1_LBD], sample.states["Y537S"]) == ("not_tested", "not_detected")
    assert sample.variants == ()


def test_a_call_below_the_stated_limit_is_warned_of(tmp_path):
    origin = _vcf(tmp_path, _record(152098788, "A", "C", "0/1:999,1"))
    report = read_tumour_vcf(origin, CATALOGUE, COVERED)
    assert report.samples[0].states["Y537S"] == "detected"
    assert any("limit of detection" in note for note in report.notes)
    assert read_tumour_vcf(origin, CATALOGUE, Assay(covers_esr1=True)).notes == ()


SYNE1 = 152419950
"""A coding base of ESR1 in build 37, and of SYNE1 in build 38."""


@pytest.mark.parametrize(
    ("header", "more", "ours"),
    [((BUILD38,), {}, 1), ((), {"build": 38}, 1), ((), {}, 1), ((BUILD38,), {}, 0)],
)
def test_another_genes_base_in_the_files_build_is_no_change_of_esr1(tmp_path, header, more, ours):
    records = [_record(152098788, "A", "C")] * ours + [_record(SYNE1, "G", "A"), _record(SYNE1 + 3, "C", "T")]
    report = read_tumour_vcf(_vcf(tmp_path, *records, header=header), CATALOGUE, COVERED, **more)
    assert [one.variant for one in report.samples[0].variants] == ["Y537S"] * ours
    assert report.build == 38
    assert any("other genome build" in note for note in report.notes)


def test_the_majority_of_records_tells_the_build_and_a_draw_does_not(tmp_path):
    ours = [_record(152098815, "C", "A"), _record(152098812, "C", "A")]
    assert read_tumour_vcf(_vcf(tmp_path, *ours, _record(SYNE1, "G", "A")), CATALOGUE, COVERED).build == 38
    with pytest.raises(InputFileError, match="mixes two builds"):
        _one(_vcf(tmp_path, ours[0], _record(SYNE1, "G", "A")))


def test_an_allele_annotated_to_another_gene_is_passed_over(tmp_path):
    info = "CSQ=A|missense_variant|SYNE1|ENST00000367255.10|c.1A>G|p.Met1Val"
    assert _one(_vcf(tmp_path, _record(SYNE1, "G", "A", info=info), header=(CSQ, BUILD38))).variants == ()
    assert _one(_vcf(tmp_path, _record(SYNE1, "G", "A", info=info), header=(CSQ,)), Assay()).variants == ()


def test_a_silent_germline_snp_is_no_variant_and_an_unknown_codon_is_said_to_be(tmp_path):
    silent = _one(_vcf(tmp_path, _record(152420095 - 321135, "G", "A")))  # rs2228480, T594=
    assert (silent.variants, silent.states[ESR1_LBD]) == ((), "not_detected")
    report = read_tumour_vcf(_vcf(tmp_path, _record(152098815, "C", "A")), CATALOGUE, COVERED)
    assert "is not known from the position" in report.notes[0]
    assert report.samples[0].states[ESR1_LBD] == "other_variant"


def test_a_germline_snp_of_the_panel_is_no_somatic_finding(tmp_path):
    record = _record(151807942, "T", "C", "0/1:50,50")
    report = read_tumour_vcf(_vcf(tmp_path, record, header=(BUILD38,)), CATALOGUE, COVERED)
    assert report.samples[0].variants == ()
    assert "germline" in report.notes[0]


def test_silent_and_intronic_changes_are_no_findings(tmp_path):
    records = (_record(152098789, "T", "C"), _record(151842200, "T", "C"), _record(1000, "A", "G"))
    sample = _one(_vcf(tmp_path, *records))
    assert sample.variants == ()
    assert set(sample.states.values()) == {"not_detected"}


def test_another_coding_change_is_kept_under_its_coding_name(tmp_path):
    sample = _one(_vcf(tmp_path, _record(152098815, "C", "A")))
    assert sample.variants[0].change == "c.1637C>A"
    assert (sample.states[OTHER_VARIANT], sample.states[ESR1_LBD]) == ("detected", "other_variant")


CSQ = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: " \
      "Allele|Consequence|SYMBOL|Feature|HGVSc|HGVSp\">"  # fmt: skip
ANN = "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | " \
      "Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | Transcript_BioType | Rank | HGVS.c | " \
      "HGVS.p'\">"  # fmt: skip


@pytest.mark.parametrize(
    ("header", "info"),
    [
        (CSQ, "CSQ=A|missense_variant|OTHER|ENST1|x|y,A|missense_variant|ESR1|ENST00000206249.8|"
              "ENST00000206249.8:c.1637C>A|ENSP00000206249.3:p.Ala546Asp"),
        (ANN, "ANN=A|missense_variant|MODERATE|ESR1|ESR1|transcript|NM_000125.4|protein_coding|8/8|c.1637C>A|"
              "p.Ala546Asp"),
    ],
)  # fmt: skip
def test_annotation_gives_the_protein_change(tmp_path, header, info):
    report = read_tumour_vcf(
        _vcf(tmp_path, _record(152098815, "C", "A", info=info), header=(header,)), CATALOGUE, COVERED
    )
    (call,) = report.samples[0].variants
    assert (call.change, call.coding, call.variant) == ("A546D", "c.1637C>A", OTHER_VARIANT)
    assert "annotated" in report.format


def test_an_annotated_splice_change_outside_the_exons_is_found_and_a_silent_one_is_not(tmp_path):
    layout = "CSQ=T|{}|ESR1|ENST00000206249.8|ENST00000206249.8:c.1370-1G>T|"
    splice = _record(152094384, "G", "T", info=layout.format("splice_acceptor_variant"))
    sample = _one(_vcf(tmp_path, splice, header=(CSQ, BUILD38)))
    assert (sample.variants[0].change, sample.states[OTHER_VARIANT]) == ("c.1370-1G>T", "detected")
    silent = _record(152098815, "C", "A", info=layout.format("synonymous_variant"))
    assert _one(_vcf(tmp_path, silent, header=(CSQ,))).variants == ()


def test_annotation_and_position_that_contradict_are_refused(tmp_path):
    info = "CSQ=C|missense_variant|ESR1|ENST00000206249.8|c.1613A>G|p.Asp538Gly"
    with pytest.raises(InputFileError, match="line 4: names and position") as caught:
        _one(_vcf(tmp_path, _record(152098788, "A", "C", info=info), header=(CSQ,)))
    assert caught.value.code == "conflicting_findings"


@pytest.mark.parametrize(
    ("records", "header", "more"),
    [
        ((_record(152419923, "A", "C"),), (BUILD38,), {}),
        ((_record(152419923, "A", "C"),), (), {"build": 38}),
        ((_record(152419923, "A", "C"), _record(152098788, "A", "C")), (), {}),
        ((_record(152098788, "G", "C"),), (), {}),
        ((), ("##reference=hg18.fa",), {}),
    ],
)
def test_a_wrong_build_is_refused(tmp_path, records, header, more):
    with pytest.raises(InputFileError) as caught:
        _one(_vcf(tmp_path, *records, header=header), **more)
    assert caught.value.code == "wrong_genome_build"


@pytest.mark.parametrize(
    ("keys", "column", "fraction"),
    [
        ("GT:AF", "0/1:0.031", 0.031),
        ("GT:FREQ", "0/1:3.1%", 0.031),
        ("DP:AU:CU:GU:TU", "100:90,91:10,11:0,0:0,0", 0.1),
        ("AD", "97,3", 0.03),
        ("GT", "0/1", None),
    ],
)
def test_the_allele_fraction_is_read_as_callers_write_it(tmp_path, keys, column, fraction):
    sample = _one(_vcf(tmp_path, _record(152098788, "A", "C", column, keys=keys)))
    assert sample.variants[0].vaf == (None if fraction is None else pytest.approx(fraction))


def test_a_cut_line_is_refused_with_its_number(tmp_path):
    with pytest.raises(InputFileError, match="line 3") as caught:
        _one(_vcf(tmp_path, "chr6\t152098788\t.\tA"))
    assert caught.value.code == "wrong_field_count"


@pytest.mark.parametrize("names", [("c.1610G>C",), ("p.Asp537Ser", "c.1610A>C"), ("c.3140A>G",)])
def test_a_name_that_the_receptor_contradicts_is_refused_whatever_the_position(names):
    with pytest.raises(EsrError, match="not ESR1's there") as caught:
        named(names, GenomeChange("6", 152098788, "A", "C"), 38, CATALOGUE)
    assert caught.value.code == "conflicting_findings"
