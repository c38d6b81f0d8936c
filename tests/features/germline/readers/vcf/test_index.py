"""An index gives what the whole file gives, or is refused."""

from __future__ import annotations

import pytest
from genotype_files import bgzf, person, vcf, write_indexed
from vcf_calls import read

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.match import match_file
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets


def test_an_index_without_any_record_is_not_believed(tmp_path):
    path = write_indexed(tmp_path / "file.vcf.gz", vcf([]))
    path.write_bytes(bgzf(vcf(person()).encode()))
    assert match_file(path, load_catalogue()).calls.counts()["called"] == 7


def test_an_index_of_fewer_chromosomes_is_refused(tmp_path):
    text = vcf(["1 5 . A C . . . GT 0/1"])
    path = write_indexed(tmp_path / "file.vcf.gz", text)
    more = vcf(person()).split("S1\n")[1]
    for content in (bgzf((text + more).encode()), bgzf(text.encode(), end=False) + bgzf(more.encode())):
        path.write_bytes(content)
        with pytest.raises(InputFileError, match="ends before the file does"):
            read_genotypes(path, targets(load_catalogue()))


@pytest.mark.parametrize("block", [60, 4096])
def test_an_index_gives_what_the_whole_file_gives(tmp_path, block):
    records = sorted(
        [*person(), "6 152163300 . G <*> . . END=152163334 GT 0/0"], key=lambda one: one.split()[0] == "14"
    )
    text = vcf(records)
    whole = read(tmp_path, text)
    by_index = read_genotypes(write_indexed(tmp_path / "file.vcf.gz", text, block), targets(load_catalogue()))
    assert not by_index.whole
    assert [(one.site, one.alleles, one.codes.tolist()) for one in by_index.sites] == [
        (one.site, one.alleles, one.codes.tolist()) for one in whole.sites
    ]


def test_an_index_of_another_file_is_refused(tmp_path):
    first = write_indexed(tmp_path / "one.vcf.gz", vcf(person()), 200)
    other = write_indexed(tmp_path / "two.vcf.gz", vcf(["1 5 . A C . . . GT 0/1", *person()[:3]]), 200)
    index = first.with_name("one.vcf.gz.tbi")
    index.write_bytes(other.with_name("two.vcf.gz.tbi").read_bytes())
    with pytest.raises(InputFileError, match="belongs to another file"):
        read_genotypes(first, targets(load_catalogue()))
    index.write_bytes(bgzf(b"no index at all"))
    with pytest.raises(InputFileError, match="is no tabix or CSI index"):
        read_genotypes(first, targets(load_catalogue()))
