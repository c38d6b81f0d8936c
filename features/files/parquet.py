"""A Parquet file as text, with the same refusals as a text file."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_schemas.errors import InputFileError
from features.files.local import open_file


def read_parquet(path: Path, names: list[str], check: Callable[[list[str]], None]) -> pd.DataFrame:
    """Return the cells of the named columns as text; null and NaN are empty texts.

    Parameters
    ----------
    check
        Called with all column names of the file before a row is read.

    Raises
    ------
    InputFileError
        ``corrupt_file``, or ``wrong_columns`` for a column of dates, bytes or nested values.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_file(path) as raw:
        try:
            file = pq.ParquetFile(raw)
            check(list(file.schema_arrow.names))
            table = file.read(columns=names, use_threads=False)
        except (pa.ArrowException, OSError):
            raise InputFileError(
                "corrupt_file", f"{path.name}: is not a whole Parquet file; copy or create it again"
            ) from None
    columns = {name: _texts(path, name, table.column(name)) for name in names}
    return pd.DataFrame(columns, index=range(table.num_rows), dtype=object)


def _texts(path: Path, name: str, column: Any) -> pd.Series:
    import pyarrow as pa
    import pyarrow.types as types

    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    readable = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    if not any(is_kind(kind) for is_kind in (*readable, types.is_decimal, types.is_null)):
        raise InputFileError(
            "wrong_columns", f"{path.name}, column {name}: holds {kind} values; write it as numbers or as text"
        )
    if types.is_dictionary(column.type):
        column = column.cast(kind)
    coded = column.cast(pa.string()).combine_chunks() if types.is_null(kind) else column.combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = pa.concat_arrays(coded.chunks) if coded.num_chunks else pa.array([], kind)
    coded = coded.dictionary_encode()
    texts = np.array([*map(_text, coded.dictionary.to_pylist()), ""], dtype=object)
    return pd.Series(texts[coded.indices.fill_null(len(texts) - 1).to_numpy()], dtype=object)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        # whole numbers with gaps become floats on their way through many tools
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
