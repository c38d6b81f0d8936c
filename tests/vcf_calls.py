"""A VCF of some records, read, and the call of its first sample."""

from __future__ import annotations

from genotype_files import vcf

from data_schemas.catalogue.load import load_catalogue
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets

BUILD37 = "##contig=<ID=6,length=171115067>"


HEADER = (
    BUILD37,
    '##INFO=<ID=IMPUTED,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=TYPED,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=TYPED_ONLY,Number=0,Type=Flag,Description="">',
    '##INFO=<ID=INFO_SCORE,Number=1,Type=Float,Description="">',
    '##INFO=<ID=R2,Number=.,Type=Float,Description="">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="">',
    '##FORMAT=<ID=DS,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=DP,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=GQ,Number=1,Type=Float,Description="">',
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="">',
)


def read(folder, text: str):
    """Return the readings of a text."""
    path = folder / "file.vcf"
    path.write_text(text)
    return read_genotypes(path, targets(load_catalogue()))


def call(folder, *records: str, site: str = "rs2234693", samples=("S1",), header=(), **options):
    """Return the call of the first sample at a site; the header says build 37."""
    path = folder / "file.vcf"
    path.write_text(vcf(records, samples, (BUILD37, *header)))
    return match_file(path, load_catalogue(), **options).calls.sites[site].call(0)
