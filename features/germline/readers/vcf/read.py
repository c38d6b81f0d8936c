"""VCF and BCF to readings: by index where there is one, otherwise as a stream of constant memory.

A text VCF is searched as bytes; only lines that cover a target, of the millions there may be, are handed to htslib.
Sequence names may have a ``chr`` prefix or be RefSeq accessions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import Places, names_in
from features.germline.readers.vcf.header import VcfHeader, bcf_header_lines, header_lines, sequence_hints
from features.germline.readers.vcf.htslib import opened_counted, opened_path, opened_small, record_at, records
from features.germline.readers.vcf.index import find_index, read_index
from features.germline.readers.vcf.lines import MAX_COVERING, matching_lines, small_vcf
from features.germline.readers.vcf.record import VcfRecord
from features.germline.readers.vcf.sites import INFO_KEYS, site_readings
from features.germline.readers.vcf.tumour_marks import germline_header, refuse_mutations, refuse_shares
from features.germline.readings import Readings, SiteReading, Target

_ABSENT = object()
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
    header = lines.header
    sites: list[SiteReading] = []
    if lines.found:
        with opened_small(origin, small_vcf(header, lines.found)) as file:
            for line in lines.found:
                variant = record_at(origin, file, line.record.place)
                sites.extend(site_readings(line.record, variant, places.wanted, header))
    return _readings(origin, header, sites, lines.n_read, lines.chromosomes, lines.sequences)


def _streamed_bcf(origin: OpenFile, places: Places) -> Readings:
    header = germline_header(origin, bcf_header_lines(origin))
    sites: list[SiteReading] = []
    chroms: dict[str, str] = {}
    n_read, covering = 0, 0
    with opened_counted(origin) as file:
        for variant in records(origin, file):
            n_read += 1
            name, start = variant.CHROM, variant.POS
            chrom = chroms.get(name) or chroms.setdefault(name, contig(name))
            if chrom in places.positions and places.concern(chrom, start, max(start, variant.end), variant.ID):
                covering += 1
                if covering > MAX_COVERING:
                    raise origin.fault(f"more than {MAX_COVERING:,} records cover the panel's sites; is this one BCF?")
                sites.extend(_of_variant(variant, places, header))
    ours = {name: chrom for name, chrom in chroms.items() if chrom in places.positions}
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
        sites: list[SiteReading] = []
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
                        sites.extend(_of_variant(variant, places, header))
                before = last
    chromosomes = frozenset(map(contig, names))
    return dataclasses.replace(_readings(origin, header, sites, n_read, chromosomes, names), whole=False)


def _of_variant(variant: Any, places: Places, header: VcfHeader) -> Iterator[SiteReading]:
    record = VcfRecord(
        chrom=contig(variant.CHROM),
        pos=variant.POS,
        ids=names_in(variant.ID or ""),
        ref=variant.REF,
        alts=tuple(variant.ALT),
        filters=tuple(one for one in variant.FILTERS if one not in ("PASS", ".")),
        info=_info(variant),
        place=f"record {variant.CHROM}:{variant.POS}",
    )
    return site_readings(record, variant, places.wanted, header)


def _info(variant: Any) -> dict[str, Any]:
    """Return the keys of INFO that are looked at; a flag that the header does not declare is true as well."""
    given = {key: variant.INFO.get(key, _ABSENT) for key in INFO_KEYS}
    return {
        key: True if value is None or value is False else value for key, value in given.items() if value is not _ABSENT
    }


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
