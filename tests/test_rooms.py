"""Every folder answers one question, is small, imports only folders before it, and says so in its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# In each package a folder imports those to its left; the empty name is the package's own top level.
ORDER = {
    "data_schemas": ("", "reference", "catalogue", "wire", "model"),
    "features": (
        *("files", "values", "drawing"),
        *("germline", "germline/readers/vcf", "germline/readers", "germline/calling"),
        *("somatic", "somatic/readers", "matrix", "patient", "quality", "cohort", "cohort/page"),
    ),
    "serving": ("scoring", "models", "answer", "http/gate", "http/routes", ""),
    "training": ("simulation", "fitting", "resampling", "evaluation", "", "registry"),
    "cli": ("terminal", "verbs/catalogue", "verbs/cohort", "verbs/files", "verbs/model", "verbs/service", ""),
}
MAX_MODULES = 12
MAX_LINES = 250

# What starts the service and the model that MLflow loads; all else of a Bento is reached from these.
ENTRANCES = ("serving.service", "serving.pyfunc")

FOLDERS = sorted(path.parent for package in ORDER for path in (ROOT / package).rglob("__init__.py"))
MODULES = sorted(path for folder in FOLDERS for path in folder.glob("*.py") if path.name != "__init__.py")

_LINE = re.compile(r"^([a-z][a-z0-9_]*/?)  +\S.*[a-z]", re.MULTILINE)


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return short(path.with_suffix("")).replace("/", ".")


def place(module: Path) -> tuple[str, str]:
    """Return a module's package and its folder within it."""
    package, *folders = module.parent.relative_to(ROOT).parts
    return package, "/".join(folders)


@cache
def imported(module: Path) -> tuple[Path, ...]:
    """Return our own modules that a module imports, inside functions too, but not for annotations alone."""
    return tuple(dict.fromkeys(_imported(ast.parse(module.read_text()))))


def _imported(tree: ast.AST) -> Iterator[Path]:
    for node in _executed(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            found = ROOT.joinpath(*name.split("."))
            for path in (found, found.parent):
                if path.with_suffix(".py") in MODULES:
                    yield path.with_suffix(".py")
                    break


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _executed(node)


def circles(arrows: Mapping[Path, tuple[Path, ...]]) -> list[list[Path]]:
    """Return the modules that import each other in a circle, one path per circle that a walk meets."""
    found: list[list[Path]] = []
    done: set[Path] = set()

    def walk(module: Path, way: list[Path]) -> None:
        if module in way:
            found.append(way[way.index(module) :])
        elif module not in done:
            for other in arrows[module]:
                walk(other, [*way, module])
            done.add(module)

    for module in arrows:
        walk(module, [])
    return found


def excluded() -> list[str]:
    """Return the patterns of modules that a Bento leaves out."""
    section = (ROOT / "bentofile.yaml").read_text().partition("exclude:")[2].partition("python:")[0]
    return [line for line in re.findall(r'- "(.*)"', section) if not line.startswith("**/")]


def reached() -> set[Path]:
    """Return every module that the service or the MLflow model may import, now or later."""
    todo = [ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in ENTRANCES]
    seen: set[Path] = set()
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += imported(module)
    return seen


def mapped(docstring: str) -> list[str]:
    """Return the names that a folder's docstring explains: a name, two spaces or more, a sentence."""
    return [name.rstrip("/") for name in _LINE.findall(docstring)]


@pytest.fixture(params=FOLDERS, ids=short)
def folder(request) -> Path:
    return request.param


def test_every_folder_has_its_place_in_the_order():
    known = {f"{package}/{name}".rstrip("/") for package, names in ORDER.items() for name in names}
    with_modules = {short(path.parent) for path in MODULES}
    assert with_modules == known


@pytest.mark.parametrize("module", MODULES, ids=short)
def test_a_module_imports_only_folders_before_its_own(module):
    package, own = place(module)
    order = ORDER[package]
    late = [
        short(other)
        for other in imported(module)
        if place(other)[0] == package and order.index(place(other)[1]) > order.index(own)
    ]
    assert late == []


def test_no_modules_import_each_other_in_a_circle():
    found = circles({module: imported(module) for module in MODULES})
    assert [" -> ".join(map(dotted, circle)) for circle in found] == []


def test_a_circle_is_seen():
    one, two, three = Path("one"), Path("two"), Path("three")
    assert circles({one: (two,), two: (three,), three: (two,)}) == [[two, three]]
    assert circles({one: (two, three), two: (three,), three: ()}) == []


def test_a_folder_is_small_enough_to_be_read_at_once(folder):
    assert len(list(folder.glob("*.py"))) - 1 <= MAX_MODULES


@pytest.mark.parametrize("module", MODULES, ids=short)
def test_a_module_is_small_enough_to_be_read_at_once(module):
    assert len(module.read_text().splitlines()) <= MAX_LINES


def test_a_folders_docstring_is_a_map_of_it(folder):
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    beside = [path.stem for path in folder.glob("*.py") if path.name != "__init__.py"]
    beside += [path.parent.name for path in folder.glob("*/__init__.py")]
    assert sorted(mapped(docstring)) == sorted(beside)
    assert docstring.partition("\n")[0].endswith((".", "?"))


def test_a_map_is_read_as_one():
    assert mapped("What it is.\n\nopening   a file is opened\nreaders/  one format each\n") == ["opening", "readers"]
    assert mapped("What it is, in one line and two.\n\nIt has prose\nof several lines.") == []


def test_what_a_bento_leaves_out_cannot_be_reached_by_the_service():
    patterns = excluded()
    assert patterns == ["features/cohort/**", "features/quality/**"]
    left_out = {module for module in MODULES if short(module).startswith(tuple(p.removesuffix("**") for p in patterns))}
    assert left_out
    assert left_out & reached() == set()


def test_the_tests_mirror_the_rooms():
    rooms = {short(path) for path in FOLDERS}
    mirrored = {
        path.parent.relative_to(ROOT / "tests").as_posix()
        for package in ORDER
        for path in (ROOT / "tests" / package).rglob("test_*.py")
    }
    assert mirrored <= rooms
