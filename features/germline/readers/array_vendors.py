"""Whose array export a file is, told by its comments and its header, and how many fields the vendor writes in a row.

The table is by hand: the reader checks and splits every row itself and needs no more of a vendor than this, and the
library that knows the layouts would bring pandas into the service, and a second to the first upload.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIRST = rb"\A[^\n]*"
_COLUMNS = rb'(?m)^[#\s"]*'


@dataclass(frozen=True)
class Vendor:
    """Who writes files like this.

    Parameters
    ----------
    mark
        Found in the comments and the header of each file of the vendor.
    widths
        Fields that a row may have: name, chromosome, position, and two letters together (4) or apart (5).
    """

    label: str
    mark: re.Pattern[bytes]
    widths: tuple[int, ...] = (4,)


VENDORS = (
    Vendor("23andMe", re.compile(_FIRST + rb"23andMe(?s:.*)position\W+genotype")),
    Vendor("23andMe", re.compile(_FIRST + rb"23andMe(?s:.*)position\W+allele1"), (5,)),
    Vendor("AncestryDNA", re.compile(_FIRST + rb"AncestryDNA"), (5,)),
    Vendor("FTDNA", re.compile(_FIRST + rb"famfinder"), (5,)),
    Vendor("MyHeritage", re.compile(_FIRST + rb"MyHeritage")),
    Vendor("Living DNA", re.compile(_FIRST + rb"Living DNA")),
    Vendor("CircleDNA", re.compile(_FIRST + rb"Circle")),
    Vendor("Mapmygenome", re.compile(rb"Mapmygenome")),
    Vendor("23Mofang", re.compile(rb"23Mofang")),
    Vendor("Sano", re.compile(rb"# This file was derived from the corresponding VCF"), (4, 5)),
    Vendor("Genes for Good", re.compile(rb"Genes for Good")),
    Vendor("PLINK text export", re.compile(rb"PLINK|# Below is a text version of your data\.")),
    Vendor("DNA.Land", re.compile(rb"DNA\.Land")),
    Vendor("SelfDecode", re.compile(rb"SelfDecode")),
    Vendor("FTDNA", re.compile(_COLUMNS + rb"RSID\W+CHROMOSOME\W+POSITION")),
    Vendor("Sano", re.compile(_COLUMNS + rb"rsid\s+chromosome\s+position\s+allele_1\s+allele_2"), (4, 5)),
    Vendor("generic array table", re.compile(_COLUMNS + rb"(?i:rsid\W+chr\w*\W+pos\w*\W+allele)"), (4, 5)),
    Vendor("generic array table", re.compile(_COLUMNS + rb"(?i:rsid\W+chr)")),
)
"""The first whose mark is found has written the file; a header alone tells least and comes last."""


def vendor_of(head: bytes) -> Vendor | None:
    """Return whose export begins with these comments and this header; None where no vendor's does."""
    return next((one for one in VENDORS if one.mark.search(head)), None)
