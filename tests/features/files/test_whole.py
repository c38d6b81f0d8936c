"""A file is whole or not there, and a place that takes none is named."""

from __future__ import annotations

import pytest

from data_schemas.errors import EsrError
from features.files.whole import replacing, write_all, writing_to


def test_a_file_appears_whole_and_for_its_owner_or_not_at_all(tmp_path):
    path = tmp_path / "answer.csv"
    with replacing(path) as file:
        file.write("a")
        assert not path.exists()
    assert path.read_text() == "a"
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(f"b{1 / 0}")
    with pytest.raises(EsrError, match="cannot be written") as error, replacing(tmp_path / "no" / "answer.csv"):
        pass
    assert error.value.code == "output_exists"
    assert path.read_text() == "a"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_names_the_file(tmp_path):
    asked = pytest.raises(EsrError, match=r"No space left on device\); free some space")
    with asked as caught, writing_to(tmp_path / "a.csv"), open("/dev/full", "w") as full:
        full.write("a" * 100_000)
    assert (caught.value.code, caught.value.fault.exit_code) == ("disk_full", 74)


def test_of_several_files_all_are_written_or_none(tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "folder"
    second.mkdir()
    with pytest.raises(EsrError, match="folder: cannot be written") as caught:
        write_all({first: "a", second: "b"})
    assert caught.value.code == "output_exists"
    assert list(tmp_path.iterdir()) == [second]
    write_all({first: "a", tmp_path / "b.csv": "b"})
    assert (first.read_text(), (tmp_path / "b.csv").read_text()) == ("a", "b")
    assert first.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.csv", "folder"]
