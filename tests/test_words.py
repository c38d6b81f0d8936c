"""Nothing that a user can read tells anybody what to do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DIRECTIVE = re.compile(r"\b(prescri\w*|switch\w*|terminat\w*)\b", re.IGNORECASE)

CATALOGUE = sorted((ROOT / "data_schemas").rglob("*.toml"))
MODULES = sorted(
    path
    for package in ("data_schemas", "features", "serving", "training", "cli")
    for path in (ROOT / package).rglob("*.py")
)


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.name)
def test_the_catalogue_does_not_direct(path):
    assert not DIRECTIVE.findall(path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_of_a_module_directs(path):
    texts = [
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert not [text for text in texts if DIRECTIVE.search(text)]


def test_the_list_of_words_is_looked_for():
    assert DIRECTIVE.findall("Prescribe it, switching or terminated") == ["Prescribe", "switching", "terminated"]
    assert not DIRECTIVE.findall("the lineterminator of a file")
