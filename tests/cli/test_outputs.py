"""A command never writes over what it reads."""

import pytest

from cli.outputs import check_output
from data_schemas.errors import EsrError


def test_an_input_is_never_written_over(tmp_path):
    data = tmp_path / "patients.csv"
    data.write_text("id\np1\n")
    alias = tmp_path / "alias.csv"
    alias.symlink_to(data)
    for output in (data, alias, tmp_path / "." / "patients.csv"):
        with pytest.raises(EsrError, match="is an input") as error:
            check_output(output, None, "hers", data)
        assert error.value.code == "output_exists"
    check_output(tmp_path / "answer.csv", None, "hers", data)


@pytest.mark.parametrize("name", ["", "absent/answer.csv"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path, name):
    with pytest.raises(EsrError, match="folder that exists"):
        check_output(tmp_path / name)
