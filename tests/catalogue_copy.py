"""A copy of the catalogue's folder, to add rows to or to change them."""

from __future__ import annotations

import shutil
from pathlib import Path

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.load import read_catalogue
from data_schemas.toml_file import FOLDER

GERMLINE_ROW = """
[germline.rs1]
gene = "ESR1"
alleles = ["A", "C"]
effect_allele = "C"
gene_strand = "+"
palindromic = false
consequence = "made up for a test"
status = "unverified"
sources = ["a test"]
"""
SOMATIC_ROW = """
[somatic.L469V]
gene = "ESR1"
grch37 = { chrom = "6", pos = 152415555 }
grch38 = { chrom = "6", pos = 152094420 }
ref = "C"
alt = "G"
hgvs_c = "NM_000125:c.1405C>G"
hgvs_p = "p.Leu469Val"
consequence = "missense variant, ligand-binding domain"
status = "unverified"
sources = ["a test"]
"""
THERAPY_ROW = """
[imlunestrant]
label = "Imlunestrant"
therapy_class = "SERD"
mechanism = "oestrogen receptor antagonist and degrader, oral"
dose_unit = "mg/d"
"""


def changed_catalogue(folder: Path, *edits: tuple[str, str, str, str]) -> Catalogue:
    """Copy the catalogue into `folder` and read it after edits: file, heading of a row, its text, the new text.

    An empty text adds the new one at the end of the file.
    """
    copy = folder / "data_schemas"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file, row, old, new in edits:
        before, heading, after = (copy / file).read_text().partition(f"[{row}]\n" if row else "\0")
        assert old in after or not old, f"{file}: [{row}] has no {old!r}"
        changed = before + heading + after.replace(old, new, 1) if old else before + new
        (copy / file).write_text(changed)
    return read_catalogue(copy)


def grown_catalogue(folder: Path) -> Catalogue:
    """Return a catalogue with one germline variant, one somatic mutation and one therapy more than ours."""
    additions = (("panel.toml", GERMLINE_ROW), ("panel.toml", SOMATIC_ROW), ("therapies.toml", THERAPY_ROW))
    return changed_catalogue(folder, *((file, "", "", row) for file, row in additions))
