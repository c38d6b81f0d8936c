"""ESR1 in the tumours of MSK 2018 and METABRIC: the counts of their README, from the study folders and as cohorts."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from features.cohort.read import check_columns
from features.somatic.gene import receptor_of
from features.somatic.readers.study import read_study
from features.somatic.states import OTHER_VARIANT

pytestmark = pytest.mark.real
CATALOGUE = load_catalogue()
ESR1 = receptor_of(CATALOGUE)


@pytest.fixture(scope="module")
def data() -> Path:
    folder = Path(os.environ.get("ESR_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")).resolve()
    if not (folder / "breast_msk_2018").is_dir():
        pytest.skip("the tumour studies are not there: set ESR_REAL_DATA")
    return folder


@pytest.fixture(scope="module")
def msk(data):
    return read_study(data / "breast_msk_2018", CATALOGUE)


@pytest.fixture(scope="module")
def clinical(data):
    with (data / "breast_msk_2018" / "data_clinical_sample.txt").open() as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        return {row["SAMPLE_ID"]: (row["HR_STATUS"], row["SAMPLE_TYPE"]) for row in rows}


@pytest.mark.parametrize(
    ("group", "n", "any_alteration", "panel"),
    [
        (("Positive", "Metastasis"), 731, 132, 118),
        (("Positive", "Primary"), 799, 21, 13),
        (("Negative", "Metastasis"), 210, 1, 1),
        (("Negative", "Primary"), 117, 0, 0),
    ],
)
def test_alterations_by_receptor_and_sample_type(msk, clinical, group, n, any_alteration, panel):
    samples = [one for one in msk.samples if clinical[one.sample] == group]
    assert len(samples) == n
    assert sum(bool(one.variants) for one in samples) == any_alteration
    assert sum(one.states[ESR1_LBD] == "detected" for one in samples) == panel


def test_counts_of_each_mutation_and_nothing_lost(msk):
    counts = {name: states.get("detected", 0) for name, states in msk.counts.items()}
    assert counts == {
        ESR1_LBD: 140, "Y537S": 37, "Y537N": 10, "Y537C": 13, "D538G": 57, "E380Q": 17, "L536H": 6, "L536P": 2,
        "L536R": 1, "S463P": 2, OTHER_VARIANT: 29,
    }  # fmt: skip
    assert sum(len(one.variants) for one in msk.samples) == 175
    assert sum(bool(one.variants) for one in msk.samples) == 164
    assert {one.limit_of_detection for one in msk.samples} == {0.02}
    assert all(0 < call.vaf <= 1 for one in msk.samples for call in one.variants)


def test_a_sample_with_another_variant_only_is_not_wild_type(msk):
    only = [one for one in msk.samples if one.variants and {call.variant for call in one.variants} == {OTHER_VARIANT}]
    assert len(only) == 24
    assert {one.states[ESR1_LBD] for one in only} == {"other_variant"}


def test_the_cohort_manifest_gives_the_same_states(data):
    path = data / "breast_msk_2018" / "data_clinical_sample.txt"
    report = check_columns(path, CATALOGUE.cohorts["msk-breast-2018"], CATALOGUE)
    assert report.somatic[ESR1_LBD] == {"detected": 140, "not_detected": 1754, "other_variant": 24}
    assert report.somatic["D538G"]["detected"] == 57
    assert report.somatic[OTHER_VARIANT] == {"detected": 29}


def test_metabric_never_looked_at_esr1(data):
    report = read_study(data / "metabric", CATALOGUE)
    assert len(report.samples) == 2509
    assert {state for one in report.samples for state in one.states.values()} == {"not_tested"}
    cohort = check_columns(data / "metabric" / "data_clinical_patient.csv", CATALOGUE.cohorts["metabric"], CATALOGUE)
    assert {name: set(states) for name, states in cohort.somatic.items()}[ESR1_LBD] == {"not_tested"}


def test_our_coding_names_are_those_of_the_studys_annotation(data):
    """Every single-base ESR1 row: coding name from the position, and the residues that we list."""
    with gzip.open(data / "breast_msk_2018" / "data_mutations.txt.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["Hugo_Symbol"] == "ESR1"]
    single = [row for row in rows if row["Variant_Type"] == "SNP"]
    assert len(single) > 150
    for row in single:
        change = ESR1.coding_change(int(row["Start_Position"]), row["Reference_Allele"], row["Tumor_Seq_Allele2"], 37)
        assert change.coding == row["HGVSc"].split(":")[1]
        if change.protein:
            assert "p." + change.protein == row["HGVSp_Short"]
        name = row["HGVSp_Short"].removeprefix("p.")
        assert ESR1.gene.residues[int(name[1:-1])] == name[0]
