"""Whatever a file holds: an error or calls, and a confident call only of letters that the file has at the site."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from genotype_files import person, vcf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from features.germline.calling.decide import decide
from features.germline.calling.match import Match, match_file
from features.germline.readings import Readings, SiteReading
from features.germline.spelling import read_column

CATALOGUE = load_catalogue()
VERIFIED = [row for row in CATALOGUE.variants.values() if row.status == "verified"]
COMPLEMENT = str.maketrans("ACGT", "TGCA")
CONFIDENT = ("called", "imputed")
FEW = settings(
    max_examples=150, suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture]
)

# a VCF's tokens, the odd ones among the usual
chromosomes = st.sampled_from(["6", "chr6", "14", "chr14", "1", "06", "HLA*01"])
positions = st.sampled_from([p.pos + d for row in VERIFIED for p in (row.grch37, row.grch38) for d in (-2, -1, 0, 1)])
sequences = st.text("ACGTN", min_size=1, max_size=4)
alternates = st.lists(
    st.one_of(sequences, st.sampled_from([".", "*", "<DEL>", "<NON_REF>", "<*>", "<DUP>", "N[6:5["])),
    min_size=1,
    max_size=3,
).map(",".join)
names = st.sampled_from([".", "rs2234693", "rs1271572", "x;rs9340799", "rs1801132"])
calls = st.sampled_from(
    ["0/0", "0/1", "1/1", "1|0", "2/1", "./.", ".", "0", "1/.", "0/0/1", "0/9", "-1/0", "", "a/b", "0/1:99", "0|1:5"]
)
formats = st.sampled_from(["GT", "GT:GQ", "GT:DP", "DP", "GT:DS", "DS:GP", "GT:GT", "", "."])
info = st.sampled_from([".", "END=152300000", "END=x", "END=1", "R2=0.9", "R2=0.9;TYPED", "R2=x", "DP=3"])
records = st.builds(
    lambda chrom, pos, name, ref, alt, filtered, more, keys, call: "\t".join(
        [chrom, str(pos), name, ref, alt, ".", filtered, more, keys, call]
    ),
    chromosomes, positions, names, sequences, alternates, st.sampled_from(["PASS", ".", "q10"]), info, formats, calls,
)  # fmt: skip


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "file.vcf"


def matched(file: Path) -> Match | str:
    """Return what a file gives, or the message of its refusal."""
    try:
        return match_file(file, CATALOGUE)
    except EsrError as error:
        return error.message


@FEW
@given(st.lists(records, max_size=5), st.booleans())
def test_any_lines_give_an_error_or_calls_of_their_own_letters(file, lines, with_person):
    usual = ["\t".join(record.split()) for record in person()] if with_person else []
    file.write_text(vcf([]) + "\n".join([*usual, *lines]) + "\n")
    match = matched(file)
    if isinstance(match, str):
        assert match.startswith("file.vcf")
        return
    for call in match.calls.calls(0).values():
        confident = call.state in CONFIDENT
        assert confident == (call.dosage is not None)
        assert call.state != "assumed_reference"
        assert confident or call.reason
        if call.state == "not_assayed":
            assert call.found is None
        if call.alleles is not None:
            assert set(call.alleles) - {"/"} <= set(CATALOGUE.variants[call.variant].alleles)
            assert call.dosage is not None
            assert call.state == "imputed" or call.dosage == call.alleles.count(call.effect_allele)


@FEW
@given(st.data())
def test_one_person_has_one_feature_vector(file, data):
    genotypes = {row.id: "/".join(data.draw(st.tuples(*[st.sampled_from(row.alleles)] * 2))) for row in VERIFIED}
    vectors = []
    for build, prefix, phased, samples in ((37, "", False, 1), (38, "chr", True, 1), (37, "chr", True, 3)):
        lines = person(build, genotypes, prefix, phased)
        file.write_text(vcf([f"{one} {'0/0 ' * (samples - 1)}" for one in lines], [f"S{n}" for n in range(samples)]))
        match = match_file(file, CATALOGUE)
        vectors.append([float(site.dosage[0]) for site in match.calls.sites.values()])
    expected = [
        float(genotypes[row.id].count(row.effect_allele)) if row.id in genotypes else math.nan
        for row in CATALOGUE.variants.values()
    ]
    for vector in vectors:
        assert repr(vector) == repr(expected)


def array(genotypes: dict[str, str]) -> Readings:
    """Return readings as of an array file in build 37."""
    sites = []
    for name, text in genotypes.items():
        row = CATALOGUE.variants[name]
        assert row.grch37 is not None
        column = read_column([text])
        place = (row.grch37.chrom, row.grch37.pos)
        sites.append(SiteReading(name, name, column.alleles, column.codes, named=True, build=37, position=place))
    return Readings("array.txt", "array", ("sample 1",), tuple(sites), len(sites))


pairs = st.text("ACGT-", min_size=2, max_size=2)
sensible = st.fixed_dictionaries(
    {}, optional={row.id: st.text("".join(row.alleles), min_size=2, max_size=2) for row in CATALOGUE.variants.values()}
)
wild = st.dictionaries(st.sampled_from(list(CATALOGUE.variants)), pairs)


@settings(max_examples=400)
@given(st.one_of(sensible, wild))
def test_complementing_all_letters_never_changes_a_confident_call(genotypes):
    flipped = {name: text.translate(COMPLEMENT) for name, text in genotypes.items()}
    one, two = (decide(array(letters), CATALOGUE) for letters in (genotypes, flipped))
    for name in CATALOGUE.variants:
        here, there = one.sites[name].call(0), two.sites[name].call(0)
        if here.alleles is not None and there.alleles is not None:
            assert here.alleles == there.alleles
            strands = {here.strand, there.strand}
            assert "reverse, proven" in strands
            assert len(strands) == 2


@settings(max_examples=200)
@given(sensible)
def test_a_whole_file_on_the_other_strand_is_proven_or_not_called(genotypes):
    straight = decide(array(genotypes), CATALOGUE)
    turned = decide(array({name: text.translate(COMPLEMENT) for name, text in genotypes.items()}), CATALOGUE)
    proven = len(straight.proof.forward) >= 2
    for name in genotypes:
        here, there = straight.sites[name].call(0), turned.sites[name].call(0)
        row = CATALOGUE.variants[name]
        told = not row.palindromic or (proven and straight.proof.agreeing.get(row.gene, 0) > 0)
        assert (here.state == "called") == told
        assert (
            (there.state, there.strand) == ("called", "reverse, proven") if proven and told else there.alleles is None
        )
        assert proven or there.state == "conflict"


@FEW
@given(st.data())
def test_a_vcf_on_the_other_strand_is_proven_or_not_called(file, data):
    kept = data.draw(st.lists(st.sampled_from(person()), unique=True))
    header = ["##contig=<ID=6,length=171115067>", "##contig=<ID=14,length=107349540>"]
    file.write_text(vcf(kept, header=header))
    straight = match_file(file, CATALOGUE).calls
    turned_lines = []
    for line in kept:
        fields = line.split()
        fields[3:5] = [field.translate(COMPLEMENT) for field in fields[3:5]]
        turned_lines.append(" ".join(fields))
    file.write_text(vcf(turned_lines, header=header))
    turned = match_file(file, CATALOGUE).calls
    for name, site in straight.sites.items():
        here, there = site.call(0), turned.sites[name].call(0)
        if there.alleles is not None:
            assert (here.alleles, here.strand) == (there.alleles, "forward, proven")
            assert there.strand == "reverse, proven"
