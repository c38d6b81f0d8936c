"""However a tumour's VCF is damaged, split, joined or robbed of its phase: the same answer, or none."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tumour_vcfs import CATALOGUE, CODONS, FIRST, detected, record, sample_of

from data_schemas.reference.gene import GENETIC_CODE
from features.somatic.states import OTHER_VARIANT

PANEL = {name: row.residue for name, row in CATALOGUE.somatic.items() if row.residue in (536, 537, 538)}

_molecule = st.dictionaries(st.integers(0, 8), st.sampled_from("ACGT"), max_size=4).map(
    lambda letters: {at: letter for at, letter in letters.items() if letter != CODONS[at]}
)
"""Letters of one molecule that are not the reference's, by their place in the three codons."""
tumours = st.lists(_molecule, min_size=1, max_size=2)


def truth(molecules):
    """Return the amino acids that the molecules have and the reference has not, by the genetic code alone."""
    found = set()
    for letters in molecules:
        text = "".join(letters.get(at, letter) for at, letter in enumerate(CODONS))
        for number, (old, new) in enumerate(zip(_acids(CODONS), _acids(text), strict=True), start=536):
            found |= {f"{old}{number}{new}"} if old != new else set()
    return found


def _acids(text):
    return [GENETIC_CODE[text[at : at + 3]] for at in (0, 3, 6)]


def rows_of(molecules):
    """Return one row per change: place, letter, and the sides that have it."""
    places = {(at, letter) for letters in molecules for at, letter in letters.items()}
    every = [*molecules, {}]  # the normal cells among the tumour's
    sides = {one: ["1" if letters.get(one[0]) == one[1] else "0" for letters in every] for one in places}
    return [(at, letter, sides[at, letter]) for at, letter in sorted(places)]


def lines_of(rows, phased=True):
    return [
        record(
            FIRST + at,
            CODONS[at],
            letter,
            f"{'|'.join(sides)}:80,20:5" if phased else f"{'/'.join(sorted(sides))}:80,20:.",
            "GT:AD:PS",
        )
        for at, letter, sides in rows
    ]


def read(*lines):
    with tempfile.TemporaryDirectory() as folder:
        return sample_of(Path(folder), *lines)


def never_another(sample, true):
    """Hold that each confident state is the truth; anything may be open."""
    for name, state in sample.states.items():
        if name in PANEL:
            assert state in ("not_tested", "detected" if name in true else "not_detected"), name
    if sample.states["ESR1_LBD"] == "not_detected":
        assert not true
    if sample.states["ESR1_LBD"] == "detected":
        assert true & set(PANEL)


@given(tumours)
def test_phased_changes_are_the_molecules_amino_acids(molecules):
    true, sample = truth(molecules), read(*lines_of(rows_of(molecules)))
    assert detected(sample) == {one if one in PANEL else OTHER_VARIANT for one in true}
    assert sample.open == {}


@given(tumours)
def test_without_phase_the_answer_is_the_same_or_none(molecules):
    never_another(read(*lines_of(rows_of(molecules), phased=False)), truth(molecules))


@given(tumours, st.data())
def test_without_the_phase_of_one_row_the_answer_is_the_same_or_none(molecules, data):
    rows = rows_of(molecules)
    lines = lines_of(rows)
    if rows:
        number = data.draw(st.integers(0, len(rows) - 1))
        lines[number] = lines_of(rows, phased=False)[number]
    never_another(read(*lines), truth(molecules))


@given(_molecule)
def test_joined_in_one_record_the_answer_stays(letters):
    if letters:
        first, last = min(letters), max(letters)
        alt = "".join(letters.get(at, CODONS[at]) for at in range(first, last + 1))
        joined = read(record(FIRST + first, CODONS[first : last + 1], alt))
        assert detected(joined) == {one if one in PANEL else OTHER_VARIANT for one in truth([letters])}
        # whatever is shared at the ends changes nothing
        padded = read(record(FIRST, CODONS, "".join(letters.get(at, one) for at, one in enumerate(CODONS))))
        assert (padded.states, padded.open) == (joined.states, joined.open)
        beside = read(record(FIRST + first, CODONS[first : last + 1], alt), *lines_of(rows_of([letters])))
        never_another(beside, truth([letters]))


DAMAGES = {
    "no reads": lambda text: text.replace("80,20", "0,0"),
    "a failed filter": lambda text: text.replace("PASS", "weak_evidence"),
    "its own failed filter": lambda text: text.replace("GT:AD:PS", "GT:FT:AD:PS").replace(":80", ":lowq:80"),
    "no support": lambda text: text.replace("80,20", "100,0"),
    "an ambiguous letter": lambda text: "\t".join([*text.split("\t")[:4], "N", *text.split("\t")[5:]]),
    "a symbol": lambda text: "\t".join([*text.split("\t")[:4], "<NON_REF>", *text.split("\t")[5:]]),
    "no call": lambda text: "\t".join([*text.split("\t")[:9], "./.:80,20:."]),
    "nothing": lambda text: "\t".join([*text.split("\t")[:9], "."]),
}


@given(tumours, st.sampled_from(sorted(DAMAGES)), st.data())
def test_a_damaged_row_never_turns_the_answer(molecules, damage, data):
    lines = lines_of(rows_of(molecules))
    if not lines:
        return
    number = data.draw(st.integers(0, len(lines) - 1))
    lines[number] = DAMAGES[damage](lines[number])
    sample, true = read(*lines), truth(molecules)
    place = 536 + rows_of(molecules)[number][0] // 3
    lost = {name for name, residue in PANEL.items() if residue == place}
    if damage in ("no call", "nothing"):
        # with its call the row's side is lost: what others make of that codon is not held against them
        true = true - lost | (detected(sample) & lost)
    never_another(sample, true)
    # reads that all have the reference are a witness of the site
    assert damage == "no support" or not any(sample.states[name] == "not_detected" for name in lost)


@given(tumours, st.integers(-3, 9), st.integers(0, 12))
def test_a_block_without_reads_never_leaves_a_mutation_absent(molecules, first, length):
    block = record(FIRST + first, "N", "<NON_REF>", "0/0:0", "GT:DP", info=f"END={FIRST + first + length}")
    sample = read(*lines_of(rows_of(molecules)), block)
    never_another(sample, truth(molecules))
    covered = {536 + at // 3 for at in range(9) if first <= at <= first + length}
    assert not any(sample.states[name] == "not_detected" for name, residue in PANEL.items() if residue in covered)
