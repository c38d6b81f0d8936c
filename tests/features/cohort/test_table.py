"""A table is read exactly as declared, or refused with file, line and cure."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from packed import gzipped

from data_schemas.catalogue.cohort import FileForm
from data_schemas.errors import InputFileError
from features.cohort import table as cohort_table
from features.cohort.table import read_table
from features.files import opening
from features.files.packing import Limits

GOOD = "id,age,arm\n001,61,a\n002,NA,b\n"
WANTED = ["id", "age"]


@pytest.fixture
def write(tmp_path):
    def _write(content, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


def refused(path, code, *says, form=None, wanted=WANTED, ignored=None):
    with pytest.raises(InputFileError) as caught:
        read_table(path, form or FileForm(), wanted, ignored)
    assert caught.value.code == code
    assert path.name in caught.value.message
    for text in says:
        assert text in caught.value.message
    return caught.value.message


def test_cells_stay_text_and_know_their_lines(write):
    table = read_table(write(GOOD), FileForm(), WANTED)
    assert table.frame.to_dict("list") == {"id": ["001", "002"], "age": ["61", "NA"]}
    assert table.lines.tolist() == [2, 3]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.removesuffix("\n"),
        GOOD + "\n\n",
        GOOD.replace("001", '"001"'),
        GOOD.replace("\n", "\r"),
        "\n" + GOOD,
        GOOD.replace("002", "\n002"),
        "# from the registry, as exported\n" + GOOD,
        "#" + GOOD,
        gzipped(GOOD.encode()),
        gzipped(GOOD[:10].encode()) + gzipped(GOOD[10:].encode()),
    ],
    ids=[
        "bom",
        "crlf",
        "no-last-newline",
        "blank-end",
        "quoted",
        "old-mac",
        "blank-start",
        "blank-middle",
        "comment",
        "commented-header",
        "gzip",
        "gzip-members",
    ],
)
def test_harmless_forms_are_the_same_table(write, content):
    path = write(content, "t.csv.gz" if isinstance(content, bytes) else "t.csv")
    assert read_table(path, FileForm(), WANTED).frame["id"].tolist() == ["001", "002"]


def test_separator_and_comment_lines_come_from_the_manifest(write):
    path = write("#one\n#two\nid\tage\n1\t61\n#3\t5\n")
    table = read_table(path, FileForm(separator="\t", comment="#"), WANTED)
    assert table.frame["id"].tolist() == ["1", "#3"]
    assert table.lines.tolist() == [4, 5]


def test_nameless_columns_may_repeat_because_nothing_binds_them(write):
    assert len(read_table(write(",id,age,\n1,1,61,\n"), FileForm(), WANTED).frame) == 1


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        ("", "no_rows", ["is empty"]),
        ("id,age,arm\n", "no_rows", ["no rows"]),
        ("id;age;arm\n1;3,5;a\n", "wrong_columns", ["a semicolon", "form.separator"]),
        ("id\tage\tarm\n1\t3\ta\n", "wrong_columns", ["a tab"]),
        ("id,age,age\n1,2,3\n", "wrong_columns", ["'age' stands twice"]),
        ("id,Age,arm\n1,2,3\n", "wrong_columns", ["'age' is missing", "'Age'"]),
        ("id,age,arm\n1,61,a,7\n", "wrong_field_count", ["line 2", "4 fields where the header has 3"]),
        ("id,age\nr1,1,61\n", "wrong_field_count", ["line 2", "row names"]),
        ("id,age,arm\n1,61,a\n2,62\n", "wrong_field_count", ["line 3", "cut off"]),
        ('id,age,arm\n1,61,"a\n2,62,b\n', "corrupt_file", ["line 2", "quotes"]),
        ('id,age,arm\n1,61,"a\n2,62,b"\n3,63,c\n', "wrong_field_count", ["line 2", "close the quote"]),
        ('id,age,arm\n1,61,"a"b\n', "corrupt_file", ["line 2", "quotes"]),
        ("id,age,arm\n1,61,a\x00\n", "encoding", ["line 2", "control character"]),
        ("id,age,arm\n1,61,a\x1b[31m\n", "encoding", ["line 2", "control character"]),
        ("id,age,arm\n1,6\r1,a\n", "encoding", ["line 2", "carriage return"]),
        ("id,age,arm\r1,61,a\r2,6\n2,b\r", "encoding", ["line 3", "carriage return"]),
        (GOOD.encode("utf-16")[:-1], "encoding", ["UTF-16"]),
        ("id,age,arm\n1,61,é\n".encode("latin-1"), "encoding", ["line 2", "UTF-8"]),
        (b"PK\x03\x04rest", "corrupt_file", ["Excel", "CSV"]),
        (b"PAR1", "corrupt_file", [".parquet"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "corrupt_file", ["Excel"]),
    ],
)
def test_damaged_or_undeclared_tables_are_refused(write, content, code, says):
    refused(write(content), code, *says)


def test_messages_do_not_hold_the_cells(write):
    message = refused(write("id,age,arm\n1,61,SECRET,SECRET\n"), "wrong_field_count")
    assert "SECRET" not in message


def test_an_undeclared_column_is_refused_where_the_manifest_lists_all(write):
    refused(write(GOOD), "wrong_columns", "'arm' is not declared", ignored=())
    assert len(read_table(write(GOOD), FileForm(), WANTED, ["arm"]).frame) == 2


def test_a_missing_file_a_folder_and_a_url(tmp_path):
    refused(tmp_path / "none.csv", "file_missing")
    refused(tmp_path, "file_missing", "folder")
    from pathlib import Path

    for address in ("http://localhost/t.csv", "s3://bucket/t.csv", "a\x00b.csv"):
        with pytest.raises(InputFileError) as caught:
            read_table(Path(address), FileForm(), WANTED)
        assert caught.value.code == "file_missing"


PACKED = gzipped((GOOD * 50).encode())


@pytest.mark.parametrize(
    "content",
    [PACKED[:-9], PACKED[:40], PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], PACKED + b"junk", GOOD.encode()],
    ids=["cut", "cut-early", "crc", "junk", "not-gzip"],
)
def test_damaged_gzip_is_refused(write, content):
    path = write(content, "t.csv.gz")
    with pytest.raises(InputFileError) as caught:
        read_table(path, FileForm(), WANTED)
    assert caught.value.code == "corrupt_file"
    assert "t.csv.gz" in caught.value.message


def test_bgzf_cut_between_blocks_is_noticed_by_its_end_marker(write):
    import struct
    import zlib

    def block(text):
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        body = deflater.compress(text) + deflater.flush()
        head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(body) + 25)
        return head + body + struct.pack("<II", zlib.crc32(text), len(text))

    whole = block(GOOD.encode()) + block(b"003,63,c\n") + block(b"")
    assert len(read_table(write(whole, "a.csv.gz"), FileForm(), WANTED).frame) == 3
    refused(write(block(GOOD.encode()), "b.csv.gz"), "corrupt_file", "end marker")


def test_a_gzip_bomb_stops_at_the_counted_limit(write, monkeypatch):
    assert (cohort_table.TABLE.ratio, cohort_table.TABLE.ratio_from) == (100, 2**26)
    monkeypatch.setattr(cohort_table, "TABLE", Limits(ratio=100, ratio_from=2**20))
    bomb = gzipped(b"id,age,arm\n" + b"1,61,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" * 200_000)
    refused(write(bomb, "t.csv.gz"), "too_large", "100 times")


def test_an_endless_line_is_refused(write, monkeypatch):
    monkeypatch.setattr(opening, "MAX_LINE", 2**16)
    refused(write("id,age,arm\n" + "1" * 2**17), "corrupt_file")


def test_a_blank_line_of_a_table_with_one_column_may_be_an_empty_cell(write):
    refused(write("id\n1\n\n2\n"), "wrong_field_count", "line 3: is blank", wanted=["id"])
    assert len(read_table(write("id\n1\n2\n\n"), FileForm(), ["id"]).frame) == 2


def test_a_hundred_thousand_columns_are_refused_or_read_without_harm(write):
    header = ",".join(f"c{i}" for i in range(100_000))
    refused(write(f"{header}\n{header}\n"), "wrong_columns", "none of the declared columns, such as 'id'")


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=6)


@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=6), separator=st.sampled_from([",", "\t", ";"]))
def test_what_a_csv_writer_writes_is_what_is_read(tmp_path_factory, rows, separator):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    frame = pd.DataFrame(rows, columns=["id", "age"]).assign(last="x")
    frame.to_csv(path, index=False, sep=separator)
    table = read_table(path, FileForm(separator=separator), WANTED)
    assert table.frame.to_numpy().tolist() == [list(row) for row in rows]


def parquet(tmp_path, **columns):
    path = tmp_path / "t.parquet"
    pd.DataFrame(columns).to_parquet(path, index=False)
    return path


def test_parquet_is_read_as_the_same_text(tmp_path):
    path = parquet(
        tmp_path,
        id=["001", None],
        age=pd.array([61, None], dtype="Int64"),
        whole=[1.0, np.nan],
        x=[0.1, 2.5],
        flag=[True, False],
        level=pd.Categorical(["a", None]),
    )
    frame = read_table(path, FileForm(), ["id", "age", "whole", "x", "flag", "level"]).frame
    assert frame.to_dict("list") == {
        "id": ["001", ""], "age": ["61", ""], "whole": ["1", ""], "x": ["0.1", "2.5"], "flag": ["true", "false"],
        "level": ["a", ""],
    }  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [pd.to_datetime(["2020-01-01"]), [b"bytes"], [[1, 2]], [{"a": 1}], pd.to_timedelta(["1 day"])],
    ids=["date", "bytes", "list", "struct", "duration"],
)
def test_parquet_columns_of_other_kinds_are_refused(tmp_path, values):
    refused(parquet(tmp_path, id=["1"], age=values), "wrong_columns", "column age", "numbers or as text")


def test_damaged_parquet_is_refused(tmp_path):
    path = parquet(tmp_path, id=["1"], age=[61])
    path.write_bytes(path.read_bytes()[:-10])
    refused(path, "corrupt_file", "Parquet")
    path.write_text(GOOD)
    refused(path, "corrupt_file", "Parquet")


def test_parquet_without_rows_or_columns_is_refused(tmp_path):
    refused(parquet(tmp_path, id=[], age=[]), "no_rows")
    refused(parquet(tmp_path, id=["1"]), "wrong_columns", "'age' is missing")
