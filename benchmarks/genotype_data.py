"""Made-up genotype files for the benchmark: regions of chromosomes 6 and 14 with the panel's sites among others."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from data_schemas.catalogue.load import load_catalogue

CALLS = np.frombuffer(b"0|0\t0|1\t1|0\t1|1\t", np.uint8).reshape(4, 4)


def write_vcf(path: Path, samples: int, sites: int, seed: int) -> None:
    """Write a BGZF VCF of phased genotypes, in build 38, the verified panel sites among `sites` records."""
    with path.open("wb") as packed:
        bgzip = subprocess.Popen(["bgzip", "-c", "-l", "1"], stdin=subprocess.PIPE, stdout=packed)
        assert bgzip.stdin is not None
        for part in _parts(samples, sites, seed):
            bgzip.stdin.write(part)
        bgzip.stdin.close()
        if bgzip.wait():
            raise RuntimeError("bgzip failed")


def _parts(samples: int, sites: int, seed: int) -> Iterator[bytes]:
    random = np.random.default_rng(seed)
    names = "\t".join(f"S{number:06d}" for number in range(samples))
    yield b"##fileformat=VCFv4.2\n##contig=<ID=6,length=170805979>\n##contig=<ID=14,length=107043718>\n"
    yield b'##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    yield f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode()
    for chrom, pos, ref, alt in _sites(random, sites):
        frequency = random.beta(0.4, 2)
        calls = CALLS[(random.random((samples, 2)) < frequency) @ np.array([2, 1])].reshape(-1)[:-1]
        yield f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT\t".encode() + calls.tobytes() + b"\n"


def _sites(random: np.random.Generator, sites: int) -> list[tuple[str, int, str, str]]:
    panel = [row for row in load_catalogue().variants.values() if row.status == "verified"]
    known = {(row.grch38.chrom, row.grch38.pos): (row.ref, row.alt[0]) for row in panel if row.grch38}
    for chrom, low, high in (("6", 151_600_000, 152_200_000), ("14", 64_100_000, 64_400_000)):
        for pos in random.choice(np.arange(low, high), sites // 2, replace=False).tolist():
            known.setdefault((chrom, pos), tuple(random.choice(list("ACGT"), 2, replace=False)))
    order = sorted(known, key=lambda place: (place[0] == "14", place[1]))
    return [(*place, *known[place]) for place in order]
