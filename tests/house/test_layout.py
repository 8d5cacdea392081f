import ast
import doctest
import importlib
import pkgutil
import re
from collections import defaultdict
from pathlib import Path

import pytest

import gridmgmt

ROOT = Path(__file__).parents[2]
MODULES = sorted([*(ROOT / "gridmgmt").rglob("*.py"), *(ROOT / "web").rglob("*.py")])
BANNED = {"utils", "util", "helpers", "common", "misc", "base", "core", "manager", "tools"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_has_a_name_that_says_nothing() -> None:
    files = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    assert [relative(path) for path in files if path.stem in BANNED] == []


def test_no_folder_is_a_warehouse() -> None:
    folders = {path.parent for path in [*MODULES, *(ROOT / "tests").rglob("*.py")]}
    crowded = {
        relative(folder): len(modules)
        for folder in folders
        if len(modules := [one for one in folder.glob("*.py") if one.stem != "__init__"]) > 25
    }
    assert crowded == {}


def test_no_module_is_two_things() -> None:
    long = [relative(path) for path in MODULES if len(path.read_text().splitlines()) > 350]
    assert long == []


def test_no_function_is_two_things() -> None:
    long = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > 60:
                    long.append(f"{relative(path)}: {node.name} has {lines} lines")
    assert long == []


def test_no_public_class_stands_twice() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(relative(path))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_a_function_says_what_it_does_in_the_imperative() -> None:
    # "Return the codes", not "Tell which codes"; ruff's D401 lets these words pass.
    vague = {"Tell", "Say", "Whether", "How", "Which", "What", "Who", "Where", "Why"}
    first_lines = [
        f"{relative(path)}: {node.name}: {text.splitlines()[0]}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        if (text := ast.get_docstring(node)) and text.split()[0] in vague
    ]
    assert first_lines == []


def test_files_are_read_apart() -> None:
    # What a module may import of the readers themselves; lint-imports knows modules, not names.
    here = {"read_layer", "list_layers", "read_table", "read_table_chunks", "read_head"}
    readers = {"gridmgmt.exchange.layers.vectors", "gridmgmt.exchange.tables.tables"}
    called = [
        f"{relative(path)}: {alias.name}"
        for path in MODULES
        if "exchange" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in readers
        for alias in node.names
        if alias.name in here
    ]
    assert called == []


@pytest.mark.parametrize("layer", ["domain", "geometry", "indicators"])
def test_the_examples_in_docstrings_are_true(layer: str) -> None:
    package = importlib.import_module(f"gridmgmt.{layer}")
    ran = 0
    for module in pkgutil.walk_packages(package.__path__, f"gridmgmt.{layer}."):
        result = doctest.testmod(importlib.import_module(module.name))
        assert result.failed == 0, module.name
        ran += result.attempted
    assert ran > 0


def test_every_test_has_the_path_of_its_module() -> None:
    beside = {
        "__pycache__",
        "attacks",
        "benchmarks",
        "browser",
        "clients",
        "house",
        "migrations",
        "real_data",
        "web",
    }
    for folder in sorted((ROOT / "tests").iterdir()):
        if folder.is_dir() and folder.name not in beside:
            assert (Path(gridmgmt.__path__[0]) / folder.name).is_dir(), folder.name


# What a function of the store is called that changes nothing.
READING = re.compile(r"(list|get|find|count|newest|is)_|.*_(of|alike|key)$|[A-Z]")


def test_views_read_through_the_store_and_change_through_services() -> None:
    others = [
        f"{relative(path)}: {node.module}.{name.name}"
        for folder in ("views", "api", "pages")
        for path in (ROOT / "web" / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gridmgmt.store")
        for name in node.names
        if not READING.match(name.name) and name.name != "migrations"
    ]
    assert others == []
