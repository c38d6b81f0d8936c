"""Somatic states of a cohort's rows from a column of lists of variants."""

from __future__ import annotations

import pytest
from own_cohort import SERD, TIME_MANIFEST, TIMES

from data_schemas.catalogue.cohort import Cohort, Column, SomaticSource
from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import InputFileError
from features.cohort.read import check_columns
from features.somatic.states import OTHER_VARIANT

CATALOGUE = load_catalogue()


def _report(tmp_path, texts, covers=True):
    path = tmp_path / "tumours.csv"
    path.write_text("id,esr1\n" + "".join(f'{k},"{text}"\n' for k, text in enumerate(texts)))
    cohort = Cohort(
        id="texts",
        title="made up",
        design="observational",
        synthetic=True,
        licence="none",
        citation="none",
        ancestry="not stated",
        row_id="id",
        therapy=Column(constant="none"),
        covariates={},
        somatic=SomaticSource(
            assay="plasma panel",
            covers_esr1=covers,
            text=Column(column="esr1", codes={"neg": "not_detected", "failed": "not_tested"}),
        ),
    )
    return check_columns(path, cohort, CATALOGUE)


def test_lists_codes_and_blanks_become_states(tmp_path):
    report = _report(tmp_path, ["Y537S 3.2 %; D538G", "neg", "failed", "", "p.Ala546Asp", "c.1138G>C"])
    assert report.somatic["Y537S"] == {"detected": 1, "not_detected": 3, "not_tested": 2}
    assert report.somatic[ESR1_LBD] == {"detected": 2, "not_detected": 1, "not_tested": 2, "other_variant": 1}
    assert report.somatic[OTHER_VARIANT] == {"detected": 1}


def test_the_domain_alone_leaves_its_mutations_open(tmp_path):
    report = _report(tmp_path, ["ESR1_LBD"])
    assert report.somatic[ESR1_LBD] == {"detected": 1}
    assert report.somatic["Y537S"] == {"not_tested": 1}


def test_an_assay_without_esr1_says_nothing(tmp_path):
    assert _report(tmp_path, ["Y537S"], covers=False).somatic[ESR1_LBD] == {"not_tested": 1}


def test_a_sentence_is_a_fault_of_its_line(tmp_path):
    with pytest.raises(InputFileError, match="line 3: text that is no list") as caught:
        _report(tmp_path, ["Y537S", "no mutation seen"])
    assert caught.value.code == "unknown_somatic_variant"


def somatic(covers, **columns):
    return TIME_MANIFEST | {
        "therapy": {"constant": SERD.therapies[0]},
        "time": {"column": "months", "unit": "a"},
        "somatic": {"assay": "panel", "covers_esr1": covers, "columns": columns},
    }


UNTESTED = SERD.model_copy(update={"required": ("therapy",)})


STATES = {"pos": "detected", "neg": "not_detected", "nd": "not_tested"}


def test_an_assay_that_does_not_cover_esr1_makes_nobody_wild_type(read):
    data = read(rows=TIMES, manifest=somatic(False), endpoint=UNTESTED)
    assert data.report.somatic["ESR1_LBD"] == {"not_tested": data.report.n}
    assert "ESR1_LBD" not in data.table
    assert "none is wild type" in data.report.notes[-1]


def test_somatic_columns_become_states(read):
    rows = TIMES | {"y537s": ["pos", "neg", "nd", "pos", "neg", "pos"]}
    manifest = somatic(True, Y537S={"column": "y537s", "codes": STATES})
    data = read(rows=rows, manifest=manifest, endpoint=UNTESTED)
    assert data.table["ESR1_LBD"].dropna().unique().tolist() == [1.0]
    assert data.report.somatic["ESR1_LBD"]["not_tested"] > 0
