"""The genome build of a file: proven from its records, else as declared; what its header says is compared with it.

A site under its rsID proves the build in which it has the file's position. An unnamed record at a site's position is
evidence where its letters are the site's: one letter agrees by chance in a quarter of all places, REF and ALT in one
of twelve, so that it takes several of these, or one with both letters beside a header that names the same build.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data_schemas.catalogue.catalogue import Catalogue
from data_schemas.catalogue.rows import COMPLEMENT
from data_schemas.errors import InputFileError
from data_schemas.reference.genome import Build, build_label
from data_schemas.wire.genotypes import Basis
from features.germline.calling.strand import ENOUGH, fit, letters_known, letters_of
from features.germline.readings import Readings, SiteReading, Target

_LETTERS = frozenset("ACGT")


@dataclass
class _Witnesses:
    """Names of the sites that speak for one build: under their rsIDs, by letters, and by REF and ALT both."""

    named: list[str] = field(default_factory=list)
    fitting: list[str] = field(default_factory=list)
    with_both_letters: list[str] = field(default_factory=list)

    def weight(self, says_so: bool) -> int:
        """Return the number of sites that count; `says_so` where the header names this build and no other."""
        unnamed = len(set(self.fitting))
        counted = unnamed >= ENOUGH or (says_so and self.with_both_letters)
        return len(set(self.named)) + (unnamed if counted else 0)

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site once."""
        return tuple(dict.fromkeys((*self.named, *self.fitting)))


def build_of_file(
    readings: Readings, wanted: dict[str, Target], catalogue: Catalogue
) -> tuple[Build | None, Basis, tuple[str, ...]]:
    """Return the build of a file, how it is known, and the sites that prove it.

    Raises
    ------
    InputFileError
        ``wrong_genome_build`` where the records contradict the header or the declared build, and for build 36;
        ``genome_build_unknown`` where records could be at panel sites of either build and nothing tells which.
    """
    evidence, elsewhere = _evidence(readings, wanted, catalogue)
    labels = {hint.build for hint in readings.hints}
    weight = {build: one.weight(says_so=labels == {build}) for build, one in evidence.items()}
    if weight[37] != weight[38]:
        proven: Build = 37 if weight[37] > weight[38] else 38
        _refuse_other_labels(readings, proven)
        return proven, "proven", evidence[proven].sites
    if elsewhere and not any(one.named for one in evidence.values()):
        raise _wrong(
            readings,
            f"{elsewhere[0].place}: {elsewhere[0].site} is at a position of neither build 37 nor 38, as in build 36",
        )
    if labels == {36}:
        raise _wrong(readings, f"by its {readings.hints[0].says} it is {build_label(36)}")
    if readings.declared_build is not None:
        return readings.declared_build, "declared", ()
    _refuse_unclear(readings, evidence)
    by_name = any(one.named and one.position is None for one in readings.sites)
    return None, "by name only" if by_name else "unproven", ()


def _evidence(
    readings: Readings, wanted: dict[str, Target], catalogue: Catalogue
) -> tuple[dict[Build, _Witnesses], list[SiteReading]]:
    """Return what speaks for each build, and the readings of sites at a position of neither."""
    evidence: dict[Build, _Witnesses] = {37: _Witnesses(), 38: _Witnesses()}
    elsewhere: list[SiteReading] = []
    for one in readings.sites:
        target = wanted[one.site]
        if one.position is None or not target.verified:
            continue
        if one.build is None:
            elsewhere.append(one)
        elif one.named:
            evidence[one.build].named.append(one.site)
        elif not one.block and _letters_agree(one, target, catalogue):
            evidence[one.build].fitting.append(one.site)
            if readings.reference_based and target.kind == "panel" and not _LETTERS.isdisjoint(one.alleles[1:]):
                evidence[one.build].with_both_letters.append(one.site)
    return evidence, elsewhere


def _letters_agree(reading: SiteReading, target: Target, catalogue: Catalogue) -> bool:
    """Tell whether an unnamed record at a target's position has the target's letters, on either strand."""
    allowed = letters_known(target, catalogue)
    if reading.ref is None:
        seen = letters_of(reading)
        return bool(seen) and fit(seen, allowed) != "neither"
    alternates = {text for text in reading.alleles[1:] if text in _LETTERS}
    complements = {letter.translate(COMPLEMENT) for letter in alternates}
    for ref, others in ((reading.ref, alternates), (reading.ref.translate(COMPLEMENT), complements)):
        if ref == target.ref and (target.kind == "anchor" or not others or not others.isdisjoint(allowed)):
            return True
    return False


def _refuse_other_labels(readings: Readings, proven: Build) -> None:
    declared, labels = readings.declared_build, {hint.build for hint in readings.hints}
    if declared is not None:
        if declared != proven:
            raise _wrong(
                readings,
                f"build {declared} was declared, but its records are those of {build_label(proven)}",
                proven,
            )
        return
    # a header may speak of several builds, a record's own sequence name is of one
    named_otherwise = [hint for hint in readings.hints if hint.says == "sequence names" and hint.build != proven]
    if labels and (proven not in labels or named_otherwise):
        label = next(iter((*named_otherwise, *readings.hints)))
        raise _wrong(
            readings,
            f"by its {label.says} it is {build_label(label.build)}, but its records are those of {build_label(proven)}",
            proven,
        )


def _refuse_unclear(readings: Readings, evidence: dict[Build, _Witnesses]) -> None:
    for one in readings.sites:
        if one.build is not None and (one.block or one.site in evidence[one.build].sites):
            hinted = "".join(
                f" (by its {hint.says} it is {build_label(hint.build)}, which is no proof)"
                for hint in readings.hints[:1]
            )
            raise InputFileError(
                "genome_build_unknown",
                f"{readings.file}, {one.place}: covers a panel site of build {one.build}, but no record proves the "
                f"build{hinted}; state it with --build 37 or --build 38",
            )


def _wrong(readings: Readings, what: str, proven: Build | None = None) -> InputFileError:
    cure = f"correct it, or confirm with --build {proven}" if proven else "lift the file over to build 37 or 38 first"
    return InputFileError("wrong_genome_build", f"{readings.file}: {what}; {cure}")
