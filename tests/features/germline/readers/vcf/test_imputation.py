"""An imputed genotype is told as such, with its dosage and its quality."""

from __future__ import annotations

import pytest
from genotype_files import vcf, write_indexed
from vcf_calls import HEADER, call

from data_schemas.catalogue.load import load_catalogue
from features.germline.calling.match import match_file


@pytest.mark.parametrize(
    ("info", "values", "state", "dosage"),
    [
        ("R2=0.95", "GT:DS 0|1:1.2", "imputed", 1.2),
        ("DR2=0.95", "DS 0.3", "imputed", 0.3),
        ("INFO=0.95", "GP 0.1,0.2,0.7", "imputed", 1.6),
        ("R2=0.95", "GT:HDS 0|1:0.1,0.8", "imputed", 0.9),
        ("R2=0.5", "GT:DS 0|1:1.2", "low_imputation_quality", None),
        (".", "GT:DS 0|1:1.2", "imputation_quality_unknown", None),
        ("TYPED_ONLY", "GT:DS 0|1:1", "called", 1.0),
        ("TYPED", "GT:DS 0|1:1", "imputation_quality_unknown", None),
        ("INFO_SCORE=0.95", "GT:DS 0|1:1.2", "imputed", 1.2),
        ("INFO_SCORE=0.5", "GT:DS 0|1:1.2", "low_imputation_quality", None),
        ("R2=0.95", "GT:DS 0|1:.", "no_call", None),
        (".", "GT:GP 0/1:40,0,50", "called", 1.0),
    ],
)
def test_imputed_dosage(tmp_path, info, values, state, dosage):
    keys, value = values.split()
    found = call(tmp_path, f"6 152163335 . T C . PASS {info} {keys} {value}")
    assert state in (found.state, found.reason)
    assert found.dosage == (None if dosage is None else pytest.approx(dosage, abs=1e-6))


def test_a_dosage_counts_the_effect_allele_even_where_it_is_the_reference(tmp_path):
    found = call(tmp_path, "6 152270672 . C T . PASS R2=0.9 DS 0.4", site="rs3020314")
    assert found.dosage == pytest.approx(1.6)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("info", "values", "state", "alleles", "quality"),
    [
        ("IMPUTED;R2=0.3", "GT 0|1", "low_imputation_quality", None, 0.3),
        ("IMP", "GT 0|1", "imputation_quality_unknown", None, None),
        ("R2=0.95", "GT 0|1", "imputed", "C/T", 0.95),
        ("R2=0.3;TYPED_ONLY", "GT 0|1", "called", "C/T", 0.3),
        ("R2=0.3;TYPED_ONLY", "GT:DS 0|1:0.2", "called", "C/T", 0.3),
        ("R2=0.3;TYPED", "GT 0|1", "low_imputation_quality", None, 0.3),
        ("R2=0.3;TYPED", "GT:DS 0|1:0.2", "low_imputation_quality", None, 0.3),
        ("R2=0.95;TYPED", "GT:DS 0|1:1.0", "imputed", "C/T", 0.95),
        ("TYPED", "GT 0|1", "imputation_quality_unknown", None, None),
        ("INFO_SCORE=0.95", "GT 0|1", "imputed", "C/T", 0.95),
        ("R2=1.7", "GT:DS 0|1:1", "imputation_quality_unknown", None, None),
        ("R2=-1", "GT:DS 0|1:1", "imputation_quality_unknown", None, None),
        ("R2=inf", "GT:DS 0|1:1", "imputation_quality_unknown", None, None),
        ("R2=0.9,0.3", "GT:DS 0|1:1", "low_imputation_quality", None, 0.3),
        ("R2=0.95", "GT:DS 0|0:1.9", "dosage_mismatch", None, 0.95),
        ("R2=0.95", "GT:DS 0|0:0.8", "imputed", None, 0.95),
    ],
)
def test_an_imputed_record_is_told_by_its_info(tmp_path, indexed, info, values, state, alleles, quality):
    text = vcf([f"6 152163335 . T C . PASS {info} {values}"], header=HEADER)
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else tmp_path / "file.vcf"
    if not indexed:
        path.write_text(text)
    match = match_file(path, load_catalogue())
    found = match.calls.sites["rs2234693"].call(0)
    assert match.readings.whole is not indexed
    assert state in (found.state, found.reason)
    assert (found.alleles, found.imputation_quality) == (alleles, pytest.approx(quality) if quality else None)


def test_imputed_records_of_beagle_are_marked(tmp_path):
    header = ['##INFO=<ID=IMP,Number=0,Type=Flag,Description="Imputed marker">']
    records = "6 152163335 . T C . PASS {info} GT:DS 0|1:1.1"
    assert call(tmp_path, records.format(info="DR2=0.9;IMP"), header=header).state == "imputed"
    assert call(tmp_path, records.format(info="DR2=1"), header=header).state == "called"


@pytest.mark.parametrize(
    ("flag", "state"),
    [("GENOTYPED", "low_imputation_quality"), ("GENOTYPED_ONLY", "called"), ("GENOTYPED;q10", "filtered")],
)
def test_minimac_3_flags_records_by_filter(tmp_path, flag, state):
    found = call(tmp_path, f"6 152163335 . T C . {flag} R2=0.4 GT:DS 0|1:0.9")
    assert state in (found.state, found.reason)
