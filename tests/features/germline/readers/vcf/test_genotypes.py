"""A sample's genotype, its quality and its phase; what is no call has its reason."""

from __future__ import annotations

import numpy as np
import pytest
from genotype_files import person, vcf, write_indexed
from vcf_calls import HEADER, call, read

from data_schemas.catalogue.cohort import CallQuality
from data_schemas.catalogue.load import load_catalogue
from features.germline.calling.match import match_file

READS = (
    "##contig=<ID=6,length=171115067>",
    "##contig=<ID=14,length=107349540>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=RNC,Number=2,Type=Character,Description="">',
    '##FORMAT=<ID=GL,Number=G,Type=Float,Description="">',
    *(
        f'##FORMAT=<ID={key},Number=.,Type=Integer,Description="">'
        for key in ("AD", "LAD", "DP", "DP4", "NR", "PL", "RO", "AO", "RD")
    ),
)


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


UNREAD = (
    "GT:AD 0/0:0,0",
    "GT:AD 0/1:0,0",
    "GT:AD:DP 0/0:0,0:.",
    "GT:DP 0/0:0",
    "GT:PL 0/0:0,0,0",
    "GT:GL 0/0:-0.48,-0.48,-0.48",
    "GT:LAD 0/0:0,0",
    "GT:RO:AO 0/0:0:0",
    "GT:RD:AD 0/0:0:0",
    "GT:DP4 0/0:0,0,0,0",
    "GT:NR 0/0:0",
    "GT:RNC 0/0:MM",
    "GT:RNC 0/0:.I",
)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("values", UNREAD)
def test_a_genotype_without_a_read_is_no_call(tmp_path, values, indexed):
    rest = [one for one in person() if "152163335" not in one]
    text = vcf([f"6 152163335 . T C . PASS . {values}", *rest], header=READS)
    path = write_indexed(tmp_path / "file.vcf.gz", text) if indexed else tmp_path / "file.vcf"
    if not indexed:
        path.write_text(text)
    lenient = CallQuality(min_gq=0, min_dp=0, min_r2=0)
    for thresholds in (CallQuality(), lenient):
        found = match_file(path, load_catalogue(), thresholds=thresholds).calls.sites["rs2234693"].call(0)
        assert (found.state, found.reason, found.alleles) == ("failed_qc", "no_reads", None)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ("GT:AD 0/0:22,0", "called"),
        ("GT:AD 0/0:.", "called"),
        ("GT:AD 0/0:5,0", "low_dp"),
        ("GT:DP:AD 0/0:30:9,0", "called"),  # DP counts reads that tell no allele too
        ("GT:PL 0/0:0,60,700", "called"),
        ("GT:PL 0/0:0,3,40", "low_gq"),  # one read
        ("GT:GQ:PL 0/0:40:0,3,40", "called"),  # the caller's own GQ stands
        ("GT:GL 0/0:0,-6,-70", "called"),
        ("GT:PL 0/0:.", "called"),
        ("GT:RNC 0/0:..", "called"),
        ("GT:NR 0/0:30", "called"),
        ("GT:AD 0/0:7", "called"),  # VarScan's AD is the ALT's, and no depth
    ],
)
def test_reads_are_depth_and_likelihoods_are_quality(tmp_path, values, state):
    found = call(tmp_path, f"6 152163335 . T C . PASS . {values}")
    assert state in (found.state, found.reason)


def test_phase_is_kept(tmp_path):
    found = call(tmp_path, "6 152163335 . T C . . . GT:PS 1|0:152163335")
    assert (found.phased, found.phase_set, found.alleles) == ("C|T", 152163335, "C/T")
    assert call(tmp_path, "6 152163335 . T C . . . GT 1/0").phased is None


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


def test_many_samples_are_arrays(tmp_path):
    random = np.random.default_rng(3)
    calls = random.choice(["0|0", "0|1", "1|1", "./."], 2000)
    readings = read(tmp_path, vcf([f"6 152163335 . T C . . . GT {' '.join(calls)}"], [f"S{n}" for n in range(2000)]))
    codes = readings.of("rs2234693")[0].codes
    assert codes.shape == (2000, 2)
    assert (codes.sum(axis=1) == [{"0|0": 0, "0|1": 1, "1|1": 2, "./.": -2}[call] for call in calls]).all()
