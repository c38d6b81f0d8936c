"""Tables of genotypes to readings: one column per SNP (wide), or one row per sample and SNP (long).

A wide column is found by the rsID in its name (``rs2234693``, ``esr1_rs2234693``). It holds letters (``T/C``, ``TC``,
``T|C``) or, where its name ends in an allele (``rs2234693_C``, as PLINK writes it), copies of that allele. A long table
has the columns sample, rsid and genotype, or sample, rsid and two alleles, or sample, rsid, effect_allele and dosage.
An empty cell means that the site was not assayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from features.files.header import TableForm, TableHeader, read_header, refuse_columns
from features.files.opening import OpenFile
from features.files.rows import read_rows
from features.files.sample_names import SAMPLE_COLUMNS, checked_names
from features.germline.allele_codes import MISSING, SILENT, codes_from_letters
from features.germline.contigs import contig
from features.germline.readings import Readings, SiteReading, Target

_RSID = re.compile(r"(?:^|[^A-Za-z0-9])(rs\d+)(?:_([ACGTacgt])(?:[_/|-]([ACGTacgt]))?)?(?![A-Za-z0-9])", re.IGNORECASE)
_NAME = frozenset(("rsid", "rs", "snp", "snpid", "snpname", "marker", "markername", "variant", "variantid", "name"))
_GENOTYPE = frozenset(("genotype", "genotypes", "alleles", "call", "letters", "result", "gt"))
_FIRST = frozenset(("allele1", "a1", "allele1plus", "allele1forward", "alleleone"))
_SECOND = frozenset(("allele2", "a2", "allele2plus", "allele2forward", "alleletwo"))
_DOSAGE = frozenset(("dosage", "dose", "copies", "effectalleledosage", "effectallelecount", "allelecount"))
_COUNTED = frozenset(("effectallele", "countedallele", "codedallele", "testedallele", "ea", "allele", *_FIRST))
_CHROMOSOME = frozenset(("chromosome", "chrom", "chr"))
_POSITION = frozenset(("position", "pos", "bp", "mapinfo"))
_KNOWN = SAMPLE_COLUMNS | _NAME | _GENOTYPE | _FIRST | _SECOND | _DOSAGE | _COUNTED | _CHROMOSOME | _POSITION
_FORM = TableForm(trimmed=True)
_EMPTY = frozenset(("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None"))
_NUMBER = re.compile(r"[012]|[01]?\.\d+|[012]\.\d*")


def has_sample_column(origin: OpenFile) -> bool:
    """Whether a file is a long table: a column for the sample beside one for the SNP."""
    header = read_header(origin, _FORM, _is_known)
    return header.first(SAMPLE_COLUMNS) is not None and header.first(_NAME) is not None


def read_letters(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read a table of genotypes.

    Raises
    ------
    InputFileError
        ``unknown_format`` for a table without any column or row that could be a SNP; ``no_rows``; ``not_a_number``
        for digits without a counted allele, and the reverse; ``wrong_columns``, ``wrong_field_count``.
    """
    header = read_header(origin, _FORM, _is_known)
    names = header.first(_NAME)
    if names is not None and header.first(SAMPLE_COLUMNS) is not None:
        return _long(origin, header, names, wanted)
    return _wide(origin, header, wanted)


def _is_known(name: str) -> bool:
    """Whether this is a column's name for certain, so not a cell of a table without a header."""
    return re.sub(r"[^a-z0-9]", "", name.lower()) in _KNOWN or _RSID.search(name) is not None


def _wide(origin: OpenFile, header: TableHeader, wanted: tuple[Target, ...]) -> Readings:
    by_name = {target.name.lower(): target for target in wanted if target.kind == "panel"}
    found = [(number, match) for number, name in enumerate(header.names) if (match := _RSID.search(name))]
    if not found:
        raise origin.fault(
            "is a table without a column that names an rsID; is it a table of genotypes?", "unknown_format"
        )
    refuse_columns(origin, header, (), _is_known)
    # two bare letters do not say which of them is counted
    columns = [
        (number, by_name[m[1].lower()], None if m[3] else m[2]) for number, m in found if m[1].lower() in by_name
    ]
    sample = header.first(SAMPLE_COLUMNS)
    names: list[str] = []
    cells: list[list[str]] = [[] for _ in columns]
    for _, row in read_rows(origin, header):
        names.append(row[sample] if sample is not None else f"row {len(names) + 1}")
        for kept, (number, _, _) in zip(cells, columns, strict=True):
            kept.append(row[number])
    sites = tuple(
        _column(origin, target, counted, texts) for texts, (_, target, counted) in zip(cells, columns, strict=True)
    )
    notes = () if sample is not None else ("the table has no column for the sample; samples are numbered by row",)
    return Readings(
        file=origin.name,
        format="table, one column per SNP",
        strand_per_site=True,
        samples=checked_names(names, origin.name),
        sites=sites,
        n_read=len(names),
        notes=notes,
    )


def _column(origin: OpenFile, target: Target, counted: str | None, texts: Sequence[str]) -> SiteReading:
    """Return the reading of one column: letters, or copies of the allele that the column's name ends in."""
    given = {text for text in texts if text not in _EMPTY}
    numbers = {text for text in given if _NUMBER.fullmatch(text)}
    column = f"column {target.name}"
    if counted is None and numbers - {"0"}:
        raise origin.fault(
            f"{column}: digits without a counted allele; name the column as in {target.name}_{target.ref or 'A'}, "
            f"after the allele that they count, or give letters",
            "not_a_number",
        )
    if counted is None:
        alleles, codes = codes_from_letters([None if text in _EMPTY else text.replace(" ", "/") for text in texts])
        phased = np.array(["|" in text for text in texts])
        return SiteReading(
            target.name, column, alleles, codes, named=True, phased=phased if phased.any() else None
        )  # fmt: skip
    if given - numbers:
        raise origin.fault(
            f"{column}: its name ends in an allele, so its cells are copies of that, 0 to 2; correct the others",
            "not_a_number",
        )
    return _counted(target, column, counted.upper(), texts)


def _counted(target: Target, place: str, allele: str, texts: Sequence[str]) -> SiteReading:
    copies = np.array([[np.nan if text in _EMPTY else float(text)] for text in texts], dtype=np.float32)
    codes = np.full((len(texts), 2), MISSING, dtype=np.int8)
    codes[np.isnan(copies[:, 0])] = SILENT
    fractional = bool((np.nan_to_num(copies) % 1 != 0).any())
    return SiteReading(target.name, place, (allele,), codes, named=True, copies=copies, imputed=fractional)


@dataclass
class _Long:
    """Samples in the order of the file, and for each site the letters by sample, one dict per time it is given.

    In a table of dosages the texts are copies, and `counted` names the allele of each site.
    """

    number_of: dict[str, int] = field(default_factory=dict)
    letters: dict[str, list[dict[int, str]]] = field(default_factory=dict)
    places: dict[str, tuple[str, int] | None] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)
    n_read: int = 0


def _long(origin: OpenFile, header: TableHeader, name_column: int, wanted: tuple[Target, ...]) -> Readings:
    by_name = {target.name.lower(): target for target in wanted if target.kind == "panel"}
    sample_column = header.first(SAMPLE_COLUMNS)
    assert sample_column is not None
    letter_columns = _letter_columns(origin, header)
    dosage, counted = (None, None) if letter_columns else (header.first(_DOSAGE), header.first(_COUNTED))
    chrom_column, pos_column = header.first(_CHROMOSOME), header.first(_POSITION)
    refuse_columns(origin, header, (), _is_known)
    found = _Long()
    for line, row in read_rows(origin, header):
        found.n_read += 1
        number = found.number_of.setdefault(row[sample_column], len(found.number_of))
        target = by_name.get(row[name_column].lower())
        if target is None:
            continue
        text = "/".join(row[column] or "-" for column in letter_columns)
        if dosage is not None and counted is not None:
            text = row[dosage]
            _note_counted(origin, line, found, target.name, row[counted].upper(), text)
        elif _NUMBER.fullmatch(text):
            raise origin.fault(f"line {line}: digits where letters must be; give both alleles", "not_a_number")
        _note(found, target.name, number, text)
        if chrom_column is not None and pos_column is not None:
            _note_place(origin, line, found, target.name, row[chrom_column], row[pos_column])
    return Readings(
        file=origin.name,
        format="table, one row per sample and SNP",
        strand_per_site=True,
        samples=checked_names(tuple(found.number_of), origin.name),
        sites=tuple(_long_sites(found, by_name.values())),
        n_read=found.n_read,
    )


def _letter_columns(origin: OpenFile, header: TableHeader) -> list[int]:
    """Return the columns with letters; none where the table has dosages of a named allele instead."""
    one = header.first(_GENOTYPE)
    if one is not None:
        return [one]
    pair = [header.first(_FIRST), header.first(_SECOND)]
    if None in pair and header.first(_DOSAGE) is not None and header.first(_COUNTED) is not None:
        return []
    if None in pair:
        raise origin.fault(
            "is a table of samples and SNPs without a column genotype, or columns allele1 and allele2, or "
            "effect_allele and dosage; rename them",
            "wrong_columns",
        )
    return [column for column in pair if column is not None]


def _note(found: _Long, site: str, sample: int, text: str) -> None:
    """Keep a genotype; a second one of the same sample goes to a reading of its own, to be compared with the first."""
    for given in found.letters.setdefault(site, []):
        if sample not in given:
            given[sample] = text
            return
    if len(found.letters[site]) < 8:
        found.letters[site].append({sample: text})


def _note_counted(origin: OpenFile, line: int, found: _Long, site: str, allele: str, text: str) -> None:
    if text in _EMPTY:
        return
    if not re.fullmatch(r"[ACGT]", allele):
        raise origin.fault(f"line {line}: the effect allele is no letter A, C, G or T; correct it", "wrong_columns")
    if not _NUMBER.fullmatch(text) or float(text) > 2:
        raise origin.fault(f"line {line}: a dosage is a number of copies, 0 to 2; correct it", "not_a_number")
    if found.counted.setdefault(site, allele) != allele:
        raise origin.fault(f"line {line}: one SNP with two effect alleles; count one of them", "wrong_columns")


def _note_place(origin: OpenFile, line: int, found: _Long, site: str, chrom: str, pos: str) -> None:
    if not re.fullmatch(r"[0-9]{1,10}", pos):
        raise origin.fault(f"line {line}: the position is no whole number; correct it", "not_a_number")
    place = (contig(chrom), int(pos))
    if found.places.setdefault(site, place) != place:
        raise origin.fault(f"line {line}: one SNP at two positions; correct one", "wrong_columns")


def _long_sites(found: _Long, wanted: Iterable[Target]) -> Iterator[SiteReading]:
    n = len(found.number_of)
    for target in wanted:
        place = found.places.get(target.name)
        for given in found.letters.get(target.name, []):
            if target.name in found.counted:
                copies = [given.get(number, "") for number in range(n)]
                one = _counted(target, f"rows of {target.name}", found.counted[target.name], copies)
                yield replace(one, build=target.build_at(*place) if place else None, position=place)
                continue
            texts: list[str | None] = [given.get(number) for number in range(n)]
            alleles, codes = codes_from_letters([None if text in _EMPTY else text for text in texts])
            yield SiteReading(
                site=target.name,
                place=f"rows of {target.name}",
                alleles=alleles,
                codes=codes,
                named=True,
                build=target.build_at(*place) if place else None,
                position=place,
            )
