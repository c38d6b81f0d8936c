"""Folds: ours, stratified by outcome with all rows of a person together, or the user's own from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_schemas.arrays import Floats, Ints, Labels
from data_schemas.errors import TrainingError
from features.files.local import open_file

FOLDS = 5
REPEATS = 5
MIN_TO_TRAIN = 10  # rows of either outcome in a fold's training part, so that each inner fold has some


@dataclass(frozen=True)
class GivenFolds:
    """One repeat of a file: its number there, each row's `label` (n,) there, and the labels as numbers from 0, (n,)."""

    repeat: int
    label: Ints
    fold: Ints


def deal_folds(y: Floats, person: Labels, rng: np.random.Generator, folds: int = FOLDS) -> Ints:
    """Return the fold of each row.

    Persons are shuffled within strata (nobody favourable, all favourable, some, unknown) and dealt like cards, so folds
    differ by at most one person per stratum and no person is in two folds.

    Parameters
    ----------
    y
        (n,) 0, 1, or NaN where the outcome is unknown (censored).
    person
        (n,) label of the person of each row.
    """
    _, member = np.unique(person, return_inverse=True)
    count = np.bincount(member)
    known = ~np.isnan(y)
    n_known = np.bincount(member, weights=known)
    n_good = np.bincount(member, weights=np.where(known, y, 0.0))
    stratum = np.where(n_known == 0, 3, np.where(n_good == 0, 0, np.where(n_good == n_known, 1, 2)))
    fold_of = np.empty(len(count), dtype=np.int64)
    dealt = 0
    for s in range(4):
        persons = rng.permutation(np.flatnonzero(stratum == s))
        fold_of[persons] = (dealt + np.arange(len(persons))) % folds
        dealt += len(persons)
    assigned: Ints = fold_of[member]
    return assigned


def repeated_folds(y: Floats, person: Labels, seeds: Sequence[np.random.SeedSequence]) -> list[Ints]:
    """Return one assignment of rows to folds, (n,), per seed; `y` and `person` are (n,), as in `deal_folds`."""
    return [deal_folds(y, person, np.random.default_rng(seed)) for seed in seeds]


def read_folds(path: Path, row: Ints, person: Labels, y: Floats, n_read: int) -> list[GivenFolds]:
    """Read folds from a CSV file ``row,repeat,fold``; rows are 0-based in the input file, before exclusions.

    Parameters
    ----------
    path
        The file. Rows that the training does not use may be there and are ignored.
    row
        (n,) input-file row of each training row.
    person, y
        (n,) as in `deal_folds`.
    n_read
        Rows of the input file; a row beyond them tells that rows are counted from 1.

    Returns
    -------
    The folds of the training rows, one element per repeat, in the order of the file's numbers.

    Raises
    ------
    InputFileError
        `file_missing`.
    TrainingError
        `invalid_folds`, naming the repeat and what it lacks.
    """
    table = _read(path)
    if not table["row"].between(0, n_read - 1).all():
        raise _invalid(path, f"it names rows that the input file, with rows 0 to {n_read - 1}, does not have")
    out = []
    for repeat, part in table.groupby("repeat", sort=True):
        fold_of = part.set_index("row")["fold"]
        if not fold_of.index.is_unique:
            raise _invalid(path, f"repeat {repeat} has row {fold_of.index[fold_of.index.duplicated()][0]} twice")
        absent = np.setdiff1d(row, fold_of.index.to_numpy())
        if len(absent):
            raise _invalid(path, f"repeat {repeat} lacks {len(absent)} used rows, the first is row {absent[0]}")
        label = fold_of.reindex(row).to_numpy(dtype=np.int64)
        fold = np.unique(label, return_inverse=True)[1].astype(np.int64)
        _check(path, repeat, fold, person, y)
        out.append(GivenFolds(int(part["repeat"].iloc[0]), label, fold))
    return out


def _read(path: Path) -> pd.DataFrame:
    # three columns of numbers that a program wrote: not a table of people, hence not one of the doors for those
    with open_file(path) as file:
        try:
            table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        except pd.errors.EmptyDataError:
            raise _invalid(path, "it is empty") from None
        except UnicodeDecodeError:
            raise _invalid(path, "it is not UTF-8 text") from None
        except ValueError:
            raise _invalid(path, "it is no table separated by commas") from None
    if list(table.columns) != ["row", "repeat", "fold"]:
        raise _invalid(path, "its header is another one")
    if table.empty:
        raise _invalid(path, "it has no rows")
    try:
        return table.astype("int64")
    except (ValueError, OverflowError):
        raise _invalid(path, "it does not hold whole numbers only") from None


def _check(path: Path, repeat: object, fold: Ints, person: Labels, y: Floats) -> None:
    if fold.max() < 1:
        raise _invalid(path, f"repeat {repeat} has only one fold")
    pairs = pd.DataFrame({"person": person, "fold": fold}).drop_duplicates()
    if pairs["person"].duplicated().any():
        raise _invalid(path, f"repeat {repeat} has rows of one person in two folds")
    for k in range(int(fold.max()) + 1):
        left = y[fold != k]
        if min((left == 0).sum(), (left == 1).sum()) < MIN_TO_TRAIN:
            raise _invalid(path, f"repeat {repeat} leaves fewer than {MIN_TO_TRAIN} rows of one outcome to train on")


def _invalid(path: Path, what: str) -> TrainingError:
    return TrainingError(
        "invalid_folds",
        f"{path}: {what}; expected the columns row,repeat,fold with every used row once in each repeat "
        "(rows counted from 0 in the input file, before exclusions)",
    )
