"""PvuII-XbaI haplotypes of FAMuSS against the project's reference table, kept beside the data and never shipped."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from data_schemas.catalogue.load import load_catalogue
from features.cohort.bind import bind
from features.cohort.columns import CohortTable
from features.cohort.table import read_table
from features.matrix.haplotype_em import estimate, expected_copies, frequencies_by, linkage

pytestmark = pytest.mark.real

SITES = ("rs2234693", "rs9340799")


@pytest.fixture(scope="module")
def folder() -> Path:
    data = Path(os.environ.get("ESR_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")).resolve()
    if not (data / "fms_famuss").is_dir():
        pytest.skip("FAMuSS is not there: set ESR_REAL_DATA")
    return data


@pytest.fixture(scope="module")
def famuss(folder):
    """Dosages (n, 3) of PvuII, XbaI and rs2077647, and the ancestry of each person."""
    catalogue = load_catalogue()
    cohort = catalogue.cohorts["famuss"]
    names = [cohort.genotypes[rsid].column for rsid in (*SITES, "rs2077647")] + ["Race", "id"]
    few = cohort.model_copy(
        update={
            "genotypes": {rsid: cohort.genotypes[rsid] for rsid in (*SITES, "rs2077647")},
            "covariates": {},
            "follow_up": {},
        }
    )
    table = read_table(folder / "fms_famuss" / "FMS_data.csv", cohort.form, dict.fromkeys(names))
    bound = bind(CohortTable(table, few, table.faults()), catalogue)
    return np.column_stack([bound.sites[rsid].dosage for rsid in (*SITES, "rs2077647")]), bound.ancestry


def test_frequencies_are_those_of_the_reference_table(folder, famuss):
    genotypes, ancestry = famuss
    found = frequencies_by(genotypes[:, :2], None, list(ancestry))
    with (folder.parent / "reference" / "esr1_pvuii_xbai_haplotypes.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    names = {"Caucasian": "Caucasian", "African American": "African Am", "Asian": "Asian", "Hispanic": "Hispanic"}
    assert {row["population"] for row in rows} == set(names)
    for row in rows:
        one = found[names[row["population"]]]
        assert one.n == int(row["n"])
        expected = [float(row[f"hap_{letters}"]) for letters in ("TA", "TG", "CA", "CG")]
        np.testing.assert_allclose(one.values, expected, atol=1e-3)
        np.testing.assert_allclose(linkage(one.values), [float(row["d_prime_abs"]), float(row["r2"])], atol=1e-3)
        double = expected_copies((1, 1), (), one.values)[0]
        assert double == pytest.approx(float(row["p_TA_CG_given_double_het"]), abs=1e-3)


def test_three_sites_agree_with_two_where_both_are_typed(famuss):
    genotypes, ancestry = famuss
    white = genotypes[ancestry == "Caucasian"]
    typed = white[~np.isnan(white).any(axis=1)]
    two, three = estimate(typed[:, :2]), estimate(typed[:, [2, 0, 1]])
    np.testing.assert_allclose(three.values[:4] + three.values[4:], two.values, atol=2e-3)
