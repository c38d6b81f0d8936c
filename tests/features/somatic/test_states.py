"""Tumour findings: detected, not detected and not tested are three different things."""

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import EsrError
from data_schemas.wire.patient import Patient, SomaticFinding
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms
from features.somatic.states import OTHER_VARIANT, SOMATIC_DOSAGE, somatic_id, state_of, stated_states

CATALOGUE = load_catalogue()
BASE = CATALOGUE.endpoints["serd-progression"]
ENDPOINT = BASE.model_copy(update={"somatic": (ESR1_LBD, *CATALOGUE.somatic)})


def states(*findings):
    found = [SomaticFinding(**one) for one in findings]
    stated = stated_states([(somatic_id(one.variant, CATALOGUE), one) for one in found])
    return {name: state_of(name, stated, CATALOGUE) for name in ENDPOINT.somatic}


@pytest.mark.parametrize(
    "text",
    ["Y537S", "p.Y537S", "p.Tyr537Ser", "p.(Tyr537Ser)", "ESR1 Y537S", "ESR1:p.Tyr537Ser", "NP_000116.2:p.Tyr537Ser",
     "c.1610A>C", "NM_000125.4:c.1610A>C", "ESR1 c.1610a>c", "y537s", " Y537S ", "ENST00000206249.3:c.1610A>C",
     "c.1610_1611delinsCA", "c.1609_1610delTAinsAG"],
)  # fmt: skip
def test_spellings_of_one_mutation(text):
    assert somatic_id(text, CATALOGUE) == "Y537S"


@pytest.mark.parametrize("name", list(CATALOGUE.somatic))
def test_each_mutation_is_found_by_id_protein_and_coding_name(name):
    row = CATALOGUE.somatic[name]
    assert {somatic_id(text, CATALOGUE) for text in (row.id, row.hgvs_p, row.hgvs_c)} == {name}


@pytest.mark.parametrize("text", ["NM_001122740.2:c.1610A>C", "ENSP00000405330.1:p.Tyr537Ser", "NM_000125.4:c.1610A>C"])
def test_accessions_of_the_same_protein_are_the_receptors(text):
    assert somatic_id(text, CATALOGUE) == "Y537S"


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("Y537X", "unknown_somatic_variant", "Y537"),
        ("D358G", "unknown_somatic_variant", "D538G"),  # digits in another order
        ("D537S", "unknown_somatic_variant", "Y537S"),  # residue 537 is no D
        ("R175H", "unknown_somatic_variant", "another gene"),  # TP53's
        ("G12D", "unknown_somatic_variant", "another gene"),  # KRAS's
        ("E17K", "unknown_somatic_variant", "another gene"),  # AKT1's
        ("E542K", "unknown_somatic_variant", "PIK3CA"),  # the receptor has an E there as well
        ("p.Glu542Lys", "unknown_somatic_variant", "write ESR1 before it"),
        ("P29S", "unknown_somatic_variant", "RAC1"),
        ("c.1633G>A", "unknown_somatic_variant", "transcript"),  # PIK3CA's E545K, or a D545N
        ("ESR1 c.3140A>G", "unknown_somatic_variant", ""),  # the coding sequence ends before
        ("ESR1 c.1610G>A", "unknown_somatic_variant", ""),  # base 1610 is A
        ("PIK3CA:E542K", "unknown_somatic_variant", "another gene"),
        ("NM_006218.4:c.1624G>A", "unknown_somatic_variant", "another gene"),
        ("Y328_A329del", "unknown_somatic_variant", ""),  # residue 329 is S
        ("c.1782G>A", "unknown_somatic_variant", "silent"),  # rs2228480, T594=
        ("E545K", "unknown_somatic_variant", "another gene"),  # PIK3CA's: residue 545 of the receptor is D
        ("A999V", "unknown_somatic_variant", "another gene"),  # beyond the protein's end
        ("ESR1", "unknown_somatic_variant", "ESR1_LBD"),
        ("ENST00000440973.5:c.1610A>C", "unknown_somatic_variant", ""),  # another transcript has another numbering
        ("wild type", "unknown_somatic_variant", "expected"),
        ("", "unknown_somatic_variant", "expected"),
        ("rs2234693", "germline_somatic_mix", "genotypes"),
        ("PvuII", "germline_somatic_mix", "genotypes"),
        ("rs999", "germline_somatic_mix", "genotypes"),
    ],
)
def test_other_names_are_refused(text, code, cure):
    with pytest.raises(EsrError) as caught:
        somatic_id(text, CATALOGUE)
    assert caught.value.code == code
    assert cure in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["A546D", "p.Leu536Gln", "p.V422del", "p.G521Rfs*18", "ESR1 c.1637C>A", "NM_000125.4:c.1607_1608delTCinsAG",
     "K252N", "p.Y328_S329del", "ESR1:c.1265_1267del", "p.Y537delins*", "p.Y537H", "ESR1 E542K", "E542G",
     "ESR-1 p.Glu542Lys", "NP_000116.2:p.Glu542Lys", "NM_000125.4:c.1624G>A"],
)  # fmt: skip
def test_a_change_outside_the_panel_is_another_esr1_variant(text):
    assert somatic_id(text, CATALOGUE) == OTHER_VARIANT


def test_another_variant_leaves_the_domain_open_and_is_no_wild_type():
    every = [{"variant": name, "state": "not_detected"} for name in CATALOGUE.somatic]
    found = states(*every, {"variant": "A546D"})
    assert (found[ESR1_LBD], found["Y537S"]) == ("other_variant", "not_detected")
    assert SOMATIC_DOSAGE[found[ESR1_LBD]] is None
    assert states({"variant": "A546D"}, {"variant": "Y537S"})[ESR1_LBD] == "detected"
    assert states({"variant": "K252N"}, {"variant": ESR1_LBD, "state": "not_detected"})[ESR1_LBD] == "not_detected"


def test_another_variant_that_was_not_found_says_nothing():
    findings = [{"variant": "A546D", "state": "not_detected"}, {"variant": "L536Q"}]
    assert states(*findings)[ESR1_LBD] == "other_variant"
    assert states(findings[0])[ESR1_LBD] == "not_tested"


def test_a_request_shows_another_variant_with_a_warning():
    patient = Patient(somatic=[{"variant": "p.Ala546Asp", "vaf": 0.2}])
    resolved = resolve(patient, PatientTerms(ENDPOINT, CATALOGUE))
    assert resolved.somatic[OTHER_VARIANT] == "detected"
    assert resolved.values[ESR1_LBD] is None
    assert "other_esr1_variant" in [notice.code for notice in resolved.warnings]
    assert resolved.problems == ()


def test_without_findings_nothing_is_tested():
    assert set(states().values()) == {"not_tested"}


def test_one_mutation_found_makes_the_domain_positive_and_leaves_the_others_untested():
    found = states({"variant": "D538G"})
    assert (found["D538G"], found[ESR1_LBD], found["Y537S"]) == ("detected", "detected", "not_tested")


def test_one_mutation_not_found_says_nothing_of_the_domain():
    found = states({"variant": "Y537S", "state": "not_detected"})
    assert (found["Y537S"], found[ESR1_LBD]) == ("not_detected", "not_tested")


def test_all_mutations_not_found_make_the_domain_negative():
    every = [{"variant": name, "state": "not_detected"} for name in CATALOGUE.somatic]
    assert states(*every)[ESR1_LBD] == "not_detected"


def test_a_negative_domain_is_negative_for_each_mutation():
    assert set(states({"variant": ESR1_LBD, "state": "not_detected"}).values()) == {"not_detected"}


def test_a_positive_domain_does_not_say_which_mutation():
    found = states({"variant": ESR1_LBD})
    assert (found[ESR1_LBD], found["Y537S"]) == ("detected", "not_tested")


def test_found_in_plasma_and_not_in_tissue_is_found():
    found = states(
        {"variant": "Y537S", "state": "not_detected", "specimen": "tissue"}, {"variant": "Y537S", "specimen": "plasma"}
    )
    assert found["Y537S"] == "detected"


@pytest.mark.parametrize(
    "findings",
    [
        [{"variant": "Y537S"}, {"variant": "p.Tyr537Ser", "state": "not_detected"}],
        [{"variant": "Y537S"}, {"variant": ESR1_LBD, "state": "not_detected"}],
        [{"variant": "Y537S", "state": "not_detected", "vaf": 0.1}],
        [{"variant": "Y537S", "state": "detected", "vaf": 0.0}],
    ],
)
def test_contradictions_are_refused(findings):
    with pytest.raises(EsrError) as caught:
        states(*findings)
    assert caught.value.code == "conflicting_findings"
