"""Tables of genotypes to readings: one column per SNP (wide), or one row per sample and SNP (long).

A wide column is found by the rsID in its name (``rs2234693``, ``esr1_rs2234693``). It holds letters in any spelling of
`germline.spelling` or, where its name ends in an allele (``rs2234693_C``, as PLINK writes it), copies of that allele. A
long table has the columns sample, rsid and genotype, or sample, rsid and two alleles, or sample, rsid, effect_allele
and dosage. An empty cell means that the site was not assayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from features.files.header import TableForm, TableHeader, read_header, refuse_columns
from features.files.opening import OpenFile
from features.files.rows import read_rows
from features.files.sample_names import SAMPLE_COLUMNS, checked_names
from features.germline.contigs import contig
from features.germline.readers.columns import COPIES, copies_reading, genotype_of, letters_reading, refuse_codes
from features.germline.readers.snp_alleles import refuse_beside_dosage, refuse_same_for_all
from features.germline.readings import Readings, SiteReading, Target
from features.germline.spelling import is_absent

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


def has_sample_column(origin: OpenFile) -> bool:
    """Whether a file is a long table: a column for the sample beside one for the SNP."""
    header = read_header(origin, _FORM, _is_known)
    return header.first(SAMPLE_COLUMNS) is not None and header.first(_NAME) is not None


def read_letters(origin: OpenFile, wanted: tuple[Target, ...]) -> Readings:
    """Read a table of genotypes.

    Raises
    ------
    InputFileError
        ``unknown_format`` for a table without any column or row that could be a SNP; ``no_rows``; ``invalid_genotype``
        for codes where letters must be, digits without a counted allele among them; ``not_a_number`` for the reverse;
        ``wrong_columns``, ``wrong_field_count``.
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
    notes = [] if sample is not None else ["the table has no column for the sample; samples are numbered by row"]
    sites = tuple(
        _column(origin, target, counted, texts, notes)
        for texts, (_, target, counted) in zip(cells, columns, strict=True)
    )
    return Readings(
        file=origin.name,
        format="table, one column per SNP",
        strand_per_site=True,
        samples=checked_names(names, origin.name),
        sites=sites,
        n_read=len(names),
        notes=tuple(dict.fromkeys(notes)),
    )


def _column(
    origin: OpenFile, target: Target, counted: str | None, texts: Sequence[str], notes: list[str]
) -> SiteReading:
    """Return the reading of one column: letters, or copies of the allele that the column's name ends in."""
    column = f"column {target.name}"
    if counted is None:
        refuse_codes(origin, target, texts)
        return letters_reading(target, column, texts, notes)
    if not all(is_absent(text) or COPIES.fullmatch(text) for text in set(texts)):
        raise origin.fault(
            f"{column}: its name ends in an allele, so its cells are copies of that, 0 to 2; correct the others",
            "not_a_number",
        )
    return copies_reading(target, column, counted.upper(), texts)


@dataclass
class _Long:
    """Samples in the order of the file, and for each site the letters by sample, one dict per time it is given.

    In a table of dosages the texts are copies, and `counted` names the allele of each site. `spellings` are the letters
    of every row, those of other SNPs included.
    """

    number_of: dict[str, int] = field(default_factory=dict)
    letters: dict[str, list[dict[int, str]]] = field(default_factory=dict)
    places: dict[str, tuple[str, int] | None] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)
    spellings: set[str] = field(default_factory=set)
    n_read: int = 0


def _long(origin: OpenFile, header: TableHeader, name_column: int, wanted: tuple[Target, ...]) -> Readings:
    by_name = {target.name.lower(): target for target in wanted if target.kind == "panel"}
    sample_column = header.first(SAMPLE_COLUMNS)
    assert sample_column is not None
    letter_columns = _letter_columns(origin, header)
    dosage, counted = header.first(_DOSAGE), None if letter_columns else header.first(_COUNTED)
    chrom_column, pos_column = header.first(_CHROMOSOME), header.first(_POSITION)
    refuse_columns(origin, header, (), _is_known)
    found = _Long()
    for line, row in read_rows(origin, header):
        found.n_read += 1
        number = found.number_of.setdefault(row[sample_column], len(found.number_of))
        text = genotype_of([row[column] for column in letter_columns])
        found.spellings.add(text)
        target = by_name.get(row[name_column].lower())
        if target is None:
            continue
        if dosage is not None and len(letter_columns) == 2:
            refuse_beside_dosage(origin, line, [row[column] for column in letter_columns], row[dosage])
        elif dosage is not None and counted is not None:
            text = row[dosage]
            _note_counted(origin, line, found, target.name, row[counted].upper(), text)
        _note(found, target.name, number, text)
        if chrom_column is not None and pos_column is not None:
            _note_place(origin, line, found, target.name, row[chrom_column], row[pos_column])
    asked = next((target for target in by_name.values() if target.name in found.letters), None)
    if asked is not None and letter_columns:
        refuse_codes(origin, asked, found.spellings)
    for site, given in found.letters.items() if len(letter_columns) == 2 else ():
        refuse_same_for_all(origin, site, {text for one in given for text in one.values()}, len(found.number_of))
    notes: list[str] = []
    return Readings(
        file=origin.name,
        format="table, one row per sample and SNP",
        strand_per_site=True,
        samples=checked_names(tuple(found.number_of), origin.name),
        sites=tuple(_long_sites(found, by_name.values(), notes)),
        n_read=found.n_read,
        notes=tuple(dict.fromkeys(notes)),
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
    if is_absent(text):
        return
    if not re.fullmatch(r"[ACGT]", allele):
        raise origin.fault(f"line {line}: the effect allele is no letter A, C, G or T; correct it", "wrong_columns")
    if not COPIES.fullmatch(text) or float(text) > 2:
        raise origin.fault(f"line {line}: a dosage is a number of copies, 0 to 2; correct it", "not_a_number")
    if found.counted.setdefault(site, allele) != allele:
        raise origin.fault(f"line {line}: one SNP with two effect alleles; count one of them", "wrong_columns")


def _note_place(origin: OpenFile, line: int, found: _Long, site: str, chrom: str, pos: str) -> None:
    if not re.fullmatch(r"[0-9]{1,10}", pos):
        raise origin.fault(f"line {line}: the position is no whole number; correct it", "not_a_number")
    place = (contig(chrom), int(pos))
    if found.places.setdefault(site, place) != place:
        raise origin.fault(f"line {line}: one SNP at two positions; correct one", "wrong_columns")


def _long_sites(found: _Long, wanted: Iterable[Target], notes: list[str]) -> Iterator[SiteReading]:
    n = len(found.number_of)
    for target in wanted:
        place = found.places.get(target.name)
        for given in found.letters.get(target.name, []):
            texts = [given.get(number, "") for number in range(n)]
            if target.name in found.counted:
                one = copies_reading(target, f"rows of {target.name}", found.counted[target.name], texts)
            else:
                one = letters_reading(target, f"rows of {target.name}", texts, notes)
            yield replace(one, build=target.build_at(*place) if place else None, position=place)
