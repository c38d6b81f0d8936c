"""METABRIC, whose assay does not cover ESR1, and MSK 2018, whose samples outnumber its patients."""

import numpy as np
import pandas as pd
import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.catalogue.terms import Terms
from features.cohort.read import check_columns, read_cohort

CATALOGUE = load_catalogue()


@pytest.fixture(scope="module")
def metabric(real_data, own_endpoint):
    path = real_data / "metabric" / "data_clinical_patient.csv"
    return read_cohort(path, CATALOGUE.cohorts["metabric"], Terms(own_endpoint("metabric-relapse"), CATALOGUE))


def test_every_somatic_state_of_metabric_is_not_tested(metabric):
    names = {ESR1_LBD, *CATALOGUE.somatic}
    assert metabric.report.somatic == {name: {"not_tested": metabric.report.n} for name in names}
    assert not names & set(metabric.table.columns)


def test_relapse_within_sixty_months_on_endocrine_treatment(metabric, real_data):
    raw = pd.read_csv(real_data / "metabric" / "data_clinical_patient.csv", comment="#")
    chosen = raw[(raw["ER_IHC"] == "Positve") & (raw["HORMONE_THERAPY"] == "YES")]
    early = (chosen["RFS_STATUS"] == "1:Recurred") & (chosen["RFS_MONTHS"] <= 60)
    report = metabric.report
    assert (report.n_read, report.n) == (2509, len(chosen))
    assert report.n_unfavourable == early.sum()
    assert report.n_favourable == ((chosen["RFS_MONTHS"] >= 60) & ~early).sum()
    np.testing.assert_array_equal(metabric.row, chosen.index)


def test_blank_treatment_is_unknown_and_never_untreated(metabric):
    counts = metabric.report.ineligible_counts
    assert counts["the therapy is not known"] > 0
    assert sum(counts.values()) + metabric.report.n == 2509


def test_msk_reads_and_groups_samples_by_patient(real_data):
    path = real_data / "breast_msk_2018" / "data_clinical_sample.txt"
    report = check_columns(path, CATALOGUE.cohorts["msk-breast-2018"], CATALOGUE)
    assert report.n_read == 1918
    assert report.missing["tumour_grade"] == pytest.approx(0.10 * 1918, abs=10)
    grouped = CATALOGUE.cohorts["msk-breast-2018"].model_copy(update={"person": None, "row_id": "PATIENT_ID"})
    with pytest.raises(Exception, match="column PATIENT_ID") as caught:
        check_columns(path, grouped, CATALOGUE)
    assert caught.value.code == "repeated_person"
