"""A cohort manifest: binds one data set's columns, codes, units and genotypes to our names."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from data_schemas.catalogue.assays import AssayPanel
from data_schemas.catalogue.rows import Letter, Variant
from data_schemas.record import Record

SYNTHETIC = "esr_synthetic"
"""The column that every simulated table carries; with it, no manifest can call the rows patients."""


class FileForm(Record):
    """How the table is written. Nothing of this is ever guessed."""

    separator: Literal[",", "\t", ";"] = ","
    comment: str = Field("", description="lines before the header that begin with this are skipped")
    decimal: Literal[".", ","] = "."


class Column(Record):
    """Where one covariate, measurement or flag comes from: a column, or one constant for everybody.

    With neither it is unknown for everybody. `codes` maps the file's texts to our levels (or ``"true"``/``"false"`` for
    a flag, or to numbers written as text). `missing` adds codes that mean missing in this column only. `possible`
    replaces the covariate's own bounds in this column, where the manifest's comment says why. `one_unit` asserts that
    every row is in `unit`, where part of the column looks as if it were not.
    """

    column: str | None = None
    constant: str | float | bool | None = None
    unit: str = ""
    codes: dict[str, str] = Field(default_factory=dict)
    missing: tuple[str, ...] = ()
    possible: tuple[float, float] | None = None
    one_unit: bool = False


class GenotypeColumn(Record):
    """A column of genotype letters. `strand` states on which strand this column is written.

    With `counts` the cells are 0, 1 or 2 copies of that letter instead, itself on the column's strand.
    """

    column: str
    strand: Literal["forward", "reverse"]
    separator: str = Field("", description="between the two letters; empty where they stand together")
    counts: Letter | None = Field(None, description="the allele whose copies the cells count")


class CallQuality(Record):
    """Below these a genotype is `failed_qc`. GQ and DP count where the file has them; imputed genotypes need R2."""

    min_gq: float = Field(20.0, ge=0)
    min_dp: float = Field(10.0, ge=0)
    min_r2: float = Field(0.8, ge=0, le=1)


USUAL = CallQuality()
"""What is asked of a genotype unless somebody says otherwise."""


class GenotypeFile(CallQuality):
    """A genotype file (VCF, BCF, PLINK, table of letters) that holds the cohort's samples.

    `path` is beside the data file unless it is a full path; `sample` is the data file's column with the sample names,
    by default the row id. `build` and `strand` are declared only where the file cannot prove them, and are contradicted
    loudly where it does. A site of `Cohort.genotypes` comes from its column, any other from the file.
    """

    path: str
    sample: str | None = None
    build: Literal[37, 38] | None = None
    strand: Literal["forward", "reverse"] | None = None
    assume_reference: bool = Field(False, description="asserts that sites absent from the file are reference")
    callable: str | None = Field(None, description="BED of regions where an absent variant means reference")


class SomaticSource(Record):
    """What the cohort's tumour assay can see. `covers_esr1 = false` makes every ESR1 state `not_tested`.

    `columns` maps a somatic id (or ESR1_LBD) to a column whose codes say detected / not_detected / not_tested.
    Instead, `text` names a column of lists of variants (``Y537S 3.2 %; D538G``), with codes for what is no list: to
    ``not_detected`` or ``not_tested``. Or `mutations` names a MAF file, beside the data file unless it is a full
    path, whose samples are those of the column `sample` (by default the row id). Which samples were sequenced for
    ESR1 is told by `panel_matrix` (a column of sample ids, a column of assay versions) together with `gene_panels`
    (files with the genes of a version), `panels` or the assays known by name; without a matrix, `covers_esr1` says it
    of every sample.
    """

    assay: str
    covers_esr1: bool
    limit_of_detection: float | None = Field(None, ge=0, le=1)
    mutations: str | None = None
    sample: str | None = None
    panel_matrix: str | None = None
    gene_panels: tuple[str, ...] = ()
    panels: dict[str, AssayPanel] = Field(default_factory=dict)
    columns: dict[str, Column] = Field(default_factory=dict)
    text: Column | None = None


class Cohort(Record):
    """A data set. The file's name is the id (`cohorts/hers.toml`)."""

    id: str
    title: str
    design: Literal["randomised", "observational", "single-arm"]
    adjustment_set: tuple[str, ...] = ()
    synthetic: bool
    licence: str
    citation: str
    ancestry: str = Field(description="as declared by the study; `not stated` where it is not")
    population: str = ""
    note: str = Field("", description="what a reader of the model must know about these data")
    form: FileForm = FileForm()
    missing: tuple[str, ...] = Field((), description="texts that mean missing; the empty field always does")
    ignored_columns: tuple[str, ...] | Literal["others"] = "others"
    row_id: str | None = None
    person: str | None = Field(None, description="grouping column: one person, several rows")
    ancestry_column: str | None = None
    therapy: Column
    covariates: dict[str, Column]
    follow_up: dict[str, Column] = Field(default_factory=dict, description="measurements at the end, by covariate")
    response: Column | None = Field(None, description="for binary outcomes: true = favourable")
    time: Column | None = None
    event: Column | None = None
    genotypes: dict[str, GenotypeColumn] = Field(default_factory=dict)
    genotype_file: GenotypeFile | None = None
    somatic: SomaticSource | None = None
    declared_variants: dict[str, Variant] = Field(default_factory=dict)
