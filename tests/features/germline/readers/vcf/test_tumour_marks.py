"""A tumour's VCF is refused as germline input and read as a tumour's; a germline caller's is read."""

from __future__ import annotations

import pytest
from genotype_files import person, vcf, write_indexed
from typer.testing import CliRunner
from vcf_calls import call

from cli.main import app
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets
from features.somatic.readers.kinds import read_tumour
from features.somatic.samples import Assay

CATALOGUE = load_catalogue()
FORMATS = [
    "##contig=<ID=6,length=171115067>",
    "##contig=<ID=14,length=107349540>",
    *(f'##FORMAT=<ID={key},Number=.,Type=Integer,Description="">' for key in ("AD", "DP", "PL", "RO", "AO", "RD")),
    *(f'##FORMAT=<ID={key},Number=A,Type=Float,Description="">' for key in ("AF", "VAF")),
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
]
Y537S = "6 152419923 . A C . PASS . GT:AD"

TUMOUR_FILES = {
    "Mutect2, paired": (["##tumor_sample=T1", "##normal_sample=N1", "##MutectVersion=2.2"], ["N1", "T1"]),
    "Mutect2, alone": (['##GATKCommandLine=<ID=Mutect2,CommandLine="Mutect2 -I x">', "##source=Mutect2"], ["T1"]),
    "FilterMutectCalls": (["##source=FilterMutectCalls", "##INFO=<ID=TLOD,Number=A,Type=Float,Description=x>"], ["T1"]),
    "MuTect2 of GATK 3": (["##GATKCommandLine.MuTect2=<ID=MuTect2,Version=3.8>"], ["T1"]),
    "Strelka": (["##source=strelka", "##content=strelka somatic snv calls"], ["NORMAL", "TUMOR"]),
    "Strelka, INFO alone": (["##INFO=<ID=SGT,Number=1,Type=String,Description=x>"], ["N1", "T1"]),
    "VarScan": (["##source=VarScan2", "##INFO=<ID=SOMATIC,Number=0,Type=Flag,Description=x>"], ["N1", "T1"]),
    "paired by name": ([], ["NORMAL", "TUMOR"]),
    "one sample by name": ([], ["Tumor"]),
    "ClairS-TO": (["##source=ClairS-TO", "##clairs_to_version=0.3.1"], ["P7"]),
    "DeepSomatic": (
        ['##FILTER=<ID=GERMLINE,Description="Non somatic variants">', "##DeepVariant_version=1.8.0"],
        ["P7"],
    ),
    "TNscope": (['##SentieonCommandLine.TNscope=<ID=TNscope,Version="202308">'], ["P7"]),
    "DRAGEN with a tumour": (['##DRAGENCommandLine=<ID=dragen,CommandLine="dragen --tumor-fastq1 a.gz">'], ["P7"]),
    "MuSE": (
        ["##source=MuSE_2.0 MuSE call", "##FORMAT=<ID=SS,Number=1,Type=Integer,Description=somatic>"],
        ["P7", "N7"],
    ),
    "GDC": (["##SAMPLE=<ID=TUMOR,NAME=x>"], ["a1"]),
}
GERMLINE_HEADERS = {
    "Strelka2": ["##source=strelka", "##content=strelka germline small-variant calls"],
    "HaplotypeCaller": ["##source=HaplotypeCaller", "##GATKCommandLine=<ID=HaplotypeCaller,Version=4>"],
    "DRAGEN": ['##DRAGENCommandLine=<ID=dragen,CommandLine="dragen --fastq-file1 /runs/tumor_study/a.gz">'],
    "DeepVariant": ["##DeepVariant_version=1.8.0", '##FILTER=<ID=RefCall,Description="Reference call">'],
    "a genome whose caller can do both": [
        '##FILTER=<ID=SOMLOW,Description="Somatic score too low">',
        '##FORMAT=<ID=SS,Number=1,Type=String,Description="Somatic state: Germline, Somatic">',
    ],
    "annotated": ['##INFO=<ID=CLNORIGIN,Number=1,Type=String,Description="0 unknown, 1 germline, 2 somatic">'],
    "VEP": ['##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|SYMBOL|Feature|SOMATIC">'],
}


def _file(folder, text):
    path = folder / "file.vcf"
    path.write_text(text)
    return path


def _germline(path):
    return read_genotypes(path, targets(CATALOGUE))


@pytest.mark.parametrize("name", TUMOUR_FILES)
@pytest.mark.parametrize("empty", [True, False])
def test_a_tumours_file_is_read_by_one_command_and_refused_by_the_other(tmp_path, name, empty):
    header, samples = TUMOUR_FILES[name]
    columns = " ".join(["0/0:99,0"] * (len(samples) - 1) + ["0/1:90,10"])
    path = _file(tmp_path, vcf([] if empty else [f"{Y537S} {columns}"], samples, header))
    with pytest.raises(InputFileError, match="esr tumour") as caught:
        _germline(path)
    assert caught.value.code == "germline_somatic_mix"
    report = read_tumour(path, CATALOGUE, Assay(covers_esr1=True), build=37)
    assert report.samples[-1].sample == samples[-1]
    assert report.samples[-1].states["Y537S"] == ("not_detected" if empty else "detected")


@pytest.mark.parametrize("name", GERMLINE_HEADERS)
def test_a_germline_file_is_read(tmp_path, name):
    assert len(_germline(_file(tmp_path, vcf(person(), header=GERMLINE_HEADERS[name]))).sites) == 7


def test_the_commands_themselves(tmp_path):
    run = CliRunner().invoke
    header, samples = TUMOUR_FILES["Strelka"]
    path = str(_file(tmp_path, vcf([f"{Y537S} 0/0:99,0 0/1:90,10"], samples, header)))
    assert run(app, ["genotypes", path]).exception.code == "germline_somatic_mix"
    shown = run(app, ["tumour", path])
    assert (shown.exit_code, "TUMOR\tY537S" in shown.output) == (0, True)
    germline = str(_file(tmp_path, vcf(person(), header=GERMLINE_HEADERS["Strelka2"])))
    assert run(app, ["genotypes", germline]).exit_code == 0


@pytest.mark.parametrize("name", list(CATALOGUE.somatic))
def test_a_mutation_of_the_panel_is_no_germline_genotype(tmp_path, name):
    row = CATALOGUE.somatic[name]
    text = vcf([*person(), f"6 {row.grch37.pos} . {row.ref} {row.alt} . PASS . GT 0/1"])
    with pytest.raises(InputFileError, match="line 10") as caught:
        _germline(_file(tmp_path, text))
    assert caught.value.code == "germline_somatic_mix"


SHARES = {
    "heterozygous in 5 %": "GT:AD 0/1:76,4",
    "in 5 %, by AF and DP": "GT:DP:AF 0/1:80:0.05",
    "in 5 %, by VAF alone": "GT:VAF 0/1:0.05",
    "in 8 %, by RO and AO": "GT:RO:AO 0/1:92:8",
    "in 4 %, by RD and AD": "GT:RD:AD 0/1:96:4",
    "homozygous in 21 %": "GT:AD:PL 1/1:48,13:33,39,0",
    "two ALTs, one of them in 3 %": "GT:AD 1/2:0,60,2",
}


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize("indexed", [False, True])
def test_a_genotype_that_its_reads_contradict_is_a_tumours(tmp_path, name, indexed):
    alts = "C,A" if "two ALTs" in name else "C"
    rest = [one for one in person() if "152163335" not in one]
    text = vcf([f"6 152163335 . T {alts} . PASS . {SHARES[name]}", *rest], header=FORMATS)
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else _file(tmp_path, text)
    with pytest.raises(InputFileError, match="esr tumour") as caught:
        _germline(path)
    assert caught.value.code == "germline_somatic_mix"
    assert "152163335" in caught.value.message or "line" in caught.value.message


@pytest.mark.parametrize(
    ("values", "state", "alleles"),
    [
        ("GT:AD 0/1:12,14", "called", "C/T"),
        ("GT:AD 0/1:21,9", "called", "C/T"),
        ("GT:AD 0/1:0,14", "called", "C/T"),  # a split site: the other ALT has the other reads
        ("GT:AD:DP 0/1:0,14:29", "called", "C/T"),
        ("GT:AD 0/1:10,2", "called", "C/T"),  # too few reads to say
        ("GT:AD 1/1:1,30", "called", "C/C"),
        ("GT:AD 0/0:40,1", "called", "T/T"),
        ("GT:AD 0/0:30,30", "allele_balance", None),  # reference, where half of the reads are not
        ("GT:AD:FT 0/1:76,4:weak", "filtered", None),
    ],
)
def test_reads_of_a_germline_genotype(tmp_path, values, state, alleles):
    found = call(tmp_path, f"6 152163335 . T C . PASS . {values}")
    assert state in (found.state, found.reason)
    assert found.alleles == alleles


def test_one_contaminated_sample_of_many_fails_alone(tmp_path):
    names = [f"P{number}" for number in range(12)]
    text = vcf(["6 152163335 . T C . PASS . GT:AD 0/1:76,4" + " 0/1:15,15" * 11], names, FORMATS)
    site = match_file(_file(tmp_path, text), CATALOGUE, build=37).calls.sites["rs2234693"]
    assert (site.call(0).state, site.call(0).reason) == ("failed_qc", "allele_balance")
    assert {site.call(number).alleles for number in range(1, 12)} == {"C/T"}


@pytest.mark.parametrize(
    ("record", "header"),
    [
        ("6 152419923 . A C . PASS . GT 0/0", []),  # listed, and nobody has it
        ("6 152419923 . A T . PASS . GT 0/1", []),  # no mutation of the panel
        ("6 152419923 . A C . PASS . GT 0/1", ["##contig=<ID=6,length=170805979>"]),  # another gene's base in build 38
    ],
)
def test_what_is_no_mutation_of_the_panel_is_read(tmp_path, record, header):
    assert _germline(_file(tmp_path, vcf([record], header=header))).n_read == 1
