"""VCFs as programs write them: names with alleles, a provisional REF, the version further down, two files in one."""

from __future__ import annotations

import gzip
import unicodedata

import pytest
from genotype_files import person, vcf, write_indexed
from vcf_calls import call, read

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.match import match_file, match_report

CATALOGUE = load_catalogue()
PROVISIONAL = '##INFO=<ID=PR,Number=0,Type=Flag,Description="Provisional reference allele">'


@pytest.mark.parametrize("name", ["{}", "{}:64700000:A:C", "chr14:64700000:A:C:{}", "{},rs5", "x;{}"])
@pytest.mark.parametrize("indexed", [False, True])
def test_the_rsid_within_a_longer_name_counts(tmp_path, name, indexed):
    row = CATALOGUE.variants["rs1271572"]
    one, two = row.alleles
    place = row.grch37 or row.grch38
    record = f"14 {place.pos} {name.format('rs1271572')} {one} {two} . PASS . GT 0/1"
    text = vcf([*person(), record], header=["##contig=<ID=6>", "##contig=<ID=14,length=107349540>"])
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else tmp_path / "file.vcf"
    if not indexed:
        path.write_text(text)
    found = match_file(path, CATALOGUE).calls.sites["rs1271572"].call(0)
    assert (found.state, found.alleles) == ("called", f"{one}/{two}")


def _provisional(**swapped: str) -> list[str]:
    """Return a person's records, some with REF and ALT the other way round, all of them marked provisional."""
    rows = [one.replace(" PASS . ", " PASS PR ").split() for one in person()]
    for row in rows:
        if row[1] in swapped.values():
            row[3], row[4] = row[4], row[3]
            row[9] = row[9].translate(str.maketrans("01", "10"))
    return [" ".join(row) for row in rows]


@pytest.mark.parametrize("site", ["rs2234693", "rs9340799", "rs3020314", "rs2077647"])
def test_letters_beside_a_provisional_reference_are_letters(tmp_path, site):
    pos = str(CATALOGUE.variants[site].grch37.pos)
    path = tmp_path / "file.vcf"
    path.write_text(vcf(_provisional(one=pos), header=[PROVISIONAL]))
    calls = match_file(path, CATALOGUE).calls.calls(0)
    path.write_text(vcf(person()))
    right = match_file(path, CATALOGUE).calls.calls(0)
    assert calls[site].alleles == right[site].alleles is not None
    for name, one in calls.items():
        assert one.alleles in (right[name].alleles, None)


def test_one_provisional_reference_proves_no_strand(tmp_path):
    pos = CATALOGUE.variants["rs1801132"].grch37.pos
    row = CATALOGUE.variants["rs1801132"]
    one, two = row.alleles
    found = call(tmp_path, f"6 {pos} rs1801132 {one} {two} . PASS PR GT 0/0", site="rs1801132", header=[PROVISIONAL])
    assert (found.state, found.reason) == ("conflict", "ambiguous_strand")


@pytest.mark.parametrize("first", ["##source=lab", "##fileDate=20240101"])
@pytest.mark.parametrize("indexed", [False, True])
def test_the_version_may_stand_below(tmp_path, first, indexed):
    text = f"{first}\n{vcf(person())}"
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else tmp_path / "file.vcf"
    if not indexed:
        path.write_text(text)
    match = match_file(path, CATALOGUE)
    assert (match.readings.format, match.calls.sites["rs2234693"].call(0).alleles) == ("VCF 4.2", "C/T")


@pytest.mark.parametrize("packed", [False, True])
def test_two_files_in_one_are_refused_at_the_second_header(tmp_path, packed):
    one, two = vcf(person()[:3], ["S1"]).encode(), vcf(person()[3:], ["S2"]).encode()
    path = tmp_path / ("file.vcf.gz" if packed else "file.vcf")
    path.write_bytes(gzip.compress(one) + gzip.compress(two) if packed else one + two)
    with pytest.raises(InputFileError, match=r"line 6: a second VCF header") as caught:
        match_file(path, CATALOGUE)
    assert caught.value.code == "corrupt_file"


def test_members_of_one_file_are_one_file(tmp_path):
    text = vcf(person()).encode()
    path = tmp_path / "file.vcf.gz"
    path.write_bytes(gzip.compress(text[:90]) + gzip.compress(text[90:]))
    assert match_file(path, CATALOGUE).readings.n_read == len(person())
    assert read(tmp_path, vcf(person())).n_read == len(person())


@pytest.mark.parametrize("name", ["23/01234", "A/B/7", "Ren\u00e9e", "Rene\u0301e"])
def test_names_of_samples_are_text(tmp_path, name):
    path = tmp_path / "file.vcf"
    path.write_text(vcf([f"{one} 0/0" for one in person()], ["S1", name]), "utf-8")
    match = match_file(path, CATALOGUE)
    for asked in (unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)):
        assert match_report(match, [asked]).samples[0].sample == unicodedata.normalize("NFC", name)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file.vcf"]
