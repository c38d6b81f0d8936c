"""A file that was read, or refused, is closed: no patient's genotypes stay open, and descriptors do not run out."""

from __future__ import annotations

import gc
import gzip
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from bed_reader import to_bed
from genotype_files import bgzf, person, vcf, write_bcf, write_indexed
from pgenlib import PgenWriter

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.readers.kinds import read_genotypes
from features.germline.readings import targets

READS = 300
CONTIGS = [f"##contig=<ID={name}>" for name in ("6", "14")]
TEXT = vcf(person(), header=(*CONTIGS, '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'))
ROWS = [("rs2077647", 152129077), ("rs2234693", 152163335)]


def _written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _bed(folder: Path) -> Path:
    to_bed(folder / "set.bed", np.ones((5, 2)), properties={
        "sid": [name for name, _ in ROWS], "chromosome": ["6", "6"], "bp_position": [pos for _, pos in ROWS],
        "allele_1": ["T", "T"], "allele_2": ["C", "C"],
    })  # fmt: skip
    return folder / "set.bed"


def _pgen(folder: Path) -> Path:
    with PgenWriter(str(folder / "set.pgen").encode(), 5, variant_ct=len(ROWS), nonref_flags=False) as writer:
        for _ in ROWS:
            writer.append_biallelic(np.ones(5, np.int8))
    variants = "".join(f"6\t{pos}\t{name}\tT\tC\n" for name, pos in ROWS)
    _written(folder / "set.pvar", f"#CHROM\tPOS\tID\tREF\tALT\n{variants}")
    _written(folder / "set.psam", "#IID\n" + "".join(f"p{number}\n" for number in range(5)))
    return folder / "set.pgen"


FORMATS: dict[str, Callable[[Path], Path]] = {
    "vcf": lambda folder: _written(folder / "file.vcf", TEXT),
    "vcf, gzip": lambda folder: _written(folder / "file.vcf.gz", gzip.compress(TEXT.encode())),
    "vcf, bgzf": lambda folder: _written(folder / "file.vcf.gz", bgzf(TEXT.encode(), 200)),
    "vcf, indexed": lambda folder: write_indexed(folder / "file.vcf.gz", TEXT, 200),
    "bcf": lambda folder: write_bcf(folder / "file.bcf", TEXT, packed=False),
    "bcf, bgzf": lambda folder: write_bcf(folder / "file.bcf", TEXT, 200),
    "bcf, gzip": lambda folder: _written(folder / "packed", gzip.compress(FORMATS["bcf"](folder).read_bytes())),
    "bcf, indexed": lambda folder: write_bcf(folder / "file.bcf", TEXT, 200, indexed=True),
    "array": lambda folder: _written(
        folder / "genome.txt",
        "# 23andMe\n# rsid\tchromosome\tposition\tgenotype\n"
        + "".join(f"{name}\t6\t{pos}\tCT\n" for name, pos in ROWS),
    ),
    "table": lambda folder: _written(folder / "file.csv", "sample,rs2234693,rs9340799\na,T/C,A/G\nb,C/C,A/A\n"),
    "plink 1": _bed,
    "plink 2": _pgen,
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_is_closed_right_or_damaged(tmp_path, kind):
    wanted = targets(load_catalogue())
    path = FORMATS[kind](tmp_path)
    right = path.read_bytes()
    damaged = [right[: len(right) * 9 // 10], right[:-3], right.replace(b"6", b"\xff")]
    assert read_genotypes(path, wanted).sites
    before = _descriptors()
    refused = 0
    for number in range(READS):
        path.write_bytes(right if number % 2 else damaged[number // 2 % len(damaged)])
        with suppress(InputFileError):
            read_genotypes(path, wanted)
            continue
        refused += 1
    assert READS // 6 <= refused <= READS // 2
    gc.collect()
    assert _descriptors() <= before


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
