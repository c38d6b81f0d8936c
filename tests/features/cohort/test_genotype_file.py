"""A cohort whose genotypes stand in a file of their own, joined by sample name."""

from __future__ import annotations

from html import escape

import numpy as np
import pytest

from data_schemas.catalogue.cohort import Cohort, Column, GenotypeColumn, GenotypeFile
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, InputFileError
from features.cohort.page.html import quality_page
from features.cohort.read import check_columns, read_cohort
from features.matrix.encode import encode, endpoint_features
from features.matrix.haplotypes import inputs, learn
from features.quality.sites import main_group

CATALOGUE = load_catalogue()
ENDPOINT = CATALOGUE.endpoints["mht-ldl-response"]
COHORT = Cohort(
    id="with-file",
    title="made up",
    design="randomised",
    synthetic=True,
    licence="none",
    citation="none",
    ancestry="not stated",
    row_id="person",
    therapy=Column(column="arm", codes={"1": "cee-mpa", "0": "placebo"}),
    covariates={
        "sex": Column(constant="female"),
        "menopausal_status": Column(constant="postmenopausal"),
        "ldl_cholesterol": Column(column="ldl", unit="mg/dL"),
    },
    follow_up={"ldl_cholesterol": Column(column="ldl1", unit="mg/dL")},
    genotype_file=GenotypeFile(path="calls.vcf"),
)
PVUII, XBAI = (CATALOGUE.variants[name].grch38.pos for name in ("rs2234693", "rs9340799"))


def _write(folder, people=("a", "b", "c", "d"), samples=("c", "a", "b", "x"), gts=None):
    rows = "".join(f"{name},{k % 2},{140 + k},{110 + k},T/T\n" for k, name in enumerate(people))
    (folder / "data.csv").write_text("person,arm,ldl,ldl1,xba\n" + rows)
    gts = gts or {PVUII: ("0/1", "0/0", "1/1", "1/1"), XBAI: ("0/1", "0/0", "./.", "1/1")}
    lines = ["##fileformat=VCFv4.2", "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT",
                                                *samples])]  # fmt: skip
    for pos, ref, alt in ((PVUII, "T", "C"), (XBAI, "A", "G")):
        lines.append("\t".join(["chr6", str(pos), ".", ref, alt, ".", "PASS", ".", "GT", *gts[pos]]))
    (folder / "calls.vcf").write_text("\n".join(lines) + "\n")
    return folder / "data.csv"


def test_rows_get_the_calls_of_their_sample_whatever_the_order(tmp_path):
    data = read_cohort(_write(tmp_path), COHORT, Terms(ENDPOINT, CATALOGUE))
    np.testing.assert_array_equal(data.table["rs2234693"], [0, 2, 1, np.nan])
    np.testing.assert_array_equal(data.table["rs9340799"], [0, np.nan, 1, np.nan])
    assert "rs4986938" not in data.table
    assert data.report.genotype_states["rs9340799"] == {"called": 2, "failed_qc": 1, "not_assayed": 1}


def test_what_did_not_match_is_counted_and_listed(tmp_path):
    join = check_columns(_write(tmp_path), COHORT, CATALOGUE).genotype_file
    assert (join.samples_in_file, join.samples_joined) == (4, 3)
    assert (join.n_samples_without_row, join.samples_without_row) == (1, ("x",))
    assert (join.n_rows_without_sample, join.lines_without_sample) == (1, (5,))
    assert (join.build, join.build_basis, join.strand) == (38, "proven", "forward")


def test_a_column_of_letters_comes_before_the_file(tmp_path):
    both = COHORT.model_copy(update={"genotypes": {"rs2234693": GenotypeColumn(column="xba", strand="forward")}})
    data = read_cohort(_write(tmp_path), both, Terms(ENDPOINT, CATALOGUE))
    np.testing.assert_array_equal(data.table["rs2234693"], [0, 0, 0, 0])
    np.testing.assert_array_equal(data.table["rs9340799"], [0, np.nan, 1, np.nan])


@pytest.mark.parametrize(
    ("counts", "strand", "expected"),
    [("C", "forward", [2, 1, 0, np.nan]), ("T", "forward", [0, 1, 2, np.nan]), ("G", "reverse", [2, 1, 0, np.nan])],
)
def test_a_column_counts_a_declared_allele(tmp_path, counts, strand, expected):
    (tmp_path / "data.csv").write_text(
        "person,arm,ldl,ldl1,xba\na,1,140,110,2\nb,0,141,111,1\nc,1,142,112,0\nd,0,143,113,\n"
    )
    column = GenotypeColumn(column="xba", strand=strand, counts=counts)
    cohort = COHORT.model_copy(update={"genotypes": {"rs2234693": column}, "genotype_file": None})
    data = read_cohort(tmp_path / "data.csv", cohort, Terms(ENDPOINT, CATALOGUE))
    np.testing.assert_array_equal(data.table["rs2234693"], expected)
    assert data.report.genotype_states["rs2234693"] == {"called": 3, "not_assayed": 1}


@pytest.mark.parametrize(
    ("counts", "cell", "code"),
    [("G", "1", "unknown_allele"), ("C", "3", "invalid_genotype"), ("C", "T/T", "invalid_genotype")],
)
def test_a_count_that_is_none_or_of_another_allele_is_refused(tmp_path, counts, cell, code):
    (tmp_path / "data.csv").write_text(f"person,arm,ldl,ldl1,xba\na,1,140,110,{cell}\nb,0,141,111,1\n")
    column = GenotypeColumn(column="xba", strand="forward", counts=counts)
    cohort = COHORT.model_copy(update={"genotypes": {"rs2234693": column}, "genotype_file": None})
    with pytest.raises(InputFileError, match="rs2234693") as caught:
        read_cohort(tmp_path / "data.csv", cohort, Terms(ENDPOINT, CATALOGUE))
    assert caught.value.code == code


def test_assumed_reference_is_counted_apart_from_called(tmp_path):
    assuming = COHORT.model_copy(update={"genotype_file": GenotypeFile(path="calls.vcf", assume_reference=True)})
    data = read_cohort(_write(tmp_path), assuming, Terms(ENDPOINT, CATALOGUE))
    site = next(one for one in data.report.sites if one.variant == "rs2077647" and one.ancestry == "all")
    assert (site.n, site.called, site.assumed, site.call_rate, site.frequency) == (4, 0, 3, 0.0, None)
    assert data.table["rs2077647"].isna().sum() == 1
    (finding,) = [one for one in data.report.genotypes.findings if one.text.startswith("Assumed reference")]
    assert (finding.section, finding.level) == ("sites", "act")
    assert "rs2077647 75.0 %" in finding.text
    empty = [one.text for one in data.report.genotypes.findings if "Nobody has a call at" in one.text]
    assert not any("rs2077647" in text for text in empty)
    assert escape(finding.text) in quality_page(data.report)


def test_the_race_or_ethnicity_is_the_ancestry_where_none_is_declared(tmp_path):
    people = [f"p{k}" for k in range(50)]
    gts = {PVUII: ["0/1"] * 50, XBAI: ["0/1"] * 50}
    path = _write(tmp_path, people, people, gts)
    race = Column(column="person", codes={name: "white" if k < 30 else "black" for k, name in enumerate(people)})
    cohort = COHORT.model_copy(update={"covariates": COHORT.covariates | {"race_ethnicity": race}})
    report = read_cohort(path, cohort, Terms(ENDPOINT, CATALOGUE)).report
    assert {(one.ancestry, one.n) for one in report.sites} == {("all", 50), ("white", 30), ("black", 20)}
    assert main_group(report.sites) == "white"
    assert "In white, the largest ancestry group." in quality_page(report)


def test_phase_of_the_file_reaches_the_haplotypes(tmp_path):
    endpoint = ENDPOINT.model_copy(update={"haplotypes": ("rs2234693-rs9340799:TA",)})
    people = [f"p{k}" for k in range(40)]
    gts = {PVUII: ["0|1", *["0|0"] * 19, *["1|1"] * 20], XBAI: ["1|0", *["0|0"] * 19, *["1|1"] * 20]}
    data = read_cohort(_write(tmp_path, people, people, gts), COHORT, Terms(endpoint, CATALOGUE))
    assert data.table["phase:rs2234693"][0] == "right"
    assert data.table["phase:rs9340799"][0] == "left"
    columns = {name: data.table[name].tolist() for name in data.table.columns}
    features = learn(endpoint_features(Terms(endpoint, CATALOGUE), "clinical+genetic", set(columns)), columns)
    feature = next(one for one in features if one.haplotype)
    assert set(inputs([feature])) - {"race_ethnicity"} <= set(columns)
    copies = encode(columns, [feature])[:, 0]
    # T-G and C-A in phase: no copy of T-A, which genotypes alone would have made one
    np.testing.assert_allclose(copies, [0, *[2] * 19, *[0] * 20])


def test_a_wrong_join_column_is_refused(tmp_path):
    path = _write(tmp_path, samples=("w", "x", "y", "z"))
    with pytest.raises(InputFileError, match=r"genotype_file\.sample") as caught:
        read_cohort(path, COHORT, Terms(ENDPOINT, CATALOGUE))
    assert caught.value.code == "wrong_columns"
    nowhere = COHORT.model_copy(update={"row_id": None})
    with pytest.raises(CatalogueError, match="name the column"):
        read_cohort(path, nowhere, Terms(ENDPOINT, CATALOGUE))


def test_a_missing_file_and_a_contradicted_declaration_are_refused(tmp_path):
    path = _write(tmp_path)
    gone = COHORT.model_copy(update={"genotype_file": GenotypeFile(path="other.vcf")})
    with pytest.raises(InputFileError) as caught:
        read_cohort(path, gone, Terms(ENDPOINT, CATALOGUE))
    assert caught.value.code == "file_missing"
    wrong = COHORT.model_copy(update={"genotype_file": GenotypeFile(path="calls.vcf", build=37)})
    with pytest.raises(InputFileError) as caught:
        read_cohort(path, wrong, Terms(ENDPOINT, CATALOGUE))
    assert caught.value.code == "wrong_genome_build"
