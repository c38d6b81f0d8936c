"""An endpoint's definition is its question, not its wording."""

from __future__ import annotations

import pytest
from grip_study import ENDPOINT, write

from data_schemas.catalogue.endpoint import differing_keys, rewritten_keys
from data_schemas.catalogue.load import find_endpoint, load_catalogue


def test_a_definition_is_the_question_and_not_its_wording():
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    reworded = {"title": "x", "is_not": ("y",), "simulation": None, "haplotypes": ("pvuii-xbai",)}
    criterion = endpoint.eligibility[0].model_copy(update={"reason": "in other words"})
    reworded |= {"eligibility": (criterion, *endpoint.eligibility[1:])}
    assert endpoint.model_copy(update=reworded).definition == endpoint.definition
    for change in ({"time_at_risk_days": 3.0}, {"covariates": ("age",)}, {"comparator": None}, {"eligibility": ()}):
        assert endpoint.model_copy(update=change).definition != endpoint.definition


@pytest.mark.parametrize("key", ["population", "favourable", "covariates", "therapies", "required", "eligibility"])
def test_other_words_or_another_order_are_the_same_definition(key):
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    value = getattr(endpoint, key)
    other = endpoint.model_copy(update={key: f"{value}, in short" if isinstance(value, str) else value[::-1]})
    assert other != endpoint
    assert other.definition == endpoint.definition
    assert differing_keys(endpoint, other) == ()
    assert rewritten_keys(endpoint, other) == (key,)


def test_which_inputs_may_interact_is_no_part_of_the_definition():
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    assert endpoint.model_copy(update={"interactions": ()}).definition == endpoint.definition


def test_text_counts_where_it_alone_states_the_question():
    endpoints = load_catalogue().endpoints
    stated = endpoints["ovulation-induction"]  # binary: the cohort says who ovulated
    assert differing_keys(stated, stated.model_copy(update={"favourable": "a live birth"})) == ("favourable",)
    anybody = stated.model_copy(update={"eligibility": ()})
    assert differing_keys(anybody, anybody.model_copy(update={"population": "Men"})) == ("population",)


REWORDED = {
    "a covariate's label": ('label = "Grip strength"', 'label = "Hand grip strength"'),
    "a covariate's plausible range": ("plausible = [5, 80]", "plausible = [5, 90]"),
    "a therapy's mechanism": ("androgen receptor agonist, hardly aromatised", "an androgen"),
    "a variant's source": ("dbSNP rs1042717", "dbSNP"),
}


@pytest.mark.parametrize("what", REWORDED)
def test_a_declared_row_may_be_reworded(tmp_path, what):
    old, new = REWORDED[what]
    assert old in ENDPOINT
    catalogue = load_catalogue()
    one = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT))
    other = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT.replace(old, new)))
    assert one != other
    assert one.definition == other.definition


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("declared_covariates", 'unit = "kg"', 'unit = "N"'),
        ("declared_covariates", "possible = [0, 150]", "possible = [0, 160]"),
        ("declared_variants", 'effect_allele = "A"', 'effect_allele = "G"'),
        ("declared_therapies", 'dose_unit = "mg/d"', 'dose_unit = "mg/wk"'),
    ],
)
def test_a_declared_row_that_means_something_else_is_another_definition(tmp_path, section, old, new):
    catalogue = load_catalogue()
    one = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT))
    other = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT.replace(old, new)))
    assert differing_keys(one, other) == (section,)
