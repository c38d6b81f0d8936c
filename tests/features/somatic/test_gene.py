"""Coding positions of ESR1 against the panel's own pairs of genome position and coding name."""

from __future__ import annotations

import re

import pytest

from data_schemas.catalogue.load import load_catalogue
from features.somatic.gene import receptor_of

ESR1 = receptor_of(load_catalogue())
_PANEL = [*load_catalogue().somatic.values()]


@pytest.mark.parametrize("row", _PANEL, ids=lambda row: row.id)
def test_each_panel_mutation_is_named_from_both_builds(row):
    for build, place in ((37, row.grch37), (38, row.grch38)):
        change = ESR1.coding_change(place.pos, row.ref, row.alt, build)
        assert f"NM_000125:{change.coding}" == row.hgvs_c
        assert change.protein == row.id
        assert ESR1.builds_of(place.pos) == (build,)


@pytest.mark.parametrize("rsid", ["rs2077647", "rs1801132"])
def test_the_coding_germline_sites_lie_where_their_names_say(rsid):
    row = load_catalogue().variants[rsid]
    number = int(re.search(r"c\.(\d+)", row.hgvs_c)[1])
    assert ESR1.coding_position(row.grch37.pos, 37) == ESR1.coding_position(row.grch38.pos, 38) == number


@pytest.mark.parametrize("rsid", ["rs2234693", "rs9340799", "rs3020314"])
def test_intronic_sites_are_not_coding(rsid):
    row = load_catalogue().variants[rsid]
    assert ESR1.coding_position(row.grch37.pos, 37) is None


def test_the_whole_reading_frame_is_covered_once():
    bases = [b for pos in range(152129000, 152420200) if (b := ESR1.coding_position(pos, 37)) is not None]
    assert bases == list(range(1, 1789))


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "coding", "protein"),
    [
        (152419923, "AT", "CA", "c.1610_1611delinsCA", "Y537S"),
        (152419922, "TA", "AG", "c.1609_1610delinsAG", "Y537S"),
        (152419920, "TC", "AG", "c.1607_1608delinsAG", "L536Q"),
        (152419919, "CTC", "CAC", "c.1607T>A", "L536H"),
        (152419924, "T", "C", "c.1611T>C", "Y537="),
        (152420095, "G", "A", "c.1782G>A", "T594="),  # rs2228480
        (152419922, "T", "C", "c.1609T>C", "Y537H"),
        (152419921, "CT", "GA", "c.1608_1609delinsGA", "Y537N"),
        (152419920, "TCTA", "ACTG", "c.1607_1610delinsACTG", None),
        (152382151, "A", "G", "c.1261A>G", None),
        (152419923, "A", "AATGACC", "c.1610_1611insATGACC", None),
        (152419925, "GAC", "G", "c.1613_1614del", None),
    ],
)
def test_changes_are_named_by_residue_where_codons_are_known(pos, ref, alt, coding, protein):
    change = ESR1.coding_change(pos, ref, alt, 37)
    assert (change.coding, change.protein) == (coding, protein)


def test_a_wrong_reference_letter_names_no_residue():
    assert ESR1.coding_change(152419923, "G", "C", 37).protein is None


def test_no_change_and_intronic_changes_are_none():
    assert ESR1.coding_change(152419923, "A", "A", 37) is None
    assert ESR1.coding_change(152163335, "T", "C", 37) is None
    assert ESR1.coding_change(152419923, "A", "C", 38) is None


def test_coding_names_give_the_protein_change():
    assert ESR1.protein_of("c.1138G>C") == "E380Q"
    assert ESR1.protein_of("c.1637C>A") is None
    assert ESR1.protein_of("c.1610_1611del") is None


def test_a_base_can_have_only_the_letters_of_its_residue():
    assert ESR1.length == 595
    assert [ESR1.may_be_reference(1624, letter) for letter in "ACGT"] == [False, False, True, False]  # E542: GAA or GAG
    assert [ESR1.may_be_reference(1610, letter) for letter in "ACGT"] == [True, False, False, False]
    assert not ESR1.may_be_reference(3140, "A")  # beyond the stop codon: PIK3CA's H1047R
    for row in _PANEL:
        base, letter = re.search(r"c\.(\d+)([ACGT])>", row.hgvs_c).groups()
        assert ESR1.may_be_reference(int(base), letter)


@pytest.mark.parametrize(
    ("pos", "ref", "alt", "protein"),
    [(152129077, "T", "C", None), (152265522, "G", "C", "P325="), (152129068, "A", "G", "T7=")],
)
def test_a_third_base_that_cannot_change_the_residue_is_silent(pos, ref, alt, protein):
    assert ESR1.coding_change(pos, ref, alt, 37).protein == protein


def test_listed_codons_code_for_the_listed_residues():
    acids = {"GAA": "E", "TCC": "S", "CTC": "L", "TAT": "Y", "GAC": "D"}
    assert all(len(codons) == 1 for codons in ESR1.codons.values())
    assert {n: acids[codon] for n, (codon,) in ESR1.codons.items()} == {n: ESR1.gene.residues[n] for n in ESR1.codons}
