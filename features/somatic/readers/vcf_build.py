"""The genome build of a tumour's VCF: as stated, else of the positions that are coding bases of ESR1.

These bases are other genes' in the other build (SYNE1's among them), so a position alone proves little. A mutation of
the panel, at its position and with its letters, proves a build; of other records the majority counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from data_schemas.catalogue.catalogue import Catalogue
from features.files.opening import OpenFile
from features.somatic.gene import Build, Receptor, receptor_of
from features.somatic.samples import GenomeChange, builds_of_change


def file_build(
    origin: OpenFile,
    changes: Sequence[GenomeChange],
    labels: Collection[int],
    declared: Build | None,
    catalogue: Catalogue,
) -> Build | None:
    """Return the build to read a file in, None where nothing tells.

    Parameters
    ----------
    labels
        Builds that the header names.

    Raises
    ------
    InputFileError
        ``wrong_genome_build`` where mutations of the panel stand at the other build's positions, where as many records
        speak for one build as for the other, and for build 36.
    """
    if set(labels) == {36} and declared is None:
        raise origin.fault(
            "its header says build 36, which is not read; lift it over to build 38", "wrong_genome_build"
        )
    receptor = receptor_of(catalogue)
    read = [(change, build) for change in changes for build in builds_of_change(change, receptor)]
    counts = Counter(build for _, build in read)
    proven = {build for change, build in read if _mutation(change, build, receptor) in catalogue.somatic}
    stated = declared or _only(labels)
    if len(proven) > 1 or (stated is None and not proven and len(set(counts.values())) < len(counts)):
        raise origin.fault(
            "has coding bases of ESR1 at positions of build 37 and of build 38; it mixes two builds, create it again, "
            "or state the build",
            "wrong_genome_build",
        )
    if stated is not None:
        if proven - {stated}:
            who = "the build stated is" if declared else "its header names"
            raise origin.fault(
                f"{who} {stated}, but a mutation of ESR1 stands at its position in build {next(iter(proven))}; "
                f"correct the build, or the file",
                "wrong_genome_build",
            )
        return stated
    found = next(iter(proven), None) or (counts.most_common(1)[0][0] if counts else None)
    return found


def _only(labels: Collection[int]) -> Build | None:
    if set(labels) == {37}:
        return 37
    return 38 if set(labels) == {38} else None


def _mutation(change: GenomeChange, build: Build, receptor: Receptor) -> str | None:
    coding = receptor.coding_change(change.pos, change.ref, change.alt, build)
    return coding.protein if coding else None
