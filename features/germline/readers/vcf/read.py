"""VCF and BCF to readings: by index where there is one, otherwise as a stream of constant memory.

A text VCF is searched as bytes; only lines that cover a target, of the millions there may be, are handed to htslib.
Sequence names may have a ``chr`` prefix or be RefSeq accessions.
"""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from data_schemas.errors import EsrError, InputFileError
from features.files.opening import OpenFile
from features.germline.contigs import contig
from features.germline.places import Places
from features.germline.readers.vcf.bcf_records import matching_records
from features.germline.readers.vcf.header import VcfHeader, sequence_hints
from features.germline.readers.vcf.index import find_index, read_index
from features.germline.readers.vcf.lines import matching_lines, small_vcf
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
    if not binary and origin.head.startswith(_SIGNED_VERSIONS):
        index = None  # this htslib does not read a genotype's leading sign
    if index is not None and "##idx##" not in str(origin.path) and (not binary or origin.path.suffix == ".bcf"):
        return _by_index(origin, places, index, binary)
    return _streamed_bcf(origin, places) if binary else _streamed(origin, places)


def _streamed(origin: OpenFile, places: Places) -> Readings:
    lines = matching_lines(origin, places)
    header = lines.header
    sites: list[SiteReading] = []
    if lines.found:
        with _small_file(origin, small_vcf(header, lines.found)) as file:
            for line in lines.found:
                variant = _next(origin, file, line.record.place)
                sites.extend(site_readings(line.record, variant, places.wanted, header))
    return _readings(origin, header, sites, lines.n_read, lines.chromosomes, lines.sequences)


def _streamed_bcf(origin: OpenFile, places: Places) -> Readings:
    records = matching_records(origin, places)
    sites: list[SiteReading] = []
    with _small_file(origin, records.pieces) as file:
        for variant in file:
            sites.extend(_of_variant(variant, places, records.header))
    return _readings(origin, records.header, sites, records.n_read, records.chromosomes, records.sequences)


@contextmanager
def _small_file(origin: OpenFile, pieces: Iterable[bytes]) -> Iterator[Any]:
    """Hand htslib a file without a name that holds the records found, and vanishes when it is closed."""
    with tempfile.TemporaryFile() as small:
        small.writelines(pieces)
        small.flush()
        os.lseek(small.fileno(), 0, os.SEEK_SET)
        with _opened(origin, os.dup(small.fileno())) as file:
            yield file


def _next(origin: OpenFile, file: Any, place: str) -> Any:
    try:
        return next(file)
    except Exception:  # noqa: BLE001 - cyvcf2 raises a bare one, and htslib names no line
        raise origin.fault(f"{place}: is not a VCF record; correct or remove it") from None


def _by_index(origin: OpenFile, places: Places, index: Path, binary: bool) -> Readings:
    with _opened(origin, str(origin.path.absolute())) as file:
        header = _header_of(origin, file)
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
        ids=tuple((variant.ID or "").split(";")),
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


def _header_of(origin: OpenFile, file: Any) -> VcfHeader:
    return germline_header(origin, file.raw_header.rstrip("\n\0").encode().split(b"\n"))


def _readings(
    origin: OpenFile,
    header: VcfHeader,
    sites: list[SiteReading],
    n_read: int,
    chromosomes: frozenset[str],
    sequences: Iterable[str],
) -> Readings:
    version = f" {header.version}" if header.version != "?" else ""
    return Readings(
        file=origin.name,
        format=f"BCF{version}" if origin.head.startswith(b"BCF") else f"VCF{version}",
        samples=header.samples,
        sites=tuple(sites),
        n_read=n_read,
        reference_based=True,
        hints=(*header.hints, *sequence_hints(sequences)),
        chromosomes=chromosomes,
    )


@contextmanager
def _opened(origin: OpenFile, file: str | int) -> Iterator[Any]:
    """Open with htslib, its own messages off; what it finds wrong becomes one error."""
    from cyvcf2 import VCF
    from cyvcf2.cyvcf2 import set_htslib_log_level

    set_htslib_log_level(0)
    try:
        opened = VCF(file)
    except Exception:  # noqa: BLE001 - cyvcf2 raises bare ones and OSError
        raise origin.fault("htslib cannot read the header; create or copy the file again") from None
    try:
        yield opened
    except EsrError:
        raise
    except Exception as error:
        if type(error) is Exception or isinstance(error, OSError):
            # the bare Exception is how cyvcf2 reports what htslib returned
            raise InputFileError(
                "corrupt_file", f"{origin.name}: htslib finds a damaged record; copy it again"
            ) from None
        raise
    finally:
        opened.close()
