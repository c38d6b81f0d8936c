"""What a genotype file says about the sites we look for, before anything is decided.

Every reader fills these classes and judges nothing: letters are as written in the file, whatever their strand; a record
found at a position of build 37 is kept beside one found at a position of build 38. `calling.proof` then tells build and
strand, and `calling.decide` makes six-state calls. Arrays run over samples: a cohort costs no Python per person.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from data_schemas.arrays import Bools, Codes, Ints, Singles
from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import Position
from data_schemas.reference.genome import Build

FileStrand = Literal["forward", "reverse", "undeclared"]

MISSING = -1
"""Code of an allele that was looked for and not called (``.``, ``-``, ``N``)."""
HAPLOID = -2
"""Code of the second allele where the file gives one allele only."""
SILENT = -3
"""Code of both alleles where a record overlaps the site and says nothing about this sample there."""
REFERENCE = "<REF>"
"""An allele text: the build's reference letter at the site, whatever it is (inside a gVCF block)."""
DELETED = "*"
"""An allele text: the site is deleted on this chromosome."""
ANOTHER = "<ANOTHER>"
"""An allele text: written as an allele that is no single letter, in a file of letters."""
UNREADABLE = "<UNREADABLE>"
"""An allele text: what is written is no genotype, in a file of letters."""


@dataclass(frozen=True)
class Target:
    """A site to look for.

    Parameters
    ----------
    name
        rsID of a panel site, or of an anchor: a site whose reference letter is known and proves the build.
    ref
        Forward-strand reference letter, the same in both builds; None where unknown.
    alleles
        Forward-strand letters that may be called there.
    verified
        Whether positions are confirmed; a site that is not is taken from named genotypes only.
    somatic
        Of an anchor: the letters that mutations of the panel put in place of `ref`.
    """

    name: str
    kind: Literal["panel", "anchor"]
    grch37: Position | None
    grch38: Position | None
    ref: str | None
    verified: bool = True
    somatic: frozenset[str] = frozenset()
    alleles: tuple[str, ...] = ()

    def places(self) -> tuple[tuple[Build, Position], ...]:
        """Return the builds in which the site has a known position, and the position."""
        both: tuple[tuple[Build, Position | None], ...] = ((37, self.grch37), (38, self.grch38))
        return tuple((build, place) for build, place in both if place is not None)

    def build_at(self, chrom: str, pos: int) -> Build | None:
        """Return the build in which the site has this position; `chrom` without prefix (`sequence_names.contig`)."""
        return next((build for build, place in self.places() if (place.chrom, place.pos) == (chrom, pos)), None)


@dataclass(frozen=True)
class BuildHint:
    """Something in a file that names a build: a header line, contig lengths. Mentioned, and proof of nothing.

    `says` is text for a message; it quotes no more of the file than a recognised word.
    """

    build: Build
    says: str


@dataclass(frozen=True, eq=False)
class SiteReading:
    """What one record, row or column of a file says about one target, for every sample.

    Parameters
    ----------
    site
        Name of the target.
    place
        Where in the file, for messages: ``line 12``, ``record 6:152163335``, ``column rs2234693``.
    alleles
        Texts that `codes` point to: letters as the file writes them, upper case, or `REFERENCE`, `DELETED`, another
        symbolic allele. In a VCF the letter *at the site*, whatever the record's representation.
    codes
        (n, 2) int8 indices into `alleles`, or `MISSING`, `HAPLOID`, `SILENT`. The order is the file's.
    named
        Whether the file gives the site's name (rsID).
    build
        The build in which the site has the file's position; None where there is no position or it fits neither.
    position
        Chromosome (without prefix) and position as written; None in a file without positions.
    ref
        The letter that the file calls reference at the site; None where the format has none.
    provisional
        Whether the file says that what it writes as REF may not be the reference; `ref` is None then.
    copies
        (n, A) float32 copies of each of `alleles`, in [0, 2], NaN unknown: imputed or otherwise fractional dosage. It
        may hold some of the alleles only.
    imputed
        Whether the genotypes of this record are imputed; `quality` is then R2 or INFO, None where the file has none.
    phased, phase_set
        (n,) bool, and (n,) int64 with -1 for none; None where the format has no phase.
    gq, dp
        (n,) float32, NaN unknown; None where the file has none.
    filters
        FILTER entries other than PASS.
    filtered
        (n,) bool, whose own filter (FT) failed; None where the file has none.
    unread, contradicted
        (n,) bool, whose genotype no read supports, and whose reads cannot be those of the germline genotype called;
        None where the format has no reads, or that is nobody.
    block
        Whether this is a gVCF reference block that merely covers the site.
    strand
        Strand of the letters as far as the format or a manifest declares it; None to take the file's.
    """

    site: str
    place: str
    alleles: tuple[str, ...]
    codes: Codes
    named: bool = False
    build: Build | None = None
    position: tuple[str, int] | None = None
    ref: str | None = None
    provisional: bool = False
    copies: Singles | None = None
    imputed: bool = False
    quality: float | None = None
    phased: Bools | None = None
    phase_set: Ints | None = None
    gq: Singles | None = None
    dp: Singles | None = None
    filters: tuple[str, ...] = ()
    filtered: Bools | None = None
    unread: Bools | None = None
    contradicted: Bools | None = None
    block: bool = False
    strand: FileStrand | None = None


@dataclass(frozen=True, eq=False)
class Readings:
    """All that a file says about the targets.

    Parameters
    ----------
    file
        Name for messages, never used as a path.
    format
        As shown to the user: ``VCF 4.2``, ``BCF``, ``23andMe``, ``PLINK 1``.
    samples
        Checked by `features.files.sample_names.checked_names`; a file without names has one sample called ``sample 1``.
    n_read
        Records of the file that were looked at; `whole` tells whether those are all of them (false where an index let
        the reader skip the rest).
    strand
        ``forward`` where the format fixes it (VCF) or a manifest declares it; ``undeclared`` for letters as found.
    strand_per_site
        Whether each site's letters may be on a strand of their own (columns of a table, a PLINK set put together from
        several), so that another gene's sites tell nothing of a palindromic one.
    reference_based
        Whether each reading carries the file's reference letter, so that REF proves build and strand (VCF).
    declared_build
        Build that a manifest or the command line states; None otherwise.
    hints
        What the file itself says of its build.
    chromosomes
        Chromosomes (without prefix) that the file has records of, those of our genes at least: tells "no chromosome 6"
        from "no such site". None where nobody looked.
    notes
        Sentences for the match report: what the reader skipped and why.
    """

    file: str
    format: str
    samples: tuple[str, ...]
    sites: tuple[SiteReading, ...]
    n_read: int
    whole: bool = True
    strand: FileStrand = "undeclared"
    strand_per_site: bool = False
    reference_based: bool = False
    declared_build: Build | None = None
    hints: tuple[BuildHint, ...] = ()
    chromosomes: frozenset[str] | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.samples)

    def of(self, site: str) -> tuple[SiteReading, ...]:
        """Return every reading of one target, in the order of the file."""
        return tuple(one for one in self.sites if one.site == site)


def targets(catalogue: Catalogue) -> tuple[Target, ...]:
    """Return the panel's sites and the anchors: the bases of the somatic mutations, whose reference letter is known.

    Examples
    --------
    >>> from data_schemas.catalogue.load import load_catalogue
    >>> [t.name for t in targets(load_catalogue())][:2]
    ['rs2234693', 'rs9340799']
    """
    panel = [
        Target(row.id, "panel", row.grch37, row.grch38, row.ref, row.status == "verified", alleles=row.alleles)
        for row in catalogue.variants.values()
    ]
    anchors: dict[Position, Target] = {}
    for row in catalogue.somatic.values():
        one = anchors.get(row.grch38) or Target(row.id, "anchor", row.grch37, row.grch38, row.ref, alleles=(row.ref,))
        anchors[row.grch38] = replace(one, somatic=one.somatic | {row.alt})
    return (*panel, *anchors.values())
