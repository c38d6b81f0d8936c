"""A somatic mutation at a residue where the panel had none is one row of panel.toml, and every reader finds it."""

from __future__ import annotations

import pytest
from catalogue_copy import SOMATIC_ROW, changed_catalogue

from data_schemas.catalogue.load import load_catalogue
from data_schemas.catalogue.rows import ESR1_LBD
from data_schemas.errors import CatalogueError
from features.somatic.gene import receptor_of
from features.somatic.readers.kinds import read_tumour
from features.somatic.samples import Assay
from features.somatic.states import OTHER_VARIANT, somatic_id

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR\n"
MAF_COLUMNS = (
    "Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "Reference_Allele", "Tumor_Seq_Allele2",
    "Tumor_Sample_Barcode", "HGVSp_Short",
)  # fmt: skip
FILES = {
    "VCF, build 38": ("a.vcf", HEADER + "chr6\t152094420\t.\tC\tG\t.\tPASS\t.\tGT\t0/1\n"),
    "VCF, build 37": ("a.vcf", HEADER + "6\t152415555\t.\tC\tG\t.\tPASS\t.\tGT\t0/1\n"),
    "MAF by position": (
        "a.maf",
        "\t".join(MAF_COLUMNS) + "\nESR1\tGRCh37\t6\t152415555\tC\tG\ts1\t\n",
    ),
    "MAF by name": (
        "a.maf",
        "\t".join(MAF_COLUMNS) + "\nESR1\t\t\t\t\t\ts1\tp.L469V\n",
    ),
    "text, protein": ("a.txt", "ESR1 p.Leu469Val 3.2 %\n"),
    "text, coding": ("a.txt", "NM_000125.4:c.1405C>G\n"),
}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    return changed_catalogue(tmp_path_factory.mktemp("grown"), ("panel.toml", "", "", SOMATIC_ROW))


@pytest.mark.parametrize("kind", FILES)
def test_the_new_mutation_is_found_in_every_kind_of_file(kind, grown, tmp_path):
    name, text = FILES[kind]
    path = tmp_path / name
    path.write_text(text)
    (sample,) = read_tumour(path, grown, Assay(covers_esr1=True)).samples
    assert {one for one, state in sample.states.items() if state == "detected"} == {ESR1_LBD, "L469V"}
    (before,) = read_tumour(path, load_catalogue(), Assay(covers_esr1=True)).samples
    assert before.states[OTHER_VARIANT] == "detected"
    assert before.states[ESR1_LBD] == "other_variant"


def test_the_letters_of_a_row_tell_what_they_can_of_the_codon(grown):
    """Leucine's codons that begin with C are CTN: the first two letters are known, the third is not."""
    esr1 = receptor_of(grown)
    assert esr1.codons[469] == ("CTT", "CTC", "CTA", "CTG")
    assert [esr1.reference_base(base) for base in (1405, 1406, 1407)] == ["C", "T", None]
    assert esr1.protein_of("c.1406T>C") == "L469P"
    assert esr1.protein_of("c.1406T>A") is None  # CAT and CAC are histidine, CAA and CAG glutamine
    assert esr1.protein_of("c.1405_1406delinsGG") == "L469G"
    assert somatic_id("ESR1 c.1405C>G", grown) == "L469V"
    assert receptor_of(load_catalogue()).protein_of("c.1406T>C") is None


def test_a_whole_codon_tells_every_change_of_it(tmp_path):
    row = SOMATIC_ROW + 'codon = "CTG"\n'
    esr1 = receptor_of(changed_catalogue(tmp_path, ("panel.toml", "", "", row)))
    assert esr1.codons[469] == ("CTG",)
    assert esr1.protein_of("c.1406T>A") == "L469Q"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("c.1405C>G", "c.1408C>G", "L469V.hgvs_c: base 1408 is not of residue 469"),
        ("[somatic.L469V]", "[somatic.L469F]", "L469F: no codon of L becomes one of F by C>G there"),
        ("[somatic.L469V]", "[somatic.D469V]", "D469V: ESR1 has L at residue 469"),
        ('gene = "ESR1"', 'gene = "ESR1"\ncodon = "TTG"', "codon: letters and residues allow CTT or CTC or CTA or CTG"),
        ('gene = "ESR1"', 'gene = "ESR9"', "'ESR9' is not a gene of genes.toml"),
    ],
)
def test_a_row_that_contradicts_the_receptor_is_refused(old, new, fault, tmp_path):
    assert old in SOMATIC_ROW
    with pytest.raises(CatalogueError) as caught:
        changed_catalogue(tmp_path, ("panel.toml", "", "", SOMATIC_ROW.replace(old, new)))
    assert fault in caught.value.message


def test_two_codons_of_one_residue_are_refused(tmp_path):
    with pytest.raises(CatalogueError, match=r"Y537C\.codon: Y537S states TAT for this residue; correct one of them"):
        changed_catalogue(tmp_path, ("panel.toml", "somatic.Y537C", 'codon = "TAT"', 'codon = "TAC"'))
