"""FAMuSS: real ESR1 and ESR2 genotypes, whose frequencies, proportions and linkage are known."""

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from features.cohort.read import check_columns, read_cohort

CATALOGUE = load_catalogue()
COMPLEMENT = str.maketrans("ACGT", "TGCA")

# rsID, allele as the data set writes it, frequency among whites, chi-square p, persons called, African American, Asian
KNOWN = [
    ("rs2234693", "C", 0.422, 0.49, 595, 0.589, 0.306),
    ("rs9340799", "A", 0.685, 0.99, 595, 0.643, 0.794),
    ("rs1801132", "C", 0.760, 0.42, 764, 0.774, 0.527),
    ("rs2077647", "A", 0.576, 0.49, 765, 0.561, 0.641),
    ("rs1042717", "A", 0.231, 0.83, 769, 0.333, 0.323),
    ("rs2228480", "A", 0.180, 0.42, 766, 0.183, 0.161),
    ("rs1256112", "A", 0.622, 0.18, 430, 0.963, 0.667),
    ("rs3020450", "A", 0.354, 0.46, 420, 0.370, 0.250),
]
CALLED = {
    "rs1801132": 1213, "rs1042717": 1220, "rs2228480": 1214, "rs2077647": 1211, "rs9340799": 920, "rs2234693": 920,
    "rs1256112": 672, "rs3020450": 661,
}  # fmt: skip


@pytest.fixture(scope="module")
def path(real_data):
    return real_data / "fms_famuss" / "FMS_data.csv"


@pytest.fixture(scope="module")
def report(path):
    return check_columns(path, CATALOGUE.cohorts["famuss"], CATALOGUE)


def site(report, rsid, ancestry):
    return next(one for one in report.sites if (one.variant, one.ancestry) == (rsid, ancestry))


def frequency(report, rsid, letter, ancestry):
    """Return the frequency of an allele as the data set writes it."""
    row, column = site(report, rsid, ancestry), CATALOGUE.cohorts["famuss"].genotypes[rsid]
    forward = letter if column.strand == "forward" else letter.translate(COMPLEMENT)
    return row.frequency if forward == row.effect_allele else 1 - row.frequency


@pytest.mark.parametrize(("rsid", "letter", "white", "p", "n", "african_american", "asian"), KNOWN)
def test_frequencies_and_proportions(report, rsid, letter, white, p, n, african_american, asian):
    row = site(report, rsid, "Caucasian")
    assert row.called == n
    assert row.hwe_p == pytest.approx(p, abs=0.005)
    assert row.hwe_p_exact == pytest.approx(p, abs=0.1)
    for group, known in (("Caucasian", white), ("African Am", african_american), ("Asian", asian)):
        assert frequency(report, rsid, letter, group) == pytest.approx(known, abs=5.1e-4)


def test_xbai_among_african_americans_is_just_out_of_proportions(report):
    row = site(report, "rs9340799", "African Am")
    assert (row.called, round(row.hwe_p, 3)) == (28, 0.046)


def test_pvuii_and_xbai_are_linked(report):
    pair = next(
        one
        for one in report.linkage
        if (one.first, one.second, one.ancestry) == ("rs2234693", "rs9340799", "Caucasian")
    )
    assert (pair.n, round(pair.r2, 3)) == (590, 0.625)


def test_call_rates(report):
    assert {rsid: states["called"] for rsid, states in report.genotype_states.items()} == CALLED
    assert all(set(states) <= {"called", "not_assayed"} for states in report.genotype_states.values())


def test_a_wrongly_declared_strand_is_noticed(path):
    cohort = CATALOGUE.cohorts["famuss"]
    wrong = cohort.genotypes | {"rs2077647": cohort.genotypes["rs2077647"].model_copy(update={"strand": "forward"})}
    with pytest.raises(Exception, match="column esr1_rs2077647") as caught:
        check_columns(path, cohort.model_copy(update={"genotypes": wrong}), CATALOGUE)
    assert caught.value.code == "strand_mismatch"


def test_its_phenotype_can_be_read_as_an_endpoint(path, own_endpoint):
    data = read_cohort(path, CATALOGUE.cohorts["famuss"], Terms(own_endpoint("famuss-strength-change"), CATALOGUE))
    assert data.report.n == 1011
    assert 0.45 < data.report.event_rate < 0.55
    assert set(CALLED) <= set(data.table.columns)
    assert len(set(data.person)) == 1011
