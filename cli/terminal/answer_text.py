"""An answer as text: the number, where it comes from, and what it must not be read as."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from data_schemas.wire.prediction import Prediction, PredictionResponse

BAR_WIDTH = 24
SHOWN = 12
"""Contributions shown one by one; the rest is summed up in one line, so that the column still adds up."""


@dataclass(frozen=True)
class AnswerLine:
    """One line: text, and where it is a contribution, its log-odds and the scale of the bars."""

    text: str
    kind: str = "text"
    log_odds: float | None = None
    scale: float = 1.0


def printable(text: str) -> str:
    """Return text that cannot steer a terminal.

    >>> printable("a" + chr(27)) == "a" + chr(92) + "x1b"
    True
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def percent(share: float) -> str:
    """Return a share as text.

    >>> percent(0.6196)
    '62.0 %'
    """
    return f"{100 * share:.1f} %"


def lines(response: PredictionResponse) -> Iterator[AnswerLine]:
    """Yield the lines of a whole answer."""
    for number, prediction in enumerate(response.predictions):
        yield from _prediction(prediction, number, response.outcome)
        yield AnswerLine("")
    yield from about(response)


def about(response: PredictionResponse) -> Iterator[AnswerLine]:
    """Yield the lines on the model, and what a reader must know."""
    model = response.model
    version = f" version {model.version}" if model.version is not None else ""
    verdict = model.genetics.removeprefix("genetics ")
    yield AnswerLine(
        f"model {model.name}{version}, cohort {model.cohort} ({model.design}), genetics: {verdict}, "
        f"scorecard {model.scorecard[:19]}"
    )
    for sentence in response.context:
        yield AnswerLine(f"- {printable(sentence)}", "note")


def _prediction(prediction: Prediction, number: int, outcome: str) -> Iterator[AnswerLine]:
    name = printable(prediction.id) if prediction.id is not None else f"patient {number + 1}"
    if prediction.status != "predicted":
        yield AnswerLine(f"{name}: {prediction.status}, no probability", "title")
        yield from (AnswerLine(f"  [{one.code}] {printable(one.detail)}", "reason") for one in prediction.reasons)
        yield from (
            AnswerLine(f"  [{one.code}] {printable(one.pointer)}: {printable(one.detail)}", "reason")
            for one in prediction.problems
        )
    else:
        yield from _number(prediction, name, outcome)
    yield from (AnswerLine(f"  warning [{one.code}] {printable(one.detail)}", "warning") for one in prediction.warnings)


def _number(prediction: Prediction, name: str, outcome: str) -> Iterator[AnswerLine]:
    assert prediction.probability is not None
    assert prediction.baseline is not None
    assert prediction.log_odds is not None
    interval = prediction.interval
    between = (
        f" ({100 * interval.level:.0f} % interval {percent(interval.low)} to {percent(interval.high)})"
        if interval
        else ""
    )
    yield AnswerLine(f"{name}: {percent(prediction.probability)}{between}", "title")
    yield AnswerLine(f"  {printable(outcome)}")
    if prediction.without_genetics is not None:
        yield AnswerLine(f"  without genetics: {percent(prediction.without_genetics)}")
    parts = [part for part in prediction.contributions if part.log_odds != 0]
    scale = max((abs(part.log_odds) for part in parts), default=1.0)
    start = math.log(prediction.baseline / (1 - prediction.baseline))
    yield AnswerLine(f"  log-odds from the cohort mean, {percent(prediction.baseline)}", "sum", start, scale)
    for part in parts[:SHOWN]:
        cited = f" [{', '.join(part.evidence)}]" if part.evidence else ""
        yield AnswerLine(f"  {printable(part.label)}{cited}", "contribution", part.log_odds, scale)
    if len(parts) > SHOWN:
        rest = sum(part.log_odds for part in parts[SHOWN:])
        yield AnswerLine(f"  {len(parts) - SHOWN} smaller ones together", "contribution", rest, scale)
    yield AnswerLine(f"  log-odds of {percent(prediction.probability)}", "sum", prediction.log_odds, scale)


def plain(line: AnswerLine, width: int = 64) -> str:
    """Return a line for a pipe; bars are of ``+`` and ``-``.

    >>> plain(AnswerLine("  LDL", "contribution", -0.5, 1.0), 8)
    '  LDL     -0.500 ------------'
    """
    if line.log_odds is None:
        return line.text
    bar = ("+" if line.log_odds > 0 else "-") * _length(line) if line.kind == "contribution" else ""
    return f"{line.text:<{width}} {line.log_odds:+7.3f} {bar}".rstrip()


def _length(line: AnswerLine) -> int:
    assert line.log_odds is not None
    return min(BAR_WIDTH, round(BAR_WIDTH * abs(line.log_odds) / line.scale))


def styled(line: AnswerLine, width: int) -> tuple[str, str]:
    """Return a line for a terminal, and its Rich style; bars are blocks, raising or lowering by colour."""
    if line.log_odds is None:
        return line.text, {"title": "bold", "warning": "yellow", "reason": "red", "note": "dim"}.get(line.kind, "")
    bar = "█" * _length(line) if line.kind == "contribution" else ""
    label = line.text if len(line.text) <= width else line.text[: width - 1] + "…"
    text = f"{label:<{width}} {line.log_odds:+7.3f} {bar}".rstrip()
    if line.kind == "sum":
        return text, "bold"
    return text, "green" if line.log_odds > 0 else "magenta"
