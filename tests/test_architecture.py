"""Rules of the house that a machine can check. Each is also shown to notice a break."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("config", "reports", "incentives", "energy", "enterprises", "parks", "accounts", "tenancy", "lib")
# The one module that may change whose rows a connection sees, and the operations that write policies in migrations.
MAY_CHANGE_ROLE = {"tenancy/scopes.py"}
# The name a query is sent under follows the session, so that nothing but these words changes the role or its settings.
ROLE_CHANGE = re.compile(
    r"set_config\s*\(|\bset\s+(?:local\s+|session\s+)?(?:role|session\s+authorization)\b", re.IGNORECASE
)


def sources(root=ROOT):
    """The modules of the apps, without migrations."""
    return [
        path
        for app in APPS
        for path in sorted((root / app).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    ]


def texts_that_run(path):
    """The string literals of a module that are not docstrings."""
    tree = ast.parse(path.read_text(), str(path))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def role_changes(root=ROOT):
    return [
        f"{path.relative_to(root)}:{line}"
        for path in sources(root)
        if path.relative_to(root).as_posix() not in MAY_CHANGE_ROLE
        for line, text in texts_that_run(path)
        if ROLE_CHANGE.search(text)
    ]


def functions(path):
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.end_lineno - node.lineno + 1


def copy_of_the_house(tmp_path):
    for app in APPS:
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def check_layers(root):
    """Run import-linter on a house; returns its exit status and what it says."""
    outcome = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=root, capture_output=True, text=True
    )
    return outcome.returncode, outcome.stdout


def check_style(root, *paths):
    outcome = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", *paths],
        cwd=root,
        capture_output=True,
        text=True,
    )
    return outcome.returncode, outcome.stdout


def test_imports_run_downwards():
    status, said = check_layers(ROOT)

    assert status == 0, said


UPWARD_IMPORTS = {
    "between apps": ("lib/upward.py", "import parks.models\n", "lib is not allowed to import parks"),
    "inside an app": (
        "parks/choices.py",
        "import parks.models\n",
        "parks.choices is not allowed to import parks.models",
    ),
    "into the composition root": (
        "parks/upward.py",
        "import config.environment\n",
        "parks is not allowed to import config",
    ),
}


@pytest.mark.parametrize("kind", UPWARD_IMPORTS)
def test_an_upward_import_is_caught(kind, tmp_path):
    place, line, complaint = UPWARD_IMPORTS[kind]
    house = copy_of_the_house(tmp_path)
    with (house / place).open("a") as module:
        module.write(line)

    status, said = check_layers(house)

    assert status == 1
    assert complaint in said


def test_only_the_scopes_change_the_role():
    assert role_changes() == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('app.park_id', '1', false)",
        "SET ROLE app_official",
        "set local role owner",
        "SET SESSION AUTHORIZATION x",
    ],
)
def test_a_changed_role_is_noticed(statement, tmp_path):
    place = tmp_path / "parks" / "leak.py"
    place.parent.mkdir()
    place.write_text(f"cursor.execute({statement!r})\n")

    assert role_changes(tmp_path) == ["parks/leak.py:1"]


@pytest.mark.parametrize(
    "line",
    [
        "from django.db.models.signals import post_save",
        "from django.db.models import signals",
        "from django.dispatch import receiver",
        "import pickle",
    ],
)
def test_banned_imports_are_caught(line, tmp_path):
    house = tmp_path / "house"
    (house / "parks").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", house)
    (house / "parks" / "surprise.py").write_text(f"{line}\n")

    status, said = check_style(house, "parks")

    assert status == 1
    assert "TID251" in said


def test_files_and_functions_stay_short():
    lines_of_files = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in sources()}
    lengths = [length for path in sources() for _, length in functions(path)]

    assert {path: lines for path, lines in lines_of_files.items() if lines > 500} == {}
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=20)[-1] <= 40


def test_every_app_has_a_contract_between_and_inside():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests", "tools"}

    assert packages == set(APPS)
