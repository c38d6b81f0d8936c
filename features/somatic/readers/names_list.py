"""A text file that lists the ESR1 variants of one sample by HGVS names: a report's table, copied out."""

from __future__ import annotations

from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.wire.tumour import OpenReason, TumourReport, TumourVariant
from features.files.opening import OpenFile
from features.somatic.findings import found_by
from features.somatic.names import canonical_name
from features.somatic.samples import Assay, below_limit, declared_coverage, tumour_sample
from features.somatic.text import findings_in_text, is_list_of_variants

_MAX_LINES = 1000


def read_findings_list(origin: OpenFile, catalogue: Catalogue, assay: Assay, sample: str | None = None) -> TumourReport:
    """Read a list of names as `findings_in_text` does, line by line; lines that begin with ``#`` are comments.

    Parameters
    ----------
    sample
        Name of the sample; None for the file's own name without its ending.

    Raises
    ------
    InputFileError
        ``unknown_format`` where the first line is no such list, or there are more than 1,000 lines; otherwise the code
        and the line of the first part that is none.
    """
    found: list[TumourVariant] = []
    unsettled: dict[str, OpenReason] = {}
    n_read = 0
    for number, text in _lines(origin):
        try:
            here = _variants(text, number, catalogue, unsettled)
        except EsrError as error:
            if n_read == 0 and not is_list_of_variants(text, catalogue):
                raise _no_list(origin) from None
            raise InputFileError(error.code, f"{origin.name}, line {number}: {error.message}") from None
        n_read += 1
        found += here
    name = sample or Path(origin.name).stem
    one = tumour_sample(name, found, declared_coverage(assay), catalogue, unsettled)
    zero = ("an allele fraction of zero leaves its variant open",) if "no_support" in unsettled.values() else ()
    return TumourReport(
        file=origin.name,
        format="list of variants",
        n_read=n_read,
        samples=(one,),
        notes=(*zero, *below_limit([one])),
    )


def _lines(origin: OpenFile) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(origin.lines(), start=1):
        try:
            text = line.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise _no_list(origin) from None
        if text and not text.startswith("#"):
            lines.append((number, text))
        if number > _MAX_LINES:
            raise _no_list(origin)
    return lines


def _variants(text: str, number: int, catalogue: Catalogue, unsettled: dict[str, OpenReason]) -> list[TumourVariant]:
    """Return what a line finds; what it leaves open joins `unsettled`."""
    variants = []
    for one in findings_in_text(text, catalogue):
        name = canonical_name(one.variant)
        found = found_by(one.variant, catalogue)
        if one.vaf == 0:
            unsettled.update(dict.fromkeys((*found.ids, *sorted(found.open)), "no_support"))
            continue
        unsettled.update(dict.fromkeys(sorted(found.open), "complex_change"))
        coding = name if name.startswith("c.") else None
        place = f"line {number}"
        variants += [
            TumourVariant(variant=known, change=change, coding=coding, vaf=one.vaf, place=place)
            for known, change in found.changes
        ]
    return variants


def _no_list(origin: OpenFile) -> InputFileError:
    return origin.fault(
        "is no tumour file that is read here: a VCF, a MAF, the folder of a cBioPortal study, or a list of variants as "
        "in 'ESR1 p.Y537S 3.2 %; D538G'",
        "unknown_format",
    )
