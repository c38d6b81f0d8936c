"""Two letters at a site make one of the six states, never a guess."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import EsrError
from features.germline.letters import call_from_letters

PANEL = load_catalogue().variants
PVUII, PALINDROME = PANEL["rs2234693"], PANEL["rs1801132"]
COMPLEMENT = str.maketrans("ACGTacgt", "TGCAtgca")
separators = st.sampled_from(["/", "|", ""])


@pytest.mark.parametrize("text", ["T/C", "C/T", "T|C", "CT", "TC", "t/c", " T/C "])
def test_order_case_and_phase_do_not_matter(text):
    call = call_from_letters(text, PVUII)
    assert (call.state, call.alleles, call.dosage, call.reason) == ("called", "C/T", 1.0, None)


@pytest.mark.parametrize(("text", "dosage"), [("T/T", 0.0), ("C/C", 2.0)])
def test_dosage_counts_the_effect_allele(text, dosage):
    assert call_from_letters(text, PVUII).dosage == dosage


def test_an_absent_site_is_not_assayed():
    call = call_from_letters(None, PVUII)
    assert (call.state, call.dosage) == ("not_assayed", None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("./.", "no_call"), (".|.", "no_call"), ("--", "no_call"), ("-", "no_call"), (".", "no_call"), ("NN", "no_call"),
     ("T/.", "half_call"), ("-/C", "half_call")],
)  # fmt: skip
def test_a_failed_call_says_why(text, reason):
    call = call_from_letters(text, PVUII)
    assert (call.state, call.dosage, call.reason) == ("failed_qc", None, reason)


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("A/G", "strand_mismatch", "complement A-T and C-G"),
        ("G/G", "strand_mismatch", "complement"),  # dbSNP's rare third allele, more likely C/C on the other strand
        ("T/G", "unknown_allele", "T or C"),
        ("T/A", "unknown_allele", "T or C"),
        ("T", "invalid_genotype", "both alleles"),
        ("T/C/C", "invalid_genotype", "two letters"),
        ("0/1", "invalid_genotype", "give the letters"),
        ("1", "invalid_genotype", "give the letters"),
        ("TT/C", "unknown_allele", "T or C"),
        ("<DEL>", "unknown_allele", "T or C"),
        ("*", "unknown_allele", "T or C"),
        ("DI", "unknown_allele", "T or C"),
        ("", "invalid_genotype", "not assayed"),
        ("Т/С", "invalid_genotype", "two letters"),  # Cyrillic look-alikes
        ("T/C\n", "invalid_genotype", "two letters"),
        ("*999", "invalid_genotype", "two letters"),
        ("R", "invalid_genotype", "two letters"),  # IUPAC code for A or G
        ("het", "invalid_genotype", "two letters"),
    ],
)
def test_other_texts_are_refused_with_site_and_cure(text, code, cure):
    with pytest.raises(EsrError, match="rs2234693") as caught:
        call_from_letters(text, PVUII)
    assert caught.value.code == code
    assert cure in caught.value.message


def test_a_palindromic_site_is_read_as_declared():
    assert call_from_letters("C/C", PALINDROME).alleles == "C/C"
    assert call_from_letters("C/C", PALINDROME, "reverse").alleles == "G/G"


def test_a_declared_reverse_strand_is_complemented_and_a_wrong_declaration_noticed():
    assert call_from_letters("AG", PVUII, "reverse").alleles == "C/T"
    with pytest.raises(EsrError, match="only on the forward strand") as caught:
        call_from_letters("TC", PVUII, "reverse")
    assert caught.value.code == "strand_mismatch"


def test_an_unverified_site_is_usable_by_its_name():
    site = PANEL["rs1271572"]
    assert call_from_letters("/".join(site.alleles), site).state == "called"


@given(variant=st.sampled_from(list(PANEL.values())), data=st.data(), separator=separators)
def test_complementing_never_gives_another_confident_call(variant, data, separator):
    pair = data.draw(st.tuples(st.sampled_from("ACGT"), st.sampled_from("ACGT")))
    text = separator.join(pair)
    first, second = _call(text, variant), _call(text.translate(COMPLEMENT), variant)
    # at a palindromic site the contract (forward strand) alone decides
    assert variant.palindromic or first is None or second is None


@given(variant=st.sampled_from(list(PANEL.values())), data=st.data(), separator=separators)
def test_both_strands_tell_the_same_call_when_declared(variant, data, separator):
    pair = data.draw(st.tuples(st.sampled_from(variant.alleles), st.sampled_from(variant.alleles)))
    text = separator.join(pair)
    assert call_from_letters(text, variant) == call_from_letters(text.translate(COMPLEMENT), variant, "reverse")


@given(text=st.text(max_size=8), variant=st.sampled_from(list(PANEL.values())))
def test_any_text_is_a_call_or_a_clean_refusal(text, variant):
    call = _call(text, variant)
    assert call is None or (call.state == "called") == (call.dosage is not None)


def _call(text, variant):
    with suppress(EsrError):
        return call_from_letters(text, variant)
    return None
