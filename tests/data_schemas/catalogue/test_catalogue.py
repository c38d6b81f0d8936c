"""The catalogue agrees with itself, and with facts that can be checked without it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data_schemas.catalogue.cross_faults import check
from data_schemas.catalogue.endpoint import Change, TimeToEvent
from data_schemas.catalogue.load import find_cohort, find_endpoint, load_catalogue
from data_schemas.catalogue.released import panel_digest
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import CatalogueError, EsrError, nearest
from data_schemas.toml_file import FOLDER
from features.values.units import accepted_units, conversion

GERMLINE = ("rs2234693", "rs9340799", "rs1801132", "rs3020314", "rs2077647", "rs4986938", "rs1256049", "rs1271572")
SOMATIC = ("Y537S", "Y537N", "Y537C", "D538G", "E380Q", "L536H", "L536P", "L536R", "S463P")
ENDPOINTS = {
    "mht-ldl-response", "mht-symptom-response", "mht-bone-response", "tamoxifen-rfs", "ai-progression",
    "serd-progression", "trt-oestradiol-control", "ovulation-induction",
}  # fmt: skip
DIRECTIVES = ("prescribe", "switch", "terminate", "discontinue")
# the genetic code, as far as the ligand-binding-domain hotspots need it
CODONS = {
    "TAT": "Tyr", "TCT": "Ser", "AAT": "Asn", "TGT": "Cys", "GAC": "Asp", "GGC": "Gly", "GAA": "Glu", "CAA": "Gln",
    "CTC": "Leu", "CAC": "His", "CCC": "Pro", "CGC": "Arg", "TCC": "Ser",
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def test_nothing_contradicts_anything(catalogue):
    assert check(catalogue) == []


def test_every_file_in_the_folders_is_loaded(catalogue):
    assert set(catalogue.endpoints) == {path.stem for path in (FOLDER / "endpoints").glob("*.toml")} == ENDPOINTS
    assert set(catalogue.cohorts) == {path.stem for path in (FOLDER / "cohorts").glob("*.toml")}
    assert {"hers", "gbsg2", "famuss", "metabric", "msk-breast-2018", "template"} == set(catalogue.cohorts)


def test_the_panel_is_eight_snps_and_nine_mutations(catalogue):
    assert tuple(catalogue.variants) == GERMLINE
    assert tuple(catalogue.somatic) == SOMATIC


def test_only_the_promoter_snp_is_unverified(catalogue):
    assert [v.id for v in catalogue.variants.values() if v.status == "unverified"] == ["rs1271572"]
    assert [v.id for v in catalogue.variants.values() if v.palindromic] == ["rs1801132"]
    assert [v.id for v in catalogue.variants.values() if v.ref_verified] == ["rs1801132", "rs2077647"]


@pytest.mark.parametrize(
    ("rsid", "protein"), [("rs2077647", "p.Ser10="), ("rs1256049", "p.Val328="), ("rs1801132", "p.Pro325=")]
)
def test_synonymous_sites_are_called_synonymous(catalogue, rsid, protein):
    variant = catalogue.variants[rsid]
    assert variant.consequence.startswith("synonymous")
    assert variant.hgvs_p == protein


def test_coding_names_of_the_reverse_gene_are_complements(catalogue):
    complement = {"A": "T", "C": "G", "G": "C", "T": "A"}
    for variant in catalogue.variants.values():
        if not variant.hgvs_c:
            continue
        before, after = variant.hgvs_c[-3], variant.hgvs_c[-1]
        flip = complement if variant.gene_strand == "-" else {letter: letter for letter in complement}
        assert (flip[before], flip[after]) == (variant.ref, variant.alt[0]), variant.id


def test_both_builds_keep_the_distances_between_sites(catalogue):
    """A lift-over of neighbours keeps their spacing; a mistyped digit does not."""
    for rows in (catalogue.variants, catalogue.somatic):
        shifts = {(v.grch38.chrom, v.grch38.pos - v.grch37.pos) for v in rows.values()}
        assert len({shift for chrom, shift in shifts if chrom == "6"}) == 1
        assert len({shift for chrom, shift in shifts if chrom == "14"}) <= 1


def test_somatic_mutations_follow_from_the_genetic_code(catalogue):
    for row in catalogue.somatic.values():
        position = int(row.hgvs_c.split("c.")[1][:-3])
        residue, place = divmod(position - 1, 3)
        assert residue + 1 == int(row.id[1:-1])
        before, after = row.hgvs_p[2:5], row.hgvs_p[-3:]
        candidates = [
            codon
            for codon, amino in CODONS.items()
            if amino == before
            and codon[place] == row.ref
            and CODONS.get(codon[:place] + row.alt + codon[place + 1 :]) == after
        ]
        assert candidates, row.id


def test_positions_of_neighbouring_codons_fit_their_coding_numbers(catalogue):
    exon8 = [catalogue.somatic[name] for name in ("Y537S", "Y537N", "Y537C", "D538G", "L536H", "L536P", "L536R")]
    offsets = {row.grch38.pos - int(row.hgvs_c.split("c.")[1][:-3]) for row in exon8}
    assert len(offsets) == 1


def test_the_digest_moves_with_facts_and_not_with_notes(catalogue):
    row = catalogue.variants["rs2234693"]
    reworded = {**catalogue.variants, row.id: row.model_copy(update={"note": "other words"})}
    assert panel_digest(reworded, catalogue.somatic) == catalogue.panel_digest
    flipped = {**catalogue.variants, row.id: row.model_copy(update={"effect_allele": "T"})}
    assert panel_digest(flipped, catalogue.somatic) != catalogue.panel_digest


def test_every_unit_a_covariate_accepts_converts(catalogue):
    for covariate in catalogue.covariates.values():
        for unit in accepted_units(covariate):
            factor, offset = conversion(unit, covariate)
            assert factor > 0, (covariate.id, unit)
            assert offset == 0, (covariate.id, unit)


@pytest.mark.parametrize(
    ("name", "unit", "value", "ours"),
    [  # well-known clinical conversions, written down from laboratory tables
        ("ldl_cholesterol", "mmol/L", 4.1, 158.5),
        ("triglycerides", "mmol/L", 1.7, 150.6),
        ("glucose", "mmol/L", 5.55, 100.0),
        ("oestradiol", "pmol/L", 367.1, 100.0),
        ("testosterone", "nmol/L", 10.4, 300.0),
        ("hydroxyprogesterone_17", "nmol/L", 3.03, 100.1),
    ],
)
def test_conversions_agree_with_laboratory_tables(catalogue, name, unit, value, ours):
    factor, _ = conversion(unit, catalogue.covariates[name])
    assert value * factor == pytest.approx(ours, abs=0.1)


def test_every_covariate_and_therapy_has_something_to_simulate_from(catalogue):
    assert [c.id for c in catalogue.covariates.values() if not c.typical] == []
    assert [e.id for e in catalogue.endpoints.values() if e.simulation is None] == []


def test_endpoints_say_what_their_number_is_not(catalogue):
    for endpoint in catalogue.endpoints.values():
        assert len(endpoint.is_not) >= 2
        assert "therapy" in endpoint.required


def test_no_text_of_the_catalogue_gives_orders():
    for path in FOLDER.rglob("*.toml"):
        text = path.read_text().lower()
        assert [word for word in DIRECTIVES if word in text] == [], path.name


def test_outcomes_point_the_right_way(catalogue):
    ldl, bone = catalogue.endpoints["mht-ldl-response"].outcome, catalogue.endpoints["mht-bone-response"].outcome
    assert isinstance(ldl, Change)
    assert isinstance(bone, Change)
    assert ldl.relative_change == -0.15
    assert bone.relative_change > 0
    rfs = catalogue.endpoints["tamoxifen-rfs"].outcome
    assert isinstance(rfs, TimeToEvent)
    assert rfs.horizon_days == 1095


def test_a_simulated_ldl_cohort_has_visible_genetics(catalogue):
    effects = catalogue.endpoints["mht-ldl-response"].simulation.variant_effects
    assert sum(abs(effect) >= 0.3 for effect in effects.values()) >= 2


def test_hers_tells_its_lesson(catalogue):
    note = catalogue.cohorts["hers"].note
    assert "regression to the mean" in note
    assert "placebo" in note


def test_metabric_never_saw_esr1(catalogue):
    assert catalogue.cohorts["metabric"].somatic.covers_esr1 is False
    assert catalogue.cohorts["msk-breast-2018"].somatic.covers_esr1 is True


def test_strand_is_declared_per_column_of_famuss(catalogue):
    famuss = catalogue.cohorts["famuss"]
    assert famuss.genotypes["rs2077647"].strand == "reverse"
    assert famuss.genotypes["rs2234693"].strand == "forward"
    assert {"rs1042717", "rs2228480", "rs1256112", "rs3020450"} == set(famuss.declared_variants)


def test_only_somatic_rows_with_a_clear_interval_say_predictive(catalogue):
    rows = [row for row in catalogue.evidence.values() if row.may_say_predictive]
    assert rows
    for row in rows:
        assert row.role == "somatic predictive"
        assert not row.ci_low <= 1 <= row.ci_high
    assert not catalogue.evidence["veritac2-vepdegestrant-all"].may_say_predictive
    assert not catalogue.evidence["big198-distant-recurrence-rs2077647"].may_say_predictive


def test_big_1_98_found_nothing_to_choose_by(catalogue):
    row = catalogue.evidence["big198-treatment-interaction"]
    assert row.null_result
    assert row.n == "3401"
    assert row.id in Terms(catalogue.endpoints["tamoxifen-rfs"], catalogue).evidence_for("rs2077647")


def test_evidence_is_found_by_endpoint_and_name(catalogue):
    ldl = Terms(catalogue.endpoints["mht-ldl-response"], catalogue)
    assert "era-hdl-pvuii" in ldl.evidence_for("rs2234693")
    assert ldl.evidence_for("rs3020314") == ()
    ai = Terms(catalogue.endpoints["ai-progression"], catalogue)
    assert "meta-ai-mutated" in ai.evidence_for("ESR1_LBD")
    both = ai.evidence_for("Y537S")
    assert "bolero2-os-y537s" in both
    assert "meta-ai-mutated" in both
    assert "bolero2-os-y537s" not in ai.evidence_for("D538G")


def test_a_slip_is_answered_with_the_nearest_name(catalogue):
    assert nearest("rs2234639", catalogue.variants) == "rs2234693"
    with pytest.raises(CatalogueError, match="did you mean 'mht-ldl-response'") as caught:
        find_endpoint(catalogue, "mht-ldl-respnse")
    assert caught.value.code == "unknown_endpoint"
    with pytest.raises(EsrError, match="did you mean 'hers'") as caught:
        find_cohort(catalogue, "her")
    assert caught.value.code == "unknown_cohort"


def test_a_path_without_a_file_is_an_unknown_endpoint(catalogue, tmp_path):
    with pytest.raises(CatalogueError, match="no such file") as caught:
        find_endpoint(catalogue, str(tmp_path / "mine.toml"))
    assert caught.value.code == "unknown_endpoint"


@pytest.mark.parametrize(
    ("rsid", "change", "said"),
    [
        ("rs2234693", {"effect_allele": "A"}, "effect_allele: A is not among alleles"),
        ("rs2234693", {"palindromic": True}, "palindromic"),
        ("rs1801132", {"palindromic": False}, "palindromic"),
        ("rs2234693", {"grch38": None}, "a verified site needs"),
        ("rs1271572", {"ref_verified": True}, "ref_verified"),
        ("rs2234693", {"frequency": {"eur": 1.2}}, "frequency.eur"),
    ],
)
def test_a_contradiction_in_the_panel_is_named(catalogue, rsid, change, said):
    row = catalogue.variants[rsid].model_copy(update=change)
    faults = check(replace(catalogue, variants={**catalogue.variants, rsid: row}))
    assert len(faults) == 1
    assert said in faults[0]
    assert faults[0].startswith("panel.toml: ")


def test_a_slip_in_an_evidence_row_is_named(catalogue):
    row = catalogue.evidence["era-hdl-pvuii"].model_copy(
        update={"variants": ("rs2234639",), "endpoints": ("mht-ldl",), "ci_low": 2.0}
    )
    faults = check(replace(catalogue, evidence={row.id: row}))
    assert len(faults) == 3
    assert "did you mean 'rs2234693'" in faults[0]
    assert "did you mean 'mht-ldl-response'" in faults[1]
    assert "interval" in faults[2]


def test_a_placebo_that_went_missing_is_noticed(catalogue):
    therapies = {name: row for name, row in catalogue.therapies.items() if name != "placebo"}
    faults = check(replace(catalogue, therapies=therapies))
    assert any(fault.startswith("therapies.toml: placebo") for fault in faults)
    assert any(fault.startswith("endpoints/mht-ldl-response.toml: therapies: 'placebo'") for fault in faults)
