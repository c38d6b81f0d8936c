"""A name means one thing: no two public classes of a package share theirs."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def doubled(sources: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the public classes that several modules define, and where."""
    places = defaultdict(list)
    for place, text in sources:
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


@pytest.mark.parametrize("package", ["data_schemas", "features", "serving", "training", "cli"])
def test_no_two_public_classes_of_a_package_share_a_name(package):
    modules = sorted((ROOT / package).rglob("*.py"))
    assert doubled((path.relative_to(ROOT).as_posix(), path.read_text()) for path in modules) == {}


def test_a_doubled_name_is_seen_and_a_private_one_is_not():
    one, other = "class Source: ...\nclass _Own: ...", "class Source: ...\nclass _Own: ..."
    assert doubled([("files/opening.py", one), ("cohort/columns.py", other)]) == {
        "Source": ["files/opening.py", "cohort/columns.py"]
    }
