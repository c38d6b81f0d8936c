"""Reading a user's own cohort, as it stands or with changes."""

from __future__ import annotations

import pandas as pd
import pytest
from own_cohort import (
    CATALOGUE,
    LDL,
    MANIFEST,
    ROWS,
)

from data_schemas.catalogue.cohort import Cohort
from data_schemas.catalogue.terms import Terms
from data_schemas.errors import EsrError
from features.cohort.read import check_columns, read_cohort


@pytest.fixture
def read(tmp_path):
    def _read(changes=None, manifest=None, endpoint=LDL, rows=ROWS):
        columns = {name: list(values) for name, values in (rows | (changes or {})).items()}
        path = tmp_path / "mine.csv"
        pd.DataFrame(columns).to_csv(path, index=False)
        cohort = Cohort.model_validate(MANIFEST | (manifest or {}))
        if endpoint is None:
            return check_columns(path, cohort, CATALOGUE)
        return read_cohort(path, cohort, Terms(endpoint, CATALOGUE))

    return _read


@pytest.fixture
def refused(read):
    def _refused(code, *says, **arguments):
        with pytest.raises(EsrError) as caught:
            read(**arguments)
        assert caught.value.code == code
        for text in says:
            assert text in caught.value.message
        return caught.value.message

    return _refused
