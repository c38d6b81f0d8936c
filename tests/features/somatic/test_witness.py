"""A row that proves nothing opens what it touches, and nothing that was found."""

from __future__ import annotations

from typing import get_args

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.record import canonical_json
from data_schemas.wire.tumour import REASONS, OpenReason, TumourSample, TumourVariant
from features.somatic.samples import Coverage, tumour_sample
from features.somatic.states import OTHER_VARIANT
from features.somatic.witness import mutations_at, open_by

CATALOGUE = load_catalogue()
LOOKED_AT = Coverage(True, "the assay covers ESR1")


def _sample(*found, **unsettled):
    variants = [TumourVariant(variant=name, change=name, place="line 1") for name in found]
    return tumour_sample("t", variants, LOOKED_AT, CATALOGUE, unsettled)


def test_each_reason_is_in_the_table():
    assert set(REASONS) == set(get_args(OpenReason))


def test_a_row_about_anything_opens_every_mutation_and_the_domain():
    sample = open_by(_sample(), None, "unreadable_row", CATALOGUE)
    assert sample.states == dict.fromkeys((ESR1_LBD, *CATALOGUE.somatic), "not_tested")
    assert sample.open == dict.fromkeys((ESR1_LBD, *CATALOGUE.somatic), "unreadable_row")


@pytest.mark.parametrize("residue", [380, 463, 536, 537, 538])
def test_a_row_about_one_residue_opens_its_mutations_and_no_others(residue):
    sample = open_by(_sample(), [residue], "no_reads", CATALOGUE)
    ours = {name for name, row in CATALOGUE.somatic.items() if row.residue == residue}
    assert {name for name, state in sample.states.items() if state == "not_tested"} == {ESR1_LBD, *ours}
    assert mutations_at([residue], CATALOGUE) == {OTHER_VARIANT, *ours}


def test_a_row_beside_the_panel_leaves_the_domain_open_alone():
    assert open_by(_sample(), [546], "filtered", CATALOGUE).open == {ESR1_LBD: "filtered"}


def test_what_was_found_stays_found():
    sample = open_by(_sample("D538G"), None, "unreadable_row", CATALOGUE)
    assert (sample.states["D538G"], sample.states[ESR1_LBD], sample.states["Y537S"]) == (
        "detected",
        "detected",
        "not_tested",
    )
    assert not {"D538G", ESR1_LBD} & set(sample.open)


def test_the_first_reason_is_kept():
    sample = open_by(_sample(D538G="filtered"), None, "unreadable_row", CATALOGUE)
    assert (sample.open["D538G"], sample.open["Y537S"]) == ("filtered", "unreadable_row")


def test_the_domain_alone_says_that_it_does_not_tell_the_mutation():
    sample = _sample(ESR1_LBD)
    assert sample.states[ESR1_LBD] == "detected"
    assert sample.open == dict.fromkeys(CATALOGUE.somatic, "domain_only")


def test_a_document_without_open_mutations_keeps_its_bytes():
    assert b'"open"' not in canonical_json(_sample())
    assert TumourSample.model_validate_json(canonical_json(_sample())) == _sample()
