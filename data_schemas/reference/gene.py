"""A gene's coding sequence and protein, and the genetic code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property

from pydantic import Field, model_validator

from data_schemas.record import Record
from data_schemas.toml_file import FOLDER, read_rows

ESR1 = "ESR1"

_BASES = "TCAG"
_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
GENETIC_CODE = {
    a + b + c: _ACIDS[16 * i + 4 * j + k]
    for i, a in enumerate(_BASES)
    for j, b in enumerate(_BASES)
    for k, c in enumerate(_BASES)
}
"""Amino acids by codon, one letter each; a star is a stop."""


class Exon(Record):
    """The coding bases of one exon, from `first` to `last`, and where the first one lies in GRCh37."""

    first: int = Field(gt=0)
    last: int = Field(gt=0)
    grch37: int = Field(gt=0)


class Gene(Record):
    """A gene on the forward strand. `grch38_offset` leads from a position in GRCh37 to that in GRCh38."""

    id: str
    entrez: str = Field(pattern="^[0-9]+$", description="the gene's number in NCBI Gene")
    chromosome: str
    transcripts: tuple[str, ...] = Field(min_length=1, description="accessions without their version, ours first")
    proteins: tuple[str, ...] = ()
    grch38_offset: int
    exons: tuple[Exon, ...] = Field(min_length=1)
    protein: str = Field(pattern="^[ACDEFGHIKLMNPQRSTVWY]+$")
    shared: dict[str, str] = Field(
        default_factory=dict,
        description="other genes' frequent mutations that begin with this protein's amino acid",
    )
    sources: tuple[str, ...] = Field(min_length=1)

    @cached_property
    def residues(self) -> Mapping[int, str]:
        """Amino acids by number, counted from 1."""
        return dict(enumerate(self.protein, start=1))

    @cached_property
    def span(self) -> range:
        """The positions in GRCh37 from the first coding base to the last one."""
        last = self.exons[-1]
        return range(self.exons[0].grch37, last.grch37 + last.last - last.first + 1)

    @model_validator(mode="after")
    def _consistent(self) -> Gene:
        expected = 1
        for exon in self.exons:
            if exon.first != expected or exon.last < exon.first:
                raise ValueError(f"exons: coding base {expected} must begin the next exon, which must not be empty")
            expected = exon.last + 1
        if expected - 1 != 3 * (len(self.protein) + 1):
            raise ValueError("exons: must hold three bases for each amino acid of the protein, and the stop codon")
        return self


@cache
def known_genes() -> Mapping[str, Gene]:
    """Return the rows of `genes.toml` by name, read once per process.

    Raises
    ------
    CatalogueError
        As `read_rows`.
    """
    return read_rows(FOLDER / "genes.toml", Gene)
