"""Genotype files to feature matrices, against bcftools on the same files.

The aim is at most 1.5 times the time of bcftools, which is 0.67 times its speed. Both are timed by the processor time
they use, which the machine's other work changes little, as the best of several runs.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from genotype_data import write_vcf
from report import Line

from data_schemas.arrays import Floats
from data_schemas.catalogue.load import load_catalogue
from features.germline.calling.match import match_file
from features.germline.readings import targets

SAMPLES, SITES = 3202, 20_000
RECORDS = 200_000
MANY_SAMPLES, FEW_SITES = 100_000, 200
AIM = 0.67

MEMORY = """
import sys
from pathlib import Path
from data_schemas.catalogue.load import load_catalogue
from features.germline.calling.match import match_file
match_file(Path(sys.argv[1]), load_catalogue())
print(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0])
"""


def bench_genotypes(folder: Path) -> list[Line]:
    """Time an indexed file, the same one streamed, a BCF of 100,000 people; compare memory for two sizes of file."""
    if not all(map(shutil.which, ("bcftools", "bgzip", "tabix"))):
        return [Line("bcftools, bgzip and tabix are needed, which are not installed", "skipped")]
    indexed, streamed, short = (folder / f"{name}.vcf.gz" for name in ("indexed", "streamed", "short"))
    write_vcf(indexed, SAMPLES, SITES, seed=1)
    shutil.copy(indexed, streamed)
    write_vcf(short, SAMPLES, SITES // 10, seed=1)
    subprocess.run(["tabix", "-p", "vcf", indexed], check=True)
    places = [place for one in targets(load_catalogue()) for place in (one.grch37, one.grch38) if place is not None]
    regions = ",".join(f"{place.chrom}:{place.pos}" for place in places)
    layout = "%CHROM\t%POS\t%REF\t%ALT[\t%GT]\n"
    ours, theirs = best(lambda: matrix(indexed)), best(lambda: run("query", "-r", regions, "-f", layout, indexed))
    what = f"{SAMPLES:,} people, {SITES:,} records"
    lines = [Line(f"indexed VCF to features, {what}; bcftools query", f"{ours:.3f} s", theirs / ours, AIM)]
    ours, theirs = best(lambda: matrix(streamed), 2), best(lambda: run("view", "-H", streamed), 2)
    lines.append(Line("the same VCF without index, streamed; bcftools view -H", f"{ours:.3f} s", theirs / ours, AIM))
    small, large = peak(short), peak(streamed)
    lines.append(Line("peak memory, streamed; a tenth of the records needs", f"{large:,.0f} MiB", small / large, 0.9))
    return [*lines, *_one(folder), *_many(folder)]


def _one(folder: Path) -> list[Line]:
    packed, bcf = folder / "one.vcf.gz", folder / "one.bcf"
    write_vcf(packed, 1, RECORDS, seed=3)
    run("view", "-Ob", "-o", bcf, packed)
    lines = []
    for path in (packed, bcf):
        what = f"{path.name.partition('.')[2]} of one person, {RECORDS:,} records, to features, streamed"
        lines.append(Line(what, f"{best(lambda path=path: matrix(path), 2):.3f} s"))
    return lines


def _many(folder: Path) -> list[Line]:
    packed, bcf = folder / "many.vcf.gz", folder / "many.bcf"
    write_vcf(packed, MANY_SAMPLES, FEW_SITES, seed=2)
    run("view", "-Ob", "-o", bcf, packed)
    what = f"BCF of {MANY_SAMPLES:,} people, {FEW_SITES} records, to features"
    lines = [Line(f"{what}, streamed", f"{best(lambda: matrix(bcf), 2):.3f} s")]
    run("index", bcf)
    return [*lines, Line(f"{what}, by index", f"{best(lambda: matrix(bcf), 2):.3f} s")]


def matrix(path: Path) -> Floats:
    """Return (people, panel sites) dosages."""
    sites = match_file(path, load_catalogue()).calls.sites
    return np.column_stack([site.dosage for site in sites.values()])


def run(*arguments: object) -> None:
    """Run bcftools."""
    subprocess.run(["bcftools", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the least processor time of several runs, after one that warms up; what a child process uses counts."""
    found = []
    for _ in range(times + 1):
        before = _used()
        work()
        found.append(_used() - before)
    return min(found[1:])


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak(path: Path) -> float:
    """Return the peak memory, in MiB, of a process that reads a file."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024
