"""Findings in text: lists are read, sentences are refused, nothing is guessed from a denial."""

from __future__ import annotations

import pytest

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from features.somatic.states import OTHER_VARIANT, somatic_id
from features.somatic.text import findings_in_text

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p.Tyr537Ser", [("Y537S", None)]),
        ("Y537S", [("Y537S", None)]),
        ("c.1610A>C", [("Y537S", None)]),
        ("ESR1 p.Tyr537Ser (c.1610A>C) VAF 3.2 %", [("Y537S", 0.032)]),
        ("ESR1 p.(Tyr537Ser), D538G 0.4%", [("Y537S", None), ("D538G", 0.004)]),
        ("NM_000125.4:c.1613A>G (p.Asp538Gly)", [("D538G", None)]),
        ("D538G (VAF: 12%) and E380Q [1.5 %]", [("D538G", 0.12), ("E380Q", 0.015)]),
        ("p.Ala546Asp; p.V422del", [(OTHER_VARIANT, None), (OTHER_VARIANT, None)]),
        ("c.1610_1611delinsCA", [("Y537S", None)]),
        ("Y537S;\nD538G.", [("Y537S", None), ("D538G", None)]),
        ("Y537S VAF 0.032", [("Y537S", 0.032)]),
        ("Y537S (AF=.5), D538G", [("Y537S", 0.5), ("D538G", None)]),
        ("Y537S/D538G", [("Y537S", None), ("D538G", None)]),
        ("p.Tyr537Ser / p.Asp538Gly 2%", [("Y537S", None), ("D538G", 0.02)]),
        ("Y537S, VAF: 3%; D538G", [("Y537S", 0.03), ("D538G", None)]),
        ("ESR1 E542K 3 %; ESR1 Y537S", [(OTHER_VARIANT, 0.03), ("Y537S", None)]),
        ("ESR-1 E542K", [(OTHER_VARIANT, None)]),
        ("ESR1 E542K (c.1624G>A)", [(OTHER_VARIANT, None)]),
        ("p.E542K (NM_000125.4:c.1624G>A)", [(OTHER_VARIANT, None)]),
        ("", []),
    ],
)
def test_lists_are_read(text, expected):
    found = findings_in_text(text, CATALOGUE)
    assert [(somatic_id(one.variant, CATALOGUE), one.vaf) for one in found] == [
        (name, None if vaf is None else pytest.approx(vaf)) for name, vaf in expected
    ]
    assert {one.state for one in found} <= {"detected"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no D538G", "unknown_somatic_variant"),
        ("D538G not detected", "unknown_somatic_variant"),
        ("negative", "unknown_somatic_variant"),
        ("ESR1 wild type", "unknown_somatic_variant"),
        ("D538G?", "unknown_somatic_variant"),
        ("D358G", "unknown_somatic_variant"),
        ("PIK3CA H1047R", "unknown_somatic_variant"),
        ("PIK3CA E542K", "unknown_somatic_variant"),
        ("PIK3CA p.E542K 12 %", "unknown_somatic_variant"),
        ("PIK3CA:p.Glu542Lys", "unknown_somatic_variant"),
        ("ESR1 D538G; PIK3CA E542K", "unknown_somatic_variant"),
        ("E542K", "unknown_somatic_variant"),
        ("Y537S; E542K 3 %", "unknown_somatic_variant"),
        ("E542K (c.1624G>A)", "unknown_somatic_variant"),
        ("Y537S (c.1613A>G)", "conflicting_findings"),
        ("D538G 120%", "out_of_range"),
        ("D538G VAF 3.2", "unknown_somatic_variant"),  # per cent, or not?
        ("D538G VAF 1.5", "out_of_range"),
        ("D538G 0.03", "unknown_somatic_variant"),
        ("E545K", "unknown_somatic_variant"),
        ("rs2234693", "germline_somatic_mix"),
    ],
)
def test_anything_else_is_refused(text, code):
    with pytest.raises(EsrError) as caught:
        findings_in_text(text, CATALOGUE)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PIK3CA E542K", "another gene than ESR1"),
        ("PIK3CA:p.Glu542Lys", "another gene than ESR1"),
        ("ESR1 D538G; TP53 R175H 40 %", "another gene than ESR1"),
        ("E542K", "PIK3CA has as well"),
        ("R175H", "not ESR1's there"),
        ("NO D538G", "a sentence is not interpreted"),
    ],
)
def test_another_genes_variant_is_named_as_such(text, says):
    with pytest.raises(EsrError) as caught:
        findings_in_text(text, CATALOGUE)
    assert says in caught.value.message
