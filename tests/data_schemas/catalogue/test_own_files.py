"""A user's own endpoint and cohort are read from a path and checked like ours."""

from __future__ import annotations

import tomli_w
from grip_study import COHORT, ENDPOINT, write

from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.terms import Terms
from data_schemas.toml_file import FOLDER


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


def test_a_row_of_the_catalogue_may_be_declared_once_more(tmp_path):
    bmi = load_catalogue().covariates["bmi"]
    document = {"declared_covariates": {"bmi": bmi.model_dump(mode="json", exclude={"id"}, exclude_defaults=True)}}
    path = write(tmp_path, "grip.toml", f"{ENDPOINT}\n{tomli_w.dumps(document)}")
    assert find_endpoint(load_catalogue(), path).declared_covariates["bmi"] == bmi


def test_a_mark_before_the_file_is_passed_over(tmp_path):
    (tmp_path / "grip.toml").write_bytes(b"\xef\xbb\xbf" + ENDPOINT.encode())
    assert find_endpoint(load_catalogue(), str(tmp_path / "grip.toml")).id == "grip"
