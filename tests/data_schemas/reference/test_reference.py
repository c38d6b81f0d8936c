"""Genes, builds, populations and assumptions agree with themselves, and with the catalogue."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import CatalogueError
from data_schemas.reference.gene import GENETIC_CODE, Gene, known_genes
from data_schemas.reference.genome import GenomeBuild, accession_builds, known_builds, marker_builds
from data_schemas.reference.populations import known_populations, population_of
from data_schemas.reference.simulation import Assumptions, assumptions
from data_schemas.toml_file import FOLDER, read_record, read_rows

CATALOGUE = load_catalogue()


def test_the_genetic_code_has_each_codon_once():
    assert len(GENETIC_CODE) == 64
    assert {GENETIC_CODE[codon] for codon in ("ATG", "TGG", "TAA")} == {"M", "W", "*"}
    assert sorted(set(GENETIC_CODE.values())) == sorted("ACDEFGHIKLMNPQRSTVWY*")


@pytest.mark.parametrize(
    "changes",
    [
        {"protein": known_genes()["ESR1"].protein[:-1]},
        {"exons": known_genes()["ESR1"].exons[1:]},
        {"exons": known_genes()["ESR1"].exons[:3] + known_genes()["ESR1"].exons[4:]},
        {"protein": "X" + known_genes()["ESR1"].protein[1:]},
    ],
)
def test_a_gene_whose_exons_do_not_hold_its_protein_is_refused(changes):
    with pytest.raises(ValidationError):
        Gene.model_validate(known_genes()["ESR1"].model_dump() | changes)


def test_the_builds_are_told_apart_by_everything_that_tells_them():
    rows = known_builds().values()
    for told in (
        [name.lower() for row in rows for name in row.names],
        [pair for row in rows for pair in row.lengths.items()],
        [name for row in rows for name in row.accessions],
        [pair for row in rows for pair in row.markers.items()],
    ):
        assert len(set(told)) == len(told)
    assert len(accession_builds()) == 6
    assert [len(positions) for positions in marker_builds().values()] == [3] * 7
    assert {frozenset(row.markers) for row in rows} == {frozenset(known_builds()[38].markers)}


def test_the_builds_know_the_chromosomes_of_the_panel():
    chromosomes = {row.grch38.chrom for row in CATALOGUE.variants.values()}
    for row in known_builds().values():
        assert chromosomes < set(row.lengths)
        assert {name.split(".")[0] for name in row.accessions} == {f"NC_{int(one):06}" for one in chromosomes}


def test_every_population_is_one_of_the_panel_and_every_alias_names_one():
    stated = {name for row in CATALOGUE.variants.values() for name in row.frequency}
    assert set(known_populations()) <= stated
    aliases = [alias for row in known_populations().values() for alias in row.aliases]
    assert len(set(aliases)) == len(aliases)
    assert all(alias == alias.strip().lower() for alias in aliases)
    assert population_of("African American ") == "afr"
    assert population_of("other") is None


def test_what_a_simulation_assumes_is_about_what_exists():
    assumed = assumptions()
    pairs = [frozenset((one, other)) for one, other, _ in assumed.correlations]
    assert len(set(pairs)) == len(pairs)
    assert all(CATALOGUE.covariates[name].kind == "continuous" for pair in pairs for name in pair)
    assert all(-1 < value < 1 for *_, value in assumed.correlations)
    for name, condition in assumed.only_with.items():
        assert CATALOGUE.covariates[name].kind == CATALOGUE.covariates[condition].kind == "binary"
    assert set(assumed.linked.variants) | set(assumed.frequency) < set(CATALOGUE.variants)
    assert sum(one.share for one in assumed.linked.haplotypes) == pytest.approx(1, abs=0.001)
    for site, variant in enumerate(assumed.linked.sites):
        assert {one.letters[site] for one in assumed.linked.haplotypes} == set(CATALOGUE.variants[variant].alleles)


@pytest.mark.parametrize(
    ("name", "shape", "old", "new", "fault"),
    [
        ("genes.toml", Gene, "last = 452", "last = 451", "ESR1: exons: coding base 452 must begin the next exon"),
        ("genome.toml", GenomeBuild, "number = 37", "number = 39", "GRCh37.number: must be one of 36, 37 or 38"),
        ("genome.toml", GenomeBuild, "label", "lable", "NCBI36.lable: there is no such key; did you mean 'label'?"),
    ],
)
def test_a_wrong_row_is_refused_with_file_key_and_cure(name, shape, old, new, fault, tmp_path):
    text = (FOLDER / name).read_text()
    (tmp_path / name).write_text(text.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        read_rows(tmp_path / name, shape)
    assert fault in caught.value.message
    assert name in caught.value.message


def test_a_wrong_assumption_is_refused_with_file_key_and_cure(tmp_path):
    path = tmp_path / "simulation.toml"
    path.write_text((FOLDER / "simulation.toml").read_text().replace("finding = 0.02", "finding = 2"))
    with pytest.raises(CatalogueError, match="finding: Input should be less than or equal to 1"):
        read_record(path, Assumptions)
