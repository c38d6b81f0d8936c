"""Absent is not reference, and what is asserted of an absent site is said."""

from __future__ import annotations

import numpy as np
import pytest
from genotype_files import person, vcf

from data_schemas.catalogue.cohort import CallQuality
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.decide import Assumption, decide
from features.germline.calling.match import match_file, match_report
from features.germline.calling.regions import read_regions
from features.germline.readings import MISSING, Readings, SiteReading

CATALOGUE = load_catalogue()
ONE = ["6 152163335 . T C . . . GT 0/1"]


@pytest.fixture
def match(tmp_path):
    def from_records(records, **options):
        path = tmp_path / "file.vcf"
        header = options.pop("header", ["##contig=<ID=6,length=171115067>"])
        path.write_text(vcf(records, options.pop("samples", ("S1",)), header))
        return match_file(path, CATALOGUE, **options)

    return from_records


def regions(folder, text):
    path = folder / "callable.bed"
    path.write_text(text)
    return read_regions(path)


def test_only_the_caller_can_make_an_absent_site_reference(match):
    assert match(ONE).calls.counts()["not_assayed"] == 7
    calls = match(ONE, assumption=Assumption(everywhere=True)).calls
    found = calls.sites["rs1801132"].call(0)
    assert (found.state, found.reason, found.alleles, found.dosage) == ("assumed_reference", "asserted", "G/G", 0.0)
    assert calls.sites["rs3020314"].call(0).dosage == 2.0
    assert calls.sites["rs2234693"].call(0).state == "called"
    # no reference letter is known of it, so there is nothing to assert
    assert calls.sites["rs1271572"].call(0).state == "not_assayed"


def test_a_failed_site_is_never_assumed(match):
    records = [*ONE, "6 152163381 . A G . . . GT ./."]
    calls = match(records, assumption=Assumption(everywhere=True)).calls
    assert calls.sites["rs9340799"].call(0).reason == "no_call"


def test_callable_regions_count_in_the_files_build(match, tmp_path):
    bed = regions(tmp_path, "track x\nchr6\t152265521\t152265522\nchr14\t64699000\t64699815\n6 152129000 152129100\n")
    calls = match(ONE, assumption=Assumption(callable=bed)).calls.calls(0)
    assert [name for name, call in calls.items() if call.state == "assumed_reference"] == ["rs1801132", "rs2077647"]
    assert calls["rs1801132"].reason == "callable_region"


def test_regions_without_any_site_are_said(match, tmp_path):
    elsewhere = Assumption(callable=regions(tmp_path, "6\t1\t9\n"))
    assert (
        "No site of the panel is within a region of callable.bed" in match(ONE, assumption=elsewhere).readings.notes[0]
    )
    covering = Assumption(callable=regions(tmp_path, "06\t152265521\t152265522\n"))
    found = match(ONE, assumption=covering)
    assert (found.readings.notes, found.calls.sites["rs1801132"].call(0).state) == ((), "assumed_reference")


def test_nothing_is_assumed_of_an_unknown_build(match):
    with pytest.raises(InputFileError) as raised:
        match(["1 5 . A C . . . GT 0/1"], assumption=Assumption(everywhere=True))
    assert raised.value.code == "genome_build_unknown"
    declared = match(["1 5 . A C . . . GT 0/1"], assumption=Assumption(everywhere=True), build=38)
    assert declared.calls.counts()["assumed_reference"] == 7


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no_rows"), ("# only a comment\n", "no_rows"), ("6\tx\t9\n", "not_a_number"), ("6\t9\t3\n", "corrupt_file")],
)
def test_a_bad_bed_is_refused(tmp_path, text, code):
    with pytest.raises(InputFileError) as raised:
        regions(tmp_path, text)
    assert raised.value.code == code


def test_thresholds_are_adjustable(match):
    records = ["6 152163335 . T C . . R2=0.6 GT:GQ:DP:DS 0/1:12:6:1.1"]
    lenient = CallQuality(min_gq=10, min_dp=5, min_r2=0.5)
    assert match(records, thresholds=lenient).calls.sites["rs2234693"].call(0).state == "imputed"
    for strict, reason in (
        (CallQuality(min_gq=10, min_dp=5, min_r2=0.7), "low_imputation_quality"),
        (CallQuality(min_gq=13, min_dp=5, min_r2=0.5), "low_gq"),
        (CallQuality(min_gq=10, min_dp=7, min_r2=0.5), "low_dp"),
    ):
        assert match(records, thresholds=strict).calls.sites["rs2234693"].call(0).reason == reason
    unknown = ["6 152163335 . T C . . . DS 1.1"]
    found = match(unknown, thresholds=CallQuality(min_r2=0)).calls.sites["rs2234693"].call(0)
    assert found.dosage == pytest.approx(1.1)


def dosages(counted: str, values: list[float], site: str = "rs2234693", **options) -> Readings:
    reading = SiteReading(
        site=site,
        place="column",
        alleles=(counted,),
        codes=np.full((len(values), 2), MISSING, np.int8),
        named=True,
        copies=np.array(values, np.float32)[:, None],
        strand="forward",
    )
    return Readings("table.csv", "table", tuple(map(str, range(len(values)))), (reading,), len(values), **options)


@pytest.mark.parametrize(("counted", "expected"), [("C", ["T/T", "C/T", "C/C"]), ("T", ["C/C", "C/T", "T/T"])])
def test_counted_alleles_become_letters(counted, expected):
    calls = decide(dosages(counted, [0, 1, 2, np.nan]), CATALOGUE).sites["rs2234693"]
    assert [calls.call(n).alleles for n in range(3)] == expected
    assert [calls.call(n).dosage for n in range(3)] == [text.count("C") for text in expected]
    assert calls.call(3).reason == "no_call"


def test_samples_are_reported_by_name_and_counted(match):
    both = match(["6 152163335 . T C . . . GT 0/1 ./."], samples=("Anna", "Berta"))
    report = match_report(both, ["Berta"])
    assert [one.sample for one in report.samples] == ["Berta"]
    assert (report.samples_in_file, report.counts["called"], report.counts["failed_qc"]) == (2, 0, 1)
    assert match_report(both).counts["called"] == 1
    with pytest.raises(InputFileError) as raised:
        match_report(both, ["Bertha"])
    assert raised.value.code == "unknown_sample"
    assert "Bert" not in raised.value.message


def test_a_file_without_our_sites_says_how_much_was_read(match):
    report = match_report(match(["1 5 . A C . . . GT 0/1", "2 5 . A C . . . GT 0/1"]))
    assert report.sites_found == 0
    assert report.counts["not_assayed"] == 8
    assert "2 records read" in report.notes[0]


def test_the_same_person_gives_the_same_features(match):
    versions = [
        match(person(37), header=()),
        match(person(38, prefix="chr"), header=()),
        match(person(37, phased=True), header=()),
        match([f"{record} 1/1 ./." for record in person(38)], samples=("S1", "S2", "S3"), header=()),
    ]
    vectors = [[site.dosage[0] for site in one.calls.sites.values()] for one in versions]
    for vector in vectors[1:]:
        np.testing.assert_array_equal(vector, vectors[0])
