"""A stored model answers as long as the catalogue has what it uses; further rows and other changes refuse nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from catalogue_copy import changed_catalogue, grown_catalogue

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.released import panel_digest
from data_schemas.errors import ModelError
from data_schemas.model.bundle import read_bundle

STORED = Path(__file__).parents[2] / "fixtures" / "bundles"
MENOPAUSE, TUMOUR = STORED / "mht-ldl-response", STORED / "serd-progression"

EFFECT_ALLELE = ("panel.toml", "germline.rs2234693", 'effect_allele = "C"', 'effect_allele = "T"')
Y537S = ("panel.toml", "somatic.Y537S", "pos = 152098788", "pos = 152098789")
S463P = ("panel.toml", "somatic.S463P", "pos = 152094402", "pos = 152094403")
FULVESTRANT = ("therapies.toml", "fulvestrant", "mg/mo", "mg/d")
CAMIZESTRANT = ("therapies.toml", "camizestrant", "mg/d", "g/d")
FREQUENCY = ("panel.toml", "germline.rs2234693", "eur = 0.423", "eur = 0.421")
WORDING = ("panel.toml", "somatic.Y537S", "missense variant", "amino acid change")
LABEL = ("therapies.toml", "fulvestrant", 'label = "Fulvestrant"', 'label = "Fulvestrant, 500 mg"')


@pytest.mark.parametrize("bundle", [MENOPAUSE, TUMOUR], ids=lambda path: path.name)
def test_a_model_loads_where_the_catalogue_has_grown(bundle, tmp_path):
    grown = grown_catalogue(tmp_path)
    assert grown.panel_digest != load_catalogue().panel_digest
    model = read_bundle(bundle, grown)
    assert model.scorecard == read_bundle(bundle).scorecard
    assert model.catalogue.later == {"L469V"}
    assert model.catalogue.domain == tuple(load_catalogue().somatic)
    assert grown.domain == tuple(grown.somatic)


@pytest.mark.parametrize(
    ("bundle", "edit", "name"),
    [
        (MENOPAUSE, EFFECT_ALLELE, "rs2234693"),
        (TUMOUR, Y537S, "Y537S"),
        (TUMOUR, S463P, "S463P"),  # by way of ESR1_LBD
        (TUMOUR, FULVESTRANT, "fulvestrant"),
    ],
)
def test_a_changed_row_that_the_model_uses_is_refused_by_name(bundle, edit, name, tmp_path):
    with pytest.raises(ModelError, match=f"uses {name}, which this software has otherwise") as caught:
        read_bundle(bundle, changed_catalogue(tmp_path, edit))
    assert caught.value.code == "schema_incompatible"
    assert "train the model again, or use the version of this software that trained it" in caught.value.message


@pytest.mark.parametrize(
    ("bundle", "edit"),
    [
        (TUMOUR, EFFECT_ALLELE),
        (MENOPAUSE, Y537S),
        (MENOPAUSE, FULVESTRANT),
        (TUMOUR, CAMIZESTRANT),  # the endpoint's, but nobody of the cohort had it
        (MENOPAUSE, FREQUENCY),
        (TUMOUR, WORDING),
        (TUMOUR, LABEL),
    ],
)
def test_what_the_model_does_not_use_may_change(bundle, edit, tmp_path):
    changed = changed_catalogue(tmp_path, edit)
    assert read_bundle(bundle, changed).scorecard == read_bundle(bundle).scorecard
    assert read_bundle(bundle, changed).catalogue is changed


@pytest.mark.parametrize(
    ("bundle", "section", "name"),
    [
        (MENOPAUSE, "variants", "rs1271572"),
        (TUMOUR, "somatic", "L536R"),
        (TUMOUR, "therapies", "elacestrant"),
        (TUMOUR, "therapies", "camizestrant"),
    ],
)
def test_a_row_that_is_gone_is_refused_by_name(bundle, section, name):
    known = load_catalogue()
    rows = {key: row for key, row in getattr(known, section).items() if key != name}
    less = replace(known, **{section: rows})
    less = replace(less, panel_digest=panel_digest(less.variants, less.somatic))
    with pytest.raises(ModelError, match=f"uses {name}, "):
        read_bundle(bundle, less)


def test_a_panel_that_nobody_released_is_refused_with_its_digest():
    known = load_catalogue()
    forgotten = known.released.model_copy(update={"panels": {}})
    assert read_bundle(TUMOUR, replace(known, released=forgotten)).catalogue.later == frozenset()
    with pytest.raises(ModelError, match="variant panel sha256:5fa38d15b1e4, which this software does not know"):
        read_bundle(TUMOUR, replace(known, released=forgotten, panel_digest="sha256:0"))
