"""Docstrings are true: their examples run, and who reads of an array reads its shape."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from data_schemas import arrays

ROOT = Path(__file__).parents[1]
PACKAGES = ("data_schemas", "features", "serving", "training", "cli")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
WITH_EXAMPLES = [
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in MODULES if ">>>" in path.read_text()
]

# NDArray itself, and what arrays.py names.
ARRAY = re.compile(
    rf"\b({'|'.join(name for name, kind in vars(arrays).items() if getattr(kind, '__origin__', None) is np.ndarray)})\b"
)
LENGTH = r"(?:\.\.\.|\w+(?: [+*] \w+|\*\*\w+)?)"
SHAPE = re.compile(rf"\((?:\.\.\.|{LENGTH}(?:,|(?:, {LENGTH})+))\)")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_are_true(name):
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert failed == 0
    assert tried > 0


def public(body):
    """Yield the public classes and functions of a module, and those of its public classes."""
    for node in body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            yield from public(node.body) if isinstance(node, ast.ClassDef) else ()


def stated_types(node):
    """Return the annotations of a function's parameters and result, or of a class's fields."""
    if isinstance(node, ast.ClassDef):
        found = [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
    else:
        taken = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        found = [*(part.annotation for part in taken), node.returns]
    return [ast.unparse(annotation) for annotation in found if annotation is not None]


def without_shape(source):
    """Return the names of public functions and classes that take or give an array and state no shape."""
    handlers = (n for n in public(ast.parse(source).body) if any(map(ARRAY.search, stated_types(n))))
    return [node.name for node in handlers if not SHAPE.search(ast.get_docstring(node) or "")]


def bare_arrays(source):
    """Return the lines that write ``np.ndarray`` as a type without its elements."""
    tree = ast.parse(source)
    checks = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func) == "isinstance"]
    fine = {id(part) for check in checks for part in ast.walk(check)}
    fine |= {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Subscript)}
    named = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "ndarray")
    return [node.lineno for node in named if id(node) not in fine]


def test_who_takes_or_gives_an_array_states_its_shape():
    found = {str(path.relative_to(ROOT)): without_shape(path.read_text()) for path in MODULES}
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_every_array_has_a_type_of_element():
    found = {str(path.relative_to(ROOT)): bare_arrays(path.read_text()) for path in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_two_rules_find_what_they_look_for():
    source = '''
def f(x: Floats) -> None:
    """Take a matrix (of any size)."""
def g(x: Mapping[str, Floats]) -> np.ndarray:
    """Take columns (n,) by name."""
class A:
    """Rows (n, F)."""
    x: Ints
    def h(self, y: np.ndarray | None, *, z: Bools) -> bool:
        """Say nothing."""
        return isinstance(y, np.ndarray)
    def i(self) -> NDArray[np.str_]:
        """Say nothing either."""
'''
    assert without_shape(source) == ["f", "h", "i"]
    assert bare_arrays(source) == [4, 9]
