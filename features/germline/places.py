"""Where the targets are, for a quick test of a record's position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from features.germline.readings import Target

NEAR = 1000
"""Bases between two sites that one look-up covers."""


def names_in(ids: str) -> tuple[str, ...]:
    """Return the names of an ID field, those within ``rs123:456:A:C`` included, as imputation servers write them.

    Examples
    --------
    >>> names_in("rs1;rs2"), names_in("rs7:152:T:C")
    (('rs1', 'rs2'), ('rs7', '152', 'T', 'C'))
    """
    return tuple(ids.replace(":", ";").replace(",", ";").split(";"))


@dataclass(frozen=True)
class Places:
    """Targets with their positions in both builds, sorted, by chromosome without prefix."""

    wanted: tuple[Target, ...]
    positions: Mapping[str, tuple[int, ...]]
    names: frozenset[str]

    @classmethod
    def of(cls, wanted: tuple[Target, ...]) -> Places:
        """Collect the positions of both builds."""
        found: dict[str, set[int]] = {}
        for _, place in (both for one in wanted for both in one.places()):
            found.setdefault(place.chrom, set()).add(place.pos)
        positions = {chrom: tuple(sorted(places)) for chrom, places in found.items()}
        return cls(wanted, positions, frozenset(one.name for one in wanted if one.kind == "panel"))

    @property
    def chromosomes(self) -> frozenset[str]:
        """Chromosomes that have a target."""
        return frozenset(self.positions)

    def stretches(self, chrom: str) -> list[tuple[int, int]]:
        """Return the positions of a chromosome as few ranges: sites beside each other are looked up together.

        Examples
        --------
        >>> Places((), {"6": (100, 146, 9000)}, frozenset()).stretches("6")
        [(100, 146), (9000, 9000)]
        """
        joined: list[tuple[int, int]] = []
        for pos in self.positions[chrom]:
            if joined and pos - joined[-1][1] <= NEAR:
                joined[-1] = (joined[-1][0], pos)
            else:
                joined.append((pos, pos))
        return joined

    def concern(self, chrom: str, start: int, end: int, ids: str | None) -> bool:
        """Tell whether a record of this span or of these names (as `names_in` tells them) may speak of a target."""
        positions = self.positions[chrom]
        number = bisect_left(positions, start)
        if number < len(positions) and positions[number] <= end:
            return True
        return ids is not None and not self.names.isdisjoint(names_in(ids))

    def has_row(self, name: str, chrom: str, pos: int) -> bool:
        """Tell whether a row of this name and position is about a target."""
        return name in self.names or pos in self.positions.get(chrom, ())

    def of_row(self, name: str, chrom: str, pos: int) -> Iterator[Target]:
        """Yield the targets that a row of an array or a PLINK set is about, by its name or its position."""
        for target in self.wanted if self.has_row(name, chrom, pos) else ():
            if target.name == name or target.build_at(chrom, pos) is not None:
                yield target
