"""Charts of a genotype report as SVG text: bars, intervals, points on a scale, a triangle of squares.

By hand, since these few shapes need no library, and a page of the service would load matplotlib for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

INK, MUTED, GRID, BLUE, ORANGE, RED, PALE = (
    *("#1f2933", "#66727f", "#dfe5ea", "#2b6cb0", "#c05621"),
    *("#b3261e", "#edf2f7"),
)
COLOURS = (BLUE, ORANGE, "#2f855a", "#6b46c1", "#b7791f", "#0f7a8a", "#97266d")
"""Of groups, in order; the text beside a mark says the same."""

LEFT, RIGHT, WIDTH, ROW, TOP = 190, 110, 720, 30, 26


@dataclass(frozen=True)
class Bar:
    """A labelled share, and the text at its end."""

    label: str
    share: float
    text: str
    bad: bool = False


@dataclass(frozen=True)
class Span:
    """A labelled value with its interval on a scale, a reference to compare with, and a text at the end of the row."""

    label: str
    value: float
    low: float
    high: float
    reference: float | None
    text: str
    bad: bool = False


@dataclass(frozen=True)
class Points:
    """A labelled row of (value, colour number, name) marks, and a text at its end."""

    label: str
    points: tuple[tuple[float, int, str], ...]
    text: str = ""
    bad: bool = False


def bars(rows: Sequence[Bar], title: str, mark: float | None = None) -> str:
    """Return horizontal bars from 0 to 1, with an optional line at a limit."""

    def draw(row: Bar, y: float) -> str:
        colour = ORANGE if row.bad else BLUE
        width = max(_x(row.share) - LEFT, 1)
        return f'<rect x="{LEFT}" y="{y - 8:.1f}" width="{width:.1f}" height="16" rx="2" fill="{colour}"/>' + _end(
            row.text, y, row.bad
        )

    limit = "" if mark is None else _vertical(_x(mark), len(rows), INK, "4 3", f"{100 * mark:.0f} %")
    return _rows(rows, draw, title, _percent_grid(len(rows)), limit)


def spans(rows: Sequence[Span], title: str) -> str:
    """Return dots with 95 % intervals from 0 to 1, and a diamond where the reference has one."""

    def draw(row: Span, y: float) -> str:
        colour = RED if row.bad else BLUE
        parts = [
            f'<line x1="{_x(row.low):.1f}" x2="{_x(row.high):.1f}" y1="{y}" y2="{y}" stroke="{colour}" '
            f'stroke-width="3"/>',
            f'<circle cx="{_x(row.value):.1f}" cy="{y}" r="5" fill="{colour}"/>',
        ]
        if row.reference is not None:
            x = _x(row.reference)
            parts.append(
                f'<path d="M{x - 6:.1f} {y}L{x:.1f} {y - 6}L{x + 6:.1f} {y}L{x:.1f} {y + 6}Z" fill="none" '
                f'stroke="{INK}" stroke-width="1.8"/>'
            )
        return "".join(parts) + _end(row.text, y, row.bad)

    return _rows(rows, draw, title, _percent_grid(len(rows)))


def points(rows: Sequence[Points], title: str, most: float, mark: float | None = None, joined: bool = False) -> str:
    """Return marks on a scale from 0 to `most`, joined by a line where a row compares two of them."""

    def draw(row: Points, y: float) -> str:
        places = [(_x(value / most), colour, name) for value, colour, name in row.points]
        line = ""
        if joined and places:
            ends = sorted(x for x, _, _ in places)
            line = f'<line x1="{ends[0]:.1f}" x2="{ends[-1]:.1f}" y1="{y}" y2="{y}" stroke="{MUTED}" stroke-width="2"/>'
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y}" r="5.5" fill="{COLOURS[colour % len(COLOURS)]}" stroke="white">'
            f"<title>{escape(name)}</title></circle>"
            for x, colour, name in places
        )
        return line + dots + _end(row.text, y, row.bad)

    ticks = _percent_grid(len(rows)) if joined else _number_grid(len(rows), most)
    limit = "" if mark is None else _vertical(_x(mark / most), len(rows), RED, "4 3", "limit")
    return _rows(rows, draw, title, ticks, limit)


def columns(counts: Sequence[int], names: Sequence[str], title: str, bad: Callable[[int], bool]) -> str:
    """Return upright columns with their counts on top."""
    most, height, base = max([*counts, 1]), 150, 186
    step = min(80.0, (WIDTH - 40) / max(len(counts), 1))
    parts = []
    for number, (count, name) in enumerate(zip(counts, names, strict=True)):
        x, tall = 30 + step * number, height * count / most
        colour = ORANGE if bad(number) else BLUE
        middle = x + step * 0.4
        parts.append(
            f'<rect x="{x:.1f}" y="{base - tall:.1f}" width="{step * 0.8:.1f}" height="{max(tall, 1):.1f}" rx="2" '
            f'fill="{colour}"/>'
            f'<text x="{middle:.1f}" y="{base - tall - 6:.1f}" class="v" text-anchor="middle">{count:,}</text>'
            f'<text x="{middle:.1f}" y="{base + 18}" class="v" text-anchor="middle">{escape(name)}</text>'
        )
    return _svg("".join(parts), base + 30, title)


def triangle(names: Sequence[str], values: Sequence[Sequence[float | None]], title: str) -> str:
    """Return the lower triangle of a symmetric matrix of shares, a square each with its value."""
    side, top = 60, 8
    parts = []
    for row in range(1, len(names)):
        y = top + side * (row - 1)
        parts.append(
            f'<text x="{LEFT - 10}" y="{y + side / 2 + 3:.1f}" class="l" text-anchor="end">{escape(names[row])}</text>'
        )
        for column in range(row):
            value = values[row][column]
            fill = PALE if value is None else _shade(value)
            ink = "white" if value is not None and value > 0.45 else INK
            x = LEFT + side * column
            parts.append(
                f'<rect x="{x}" y="{y}" width="{side - 3}" height="{side - 3}" rx="3" fill="{fill}"/>'
                f'<text x="{x + side / 2 - 1:.1f}" y="{y + side / 2 + 3:.1f}" text-anchor="middle" class="v" '
                f'style="fill:{ink}">{"-" if value is None else f"{value:.2f}"}</text>'
            )
    bottom = top + side * (len(names) - 1)
    for column, name in enumerate(names[:-1]):
        middle = LEFT + side * column + side / 2 + 4
        parts.append(
            f'<text x="{middle:.1f}" y="{bottom + 14}" class="v" text-anchor="end" '
            f'transform="rotate(-35 {middle:.1f} {bottom + 14})">{escape(name)}</text>'
        )
    return _svg("".join(parts), bottom + 66, title)


def _rows(rows: Sequence[object], draw: Callable[..., str], title: str, *back: str) -> str:
    parts = list(back)
    for number, row in enumerate(rows):
        y = TOP + ROW * number + ROW / 2
        label = getattr(row, "label", "")
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4:.1f}" class="l" text-anchor="end">{escape(label)}</text>')
        parts.append(draw(row, y))
    return _svg("".join(parts), TOP + ROW * len(rows) + 8, title)


def _svg(body: str, height: float, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{body}</svg>'
    )


def _x(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)


def _end(text: str, y: float, bad: bool) -> str:
    colour = RED if bad else INK
    return f'<text x="{WIDTH - RIGHT + 12}" y="{y + 4:.1f}" class="v" style="fill:{colour}">{escape(text)}</text>'


def _percent_grid(n: int) -> str:
    return "".join(_vertical(_x(k / 4), n, GRID, "", f"{25 * k} %") for k in range(5))


def _number_grid(n: int, most: float) -> str:
    step = max(1, round(most / 6))
    return "".join(_vertical(_x(k / most), n, GRID, "", str(k)) for k in range(0, int(most) + 1, step))


def _vertical(x: float, n: int, colour: str, dash: str, text: str) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    # a limit's text stands above the scale's own, which it may be close to
    y = TOP - 14 if dash else TOP - 4
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{TOP + ROW * n}" stroke="{colour}"{dashed}/>'
        f'<text x="{x:.1f}" y="{y}" class="t" text-anchor="middle">{escape(text)}</text>'
    )


def _shade(value: float) -> str:
    """Return a colour between pale and blue."""
    low, high = (0xED, 0xF2, 0xF7), (0x1E, 0x4E, 0x8C)
    mixed = (round(a + (b - a) * min(max(value, 0.0), 1.0)) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
