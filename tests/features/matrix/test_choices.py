"""Effect models and haplotypes chosen on the command line."""

from __future__ import annotations

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from features.matrix.choices import with_choices
from features.matrix.encode import endpoint_features


@pytest.fixture
def endpoint():
    return load_catalogue().endpoints["mht-ldl-response"]


def test_a_choice_reaches_the_features_and_leaves_the_catalogue_alone(endpoint):
    catalogue = load_catalogue()
    chosen = with_choices(Terms(endpoint, catalogue), ["rs2077647=dominant"], ["pvuii-xbai"])
    features = {f.name: f for f in endpoint_features(chosen, "clinical+genetic")}
    assert features["rs2077647"].effect_model == "dominant"
    assert "haplotype:rs2234693-rs9340799:CG" in features
    assert endpoint.haplotypes == ()
    assert endpoint.effect_models.get("rs2077647", "additive") == "additive"


def test_no_choice_is_the_endpoint_itself(endpoint):
    assert with_choices(Terms(endpoint, load_catalogue())).endpoint == endpoint


def test_none_takes_haplotypes_away(endpoint):
    once = with_choices(Terms(endpoint, load_catalogue()), haplotypes=["pvuii-xbai"])
    assert with_choices(once, haplotypes=["none"]).endpoint.haplotypes == ()


@pytest.mark.parametrize(
    ("effect_models", "haplotypes", "sentence"),
    [
        (["rs2234693"], [], "as in rs2234693=dominant"),
        (["rs2234693=dominent"], [], "did you mean 'dominant'"),
        (["rs2234639=dominant"], [], "did you mean 'rs2234693'"),
        ([], ["pvuii"], "sets of haplotypes: pvuii-xbai"),
        (["rs2234693=dominant"], ["pvuii-xbai"], "counted within a haplotype"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_with_the_cure(endpoint, effect_models, haplotypes, sentence):
    with pytest.raises(EsrError, match=sentence) as caught:
        with_choices(Terms(endpoint, load_catalogue()), effect_models, haplotypes)
    assert caught.value.code == "refused_setting"
