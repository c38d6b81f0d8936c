"""Haplotypes as features: named by an endpoint, given frequencies by a cohort, encoded alike everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from data_schemas.catalogue.cross_faults import endpoint_faults
from data_schemas.catalogue.haplotype import Haplotype
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from data_schemas.model.scorecard import Feature
from data_schemas.wire.patient import Patient
from features.matrix.encode import encode, endpoint_features
from features.matrix.haplotypes import ancestry_notice, inputs, learn
from features.patient.resolve import resolve
from features.patient.terms import PatientTerms

TA = "haplotype:rs2234693-rs9340799:TA"
CG = "haplotype:rs2234693-rs9340799:CG"


@pytest.fixture
def endpoint():
    plain = load_catalogue().endpoints["mht-ldl-response"]
    return plain.model_copy(update={"haplotypes": ("pvuii-xbai",)})


@pytest.fixture
def columns():
    """60 white people and 5 asian ones: TA/TA, TA/CG and CG/CG, and a few CA."""
    pairs = [(0, 0)] * 20 + [(1, 1)] * 25 + [(2, 2)] * 10 + [(1, 0)] * 5 + [(0, 0)] * 3 + [(2, 0)] * 2
    one, two = np.array(pairs, dtype=float).T
    return {"rs2234693": one, "rs9340799": two, "race_ethnicity": ["white"] * 60 + ["asian"] * 5}


@pytest.fixture
def features(endpoint, columns):
    return learn(endpoint_features(Terms(endpoint, load_catalogue()), "clinical+genetic"), columns)


def _only(features, name=TA):
    return [feature for feature in features if feature.name == name]


def _row(features, **values):
    return encode({name: [values.get(name.replace(":", "_"))] for name in inputs(features)}, features)[0, 0]


def test_haplotypes_stand_in_place_of_their_sites(endpoint):
    names = [f.name for f in endpoint_features(Terms(endpoint, load_catalogue()), "clinical+genetic")]
    assert TA in names
    assert CG in names
    assert not {"rs2234693", "rs9340799"} & set(names)
    assert TA not in [f.name for f in endpoint_features(Terms(endpoint, load_catalogue()), "clinical")]


def test_a_cohort_without_one_of_the_sites_keeps_the_other_as_it_is(endpoint):
    names = [
        f.name
        for f in endpoint_features(Terms(endpoint, load_catalogue()), "clinical+genetic", available={"rs2234693"})
    ]
    assert names[-1] == "rs2234693"


def test_frequencies_are_kept_pooled_and_by_ancestry_with_enough_people(features):
    (feature,) = _only(features)
    assert [(table.ancestry, table.n) for table in feature.haplotype.tables] == [("pooled", 65), ("white", 60)]
    assert Feature.model_validate_json(feature.model_dump_json()) == feature


def test_unambiguous_genotypes_are_counted_and_double_heterozygotes_weighed(features):
    one = _only(features)
    assert _row(one, rs2234693=0.0, rs9340799=0.0) == 2
    assert _row(one, rs2234693=1.0, rs9340799=0.0) == 1
    assert 0.9 < _row(one, rs2234693=1.0, rs9340799=1.0, race_ethnicity="white") <= 1
    assert np.isnan(_row(one, rs2234693=1.0))


def test_phase_beats_frequencies(features):
    one = _only(features)
    both = {"rs2234693": 1.0, "rs9340799": 1.0}
    assert _row(one, **both, phase_rs2234693="left", phase_rs9340799="left") == 1
    assert _row(one, **both, phase_rs2234693="left", phase_rs9340799="right") == 0
    apart = _row(one, **both, phase_rs2234693="left:1", phase_rs9340799="right:2")
    assert apart == _row(one, **both)


def test_an_imputed_dosage_is_shared_between_its_neighbours(features):
    one = _only(features)
    low, high = (_row(one, rs2234693=x, rs9340799=0.0) for x in (0.0, 1.0))
    assert _row(one, rs2234693=0.25, rs9340799=0.0) == pytest.approx(0.75 * low + 0.25 * high)


def test_a_batch_gives_what_single_rows_give(features):
    one = _only(features)
    grid = [(a, b, r) for a in (0.0, 1.0, 2.0, None) for b in (0.0, 1.0, 2.0) for r in ("white", "asian", None)]
    columns = {name: [None] * len(grid) for name in inputs(one)}
    columns |= dict(zip(("rs2234693", "rs9340799", "race_ethnicity"), map(list, zip(*grid, strict=True)), strict=True))
    singly = [_row(one, rs2234693=a, rs9340799=b, race_ethnicity=r) for a, b, r in grid]
    np.testing.assert_array_equal(encode(columns, one)[:, 0], singly)


def test_a_request_carries_phase_and_ancestry_to_the_encoder(endpoint, features):
    patient = Patient(
        covariates={"race_ethnicity": "white"}, genotypes={"rs2234693": "T|C", "rs9340799": "A|G", "rs2077647": "T/C"}
    )
    values = resolve(patient, PatientTerms(endpoint, load_catalogue())).values
    assert (values["phase:rs2234693"], values["phase:rs9340799"]) == ("right", "right")
    assert values["race_ethnicity"] == "white"
    one = _only(features)
    assert encode({name: [values[name]] for name in inputs(one)}, one)[0, 0] == 1
    assert ancestry_notice(one, values) is None


def test_pooled_frequencies_are_said_to_be_used(features):
    one = _only(features)
    called = {"rs2234693": 1.0, "rs9340799": 1.0}
    assert "not declared" in ancestry_notice(one, called).detail
    assert "too few" in ancestry_notice(one, {**called, "race_ethnicity": "asian"}).detail
    assert ancestry_notice(one, {"rs2234693": 1.0, "race_ethnicity": None}) is None


def test_too_few_people_give_no_frequencies(endpoint):
    wanted = endpoint_features(Terms(endpoint, load_catalogue()), "clinical+genetic")
    with pytest.raises(EsrError, match="fewer than 25 people") as caught:
        learn(wanted, {"rs2234693": [1.0] * 10, "rs9340799": [1.0] * 10})
    assert caught.value.code == "too_few_rows"


def test_a_feature_without_frequencies_is_never_encoded(endpoint):
    one = _only(endpoint_features(Terms(endpoint, load_catalogue()), "clinical+genetic"))
    with pytest.raises(EsrError) as caught:
        encode({"rs2234693": [1.0], "rs9340799": [1.0]}, one)
    assert caught.value.code == "schema_incompatible"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("pvuii", "is no haplotype"),
        ("rs2234693-rs9340799:TT", "rs9340799 has the alleles A and G, not T"),
        ("rs2234693-rs2234693:TC", "give each site once"),
        ("rs2234693-rs9340799:TAG", "one letter per site"),
        ("rs2234693-rs6025:TA", "rs6025 is no variant of this endpoint"),
    ],
)
def test_an_endpoint_with_an_impossible_haplotype_is_refused_with_the_reason(endpoint, name, sentence):
    wrong = endpoint.model_copy(update={"haplotypes": (name,)})
    assert any(sentence in fault for fault in endpoint_faults(wrong, load_catalogue()))


def test_a_scorecard_with_wrong_frequencies_is_refused(features):
    (feature,) = _only(features)
    document = feature.haplotype.model_dump()
    document["tables"][0]["values"] = (0.5, 0.1, 0.1, 0.1)
    with pytest.raises(ValueError, match="sum to 1"):
        Haplotype.model_validate(document)
