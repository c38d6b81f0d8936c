"""What a VCF says about our sites, whatever its version, packing, representation and index."""

from __future__ import annotations

import numpy as np
import pytest
from genotype_files import GENOTYPES, bgzf, person, vcf, write_bcf, write_indexed

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.files.packing import Limits
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readers.vcf.alleles import alleles_at
from features.germline.readings import targets


def read(folder, text: str):
    path = folder / "file.vcf"
    path.write_text(text)
    return read_genotypes(path, targets(load_catalogue()))


BUILD37 = "##contig=<ID=6,length=171115067>"


def call(folder, *records: str, site: str = "rs2234693", samples=("S1",), header=(), **options):
    """Return the call of the first sample at a site; the header says build 37."""
    path = folder / "file.vcf"
    path.write_text(vcf(records, samples, (BUILD37, *header)))
    return match_file(path, load_catalogue(), **options).calls.sites[site].call(0)


@pytest.mark.parametrize("version", ["4.0", "4.1", "4.2", "4.3", "4.4", "4.5"])
def test_versions(tmp_path, version):
    readings = read(tmp_path, vcf(person(), version=version))
    assert (readings.format, readings.n_read, len(readings.sites)) == (f"VCF {version}", 7, 7)


@pytest.mark.parametrize("build", [37, 38])
@pytest.mark.parametrize("prefix", ["", "chr", "CHR"])
def test_builds_and_prefixes_give_the_same_calls(tmp_path, build, prefix):
    path = tmp_path / "file.vcf"
    path.write_text(vcf(person(build, prefix=prefix)))
    calls = match_file(path, load_catalogue()).calls
    assert calls.proof.build == build
    assert {name: calls.sites[name].call(0).alleles for name in GENOTYPES} == {
        name: "/".join(sorted(letters.split("/"))) for name, letters in GENOTYPES.items()
    }


def test_refseq_names_are_chromosomes(tmp_path):
    assert call(tmp_path, "NC_000006.11 152163335 . T C . . . GT 0/1").alleles == "C/T"


@pytest.mark.parametrize(
    ("record", "alleles"),
    [
        ("6 152163335 . T C . PASS . GT 0/1", "C/T"),
        ("6 152163335 rs2234693 t c . . . GT 1/1", "C/C"),
        ("6 152163335 . T G,C . . . GT 0/2", "C/T"),
        ("6 152163335 . TA CA . . . GT 0/1", "C/T"),
        ("6 152163333 . GATG GACG . . . GT 0/1", "C/T"),
        ("6 152163335 . TA T,CA . . . GT 0/2", "C/T"),
        ("6 152163335 . TA T,CA . . . GT 0/1", "T/T"),
        ("6 152163335 . T <NON_REF> . . . GT 0/0", "T/T"),
        ("6 152163335 . T C,<NON_REF> . . . GT 0/1", "C/T"),
        ("6 152163335 . T . . . . GT 0/0", "T/T"),
        ("6 152163335 . T C,* . . . GT 1|0", "C/T"),
    ],
)
def test_every_representation_of_a_snp(tmp_path, record, alleles):
    found = call(tmp_path, record, build=37)
    assert (found.state, found.alleles) == ("called", alleles)


@pytest.mark.parametrize(
    ("record", "state", "reason"),
    [
        ("6 152163335 . T C . . . GT ./.", "failed_qc", "no_call"),
        ("6 152163335 . T C . . . GT .", "failed_qc", "no_call"),
        ("6 152163335 . T C . . . DP 30", "failed_qc", "no_call"),
        ("6 152163335 . T C . . . GT ./1", "failed_qc", "half_call"),
        ("6 152163335 . T C . . . GT 1", "failed_qc", "haploid"),
        ("6 152163335 . T C . . . GT 0/1/1", "failed_qc", "ploidy"),
        ("6 152163335 . T C . . . GT 0/2", "failed_qc", "invalid_genotype"),
        ("6 152163335 . T G,C . . . GT 0/1", "failed_qc", "other_allele"),
        ("6 152163335 . T C,* . . . GT 1/2", "failed_qc", "deletion"),
        ("6 152163335 . T C,<NON_REF> . . . GT 0/2", "failed_qc", "other_allele"),
        ("6 152163334 . AT A . . . GT 0/1", "failed_qc", "deletion"),
        ("6 152163330 . A <DEL> . . END=152163400 GT 0/1", "failed_qc", "deletion"),
        ("6 152163335 . T C . LowQual . GT 0/1", "failed_qc", "filtered"),
        ("6 152163335 . T C . . . GT:GQ 0/1:19", "failed_qc", "low_gq"),
        ("6 152163335 . T C . . . GT:DP 0/1:9", "failed_qc", "low_dp"),
        ("6 152163335 . T C . . . GT:GQ:DP 0/1:.:.", "called", None),
        ("6 152163335 . T C . RefCall . GT:GQ 0/0:40", "called", None),
        ("6 152163334 . AT A . . . GT 0/0", "not_assayed", "not_in_file"),
        ("6 152163335 . TA T . . . GT 0/1", "not_assayed", "not_in_file"),
        ("6 152163335 . T TA . . . GT 0/0", "not_assayed", "not_in_file"),
        ("6 152163330 . A <DEL> . . END=152163400 GT 0/0", "not_assayed", "not_in_file"),
        ("6 152163335 . C T . . . GT 0/1", "conflict", "reference_mismatch"),
    ],
)
def test_what_is_not_a_call_has_its_reason(tmp_path, record, state, reason):
    rest = [one for one in person() if "152163335" not in one]
    found = call(tmp_path, *rest, record)
    assert (found.state, found.reason) == (state, reason)
    if state != "called":
        assert found.alleles is None
        assert found.dosage is None


def test_a_gvcf_block_covers_a_site_with_its_own_quality(tmp_path):
    block = "6 152163000 . G <NON_REF> . . END=152163400 GT:DP:GQ:MIN_DP 0/0:30:60:{depth}"
    rest = [one for one in person() if "15216333" not in one and "15216338" not in one]
    found = call(tmp_path, block.format(depth=25), *rest)
    assert (found.state, found.alleles, found.gq, found.dp) == ("called", "T/T", 60, 25)
    assert found.found == "line 4"
    assert call(tmp_path, block.format(depth=5), *rest).reason == "low_dp"
    assert call(tmp_path, block.replace("152163400", "152163334").format(depth=25), *rest).state == "not_assayed"


def test_a_palindromic_site_in_a_block_is_reference(tmp_path):
    block = "6 152265000 . A <*> . . END=152266000 GT:GQ 0/0:60"
    found = call(tmp_path, block, site="rs1801132", build=37)
    assert (found.state, found.alleles) == ("called", "G/G")


def test_phase_is_kept(tmp_path):
    found = call(tmp_path, "6 152163335 . T C . . . GT:PS 1|0:152163335")
    assert (found.phased, found.phase_set, found.alleles) == ("C|T", 152163335, "C/T")
    assert call(tmp_path, "6 152163335 . T C . . . GT 1/0").phased is None


@pytest.mark.parametrize(
    ("info", "values", "state", "dosage"),
    [
        ("R2=0.95", "GT:DS 0|1:1.2", "imputed", 1.2),
        ("DR2=0.95", "DS 0.3", "imputed", 0.3),
        ("INFO=0.95", "GP 0.1,0.2,0.7", "imputed", 1.6),
        ("R2=0.95", "GT:HDS 0|1:0.1,0.8", "imputed", 0.9),
        ("R2=0.5", "GT:DS 0|1:1.2", "low_imputation_quality", None),
        (".", "GT:DS 0|1:1.2", "imputation_quality_unknown", None),
        ("TYPED", "GT:DS 0|1:1", "called", 1.0),
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
        ("R2=0.3;TYPED", "GT 0|1", "called", "C/T", 0.3),
        ("R2=0.3;TYPED", "GT:DS 0|1:0.2", "called", "C/T", 0.3),
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


HEADER = (
    BUILD37,
    '##INFO=<ID=IMPUTED,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=TYPED,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=R2,Number=.,Type=Float,Description="">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=DS,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=DP,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="">',
)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ("GT:FT 0/1:LowQ", "filtered"),
        ("GT:FT 0/1:PASS", "called"),
        ("GT:FT 0/1:.", "called"),
        ("GT:GQX 0/1:3", "low_gq"),
        ("GT:GQ:GQX 0/1:60:3", "low_gq"),
        ("GT:GQ:GQX 0/1:60:40", "called"),
        ("GT:DP:GQ 0/1:inf:inf", "called"),
        ("GT:DP:GQ 0/1:nan:-inf", "called"),
    ],
)
@pytest.mark.parametrize("header", [(), HEADER])
def test_a_samples_own_filter_and_quality(tmp_path, header, values, state):
    found = call(tmp_path, f"6 152163335 . T C . PASS . {values}", header=header)
    assert state in (found.state, found.reason)
    assert found.model_dump_json()


def test_a_structural_record_without_alternate_is_no_reference_block(tmp_path):
    record = "6 152163000 . G . . PASS {info}END=152163400 GT 0/0"
    rest = [one for one in person() if "15216333" not in one and "15216338" not in one]
    assert call(tmp_path, record.format(info=""), *rest).state == "called"
    assert call(tmp_path, record.format(info="SVTYPE=DEL;"), *rest).state == "not_assayed"


def test_a_doubted_genotype_contradicts_a_call(tmp_path):
    one = "6 152163335 . T C . PASS . GT:GQ 0/1:60"
    doubted = call(tmp_path, one, "6 152163335 . T C . PASS . GT:GQ 1/1:10")
    assert (doubted.state, doubted.reason, doubted.alleles) == ("conflict", "duplicate_calls", None)
    assert call(tmp_path, "6 152163335 . T C . LowQual . GT 0/0", one).reason == "duplicate_calls"
    assert call(tmp_path, one, "6 152163335 . T C . LowQual . GT 1/0").alleles == "C/T"


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("genotype", "phased"), [("/0/1", None), ("|0|1", "T|C"), ("/0|1", None), ("|0/1", None), ("|1|0", "C|T")]
)
def test_a_leading_phase_sign(tmp_path, indexed, genotype, phased):
    text = vcf([f"6 152163335 . T C . . . GT:DP {genotype}:30"], header=HEADER, version="4.4")
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else tmp_path / "file.vcf"
    if not indexed:
        path.write_text(text)
    found = match_file(path, load_catalogue()).calls.sites["rs2234693"].call(0)
    assert (found.state, found.alleles, found.phased) == ("called", "C/T", phased)


@pytest.mark.parametrize("how", ["text", "indexed", "bcf"])
def test_an_accession_in_the_records_is_a_label(tmp_path, how):
    text = vcf(
        [one.replace("6 ", "NC_000006.12 ", 1) for one in person() if one.startswith("6")],
        header=("##contig=<ID=NC_000006.12>", *HEADER, "##reference=GRCh37"),
    )
    path = tmp_path / "file.vcf"
    if how == "text":
        path.write_text(text.replace("##contig=<ID=NC_000006.12>\n", ""))
    elif how == "indexed":
        path = write_indexed(tmp_path / "file.vcf.gz", text.replace(f"{BUILD37}\n", ""))
    else:
        path = write_bcf(tmp_path / "file.bcf", text)
    with pytest.raises(InputFileError, match="by its sequence names it is GRCh38") as raised:
        match_file(path, load_catalogue())
    assert raised.value.code == "wrong_genome_build"
    assert match_file(path, load_catalogue(), build=37).calls.sites["rs2234693"].call(0).alleles == "C/T"


def test_samples_beyond_a_limit_are_refused_in_the_header(tmp_path):
    path = tmp_path / "file.vcf"
    path.write_bytes(vcf([], samples=["S1", "S2", "S3"]).encode().replace(b"S3", b"\xff"))
    with pytest.raises(InputFileError, match="has 3 samples") as raised:
        match_file(path, load_catalogue(), limits=Limits(samples=2))
    assert raised.value.code == "too_large"


def test_an_index_without_any_record_is_not_believed(tmp_path):
    path = write_indexed(tmp_path / "file.vcf.gz", vcf([]))
    path.write_bytes(bgzf(vcf(person()).encode()))
    assert match_file(path, load_catalogue()).calls.counts()["called"] == 7


def test_leading_zeros_of_a_chromosome(tmp_path):
    assert call(tmp_path, "chr06 152163335 . T C . . . GT 0/1").alleles == "C/T"
    assert call(tmp_path, "06 152163335 . T C . . . GT 0/1").alleles == "C/T"


def test_an_index_of_fewer_chromosomes_is_refused(tmp_path):
    text = vcf(["1 5 . A C . . . GT 0/1"])
    path = write_indexed(tmp_path / "file.vcf.gz", text)
    more = vcf(person()).split("S1\n")[1]
    for content in (bgzf((text + more).encode()), bgzf(text.encode(), end=False) + bgzf(more.encode())):
        path.write_bytes(content)
        with pytest.raises(InputFileError, match="ends before the file does"):
            read_genotypes(path, targets(load_catalogue()))


def test_imputed_records_of_beagle_are_marked(tmp_path):
    header = ['##INFO=<ID=IMP,Number=0,Type=Flag,Description="Imputed marker">']
    records = "6 152163335 . T C . PASS {info} GT:DS 0|1:1.1"
    assert call(tmp_path, records.format(info="DR2=0.9;IMP"), header=header).state == "imputed"
    assert call(tmp_path, records.format(info="DR2=1"), header=header).state == "called"


def test_duplicates_and_split_sites(tmp_path):
    one, same = "6 152163335 . T C . . . GT 0/1", "6 152163335 . T C . . . GT 1/0"
    assert call(tmp_path, one, same).alleles == "C/T"
    other = call(tmp_path, one, "6 152163335 . T C . . . GT 1/1")
    assert (other.state, other.reason, other.alleles) == ("conflict", "duplicate_calls", None)
    assert call(tmp_path, one, "6 152163335 . T G . . . GT 0/0").alleles == "C/T"
    assert call(tmp_path, "6 152163335 . T C . . . GT 0/0", "6 152163335 . T G . . . GT 0/1").reason == "other_allele"
    assert call(tmp_path, one, "6 152163335 . T C . . . GT ./.").alleles == "C/T"
    assert call(tmp_path, "6 152163335 . T C . . . GT 0/0", "6 152163334 . AT A . . . GT 0/1").reason == "deletion"


def test_an_unverified_position_is_refused_and_a_name_is_not(tmp_path):
    record = "14 64761944 {name} C A . . . GT 0/1"
    by_position = call(tmp_path, *person(), record.format(name="."), site="rs1271572")
    assert (by_position.state, by_position.reason) == ("failed_qc", "unverified_position")
    by_name = call(tmp_path, *person(), record.format(name="rs1271572"), site="rs1271572")
    assert (by_name.state, by_name.alleles, by_name.dosage) == ("called", "A/C", 1.0)


def test_an_absent_site_is_not_assayed(tmp_path):
    found = call(tmp_path, *person(), site="rs1271572")
    assert (found.state, found.reason, found.found) == ("not_assayed", "not_in_file", None)


@pytest.mark.parametrize("block", [60, 4096])
def test_an_index_gives_what_the_whole_file_gives(tmp_path, block):
    records = sorted(
        [*person(), "6 152163300 . G <*> . . END=152163334 GT 0/0"], key=lambda one: one.split()[0] == "14"
    )
    text = vcf(records)
    whole = read(tmp_path, text)
    by_index = read_genotypes(write_indexed(tmp_path / "file.vcf.gz", text, block), targets(load_catalogue()))
    assert not by_index.whole
    assert [(one.site, one.alleles, one.codes.tolist()) for one in by_index.sites] == [
        (one.site, one.alleles, one.codes.tolist()) for one in whole.sites
    ]


def test_an_index_of_another_file_is_refused(tmp_path):
    first = write_indexed(tmp_path / "one.vcf.gz", vcf(person()), 200)
    other = write_indexed(tmp_path / "two.vcf.gz", vcf(["1 5 . A C . . . GT 0/1", *person()[:3]]), 200)
    index = first.with_name("one.vcf.gz.tbi")
    index.write_bytes(other.with_name("two.vcf.gz.tbi").read_bytes())
    with pytest.raises(InputFileError, match="belongs to another file"):
        read_genotypes(first, targets(load_catalogue()))
    index.write_bytes(bgzf(b"no index at all"))
    with pytest.raises(InputFileError, match="is no tabix or CSI index"):
        read_genotypes(first, targets(load_catalogue()))


BCF_HEADER = (
    "##contig=<ID=1>",
    "##contig=<ID=6>",
    "##contig=<ID=14>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
)
BCF_TEXT = vcf(["1 5 . A C . PASS . GT 0/1", *person(), f"14 99 {'x' * 40} A C . PASS . GT 0/1"], header=BCF_HEADER)


@pytest.mark.parametrize("how", [{"packed": False}, {}, {"block": 60}, {"block": 60, "indexed": True}])
def test_bcf_gives_what_vcf_gives(tmp_path, how):
    readings = read_genotypes(write_bcf(tmp_path / "file.bcf", BCF_TEXT, **how), targets(load_catalogue()))
    assert readings.format.startswith("BCF")
    assert (readings.n_read, readings.whole) == ((7, False) if "indexed" in how else (9, True))
    letters = [(one.site, one.ref, one.codes.tolist()) for one in readings.sites]
    assert letters == [(one.site, one.ref, one.codes.tolist()) for one in read(tmp_path, BCF_TEXT).sites]


def test_a_record_is_found_by_name_in_a_bcf(tmp_path):
    for name in ("rs1271572", f"{'x' * 300};rs1271572"):
        text = vcf([f"14 5 {name} C A . PASS . GT 0/1"], header=BCF_HEADER)
        (reading,) = read_genotypes(write_bcf(tmp_path / "file.bcf", text), targets(load_catalogue())).sites
        assert (reading.site, reading.named, reading.build) == ("rs1271572", True, None)


@pytest.mark.parametrize("cut", [30, 400, -3, -40])
def test_a_cut_bcf_is_refused(tmp_path, cut):
    path = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputFileError) as raised:
        read_genotypes(path, targets(load_catalogue()))
    assert raised.value.code in ("corrupt_file", "no_rows")


def test_an_impossible_length_in_a_bcf_is_refused(tmp_path):
    path = write_bcf(tmp_path / "file.bcf", BCF_TEXT, packed=False)
    content = bytearray(path.read_bytes())
    start = 9 + int.from_bytes(content[5:9], "little")
    content[start : start + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="record 1: an impossible length"):
        read_genotypes(path, targets(load_catalogue()))


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("##fileformat=VCFv4.2\n6\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\n", "corrupt_file", "#CHROM"),
        (vcf([], samples=[]), "no_rows", "no sample columns"),
        (vcf([]).replace("POS", "Pos"), "wrong_columns", "line 2"),
        (vcf([]).replace("4.2", "9"), "unknown_format", "4.0 to 4.5"),
        (vcf(person()).replace("\tGT\t", " GT ", 1), "wrong_field_count", "line 3"),
        (vcf(person())[:-12], "wrong_field_count", "line 9"),
        (vcf(["6 x . A C . . . GT 0/1"]), "corrupt_file", "line 3"),
        (vcf(["6 152163335 . T C . . . GT a/b"]), "corrupt_file", "line 3"),
        (vcf(["6 152163335 . T;T C . . . GT 0/1"]), "corrupt_file", "line 3"),
        (vcf(person(), samples=["A", "A"]), "wrong_columns", "the same name"),
        (vcf([], samples=["Anna", "Аnna"]), "wrong_columns", "look the same"),
        (vcf([], samples=["x" * 10_000]), "wrong_columns", "10,000 characters"),
        (vcf([], samples=["a\u202eb"]), "wrong_columns", "invisible"),
        (vcf([], samples=["a\x07b"]), "wrong_columns", "control"),
        (vcf([], samples=[" "]), "wrong_columns", "no name"),
        (vcf([], samples=["../../etc/passwd"]), "wrong_columns", "sample 1 has a name with a slash"),
        (vcf([], samples=["a\\b"]), "wrong_columns", "backslash"),
        (vcf([], samples=["S1", "a..b"]), "wrong_columns", "sample 2"),
        (vcf(person(), header=["##tumor_sample=S1"]), "germline_somatic_mix", "esr tumour"),
        (vcf([], samples=["NORMAL", "TUMOR"]), "germline_somatic_mix", "esr tumour"),
        (vcf(["6 152163335 . T C . . . GT 0/1"] * 2000), "corrupt_file", "1,000 records"),
    ],
)
def test_bad_vcfs_are_one_error_with_line_and_cure(tmp_path, text, code, says):
    with pytest.raises(InputFileError) as raised:
        read(tmp_path, text)
    assert (raised.value.code, says in raised.value.message) == (code, True), raised.value.message
    assert raised.value.message.startswith("file.vcf: ")


def test_a_million_columns(tmp_path):
    names = [f"S{number}" for number in range(1_000_000)]
    with pytest.raises(InputFileError) as raised:
        read(tmp_path, vcf(person(), names))
    assert raised.value.code == "wrong_field_count"
    assert "1,000,009" in raised.value.message


def test_odd_names_are_only_text(tmp_path):
    readings = read(tmp_path, vcf(["6 152163335 . T C . . . GT 0/1 0/0"], samples=["$(rm)", "=cmd|x"]))
    assert readings.samples == ("$(rm)", "=cmd|x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.vcf"]


def test_many_samples_are_arrays(tmp_path):
    random = np.random.default_rng(3)
    calls = random.choice(["0|0", "0|1", "1|1", "./."], 2000)
    readings = read(tmp_path, vcf([f"6 152163335 . T C . . . GT {' '.join(calls)}"], [f"S{n}" for n in range(2000)]))
    codes = readings.of("rs2234693")[0].codes
    assert codes.shape == (2000, 2)
    assert (codes.sum(axis=1) == [{"0|0": 0, "0|1": 1, "1|1": 2, "./.": -2}[call] for call in calls]).all()


def test_alleles_at_a_site_follow_the_representation():
    assert alleles_at("GTTC", ["G", "GTC"], 1).texts == ("T", "*", "T")
    assert alleles_at("T", ["TTTT"], 0) is None
    assert alleles_at("TA", ["G"], 0).texts == ("T", "G")
    assert alleles_at("N", ["N[6:5["], 0) is None
