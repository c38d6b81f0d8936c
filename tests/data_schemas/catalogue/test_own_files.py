"""A user's own endpoint and cohort: read from a path, checked like ours, refused with file, key and cure."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w

from data_schemas.catalogue.endpoint import differing_keys, rewritten_keys
from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError
from data_schemas.toml_file import FOLDER

ENDPOINT = """
title = "Grip strength on testosterone"
population = "Women after menopause with low grip strength"
favourable = "grip strength at least 10 % above baseline after six months"
time_at_risk_days = 182
therapies = ["testosterone-women", "placebo", "oxandrolone"]
comparator = "placebo"
covariates = ["age", "grip_strength"]
variants = ["rs2234693", "rs1042717"]
required = ["therapy", "grip_strength"]
interactions = [["therapy", "rs2234693"]]
is_not = ["It is not a risk of falls."]

[outcome]
kind = "change"
covariate = "grip_strength"
relative_change = 0.10

[[eligibility]]
covariate = "age"
minimum = 45
reason = "women from 45 years on"

[declared_covariates.grip_strength]
label = "Grip strength"
kind = "continuous"
unit = "kg"
possible = [0, 150]
plausible = [5, 80]

[declared_therapies.oxandrolone]
label = "Oxandrolone"
therapy_class = "androgens"
mechanism = "androgen receptor agonist, hardly aromatised"
dose_unit = "mg/d"

[declared_variants.rs1042717]
gene = "ESR1"
alleles = ["G", "A"]
effect_allele = "A"
gene_strand = "+"
palindromic = false
consequence = "synonymous variant"
status = "unverified"
sources = ["dbSNP rs1042717"]
"""

COHORT = """
title = "Our grip study"
design = "randomised"
synthetic = false
licence = "internal"
citation = "none"
ancestry = "not stated"

[therapy]
column = "arm"
codes = { T = "testosterone-women", P = "placebo" }

[covariates]
age = { column = "age", unit = "a" }
grip_strength = { column = "grip0", unit = "kg" }

[follow_up]
grip_strength = { column = "grip6", unit = "kg" }

[genotypes]
rs2234693 = { column = "pvuii", strand = "forward" }
"""


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_an_own_endpoint_brings_its_own_covariate_and_variant(tmp_path):
    catalogue = load_catalogue()
    endpoint = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT))
    terms = Terms(endpoint, catalogue)
    assert endpoint.id == "grip"
    assert terms.covariate("grip_strength").unit == "kg"
    assert terms.covariate("age") is catalogue.covariates["age"]
    assert terms.variant("rs1042717").effect_allele == "A"
    assert terms.covariate("nonsense") is None
    assert terms.therapy("oxandrolone").dose_unit == "mg/d"
    assert terms.therapy("placebo") is catalogue.therapies["placebo"]
    assert terms.therapy("nonsense") is None
    assert terms.evidence_for("rs2234693") == ()


def test_an_own_cohort_may_bind_what_only_the_own_endpoint_declares(tmp_path):
    cohort = find_cohort(load_catalogue(), write(tmp_path, "grip-study.toml", COHORT))
    assert cohort.id == "grip-study"
    assert cohort.covariates["grip_strength"].column == "grip0"


def test_a_file_named_without_a_folder_is_a_path_too(tmp_path, monkeypatch):
    write(tmp_path, "grip.toml", ENDPOINT)
    monkeypatch.chdir(tmp_path)
    assert find_endpoint(load_catalogue(), "grip.toml").id == "grip"


def test_the_template_is_read_as_a_users_file(tmp_path):
    text = (FOLDER / "cohorts" / "template.toml").read_text()
    assert find_cohort(load_catalogue(), write(tmp_path, "mine.toml", text)).id == "mine"


def test_the_example_of_an_endpoint_is_read_as_a_users_file(tmp_path):
    catalogue = load_catalogue()
    text = (FOLDER / "examples" / "endpoint.toml").read_text()
    endpoint = find_endpoint(catalogue, write(tmp_path, "sleep-on-mht.toml", text))
    terms = Terms(endpoint, catalogue)
    assert endpoint.id == "sleep-on-mht"
    assert terms.covariate("sleep_index").shown_unit == "points"
    assert terms.covariate("shift_work").levels == ("no", "yes")
    assert terms.therapy("black-cohosh").label == "Black cohosh"
    assert set(endpoint.declared_covariates) <= set(endpoint.covariates)
    assert set(endpoint.declared_therapies) <= set(endpoint.therapies)
    assert set(endpoint.declared_variants) <= set(endpoint.variants)


def test_the_templates_comments_are_valid_when_uncommented(tmp_path):
    lines = (FOLDER / "cohorts" / "template.toml").read_text().splitlines()
    optional = ("# [response]", "# [time]", "# [event]", "# [somatic]", "# column", "# unit", "# codes", "# assay",
                "# covers", "# columns.", "# rs9340799", "# [genotype_file]", "# path", "# sample", "# build",
                "# callable", "# text", "# mutations", "# ancestry_column")  # fmt: skip
    text = "\n".join(line[2:] if line.startswith(optional) else line for line in lines)
    cohort = find_cohort(load_catalogue(), write(tmp_path, "mine.toml", text))
    assert cohort.response.codes == {"1": "true", "0": "false"}
    assert cohort.time.unit == "mo"
    assert cohort.somatic.columns["ESR1_LBD"].codes["nd"] == "not_tested"
    assert (cohort.somatic.text.column, cohort.somatic.mutations) == ("esr1_report", "data_mutations.txt")
    assert (cohort.genotype_file.path, cohort.genotype_file.build) == ("genotypes.vcf.gz", 38)
    assert cohort.genotypes["rs9340799"].counts == "G"


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


def test_a_row_of_the_catalogue_may_be_declared_once_more(tmp_path):
    bmi = load_catalogue().covariates["bmi"]
    document = {"declared_covariates": {"bmi": bmi.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)}}
    path = write(tmp_path, "grip.toml", f"{ENDPOINT}\n{tomli_w.dumps(document)}")
    assert find_endpoint(load_catalogue(), path).declared_covariates["bmi"] == bmi


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


def test_a_mark_before_the_file_is_passed_over(tmp_path):
    (tmp_path / "grip.toml").write_bytes(b"\xef\xbb\xbf" + ENDPOINT.encode())
    assert find_endpoint(load_catalogue(), str(tmp_path / "grip.toml")).id == "grip"


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


def test_a_definition_is_the_question_and_not_its_wording():
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    reworded = {"title": "x", "is_not": ("y",), "simulation": None, "haplotypes": ("pvuii-xbai",)}
    criterion = endpoint.eligibility[0].model_copy(update={"reason": "in other words"})
    reworded |= {"eligibility": (criterion, *endpoint.eligibility[1:])}
    assert endpoint.model_copy(update=reworded).definition == endpoint.definition
    for change in ({"time_at_risk_days": 3.0}, {"covariates": ("age",)}, {"comparator": None}, {"eligibility": ()}):
        assert endpoint.model_copy(update=change).definition != endpoint.definition


@pytest.mark.parametrize("key", ["population", "favourable", "covariates", "therapies", "required", "eligibility"])
def test_other_words_or_another_order_are_the_same_definition(key):
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    value = getattr(endpoint, key)
    other = endpoint.model_copy(update={key: f"{value}, in short" if isinstance(value, str) else value[::-1]})
    assert other != endpoint
    assert other.definition == endpoint.definition
    assert differing_keys(endpoint, other) == ()
    assert rewritten_keys(endpoint, other) == (key,)


def test_which_inputs_may_interact_is_no_part_of_the_definition():
    endpoint = load_catalogue().endpoints["mht-ldl-response"]
    assert endpoint.model_copy(update={"interactions": ()}).definition == endpoint.definition


def test_text_counts_where_it_alone_states_the_question():
    endpoints = load_catalogue().endpoints
    stated = endpoints["ovulation-induction"]  # binary: the cohort says who ovulated
    assert differing_keys(stated, stated.model_copy(update={"favourable": "a live birth"})) == ("favourable",)
    anybody = stated.model_copy(update={"eligibility": ()})
    assert differing_keys(anybody, anybody.model_copy(update={"population": "Men"})) == ("population",)


REWORDED = {
    "a covariate's label": ('label = "Grip strength"', 'label = "Hand grip strength"'),
    "a covariate's plausible range": ("plausible = [5, 80]", "plausible = [5, 90]"),
    "a therapy's mechanism": ("androgen receptor agonist, hardly aromatised", "an androgen"),
    "a variant's source": ("dbSNP rs1042717", "dbSNP"),
}


@pytest.mark.parametrize("what", REWORDED)
def test_a_declared_row_may_be_reworded(tmp_path, what):
    old, new = REWORDED[what]
    assert old in ENDPOINT
    catalogue = load_catalogue()
    one = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT))
    other = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT.replace(old, new)))
    assert one != other
    assert one.definition == other.definition


@pytest.mark.parametrize(
    ("section", "old", "new"),
    [
        ("declared_covariates", 'unit = "kg"', 'unit = "N"'),
        ("declared_covariates", "possible = [0, 150]", "possible = [0, 160]"),
        ("declared_variants", 'effect_allele = "A"', 'effect_allele = "G"'),
        ("declared_therapies", 'dose_unit = "mg/d"', 'dose_unit = "mg/wk"'),
    ],
)
def test_a_declared_row_that_means_something_else_is_another_definition(tmp_path, section, old, new):
    catalogue = load_catalogue()
    one = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT))
    other = find_endpoint(catalogue, write(tmp_path, "grip.toml", ENDPOINT.replace(old, new)))
    assert differing_keys(one, other) == (section,)
