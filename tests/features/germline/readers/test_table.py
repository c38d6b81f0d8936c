"""Tables of genotypes, wide and long: letters, copies of a counted allele, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.opening import opened
from features.germline.calling.decide import decide
from features.germline.readers.kinds import read_genotypes
from features.germline.readers.table import read_letters
from features.germline.readings import targets

CATALOGUE = load_catalogue()
TARGETS = targets(CATALOGUE)


def _result(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_text(text)
    return decide(read_genotypes(path, TARGETS), CATALOGUE)


def _alleles(result, site="rs2234693"):
    return [result.calls(number)[site].alleles for number in range(len(result.samples))]


WIDE = "sample,rs2234693,rs9340799,rs2077647\nA,{0},{1},T/C\nB,{2},{3},C/C\n"


@pytest.mark.parametrize(
    "cells", [("T/C", "A/A", "CC", "GA"), ("TC", "aa", "C|C", "A|G"), ("C T", "A A", "C C", "G A")]
)
def test_letters_in_every_spelling(tmp_path, cells):
    result = _result(tmp_path, WIDE.format(*cells))
    assert result.samples == ("A", "B")
    assert (_alleles(result), _alleles(result, "rs9340799")) == (["C/T", "C/C"], ["A/A", "A/G"])


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_the_header_tells_the_separator(tmp_path, separator):
    text = WIDE.format("T/C", "A/A", "C/C", "G/A").replace(",", separator)
    assert _alleles(_result(tmp_path, text)) == ["C/T", "C/C"]


def test_a_column_may_name_its_rsid_within_other_words_and_needs_no_sample_column(tmp_path):
    result = _result(tmp_path, "age,esr1_rs2234693,esr1-rs9340799,rs22346930\n61,TC,AA,TT\n58,CC,AG,TT\n")
    assert result.samples == ("row 1", "row 2")
    assert _alleles(result) == ["C/T", "C/C"]


def test_empty_is_not_assayed_and_a_mark_is_no_call(tmp_path):
    result = _result(tmp_path, WIDE.format("", "--", "NA", "./."))
    sites = [[result.calls(k)[s].state for k in (0, 1)] for s in ("rs2234693", "rs9340799")]
    assert sites == [["not_assayed", "not_assayed"], ["failed_qc", "failed_qc"]]


@pytest.mark.parametrize(
    ("header", "expected"), [("rs2234693_C", ["C/T", "C/C", None]), ("rs2234693_T", ["C/T", "T/T", None])]
)
def test_digits_count_the_allele_that_the_header_names(tmp_path, header, expected):
    result = _result(tmp_path, f"IID\t{header}\trs9340799_G\nA\t1\t0\nB\t2\t0\nC\t\t0\n")
    assert _alleles(result) == expected
    site = result.sites["rs2234693"]
    counted_is_effect = header.endswith("C")
    np.testing.assert_array_equal(site.dosage[:2], [1, 2] if counted_is_effect else [1, 0])
    assert np.isnan(site.dosage[2])


def test_two_bare_letters_do_not_tell_what_is_counted(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("IID,rs2234693_T_C\nA,2\n")
    with pytest.raises(InputFileError, match="digits without a counted allele"):
        read_letters(opened(path), TARGETS)
    assert _alleles(_result(tmp_path, "IID,rs2234693_C(/T)\nA,2\n")) == ["C/C"]


def test_a_palindromic_column_needs_two_sites_of_its_own_gene(tmp_path):
    esr2 = "sample,rs4986938,rs1256049,rs1801132{0}\nA,G/A,G/G,C/C{1}\n"
    assert _result(tmp_path, esr2.format("", "")).calls(0)["rs1801132"].reason == "ambiguous_strand"
    one = _result(tmp_path, esr2.format(",rs2234693", ",A/G"))
    assert one.calls(0)["rs1801132"].reason == "ambiguous_strand"
    two = _result(tmp_path, esr2.format(",rs2234693,rs2077647", ",A/G,A/G"))
    assert two.calls(0)["rs1801132"].alleles == "G/G"


def test_a_fraction_is_an_imputed_dosage_and_needs_its_quality(tmp_path):
    result = _result(tmp_path, "IID,rs2234693_C,rs9340799_G\nA,0.9,0\nB,2,1\n")
    assert result.calls(0)["rs2234693"].reason == "imputation_quality_unknown"
    assert result.calls(1)["rs9340799"].alleles == "A/G"


LONG = "sample\trsid\tgenotype\nA\trs2234693\tT/C\nB\trs2234693\tCC\nA\trs9340799\tAA\nA\trs1\tGG\n"


def test_a_long_table_gives_each_sample_its_rows(tmp_path):
    result = _result(tmp_path, LONG, "long.tsv")
    assert _alleles(result) == ["C/T", "C/C"]
    assert [result.calls(k)["rs9340799"].state for k in (0, 1)] == ["called", "not_assayed"]


def test_a_long_table_with_two_allele_columns_and_positions(tmp_path):
    head = "Sample_ID,SNP,Chr,Position,Allele1,Allele2\n"
    text = head + "A,rs2234693,6,151842200,T,C\nA,rs9340799,6,151842246,-,-\nB,rs2234693,6,151842200,C,C\n"
    result = _result(tmp_path, text)
    assert result.proof.build == 38
    assert _alleles(result) == ["C/T", "C/C"]
    assert result.calls(0)["rs9340799"].state == "failed_qc"


def test_a_long_table_with_the_same_genotype_twice_or_two_different_ones(tmp_path):
    assert _alleles(_result(tmp_path, LONG + "A\trs2234693\tC/T\n")) == ["C/T", "C/C"]
    result = _result(tmp_path, LONG + "A\trs2234693\tC/C\n")
    assert [result.calls(k)["rs2234693"].state for k in (0, 1)] == ["conflict", "called"]


@pytest.mark.parametrize(("allele", "dosages"), [("C", [2.0, 1.0, 0.0]), ("T", [0.0, 1.0, 2.0])])
def test_a_long_table_of_dosages_counts_its_effect_allele(tmp_path, allele, dosages):
    rows = "".join(f"{name},rs2234693,{allele},{n}\n" for name, n in zip("ABC", (2, 1, 0), strict=True))
    result = _result(tmp_path, "sample,rsid,effect_allele,dosage\n" + rows + "D,rs2234693,C,\n")
    calls = [result.calls(number)["rs2234693"] for number in range(4)]
    assert [call.dosage for call in calls] == [*dosages, None]
    assert [call.state for call in calls] == ["called"] * 3 + ["not_assayed"]


def test_a_long_table_of_dosages_may_be_all_empty(tmp_path):
    result = _result(tmp_path, "sample,rsid,effect_allele,dosage\nA,rs2234693,C,NA\nA,rs9340799,G,1\n")
    assert [result.calls(0)[name].state for name in ("rs2234693", "rs9340799")] == ["not_assayed", "called"]


def test_letters_come_before_dosages(tmp_path):
    result = _result(tmp_path, "sample,rsid,allele1,allele2,dosage\nA,rs2234693,T,C,9\n")
    assert _alleles(result) == ["C/T"]


def test_the_alleles_of_the_snp_beside_a_dosage_are_no_persons(tmp_path):
    head = "IID,SNP,A1,A2,DOSAGE\n"
    with pytest.raises(InputFileError, match="line 3: the dosage is another genotype") as caught:
        _result(tmp_path, head + "P1,rs2234693,C,T,1\nP2,rs2234693,C,T,2\nP3,rs2234693,C,T,0\n")
    assert caught.value.code == "wrong_columns"
    told = "IID,SNP,effect_allele,DOSAGE\nP1,rs2234693,C,1\nP2,rs2234693,C,2\nP3,rs2234693,C,0\n"
    assert [_result(tmp_path, told).calls(number)["rs2234693"].dosage for number in range(3)] == [1, 2, 0]
    agree = "P1,rs2234693,C,T,1\nP2,rs2234693,C,C,2\nP3,rs2234693,T,T,0\n"
    assert _alleles(_result(tmp_path, head + agree)) == ["C/T", "C/C", "T/T"]


def test_two_letters_that_everybody_has_are_the_snps(tmp_path):
    head, row = "IID,SNP,A1,A2\n", "P{0},rs2234693,C,T\n"
    with pytest.raises(InputFileError, match="rows of rs2234693: the same two letters") as caught:
        _result(tmp_path, head + "".join(row.format(number) for number in range(10)))
    assert caught.value.code == "wrong_columns"
    nine = "".join(row.format(number) for number in range(9))
    assert _alleles(_result(tmp_path, head + nine)) == ["C/T"] * 9
    assert _alleles(_result(tmp_path, head + nine + "P9,rs2234693,T,T\n")) == ["C/T"] * 9 + ["T/T"]


def test_imputed_dosages_without_a_quality_fail(tmp_path):
    result = _result(tmp_path, "sample,rsid,effect_allele,dosage\nA,rs2234693,C,0.8\n")
    call = result.calls(0)["rs2234693"]
    assert (call.state, call.reason) == ("failed_qc", "imputation_quality_unknown")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sample,rs2234693\nA,1\nB,2\n", "invalid_genotype"),
        ("sample,rs2234693_C\nA,T/C\n", "not_a_number"),
        ("sample,rs2234693\n", "no_rows"),
        ("sample,rs2234693\nA,T/C,x\n", "wrong_field_count"),
        ("sample,rs2234693\nA,T/C\nB\n", "wrong_field_count"),
        ("sample,rs2234693,rs2234693\nA,T/C,T/C\n", "wrong_columns"),
        ("sample,rs2234693\nA,T/C\nA,C/C\n", "invalid_sample_name"),
        ("sample,rs2234693\nA\u200b,T/C\n", "invalid_sample_name"),
        ("sample,age\nA,61\n", "unknown_format"),
        ('sample,rs2234693\n"A\nB",T/C\n', "wrong_field_count"),
        ("sample,rsid,score\nA,rs2234693,TC\n", "wrong_columns"),
        ("sample,rsid,genotype\nA,rs2234693,1\n", "invalid_genotype"),
        ("sample,rsid,genotype\n", "no_rows"),
        ("sample,rsid,effect_allele,dosage\nA,rs2234693,C,2.5\n", "not_a_number"),
        ("sample,rsid,effect_allele,dosage\nA,rs2234693,C,C\n", "not_a_number"),
        ("sample,rsid,effect_allele,dosage\nA,rs2234693,X,1\n", "wrong_columns"),
        ("sample,rsid,effect_allele,dosage\nA,rs2234693,C,1\nB,rs2234693,T,1\n", "wrong_columns"),
        ("sample,rsid,chr,pos,genotype\nA,rs2234693,6,1,TC\nB,rs2234693,6,2,TC\n", "wrong_columns"),
        ("sample,rsid,chr,pos,genotype\nA,rs2234693,6,x,TC\n", "not_a_number"),
    ],
)
def test_what_cannot_be_read_rightly_is_refused(tmp_path, text, code):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(InputFileError) as caught:
        read_letters(opened(path), TARGETS)
    assert caught.value.code == code


def test_a_quoted_line_break_is_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('sample,rs2234693\n"A\nB",T/C\n')
    with pytest.raises(InputFileError, match="line 2: a quoted field goes on over the end of the line"):
        read_letters(opened(path), TARGETS)


def test_a_million_columns_are_one_error(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("sample,rs2234693" + "".join(f",rs{n}" for n in range(10**6, 2 * 10**6)) + "\nA,TC\n")
    with pytest.raises(InputFileError):
        read_letters(opened(path), TARGETS)
