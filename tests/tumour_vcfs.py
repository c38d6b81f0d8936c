"""Small VCFs of one tumour: ESR1's codons 536 to 538 are CTC TAT GAC, at 152098784 to 152098792 of build 38."""

from __future__ import annotations

from data_schemas.catalogue.load import load_catalogue
from features.files.opening import opened
from features.somatic.readers.vcf import read_tumour_vcf
from features.somatic.samples import Assay

CATALOGUE = load_catalogue()
COVERED = Assay(covers_esr1=True)
FIRST = 152098784
"""Position in build 38 of the first base of codon 536."""
CODONS = "CTCTATGAC"
BUILD38 = "##contig=<ID=chr6,length=170805979>"


def record(pos, ref, alt, column="0/1:90,10", keys="GT:AD", filters="PASS", info="."):
    """Return a line of a VCF."""
    return "\t".join(("chr6", str(pos), ".", ref, alt, ".", filters, info, keys, column))


def report_of_records(folder, records, header=(BUILD38,), columns=("FORMAT", "T7"), assay=COVERED, **more):
    """Return the report of a file with these records."""
    names = "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", *columns))
    path = folder / "clinic-7.vcf"
    path.write_text("\n".join(("##fileformat=VCFv4.2", *header, names, *records)) + "\n")
    return read_tumour_vcf(opened(path), CATALOGUE, assay, **more)


def sample_of(folder, *records, **more):
    """Return the one sample of a file with these records."""
    return report_of_records(folder, records, **more).samples[0]


def detected(sample):
    """Return what a sample has detected, the domain left out."""
    return {name for name, state in sample.states.items() if state == "detected"} - {"ESR1_LBD"}
