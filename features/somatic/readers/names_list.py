"""A text file that lists the ESR1 variants of one sample by HGVS names: a report's table, copied out."""

from __future__ import annotations

from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.errors import EsrError, InputFileError
from data_schemas.wire.tumour import OpenReason, TumourReport, TumourVariant
from features.files.opening import OpenFile
from features.somatic.gene import receptor_of
from features.somatic.names import canonical_name
from features.somatic.samples import Assay, below_limit, declared_coverage, tumour_sample
from features.somatic.states import somatic_id
from features.somatic.text import findings_in_text, is_list_of_variants

_MAX_LINES = 1000
_NO_SUPPORT: OpenReason = "no_support"


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
    n_read = 0
    for number, text in _lines(origin):
        try:
            here = _variants(text, number, catalogue)
        except EsrError as error:
            if n_read == 0 and not is_list_of_variants(text, catalogue):
                raise _no_list(origin) from None
            raise InputFileError(error.code, f"{origin.name}, line {number}: {error.message}") from None
        n_read += 1
        found += here
    read = [one for one in found if one.vaf != 0]
    unsettled = dict.fromkeys((one.variant for one in found if one.vaf == 0), _NO_SUPPORT)
    name = sample or Path(origin.name).stem
    one = tumour_sample(name, read, declared_coverage(assay), catalogue, unsettled)
    notes = ("an allele fraction of zero leaves its variant open",) if unsettled else ()
    return TumourReport(
        file=origin.name,
        format="list of variants",
        n_read=n_read,
        samples=(one,),
        notes=(*notes, *below_limit([one])),
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


def _variants(text: str, number: int, catalogue: Catalogue) -> list[TumourVariant]:
    variants = []
    for one in findings_in_text(text, catalogue):
        name = canonical_name(one.variant)
        coding = name if name.startswith("c.") else None
        variants.append(
            TumourVariant(
                variant=somatic_id(one.variant, catalogue),
                change=receptor_of(catalogue).protein_of(name) or name,
                coding=coding,
                vaf=one.vaf,
                place=f"line {number}",
            )
        )
    return variants


def _no_list(origin: OpenFile) -> InputFileError:
    return origin.fault(
        "is no tumour file that is read here: a VCF, a MAF, the folder of a cBioPortal study, or a list of variants as "
        "in 'ESR1 p.Y537S 3.2 %; D538G'",
        "unknown_format",
    )
