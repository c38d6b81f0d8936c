"""Folds: stratified, no person in two of them, and the user's own read strictly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data_schemas.errors import InputFileError, TrainingError
from training.resampling.folds import FOLDS, deal_folds, read_folds, repeated_folds

N = 203
PERSON = np.arange(N)


@pytest.fixture
def y():
    rng = np.random.default_rng(0)
    outcome = (rng.random(N) < 0.3).astype(float)
    outcome[rng.random(N) < 0.2] = np.nan
    return outcome


def test_each_outcome_is_spread_evenly(y):
    fold = deal_folds(y, PERSON, np.random.default_rng(1))
    for member in (y == 1, y == 0, np.isnan(y)):
        counts = np.bincount(fold[member], minlength=FOLDS)
        assert counts.max() - counts.min() <= 1
    counts = np.bincount(fold)
    assert counts.max() - counts.min() <= 1


def test_a_person_is_never_in_two_folds(y):
    person = np.random.default_rng(2).integers(0, 60, N)
    fold = deal_folds(y, person, np.random.default_rng(1))
    assert pd.DataFrame({"person": person, "fold": fold}).groupby("person")["fold"].nunique().max() == 1
    assert len(np.unique(fold)) == FOLDS


def test_repeats_differ_and_a_seed_repeats(y):
    seeds = [np.random.SeedSequence(s) for s in (1, 2)]
    one, two = repeated_folds(y, PERSON, seeds)
    again = repeated_folds(y, PERSON, seeds)
    assert not np.array_equal(one, two)
    assert np.array_equal(again[1], two)


@pytest.fixture
def write(tmp_path):
    def write_folds(table: pd.DataFrame):
        path = tmp_path / "folds.csv"
        table.to_csv(path, index=False)
        return path

    return write_folds


ROW = np.arange(N) * 2 + 1  # the even rows of the file were excluded
N_READ = 2 * N + 1


def given(fold: np.ndarray, repeat: int = 0, row: np.ndarray = ROW) -> pd.DataFrame:
    return pd.DataFrame({"row": row, "repeat": repeat, "fold": fold})


def test_given_folds_are_kept_whatever_their_labels_and_order(y, write):
    fold = deal_folds(y, PERSON, np.random.default_rng(3), folds=3)
    excluded = given(np.full(5, 10), row=np.arange(5) * 2)
    table = pd.concat([excluded, given(10 * fold + 10), given(1 - fold // 2, 1), excluded.assign(repeat=1)])
    first, second = read_folds(write(table.sample(frac=1, random_state=0)), ROW, PERSON, y, N_READ)
    assert np.array_equal(first.fold, fold)
    assert np.array_equal(first.label, 10 * fold + 10)
    assert np.array_equal(second.fold, 1 - fold // 2)
    assert [first.repeat, second.repeat] == [0, 1]


BROKEN = {
    "lacks 3 used rows, the first is row 1": lambda t: t.iloc[3:],
    "has row 9 twice": lambda t: pd.concat([t, t[t["row"] == 9]]),
    "header": lambda t: t.rename(columns={"fold": "part"}),
    "no rows": lambda t: t.iloc[:0],
    "whole numbers": lambda t: t.astype({"fold": object}).replace({"fold": {0: "A"}}),
    "rows 0 to 406, does not have": lambda t: pd.concat([t, t.iloc[:1].assign(row=407)]),
    "only one fold": lambda t: t.assign(fold=4),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_folds_are_refused_with_their_place(what, y, write):
    table = given(deal_folds(y, PERSON, np.random.default_rng(3)))
    with pytest.raises(TrainingError, match=what) as caught:
        read_folds(write(BROKEN[what](table)), ROW, PERSON, y, N_READ)
    assert caught.value.code == "invalid_folds"


UNREADABLE = {"": "is empty", "caf\xe9,b\n": "not UTF-8", 'row,repeat,fold\n1,2,3,4\n5,6\n"': "no table|header"}


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_file_that_is_no_table_is_refused(text, y, tmp_path):
    (tmp_path / "folds.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(TrainingError, match=UNREADABLE[text]):
        read_folds(tmp_path / "folds.csv", ROW, PERSON, y, N_READ)


def test_an_absent_file_or_a_folder_is_named_as_such(y, tmp_path):
    for path, what in ((tmp_path / "absent.csv", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(InputFileError, match=what) as caught:
            read_folds(path, ROW, PERSON, y, N_READ)
        assert caught.value.code == "file_missing"


def test_a_mark_before_the_header_is_passed_over(y, write):
    path = write(given(deal_folds(y, PERSON, np.random.default_rng(3))))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_folds(path, ROW, PERSON, y, N_READ)) == 1


def test_given_folds_must_not_split_a_person(y, write):
    fold = deal_folds(y, PERSON, np.random.default_rng(3))
    with pytest.raises(TrainingError, match="one person in two folds"):
        read_folds(write(given(fold)), ROW, PERSON // 2, y, N_READ)


def test_given_folds_must_leave_both_outcomes_to_train_on(y, write):
    fold = (y == 1).astype(int)
    with pytest.raises(TrainingError, match="fewer than 10 rows of one outcome"):
        read_folds(write(given(fold)), ROW, PERSON, y, N_READ)
