"""A seeded training gives the scorecards that version 0.1.0 gave, byte for byte."""

from __future__ import annotations

import pytest

from data_schemas.record import canonical_json, digest

DIGESTS = {
    ("logistic", "clinical"): "300e7679433446d960af731a6eb352abd189f72848f10b97f3f22daa0dcb56d3",
    ("xgboost", "clinical"): "d3aa4a3c8d9f9b94a32cbbf58d2989fb25a7032aef378065c8865b79dd670761",
    ("blend", "clinical"): "6ba8a72e7f2fd0e91a33b6b80cf7371e55a514ce83a4c133a15f9ffb69204775",
    ("logistic", "clinical+genetic"): "f644dbfbd07af5cd057bc2d06e404cc36d7e0763442f8d3b04c2a9fa287af395",
    ("xgboost", "clinical+genetic"): "826efdde4bfc11798450ac5af372545f16c0df67662c4abebff32d618dbb1306",
    ("blend", "clinical+genetic"): "eafdf3585333338b6d2f1f9fe3a90727173a9d58fbd00ebdf27c629dcb9eeb78",
}
"""Of the small training in `tests/tiny_model.py`, under the versions of `requirements.lock`."""


@pytest.mark.parametrize("key", DIGESTS, ids=" ".join)
def test_a_seeded_training_gives_the_scorecards_of_the_first_version(key, tiny_training):
    assert digest(canonical_json(tiny_training.fitted[key].scorecard)) == f"sha256:{DIGESTS[key]}"
