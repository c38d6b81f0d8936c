"""A file that lost some of its FORMAT keys, or the order of its records, never gives another confident genotype."""

from __future__ import annotations

import tempfile
from pathlib import Path

from genotype_files import person, vcf
from hypothesis import given, settings
from hypothesis import strategies as st

from data_schemas.catalogue.load import load_catalogue
from data_schemas.errors import InputFileError
from features.germline.calling.match import match_file

VALUES = {"GT": "0/1", "AD": "14,17", "DP": "31", "GQ": "88", "PL": "400,0,390", "FT": "PASS", "RNC": ".."}


def _letters(records: list[str]) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.vcf"
        path.write_text(vcf(records))
        try:
            return match_file(path, load_catalogue()).calls.sites["rs2234693"].call(0).alleles
        except InputFileError:
            return None


@settings(max_examples=40)
@given(st.permutations(sorted(VALUES)), st.integers(0, 7), st.permutations(range(7)))
def test_dropped_keys_and_reordered_records_give_the_same_letters_or_none(keys, kept, order):
    rest = [one for one in person() if "152163335" not in one]
    left = sorted(keys[:kept], key=lambda key: key != "GT")
    cell = ":".join(VALUES[key] for key in left) or "31"
    records = [*rest, f"6 152163335 . T C . PASS . {':'.join(left) or 'DP'} {cell}"]
    assert _letters([records[number] for number in order]) == ("C/T" if "GT" in left else None)
