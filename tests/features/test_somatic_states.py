"""Tumour findings: detected, not detected and not tested are three different things."""

import pytest

from data_schemas.catalog import ESR1_LBD, load_catalogue
from data_schemas.errors import EsrError
from data_schemas.patient import SomaticFinding
from features.somatic import somatic_id, somatic_states

CATALOGUE = load_catalogue()
BASE = CATALOGUE.endpoints["serd-progression"]
ENDPOINT = BASE.model_copy(update={"somatic": (ESR1_LBD, *CATALOGUE.somatic)})


def states(*findings):
    return somatic_states([SomaticFinding(**one) for one in findings], ENDPOINT, CATALOGUE)


@pytest.mark.parametrize(
    "text",
    ["Y537S", "p.Y537S", "p.Tyr537Ser", "p.(Tyr537Ser)", "ESR1 Y537S", "ESR1:p.Tyr537Ser", "NP_000116.2:p.Tyr537Ser",
     "c.1610A>C", "NM_000125.4:c.1610A>C", "ESR1 c.1610a>c", "y537s", " Y537S "],
)  # fmt: skip
def test_spellings_of_one_mutation(text):
    assert somatic_id(text, CATALOGUE) == "Y537S"


@pytest.mark.parametrize("name", list(CATALOGUE.somatic))
def test_each_mutation_is_found_by_id_protein_and_coding_name(name):
    row = CATALOGUE.somatic[name]
    assert {somatic_id(text, CATALOGUE) for text in (row.id, row.hgvs_p, row.hgvs_c)} == {name}


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("Y537T", "unknown_somatic_variant", "Y537S"),
        ("ESR1", "unknown_somatic_variant", "ESR1_LBD"),
        ("NM_001122740.2:c.1610A>C", "unknown_somatic_variant", ""),  # another transcript has another numbering
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
