"""One line of a benchmark's report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """What was measured; where it is compared, ours as a multiple of it, and the multiple that is aimed at."""

    what: str
    measured: str
    ratio: float | None = None
    target: float | None = None

    def __str__(self) -> str:
        text = f"  {self.what:<78} {self.measured:>18}"
        if self.ratio is None:
            return text
        text += f"   ours is {self.ratio:,.2f}x"
        if self.target is not None:
            text += f", aim {self.target:g}x: {'reached' if self.ratio >= self.target else 'missed'}"
        return text
