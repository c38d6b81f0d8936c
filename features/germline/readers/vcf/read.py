"""VCF and BCF to readings: by index where there is one, otherwise as a stream of constant memory.

Only the lines that cover a target, of the millions there may be, are taken apart: a text VCF is searched for them as
bytes, a BCF or an indexed file by htslib, and from a line on there is one way.
Sequence names may have a ``chr`` prefix or be RefSeq accessions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.vcf.header import VcfHeader, bcf_header_lines, header_lines, sequence_hints
from features.germline.readers.vcf.htslib import opened_counted, opened_path, opened_small, record_at, records
from features.germline.readers.vcf.index import find_index, read_index
from features.germline.readers.vcf.lines import MAX_COVERING, VcfLine, line_of_record, matching_lines, small_vcf
from features.germline.readers.vcf.sites import site_readings
from features.germline.readers.vcf.tumour_marks import germline_header, refuse_mutations, refuse_shares
from features.germline.readings import Readings, SiteReading, Target

_SIGNED_VERSIONS = (b"##fileformat=VCFv4.4", b"##fileformat=VCFv4.5")
"""Versions that allow a sign before a genotype's first allele."""


def read_vcf(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read a VCF or BCF.

    Raises
    ------
    InputFileError
        ``corrupt_file``, ``wrong_columns``, ``wrong_field_count``, ``no_rows``, ``encoding``; the message names the
        line where there is one. ``germline_somatic_mix`` for a tumour's file.
    """
    readings = _read(origin, wanted)
    refuse_mutations(origin, readings, wanted)
    refuse_shares(origin, readings)
    return readings


def _read(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    places = Places.of(wanted)
    binary = origin.head.startswith(b"BCF\x02")
    index = find_index(origin)
    # htslib tells a BCF's index by the name's ending, and reads options out of a path that holds this mark
    if not binary and (origin.head.startswith(_SIGNED_VERSIONS) or not origin.head.startswith(b"##fileformat=VCF")):
        index = None  # htslib reads no genotype's leading sign, and no VCF whose first line is another
    if index is not None and "##idx##" not in str(origin.path) and (not binary or origin.path.suffix == ".bcf"):
        return _by_index(origin, places, index, binary)
    return _streamed_bcf(origin, places) if binary else _streamed(origin, places)


def _streamed(origin: OpenFile, places: Places) -> Readings:
    lines = matching_lines(origin, places)
    sites = _sites(origin, lines.header, lines.found, places)
    return _readings(origin, lines.header, sites, lines.n_read, lines.chromosomes, lines.sequences)


def _streamed_bcf(origin: OpenFile, places: Places) -> Readings:
    header = germline_header(origin, bcf_header_lines(origin))
    found: list[VcfLine] = []
    chroms: dict[str, str] = {}
    n_read = 0
    with opened_counted(origin) as file:
        for variant in records(origin, file):
            n_read += 1
            name, start = variant.CHROM, variant.POS
            chrom = chroms.get(name) or chroms.setdefault(name, contig(name))
            if chrom in places.positions and places.concern(chrom, start, max(start, variant.end), variant.ID):
                found.append(line_of_record(origin, header, variant))
                if len(found) > MAX_COVERING:
                    raise origin.fault(f"more than {MAX_COVERING:,} records cover the panel's sites; is this one BCF?")
    ours = {name: chrom for name, chrom in chroms.items() if chrom in places.positions}
    sites = _sites(origin, header, found, places)
    return _readings(origin, header, sites, n_read, frozenset(ours.values()), ours)


def _by_index(origin: OpenFile, places: Places, index: Path, binary: bool) -> Readings:
    header = germline_header(origin, bcf_header_lines(origin) if binary else header_lines(origin))
    with opened_path(origin, str(origin.path.absolute())) as file:
        contigs = tuple(file.seqnames) if binary else None
        checked = read_index(origin, index, places.chromosomes, contigs)
        if not any(checked.spans):
            # made of a file without records, or by a tool that writes no spans: it tells nothing
            return _streamed_bcf(origin, places) if binary else _streamed(origin, places)
        file.set_index(str(index.absolute()))
        found: list[VcfLine] = []
        n_read = 0
        names = checked.names_of(places.chromosomes)
        for name in names:
            chrom, before = contig(name), 0
            for first, last in places.stretches(chrom):
                for variant in file(f"{{{name}}}:{first}-{last}"):
                    start = variant.POS
                    if start <= before:
                        continue  # it reaches here from the stretch before, where it was read
                    n_read += 1
                    if places.concern(chrom, start, variant.end, variant.ID):
                        found.append(line_of_record(origin, header, variant))
                before = last
    chromosomes = frozenset(map(contig, names))
    sites = _sites(origin, header, found, places)
    return dataclasses.replace(_readings(origin, header, sites, n_read, chromosomes, names), whole=False)


def _sites(origin: OpenFile, header: VcfHeader, lines: list[VcfLine], places: Places) -> list[SiteReading]:
    """Hand htslib the few lines found, for the genotypes in them."""
    sites: list[SiteReading] = []
    if lines:
        with opened_small(origin, small_vcf(header, lines)) as file:
            for line in lines:
                variant = record_at(origin, file, line.record.place)
                sites.extend(site_readings(line.record, variant, places.wanted, header))
    return sites


def _readings(
    origin: OpenFile,
    header: VcfHeader,
    sites: list[SiteReading],
    n_read: int,
    chromosomes: frozenset[str],
    sequences: Iterable[str],
) -> Readings:
    provisional = any(site.provisional for site in sites)
    version = f" {header.version}" if header.version != "?" else ""
    return Readings(
        file=origin.name,
        format=f"BCF{version}" if origin.head.startswith(b"BCF") else f"VCF{version}",
        samples=header.samples,
        sites=tuple(sites),
        n_read=n_read,
        strand_per_site=provisional,
        reference_based=not provisional,
        hints=(*header.hints, *sequence_hints(sequences)),
        chromosomes=chromosomes,
    )
