"""A tumour's VCF is refused as germline input and read as a tumour's; a germline caller's is read."""

from __future__ import annotations

import pytest
from genotype_files import person, vcf
from typer.testing import CliRunner

from cli.main import app
from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets
from features.somatic.readers.kinds import read_tumour
from features.somatic.samples import Assay

CATALOGUE = load_catalogue()
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
    "GDC": (["##SAMPLE=<ID=TUMOR,NAME=x>"], ["a1"]),
}
GERMLINE_HEADERS = {
    "Strelka2": ["##source=strelka", "##content=strelka germline small-variant calls"],
    "HaplotypeCaller": ["##source=HaplotypeCaller", "##GATKCommandLine=<ID=HaplotypeCaller,Version=4>"],
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
