"""Build and strand are proven from the records, or said to be unknown."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from genotype_files import GENOTYPES, person, vcf

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.decide import decide
from features.germline.calling.match import match_file
from features.germline.calling.proof import prove
from features.germline.readings import BuildHint, Readings, SiteReading
from features.germline.spelling import read_column

CATALOGUE = load_catalogue()
COMPLEMENT = str.maketrans("ACGT", "TGCA")
BUILDS = {37: "##reference=GRCh37", 38: "##contig=<ID=6,length=170805979>", 36: "##reference=hg18.fa"}


def match(folder, records, header=(), **options):
    path = folder / "file.vcf"
    path.write_text(vcf(records, header=header))
    return match_file(path, CATALOGUE, **options)


def letters(genotypes: dict[str, str], build: int | None = 37, shift: int = 0, **options) -> Readings:
    """Return readings as of an array file: names, positions, letters on an undeclared strand."""
    sites = []
    for name, text in genotypes.items():
        column = read_column([text])
        row = CATALOGUE.variants[name]
        place = None if build is None else row.grch38 if build == 38 else row.grch37
        sites.append(
            SiteReading(
                site=name,
                place=f"line {len(sites) + 1}",
                alleles=column.alleles,
                codes=column.codes,
                named=True,
                build=None if shift else build,
                position=None if place is None else (place.chrom, place.pos + shift),
            )
        )
    return Readings("array.txt", "array", ("sample 1",), tuple(sites), len(sites), **options)


def reversed_letters(genotypes: dict[str, str]) -> dict[str, str]:
    return {name: text.translate(COMPLEMENT) for name, text in genotypes.items()}


def refusal(function, *arguments, **options) -> tuple[str, str]:
    with pytest.raises(InputFileError) as raised:
        function(*arguments, **options)
    return raised.value.code, raised.value.message


@pytest.mark.parametrize("records", [37, 38])
@pytest.mark.parametrize("label", [37, 38, 36])
def test_a_label_that_the_records_contradict_is_refused(tmp_path, records, label):
    if records == label:
        proof = match(tmp_path, person(records), [BUILDS[label]]).calls.proof
        assert (proof.build, proof.build_basis) == (records, "proven")
        return
    code, message = refusal(match, tmp_path, person(records), [BUILDS[label]])
    assert code == "wrong_genome_build"
    assert f"--build {records}" in message
    assert match(tmp_path, person(records), [BUILDS[label]], build=records).calls.counts()["called"] == 7


@pytest.mark.parametrize(("records", "declared"), [(37, 38), (38, 37)])
def test_a_declared_build_that_the_records_contradict_is_refused(tmp_path, records, declared):
    code, message = refusal(match, tmp_path, person(records), build=declared)
    assert code == "wrong_genome_build"
    assert f"build {declared} was declared" in message


def test_build_36_is_recognised(tmp_path):
    assert refusal(match, tmp_path, ["1 5 . A C . . . GT 0/1"], [BUILDS[36]])[0] == "wrong_genome_build"
    code, message = refusal(prove, letters(GENOTYPES, shift=41_693), CATALOGUE)
    assert code == "wrong_genome_build"
    assert "line 1: rs2234693 is at a position of neither build 37 nor 38" in message
    named = ["6 152205028 rs2234693 T C . . . GT 0/1"]
    assert refusal(match, tmp_path, named)[0] == "wrong_genome_build"


def test_a_header_alone_proves_nothing(tmp_path):
    proof = match(tmp_path, ["1 5 . A C . . . GT 0/1"], [BUILDS[38]]).calls.proof
    assert (proof.build, proof.build_basis) == (None, "unproven")
    block = ["6 152163000 . G <NON_REF> . . END=152164000 GT:GQ 0/0:50"]
    code, message = refusal(match, tmp_path, block, [BUILDS[37]])
    assert code == "genome_build_unknown"
    assert "which is no proof" in message
    declared = match(tmp_path, block, [BUILDS[37]], build=37).calls
    assert (declared.proof.build_basis, declared.sites["rs2234693"].call(0).alleles) == ("declared", "T/T")


def test_a_chance_record_at_the_other_build_is_not_our_site(tmp_path):
    stranger = "6 151842200 . T C . . . GT 1/1"
    calls = match(tmp_path, [*person(37), stranger]).calls
    assert calls.proof.build == 37
    assert calls.sites["rs2234693"].call(0).alleles == "C/T"


LONE = {37: "6 152163335 . T C . . . GT 0/1", 38: "6 151842200 . T C . . . GT 0/1"}
"""rs2234693 alone, without its name."""
SIXTH_CHROMOSOME = {37: "##contig=<ID=6,length=171115067>", 38: "##contig=<ID=6,length=170805979>"}


@pytest.mark.parametrize("build", [37, 38])
def test_one_unnamed_record_proves_a_build_only_beside_a_header_that_says_so(tmp_path, build):
    other = 75 - build
    for header in ([], [SIXTH_CHROMOSOME[other]], list(SIXTH_CHROMOSOME.values())):
        code, message = refusal(match, tmp_path, [LONE[build]], header)
        assert code == "genome_build_unknown"
        assert f"panel site of build {build}" in message
        assert "state it with --build" in message
    proof = match(tmp_path, [LONE[build]], [SIXTH_CHROMOSOME[build]]).calls.proof
    assert (proof.build, proof.build_basis, proof.sites) == (build, "proven", ("rs2234693",))


@pytest.mark.parametrize("build", [37, 38])
def test_one_unnamed_record_does_not_contradict_a_declared_build(tmp_path, build):
    stated = match(tmp_path, [LONE[build]], build=build).calls
    assert (stated.proof.build_basis, stated.sites["rs2234693"].call(0).alleles) == ("declared", "C/T")
    other = match(tmp_path, [LONE[build]], build=75 - build).calls
    assert other.sites["rs2234693"].call(0).state == "not_assayed"


@pytest.mark.parametrize("build", [37, 38])
def test_one_named_record_or_two_unnamed_ones_prove_a_build(tmp_path, build):
    named = LONE[build].replace(" . T", " rs2234693 T")
    assert match(tmp_path, [named]).calls.proof.build == build
    two = person(build, {name: GENOTYPES[name] for name in ("rs2234693", "rs9340799")})
    assert match(tmp_path, two).calls.proof.sites == ("rs2234693", "rs9340799")


def test_records_at_sites_of_both_builds_prove_neither(tmp_path):
    both = ["6 152163335 . T C . . . GT 0/1", "6 151842200 . T C . . . GT 1/1"]
    assert refusal(match, tmp_path, both)[0] == "genome_build_unknown"


def test_an_anchor_proves_a_build(tmp_path):
    anchor = "6 152098788 . A C . . . GT 0/0"
    block = "6 151842000 . C <*> . . END=151843000 GT:GQ 0/0:50"
    second = "6 152098791 . A . . . . GT 0/0"
    assert refusal(match, tmp_path, [block, anchor])[0] == "genome_build_unknown"
    calls = match(tmp_path, [block, anchor, second]).calls
    assert (calls.proof.build, calls.proof.sites) == (38, ("Y537S", "D538G"))
    assert calls.sites["rs2234693"].call(0).alleles == "T/T"


def test_names_without_positions_need_no_build():
    proof = prove(letters(GENOTYPES, build=None), CATALOGUE)
    assert (proof.build, proof.build_basis, proof.strand) == (None, "by name only", "forward")


def test_two_agreeing_sites_prove_a_strand():
    one = {"rs1801132": "G/C", "rs2234693": "T/C"}
    assert decide(letters(one), CATALOGUE).sites["rs1801132"].call(0).reason == "ambiguous_strand"
    two = one | {"rs9340799": "A/A"}
    found = decide(letters(two), CATALOGUE).sites["rs1801132"].call(0)
    assert (found.alleles, found.strand) == ("C/G", "forward, proven")
    flipped = decide(letters(reversed_letters(two) | {"rs1801132": "C/C"}), CATALOGUE).calls(0)
    assert {call.alleles for call in flipped.values()} - {None} == {"C/T", "A/A", "G/G"}
    assert {call.strand for call in flipped.values()} - {None} == {"reverse, proven"}


def test_one_misfit_is_a_conflict_and_is_not_flipped():
    file = GENOTYPES | {"rs4986938": "G/A"}
    calls = decide(letters(file), CATALOGUE).calls(0)
    assert (calls["rs4986938"].state, calls["rs4986938"].reason) == ("conflict", "strand_mismatch")
    assert calls["rs2234693"].alleles == "C/T"
    # the file's sites do not all agree, so nothing tells the strand of C/G
    assert calls["rs1801132"].reason == "ambiguous_strand"


def test_a_file_of_two_minds_is_called_nowhere():
    file = {"rs2234693": "T/C", "rs9340799": "T/C"}
    calls = decide(letters(file), CATALOGUE)
    assert calls.counts()["called"] == 0
    assert {call.reason for call in calls.calls(0).values() if call.found} == {"mixed_strands"}


def test_a_single_reverse_site_is_not_flipped():
    found = decide(letters({"rs2234693": "A/G"}), CATALOGUE).sites["rs2234693"].call(0)
    assert (found.state, found.reason) == ("conflict", "strand_mismatch")


def test_a_declared_strand_is_used_and_checked():
    reverse = letters(reversed_letters(GENOTYPES), strand="reverse")
    assert decide(reverse, CATALOGUE).counts()["called"] == 7
    code, message = refusal(prove, letters(GENOTYPES, strand="reverse"), CATALOGUE)
    assert code == "strand_mismatch"
    assert "rs2234693" in message
    one = letters({"rs1801132": "C/C"}, strand="reverse")
    assert decide(one, CATALOGUE).sites["rs1801132"].call(0).alleles == "G/G"


def test_a_strand_may_be_declared_for_one_site():
    readings = letters(GENOTYPES)
    sites = tuple(
        dataclasses.replace(one, strand="reverse", codes=np.array([[1, 1]], np.int8), alleles=("C", "G"))
        if one.site == "rs1801132"
        else one
        for one in readings.sites
    )
    found = decide(dataclasses.replace(readings, sites=sites), CATALOGUE).sites["rs1801132"].call(0)
    assert (found.alleles, found.strand) == ("C/C", "reverse, declared")


def test_a_swapped_ref_is_a_conflict(tmp_path):
    swapped = "6 152163335 . C T . . . GT 0/1"
    rest = [one for one in person() if "152163335" not in one]
    calls = match(tmp_path, [*rest, swapped]).calls.calls(0)
    assert calls["rs2234693"].reason == "reference_mismatch"
    assert calls["rs9340799"].state == "called"


def test_a_name_at_a_wrong_place_is_a_conflict():
    readings = letters(GENOTYPES)
    moved = dataclasses.replace(readings.sites[0], position=("6", 152163336), build=None)
    file = dataclasses.replace(readings, sites=(moved, *readings.sites[1:]))
    found = decide(file, CATALOGUE).sites["rs2234693"].call(0)
    assert (found.state, found.reason) == ("conflict", "position_mismatch")


def test_a_label_counts_for_letters_too():
    readings = letters(GENOTYPES, build=37, hints=(BuildHint(38, "header"),))
    assert refusal(prove, readings, CATALOGUE)[0] == "wrong_genome_build"
