"""A mistake in a user's own endpoint or cohort is refused with file, key and cure."""

from __future__ import annotations

import pytest
from grip_study import COHORT, ENDPOINT, write

from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.errors import CatalogueError
from data_schemas.toml_file import FOLDER

MISTAKES = {
    "not TOML": ("title = ", "title : ", "not valid TOML"),
    "a key nobody knows": (
        "population = ",
        "populaton = ",
        "populaton: there is no such key; did you mean 'population'",
    ),
    "no is_not": ('is_not = ["It is not a risk of falls."]', "", "is_not: is missing; add it"),
    "an empty is_not": ('["It is not a risk of falls."]', "[]", "is_not:"),
    "a therapy nobody knows": (
        '"testosterone-women", "placebo"',
        '"testosteron-women", "placebo"',
        "therapies: 'testosteron-women' is not a therapy; declare it in declared_therapies; did you mean "
        "'testosterone-women'",
    ),
    "a comparator that is no therapy here": ('comparator = "placebo"', 'comparator = "cee"', "comparator: 'cee'"),
    "a misspelt rsID": ('"rs2234693", "rs1042717"]', '"rs2234639", "rs1042717"]', "did you mean 'rs2234693'"),
    "a covariate nobody knows": ('["age", "grip_strength"]', '["aeg", "grip_strength"]', "did you mean 'age'"),
    "required, yet no input": ('["therapy", "grip_strength"]', '["therapy", "bmi"]', "required: 'bmi'"),
    "a kind that does not exist": ('kind = "change"', 'kind = "delta"', "outcome: must be one of"),
    "no size of change": ("relative_change = 0.10", "", "exactly one of them"),
    "a change of zero": ("relative_change = 0.10", "relative_change = 0", "must not be zero"),
    "text for a number": ("time_at_risk_days = 182", 'time_at_risk_days = "long"', "time_at_risk_days:"),
    "a negative time": ("time_at_risk_days = 182", "time_at_risk_days = -1", "time_at_risk_days:"),
    "ranges that do not nest": (
        "plausible = [5, 80]",
        "plausible = [5, 800]",
        "declared_covariates.grip_strength.plausible: must lie within possible",
    ),
    "a covariate without a unit": ('unit = "kg"\n', "", "declared_covariates.grip_strength.unit"),
    "an effect allele the site lacks": (
        'effect_allele = "A"',
        'effect_allele = "T"',
        "declared_variants.rs1042717.effect_allele: T is not among",
    ),
    "a therapy without a mechanism": (
        'mechanism = "androgen receptor agonist, hardly aromatised"\n',
        "",
        "declared_therapies.oxandrolone.mechanism: is missing; add it",
    ),
    "a therapy's id with a blank": (
        "[declared_therapies.oxandrolone]",
        '[declared_therapies."Oxandrolone 5"]',
        "declared_therapies.Oxandrolone 5: a therapy's id is of small letters",
    ),
    "an id beside the name": ('title = "Grip', 'id = "grip"\ntitle = "Grip', "remove this key"),
    "an interaction with a stranger": ('["therapy", "rs2234693"]', '["therapy", "bmi"]', "interactions: 'bmi'"),
    "a criterion without a bound": ("minimum = 45\n", "", "eligibility.age: give any_of"),
    "a covariate twice": ('["age", "grip_strength"]', '["age", "age", "grip_strength"]', "age stands twice"),
}


TAKEN = {
    "a covariate": ("grip_strength", "bmi", "declared_covariates.bmi: the catalogue has a bmi already"),
    "a therapy": ("oxandrolone", "tamoxifen", "declared_therapies.tamoxifen: the catalogue has a tamoxifen already"),
    "a variant": ("rs1042717", "rs4986938", "declared_variants.rs4986938: the catalogue has a rs4986938 already"),
}


@pytest.mark.parametrize("what", TAKEN)
def test_a_name_of_the_catalogue_keeps_its_meaning(tmp_path, what):
    old, new, said = TAKEN[what]
    with pytest.raises(CatalogueError) as caught:
        find_endpoint(load_catalogue(), write(tmp_path, "grip.toml", ENDPOINT.replace(old, new)))
    assert said in caught.value.message
    assert "give yours another name" in caught.value.message


def test_a_cohorts_own_variant_may_not_take_a_name_of_the_panel(tmp_path):
    row = ENDPOINT[ENDPOINT.index("[declared_variants.") :].replace("rs1042717", "rs4986938")
    with pytest.raises(CatalogueError, match="rs4986938: the catalogue has"):
        find_cohort(load_catalogue(), write(tmp_path, "grip-study.toml", f"{COHORT}\n{row}"))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_an_endpoint_names_file_key_and_cure(tmp_path, mistake):
    old, new, said = MISTAKES[mistake]
    assert old in ENDPOINT
    path = write(tmp_path, "grip.toml", ENDPOINT.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        find_endpoint(load_catalogue(), path)
    assert caught.value.code == "catalogue_invalid"
    assert caught.value.message.startswith(path)
    assert said in caught.value.message
    assert "pydantic" not in caught.value.message


COHORT_MISTAKES = {
    "a unit that is not accepted": (
        '"age", unit = "a"',
        '"age", unit = "mo"',
        "covariates.age.unit: 'mo' is not accepted",
    ),
    "a column bound twice": ('column = "grip6"', 'column = "grip0"', "column 'grip0' is bound twice"),
    "no such design": ('design = "randomised"', 'design = "random"', "design: must be one of"),
    "a strand left open": (', strand = "forward"', "", "genotypes.rs2234693.strand: is missing; add it"),
    "a slip in a nested key": (
        '{ column = "age"',
        '{ colum = "age"',
        "covariates.age.colum: there is no such key; did you mean",
    ),
    "neither column nor constant": (
        '{ column = "age", unit = "a" }',
        '{ unit = "a" }',
        "covariates.age: give column or constant",
    ),
    "an event without a time": (
        "[follow_up]",
        '[event]\ncolumn = "dead"\n\n[follow_up]',
        "time and event belong together",
    ),
}


@pytest.mark.parametrize("mistake", COHORT_MISTAKES)
def test_a_mistake_in_a_cohort_names_file_key_and_cure(tmp_path, mistake):
    old, new, said = COHORT_MISTAKES[mistake]
    assert old in COHORT
    path = write(tmp_path, "grip-study.toml", COHORT.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        find_cohort(load_catalogue(), path)
    assert caught.value.message.startswith(path)
    assert said in caught.value.message


def test_all_mistakes_are_told_at_once(tmp_path):
    text = ENDPOINT.replace("rs2234693", "rs2234639").replace('comparator = "placebo"', 'comparator = "cee"')
    with pytest.raises(CatalogueError) as caught:
        find_endpoint(load_catalogue(), write(tmp_path, "grip.toml", text))
    assert caught.value.message.count("; ") >= 2


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "grip.toml"
    path.write_bytes(b'title = "\xff\xfe"')
    with pytest.raises(CatalogueError, match="not UTF-8"):
        find_endpoint(load_catalogue(), str(path))


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match=r"is a folder; name the \.toml file in it"):
        find_endpoint(load_catalogue(), str(tmp_path))


def test_an_own_file_may_not_take_over_an_id_of_the_catalogue(tmp_path):
    catalogue = load_catalogue()
    ours = (FOLDER / "endpoints" / "mht-ldl-response.toml").read_text()
    path = write(tmp_path, "mht-ldl-response.toml", ENDPOINT)
    with pytest.raises(CatalogueError, match=r"of its own.*outcome.*another name") as caught:
        find_endpoint(catalogue, path)
    assert caught.value.code == "catalogue_invalid"
    assert (
        find_endpoint(catalogue, write(tmp_path, "mht-ldl-response.toml", ours))
        == catalogue.endpoints["mht-ldl-response"]
    )
    other = ours.replace("relative_change = -0.15", "relative_change = -0.10")
    assert other != ours
    with pytest.raises(CatalogueError, match="differs in outcome;"):
        find_endpoint(catalogue, write(tmp_path, "mht-ldl-response.toml", other))
