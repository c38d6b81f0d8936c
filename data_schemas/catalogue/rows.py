"""The shapes of the catalogue's rows: variants, evidence, covariates and therapies, and what was released before.

A row lives in TOML; these classes say what a row may hold. The key of a row (``[rs2234693]``) is its `id`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from data_schemas.record import Record
from data_schemas.reference.gene import GENETIC_CODE

Letter = Literal["A", "C", "G", "T"]
COMPLEMENT = str.maketrans("ACGT", "TGCA")
"""Each letter to the one opposite to it on the other strand, for `str.translate`."""
Strand = Literal["+", "-"]
Group = Literal["therapy", "clinical", "genetic"]

ESR1_LBD = "ESR1_LBD"
"""The somatic id that stands for any of the panel's ligand-binding-domain mutations."""


class Position(Record):
    """A 1-based position in one genome build."""

    chrom: str
    pos: int = Field(gt=0)


class Variant(Record):
    """A germline SNP of the panel.

    `ref` and `alt` are forward-strand letters of GRCh38; `effect_allele` is the one whose copies a dosage counts.
    """

    id: str
    gene: str
    names: tuple[str, ...] = ()
    grch37: Position | None = None
    grch38: Position | None = None
    ref: Letter | None = None
    alt: tuple[Letter, ...] = ()
    alleles: tuple[Letter, ...] = Field(min_length=2, description="forward-strand letters that may be called")
    effect_allele: Letter
    effect_allele_basis: Literal["literature", "convention"] = "literature"
    gene_strand: Strand
    palindromic: bool
    literature_letters: str = Field("", description="the letters and the strand that papers use")
    consequence: str
    hgvs_c: str = ""
    hgvs_p: str = ""
    frequency: dict[str, float] = Field(
        default_factory=dict, description="frequency of the effect allele by population, only where measured"
    )
    status: Literal["verified", "unverified"]
    ref_verified: bool = False
    note: str = ""
    sources: tuple[str, ...] = Field(min_length=1)


class SomaticVariant(Record):
    """A somatic mutation of the ESR1 ligand-binding domain. The key is its short name (``Y537S``)."""

    id: str = Field(pattern="^[A-Z][1-9][0-9]*[A-Z]$")
    gene: str
    grch37: Position
    grch38: Position
    ref: Letter
    alt: Letter
    hgvs_c: str = Field(pattern=r"c\.[1-9][0-9]*[ACGT]>[ACGT]$")
    hgvs_p: str
    codon: str = Field(
        "", pattern="^([ACGT]{3})?$", description="the residue's reference codon, where it is known whole"
    )
    consequence: str
    status: Literal["verified", "unverified"]
    note: str = ""
    sources: tuple[str, ...] = Field(min_length=1)

    @property
    def residue(self) -> int:
        """The number of the residue that changes."""
        return int(self.id[1:-1])

    @property
    def coding(self) -> int:
        """The number of the coding base that changes."""
        return int(self.hgvs_c.rpartition("c.")[2][:-3])

    @property
    def possible_codons(self) -> tuple[str, ...]:
        """The codons of the residue that this change of letters turns into one of the new amino acid."""
        place = (self.coding - 1) % 3
        return tuple(
            codon
            for codon, acid in GENETIC_CODE.items()
            if (acid, codon[place]) == (self.id[0], self.ref)
            and GENETIC_CODE[codon[:place] + self.alt + codon[place + 1 :]] == self.id[-1]
        )


Role = Literal[
    "pharmacogenetic",
    "prognostic",
    "baseline hormone level",
    "disease risk",
    "somatic predictive",
    "somatic prognostic",
    "guideline",
]


class Evidence(Record):
    """One published association, nulls and failed replications included."""

    id: str
    variants: tuple[str, ...] = Field(description="panel ids, or names of variants outside the panel")
    therapy: str
    outcome: str
    population: str
    n: str
    effect: str
    ci_low: float | None = None
    ci_high: float | None = None
    effect_type: str
    contrast: str = ""
    role: Role
    replicated: Literal["yes", "no", "unknown"] = "unknown"
    null_result: bool = Field(description="true where the study found no effect")
    source: str = Field(min_length=4, description="PMID, DOI, registry id or a full journal reference")
    verified: Literal[True] = True
    note: str = ""
    endpoints: tuple[str, ...] = Field((), description="ids of the endpoints that this row speaks to")

    @property
    def may_say_predictive(self) -> bool:
        """Whether a text may call this row predictive: somatic, predictive, and an interval that excludes no effect."""
        if self.role != "somatic predictive" or self.ci_low is None or self.ci_high is None:
            return False
        return self.ci_high < 1 or self.ci_low > 1


class Covariate(Record):
    """A clinical input.

    `possible` bounds what may be entered at all, `plausible` what passes without a warning; both in `unit`.
    `typical` is what the simulator assumes: ``mean`` and ``sd`` (``log_sd`` instead of ``sd`` where the distribution
    is skewed: then ``mean`` is the median), or the share of each level. `unit`, `display_unit` and every one of
    `accepted_units` may be sent. A binary covariate has the levels ``no`` and ``yes``.
    """

    id: str
    label: str
    kind: Literal["continuous", "categorical", "binary"]
    unit: str = Field("", description="UCUM unit of a continuous covariate; empty otherwise")
    display_unit: str = ""
    accepted_units: tuple[str, ...] = ()
    molar_mass: float | None = Field(None, gt=0, description="g/mol, for conversion between mass and amount")
    possible: tuple[float, float] | None = None
    plausible: tuple[float, float] | None = None
    levels: tuple[str, ...] = ()
    level_labels: dict[str, str] = Field(default_factory=dict)
    loinc: str = ""
    typical: dict[str, float] = Field(default_factory=dict)
    decimals: int = 1
    note: str = ""

    @property
    def shown_unit(self) -> str:
        """The unit as it stands behind a number; a pure number has none."""
        return self.display_unit or ("" if self.unit == "1" else self.unit)

    @model_validator(mode="before")
    @classmethod
    def _two_levels(cls, row: Any) -> Any:
        if isinstance(row, dict) and row.get("kind") == "binary":
            row = {"levels": ("no", "yes")} | row
        return row


class Therapy(Record):
    """A therapy, with `placebo` and `none` among them."""

    id: str
    label: str
    therapy_class: str
    mechanism: str = Field(description="what it does at the receptor, one phrase")
    dose_unit: str = ""
    note: str = ""


class ReleasedPanel(Record):
    """The rows of a panel that models were trained with, by id, each with the digest of what it asks."""

    germline: dict[str, str]
    somatic: dict[str, str]


class Released(Record):
    """Every panel that a model may have been trained with, by its digest, and every therapy, as in a panel."""

    panels: dict[str, ReleasedPanel] = Field(default_factory=dict)
    therapies: dict[str, str] = Field(default_factory=dict)
