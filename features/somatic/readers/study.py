"""A cBioPortal study folder, or a MAF file alone, as a tumour report: who was tested for ESR1, and what was found.

A sample was tested where the gene panel matrix gives it an assay version whose genes include ESR1: by the study's own
gene lists, by what the caller declares, or by the assays known by name. A sample that the matrix leaves out was not
profiled. Without a matrix only the caller can say that an assay covers ESR1; a study whose gene lists all lack it says
that it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from data_schemas.catalogue.assays import AssayPanel, Specimen, known_assays
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.cohort import SomaticSource
from data_schemas.errors import EsrError, InputFileError
from data_schemas.wire.tumour import TumourReport, TumourSample
from features.files.header import TableForm, read_header, refuse_columns
from features.files.opening import OpenFile, opened
from features.files.rows import read_rows
from features.files.sample_names import checked_names
from features.somatic.readers.maf import MafContent, read_maf
from features.somatic.samples import Assay, Coverage, below_limit, declared_coverage, tumour_sample

STUDY_FORM = TableForm("\t", quotes=False, may_be_empty=True)
"""Quotes are letters in a table of a study, and a study may have no sample."""
_SAMPLE_ID = "SAMPLE_ID"
_MATRIX = (_SAMPLE_ID, "mutations")
_UNPROFILED = ("", "NA", "N/A", "NOT PROFILED")
_SPECIMENS: dict[str, Specimen] = {"cfdna": "plasma", "ctdna": "plasma", "plasma": "plasma", "tumor": "tissue"}
_SPECIMEN_COLUMNS = ("SAMPLE_CLASS", "SPECIMEN_TYPE")
_COLLECTED_COLUMNS = ("SAMPLE_COLLECTION_DATE", "COLLECTION_DATE")


def read_study(folder: Path, catalogue: Catalogue, assay: Assay | None = None) -> TumourReport:
    """Read a study folder: mutations, samples, gene panel matrix and gene lists, those that there are.

    Raises
    ------
    InputFileError
        ``file_missing`` where there is no mutation file, and whatever is wrong with a file, with line and cure.
    """
    mutations = _one(folder, ("data_mutations.txt", "data_mutations_extended.txt", "data_mutations_mskcc.txt"))
    if mutations is None:
        raise InputFileError(
            "file_missing",
            f"{folder.name}: is no cBioPortal study: it has no data_mutations.txt; name the folder of one",
        )
    given = assay or Assay()
    matrix = _one(folder, ("data_gene_panel_matrix.txt",))
    lists = [read_gene_list(opened(path)) for path in sorted(folder.glob("data_gene_panel*.txt")) if path != matrix]
    declared = Assay(
        name=given.name,
        covers_esr1=given.covers_esr1,
        limit_of_detection=given.limit_of_detection,
        panels=given.panels,
        gene_lists={**dict(lists), **(given.gene_lists or {})},
        versions=read_panel_matrix(opened(matrix)) if matrix else given.versions,
    )
    listed = _one(folder, ("data_clinical_sample.txt",))
    samples = read_sample_table(opened(listed)) if listed else {}
    sequenced = read_case_lists(folder / "case_lists")
    return report_of(
        opened(mutations), catalogue, declared, samples, format_name="cBioPortal study", sequenced=sequenced
    )


def report_of(
    origin: OpenFile,
    catalogue: Catalogue,
    assay: Assay,
    samples: Mapping[str, Mapping[str, str]] | Iterable[str] = (),
    format_name: str = "MAF",
    sequenced: frozenset[str] | None = None,
) -> TumourReport:
    """Read a MAF file and judge each sample of `samples`, and each that the file has besides.

    `sequenced` names the samples that were sequenced, where a list of them is known beside the file.

    Raises
    ------
    InputFileError
        As `read_maf`; ``conflicting_findings`` for an ESR1 call in a sample whose assay has no ESR1.
    """
    content = read_maf(origin, catalogue)
    if sequenced is not None:
        content.sequenced = set(sequenced if content.sequenced is None else sequenced & content.sequenced)
    facts: Mapping[str, Mapping[str, str]] = samples if isinstance(samples, Mapping) else {one: {} for one in samples}
    names = list(dict.fromkeys([*facts, *sorted(content.seen | (content.sequenced or set()))]))
    checked_names(names, origin.name)
    found = [_judged(origin, name, content, assay, facts.get(name, {}), catalogue) for name in names]
    builds = content.builds.most_common(1)
    without_row = [name for name in content.calls if facts and name not in facts]
    notes = [*content.notes(), *below_limit(found)]
    if without_row:
        notes.append(f"{len(without_row):,} samples with an ESR1 call have no row in the table of samples")
    return TumourReport(
        file=origin.name,
        format=format_name,
        build=builds[0][0] if builds else None,
        n_read=content.n_read,
        samples=tuple(found),
        notes=tuple(notes),
    )


def cohort_tumours(folder: Path, declared: SomaticSource, names: Sequence[str], catalogue: Catalogue) -> TumourReport:
    """Read the mutation file of a cohort's manifest and judge each of the cohort's samples.

    Raises
    ------
    InputFileError
        As `report_of`; ``file_missing`` names the file and where it was looked for.
    """
    assert declared.mutations is not None
    lists = [read_gene_list(opened(folder / name)) for name in declared.gene_panels]
    assay = Assay(
        name=declared.assay,
        covers_esr1=declared.covers_esr1,
        limit_of_detection=declared.limit_of_detection,
        panels=declared.panels,
        gene_lists=dict(lists),
        versions=read_panel_matrix(opened(folder / declared.panel_matrix)) if declared.panel_matrix else None,
    )
    return report_of(opened(folder / declared.mutations), catalogue, assay, names)


def coverage_of(sample: str, content: MafContent, assay: Assay) -> Coverage:
    """Return whether ESR1 was looked at in one sample, and how that is known."""
    # a sample with a row of any gene was sequenced, whatever a list says
    if content.sequenced is not None and sample not in content.sequenced | content.seen:
        return Coverage(False, "no list of sequenced samples names this one", assay=assay.name)
    if assay.versions is not None:
        version = assay.versions.get(sample, "")
        if version.strip().upper() in _UNPROFILED:
            return Coverage(False, "the gene panel matrix gives this sample no assay", assay=assay.name)
        return _by_version(version, assay)
    lists = assay.gene_lists or {}
    if lists and not any("ESR1" in genes for genes in lists.values()):
        return Coverage(
            False, "ESR1 is not among the genes of the study's assay", assay=assay.name or next(iter(lists))
        )
    return declared_coverage(assay)


def read_panel_matrix(origin: OpenFile) -> dict[str, str]:
    """Return the assay version of each sample, as the column ``mutations`` gives it."""
    header = read_header(origin, STUDY_FORM, _MATRIX.__contains__)
    refuse_columns(origin, header, _MATRIX)
    sample, version = map(header.names.index, _MATRIX)
    return {row[sample]: row[version] for _, row in read_rows(origin, header)}


def read_gene_list(origin: OpenFile) -> tuple[str, frozenset[str]]:
    """Return the id and the genes of one assay version, from a ``data_gene_panel`` file."""
    fields = dict(text.partition(":")[::2] for _, text in origin.texts() if text.strip())
    if "stable_id" not in fields or "gene_list" not in fields:
        raise origin.fault("is no gene panel: it needs the lines stable_id: and gene_list:", "wrong_columns")
    return fields["stable_id"].strip(), frozenset(fields["gene_list"].split())


def read_case_lists(folder: Path) -> frozenset[str] | None:
    """Return the samples that a study's case lists name as sequenced for mutations, None where no list does.

    Raises
    ------
    InputFileError
        ``wrong_columns`` for a list of sequenced samples without its line ``case_list_ids:``.
    """
    named: set[str] | None = None
    for path in sorted(folder.glob("*.txt")):
        origin = opened(path)
        fields = dict(text.partition(":")[::2] for _, text in origin.texts() if text.strip())
        if not (fields.get("stable_id", "").strip().endswith("_sequenced") or path.stem == "cases_sequenced"):
            continue
        if "case_list_ids" not in fields:
            raise origin.fault("is a list of sequenced samples without the line case_list_ids:", "wrong_columns")
        named = (named or set()) | set(fields["case_list_ids"].split())
    return None if named is None else frozenset(named)


def _by_version(version: str, assay: Assay) -> Coverage:
    genes = (assay.gene_lists or {}).get(version)
    panel = (assay.panels or {}).get(version) or known_assays().get(version)
    if genes is not None:
        covers = "ESR1" in genes
        panel = (panel or AssayPanel(covers_esr1=covers)).model_copy(update={"covers_esr1": covers})
    if panel is None:
        return Coverage(None, f"the genes of assay version {version} are not known; declare them", assay=version)
    if panel.limit_of_detection is None and assay.limit_of_detection is not None:
        panel = panel.model_copy(update={"limit_of_detection": assay.limit_of_detection})
    verb = "includes" if panel.covers_esr1 else "does not include"
    return Coverage(panel.covers_esr1, f"assay version {version} {verb} ESR1", panel, version)


def _judged(
    origin: OpenFile, name: str, content: MafContent, assay: Assay, facts: Mapping[str, str], catalogue: Catalogue
) -> TumourSample:
    known: dict[str, str | None] = {}
    if facts.get("PATIENT_ID"):
        known["patient"] = facts["PATIENT_ID"]
    for column in _SPECIMEN_COLUMNS:
        if facts.get(column, "").lower() in _SPECIMENS:
            known["specimen"] = _SPECIMENS[facts[column].lower()]
    for column in _COLLECTED_COLUMNS:
        if facts.get(column):
            known["collected"] = facts[column]
    try:
        calls = content.calls.get(name, [])
        return tumour_sample(
            name, calls, coverage_of(name, content, assay), catalogue, content.open.get(name, {}), **known
        )
    except EsrError as error:
        raise InputFileError(error.code, f"{origin.name}, {error.message}") from None


def read_sample_table(origin: OpenFile) -> dict[str, dict[str, str]]:
    """Return the clinical columns of each sample.

    Raises
    ------
    InputFileError
        ``repeated_person`` with the line of a sample's second row; ``wrong_columns`` and what else is wrong with the
        table.
    """
    header = read_header(origin, STUDY_FORM, (_SAMPLE_ID,).__contains__)
    refuse_columns(origin, header, (_SAMPLE_ID,))
    table: dict[str, dict[str, str]] = {}
    for line, row in read_rows(origin, header):
        fields = dict(zip(header.names, row, strict=True))
        if fields[_SAMPLE_ID] in table:
            raise origin.fault(f"line {line}: a sample that stands in a row before; keep one", "repeated_person")
        table[fields[_SAMPLE_ID]] = fields
    return table


def _one(folder: Path, names: Iterable[str]) -> Path | None:
    """Return the first file of these names, packed or not."""
    paths = [folder / (name + end) for name in names for end in ("", ".gz")]
    return next((path for path in paths if path.is_file()), None)
