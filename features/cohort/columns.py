"""Columns of a cohort's file bound to our names: texts to numbers, levels, flags, days, calls.

Each distinct text of a column is looked at once. What cannot be read is noted with its rows and raised later, all at
once; nothing is dropped and nothing guessed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats, Ints, Objects
from data_schemas.catalogue.cohort import Cohort, Column, GenotypeColumn
from data_schemas.catalogue.rows import COMPLEMENT, Variant
from data_schemas.errors import CatalogueError, EsrError
from data_schemas.wire.patient import Quantity
from data_schemas.wire.prediction import GenotypeCall, GenotypeState
from features.cohort.table import Table
from features.files.faults import FileFaults
from features.germline.letters import NOT_ASSAYED, call_from_count, call_from_letters
from features.germline.phase import phase_side
from features.germline.spelling import unreadable, why_no_letters
from features.quality.records import Site
from features.values.other_unit import OtherScale, lone_value, other_scale
from features.values.rule import ClinicalRule
from features.values.units import accepted_units, conversion

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_CURE = "correct it, or declare the code as missing"
_COMMA_NUMBER = re.compile(r"[+-]?[0-9]+,[0-9]+")
_CODE = re.compile(r"-[0-9.]+|([789])([.,]?\1)+([.,]0*)?")
_FLAGS = {"true": 1.0, "false": 0.0}


@dataclass(frozen=True)
class Cells:
    """One column by its distinct texts: `codes` (n,) points into `texts`, where None is missing."""

    name: str
    codes: Ints
    texts: list[str | None]

    def rows(self, of: Collection[int]) -> Ints:
        """Return the rows (m,) that hold one of these distinct texts."""
        return np.flatnonzero(np.isin(self.codes, list(of)))


@dataclass
class CohortTable:
    """A table, the manifest that explains it, what is found while reading it, and the folder of further files.

    `mixed` holds the columns, by the name they are read for, of which part reads like another unit; `notes` what is
    doubtful and for the user to decide. `implausible` holds (m,) rows by name.
    """

    table: Table
    cohort: Cohort
    faults: FileFaults
    implausible: dict[str, Ints] = field(default_factory=dict)
    folder: Path = Path()
    mixed: dict[str, OtherScale] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Rows in the file."""
        return len(self.table.frame)

    def cells(self, column: str, missing: Collection[str] = ()) -> Cells:
        """Return a column by its distinct texts, blanks around them taken off."""
        codes, found = pd.factorize(self.table.frame[column])
        absent = {"", *self.cohort.missing, *missing}
        stripped = [str(text).strip(" ") for text in found]
        return Cells(column, codes, [None if text in absent else text for text in stripped])

    def numbers(self, name: str, column: Column, rule: ClinicalRule) -> Floats:
        """Return a continuous covariate or measurement in our unit, (n,), NaN unknown."""
        factor, offset = self._conversion(column, rule)
        if column.column is None:
            return np.full(self.n, self._constant(column, rule))
        cells = self.cells(column.column, column.missing)
        values = self._parsed(cells, column)[cells.codes] * factor + offset
        low, high = column.possible or rule.possible
        impossible = (values < low) | (values > high)
        looked_at = np.isfinite(values).any() and not column.one_unit
        other = other_scale(values, rule, column.unit) if looked_at else None
        if other:
            impossible[other.rows] = False
            self.mixed[name] = other
        if impossible.any():
            sentence = f"{rule.impossible_text()}, and whether it is a code for missing that the manifest lacks"
            self.faults.add("out_of_range", sentence, cells.name, np.flatnonzero(impossible))
        low, high = rule.plausible
        odd = ((values < low) | (values > high)) & ~impossible
        if odd.any():
            self.implausible[name] = np.flatnonzero(odd)
        return np.asarray(values)

    def point_out_code(self, column: Column, values: Floats) -> None:
        """Note rows of a column of numbers (n,) in which a code for missing seems to stand: -1, 99, 888, 9.99."""
        rows = lone_value(values)
        if len(rows) and column.column and _CODE.fullmatch(str(self.table.frame[column.column].iloc[rows[0]]).strip()):
            place = f"{len(rows):,} {self.table.noun}s, the first {self.table.lines[rows[0]]}"
            cure = "if it is a code for missing, declare it in the manifest"
            self.notes.append(f"{column.column}: one value, far from all others, stands in {place}; {cure}")

    def levels(self, column: Column, rule: ClinicalRule) -> Objects:
        """Return a categorical covariate, (n,) of level texts, None unknown."""
        unknown = [level for level in column.codes.values() if level not in rule.levels]
        if unknown:
            raise CatalogueError(
                "catalogue_invalid", f"{self.cohort.id}: codes of {rule.covariate.id}: {rule.level_text()}"
            )
        if column.column is None:
            return np.full(self.n, self._constant(column, rule), dtype=object)
        return self.mapped(
            column, lambda text: text if text in rule.levels else None, "unknown_level", rule.level_text()
        )

    def mapped(self, column: Column, known: Callable[[str], Any], code: str, expected: str) -> Objects:
        """Return each cell, (n,), through the manifest's codes, or `known` where it has none; None unknown."""
        assert column.column is not None
        cells = self.cells(column.column, column.missing)
        read = column.codes.get if column.codes else known
        values = [None if text is None else read(text) for text in cells.texts]
        bad = [k for k, text in enumerate(cells.texts) if text is not None and values[k] is None]
        if bad:
            cure = "add the code to the manifest's codes or missing" if column.codes else f"{expected}; or give codes"
            self.faults.add(code, f"a code that the manifest does not explain; {cure}", cells.name, cells.rows(bad))
        spread = np.empty(len(values), dtype=object)
        spread[:] = values
        return np.asarray(spread[cells.codes])

    def flags(self, column: Column, what: str) -> Floats:
        """Return a flag, (n,): 1 true, 0 false, NaN unknown."""
        if column.column is None:
            constant = column.constant
            return np.full(self.n, _FLAGS.get(str(constant).lower(), np.nan))
        if not set(column.codes.values()) <= set(_FLAGS):
            raise CatalogueError("catalogue_invalid", f'{self.cohort.id}: codes of {what} must be "true" or "false"')
        texts = self.mapped(
            column, lambda t: t if t in _FLAGS else None, "unknown_level", f"{what} must be true or false"
        )
        return np.array([_FLAGS.get(text, np.nan) for text in texts], dtype=np.float64)

    def site(self, column: GenotypeColumn, variant: Variant) -> Site:
        """Return the calls of everybody at one site; the strand is the one that the manifest declares."""
        cells = self._genotypes(column, variant)
        calls: list[GenotypeCall] = []
        bad: dict[tuple[str, str], list[int]] = {}
        for number, text in enumerate(cells.texts):
            try:
                calls.append(_cell_call(text, column, variant))
            except EsrError as error:
                bad.setdefault((error.code, error.message), []).append(number)
                calls.append(NOT_ASSAYED)
        for (code, message), numbers in bad.items():
            self.faults.add(code, message, cells.name, cells.rows(numbers))
        counts = np.bincount(cells.codes, minlength=len(calls))
        states: dict[GenotypeState, int] = {}
        for call, count in zip(calls, counts, strict=True):
            states[call.state] = states.get(call.state, 0) + int(count)
        dosage = np.array([np.nan if call.dosage is None else call.dosage for call in calls])
        effect = variant.effect_allele if column.strand == "forward" else variant.effect_allele.translate(COMPLEMENT)
        sides = [phase_side(text, effect) if text else None for text in cells.texts]
        phase = np.array(sides, dtype=object)[cells.codes] if any(sides) else None
        return Site(variant, dosage[cells.codes], states, phase)

    def _genotypes(self, column: GenotypeColumn, variant: Variant) -> Cells:
        """Return a column of genotypes; one of codes is noted as a whole, and nobody has a genotype in it."""
        cells = self.cells(column.column)
        if column.counts:
            return cells
        if column.separator:
            cells = replace(cells, texts=[text and text.replace(column.separator, "/") for text in cells.texts])
        why = why_no_letters(cells.texts)
        if why is None:
            return cells
        error = unreadable(why, variant.id, variant.alleles, column.strand)
        digits = all(text is None or _NUMBER.fullmatch(text) for text in cells.texts)
        cure = "; or declare the allele that they count (counts) in the manifest" if digits else ""
        given = [number for number, text in enumerate(cells.texts) if text is not None]
        self.faults.add(error.code, f"{error.message}{cure}", cells.name, cells.rows(given))
        return replace(cells, texts=[None] * len(cells.texts))

    def _conversion(self, column: Column, rule: ClinicalRule) -> tuple[float, float]:
        # a pure number has no other unit that it could be mistaken for
        if column.column and not column.unit and rule.covariate.unit != "1":
            accepted = " or ".join(accepted_units(rule.covariate))
            raise CatalogueError(
                "catalogue_invalid",
                f"{self.cohort.id}: {rule.covariate.label} needs its unit in the manifest: {accepted}",
            )
        try:
            return conversion(column.unit, rule.covariate) if column.unit else (1.0, 0.0)
        except EsrError as error:
            raise CatalogueError("catalogue_invalid", f"{self.cohort.id}: {error.message}") from None

    def _constant(self, column: Column, rule: ClinicalRule) -> float | str | None:
        raw = column.constant
        if raw is None:
            return math.nan if rule.continuous else None
        try:
            return rule.value(Quantity(value=raw, unit=column.unit) if isinstance(raw, float) and column.unit else raw)
        except EsrError as error:
            raise CatalogueError("catalogue_invalid", f"{self.cohort.id}: {error.message}") from None

    def _parsed(self, cells: Cells, column: Column) -> Floats:
        """Return the number of each distinct text, NaN missing or unreadable; the latter is noted."""
        comma = self.cohort.form.decimal == ","
        values = np.full(len(cells.texts), np.nan)
        bad = []
        for number, given in enumerate(cells.texts):
            text = column.codes.get(given, given) if given is not None else None
            if text is None:
                continue
            plain = text.replace(",", ".") if comma and "." not in text else text
            value = float(plain) if _NUMBER.fullmatch(plain) and not (comma and "." in text) else math.inf
            values[number] = value if math.isfinite(value) else np.nan
            if not math.isfinite(value):
                bad.append(number)
        if bad:
            other, mark = (_NUMBER, ".") if comma else (_COMMA_NUMBER, ",")
            marked = all(other.fullmatch(cells.texts[k] or "") for k in bad)
            cure = f'set form.decimal = "{mark}" in the manifest' if marked else _CURE
            self.faults.add("not_a_number", f"text where a number must be; {cure}", cells.name, cells.rows(bad))
        return values


def _cell_call(text: str | None, column: GenotypeColumn, variant: Variant) -> GenotypeCall:
    if column.counts:
        return call_from_count(text, column.counts, variant, column.strand)
    return call_from_letters(text, variant, column.strand)
