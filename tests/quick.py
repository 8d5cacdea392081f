"""``make quick``: the tests of what a change touches, nearest first, for less than a minute.

A module is tested by the file of its own path, then by the tests that import it, then by those
that import what imports it, and so on. The tests of the house come after the nearest. What time
leaves out is printed; ``make test`` runs it.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
HOUSE = "tests/house"
# How far importers are followed, how many files are collected, how long tests are begun.
FAR = 3
MOST_FILES = 24
MOST_S = 45.0


def changed_files() -> list[str]:
    """Files that differ from where the branch left main, or else those of the last commit."""
    base = _git("merge-base", "HEAD", "origin/main") or _git("rev-parse", "HEAD")
    found = _changed_since(base[0])
    return found or _changed_since("HEAD~1")


def _changed_since(commit: str) -> list[str]:
    return _git("diff", "--name-only", commit) + _git(
        "ls-files", "--others", "--exclude-standard"
    )


def _git(*words: str) -> list[str]:
    done = subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.split()


def modules_of(path: str) -> list[str]:
    """The module that a file is; for a statement or a template, the modules that name it."""
    given = Path(path)
    if given.suffix == ".py":
        parts = given.with_suffix("").parts
        return [".".join(parts[:-1] if parts[-1] == "__init__" else parts)]
    if given.suffix == ".sql":
        name = f'statement("{given.stem}")'
    elif given.parts[:2] == ("web", "templates"):
        name = f'"{"/".join(given.parts[2:])}"'
    else:
        return []
    package = given.parts[0]
    return [
        found
        for reader in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in reader.parts and name in reader.read_text("utf-8")
        for found in modules_of(str(reader.relative_to(ROOT)))
    ]


def own_tests(module: str) -> list[str]:
    """The file of tests that has the path of a module, if there is one."""
    first, *rest = module.split(".")
    folder = ["tests", *(["web"] if first == "web" else []), *rest[:-1]]
    if first == "tests" or not rest:
        return []
    places = [Path(*folder), Path("tests", "web")] if first == "web" else [Path(*folder)]
    files = [str(place / f"test_{rest[-1]}.py") for place in places]
    return [file for file in dict.fromkeys(files) if (ROOT / file).is_file()]


def nearest_tests(files: Iterable[str], graph: grimp.ImportGraph) -> list[str]:
    """Files of tests that a change touches, nearest first, and the house after the first."""
    modules = {module for file in files for module in modules_of(file)} & graph.modules
    ring, seen = modules, set(modules)
    near: list[str] = []
    for far in range(FAR + 1):
        near += [file for module in sorted(ring) for file in own_tests(module)]
        near += [_file_of(module) for module in sorted(ring) if _is_test(module)]
        near += [HOUSE] if far == 0 else []
        ring = {
            importer
            for module in ring
            for importer in graph.find_modules_that_directly_import(module)
        } - seen
        seen |= ring
    return list(dict.fromkeys(near))


def _is_test(module: str) -> bool:
    return module.startswith("tests.") and module.rpartition(".")[2].startswith("test_")


def _file_of(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


class Bound:
    """Begins no test after so many seconds, and knows which files had theirs left out."""

    def __init__(self, most_s: float) -> None:
        self.end = time.monotonic() + most_s
        self.left: dict[str, int] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        if time.monotonic() < self.end:
            return None
        file = item.nodeid.partition("::")[0]
        self.left[file] = self.left.get(file, 0) + 1
        return True


def main(files: Sequence[str]) -> int:
    graph = grimp.build_graph(
        "gridmgmt", "web", "tests", cache_dir=str(ROOT / ".import_linter_cache")
    )
    near = nearest_tests(files or changed_files(), graph)
    asked, left = near[:MOST_FILES], near[MOST_FILES:]
    bound = Bound(MOST_S)
    code = pytest.main(["-q", "-m", "not proof", *asked], plugins=[bound])
    _say([f"{file}: {count} tests" for file, count in bound.left.items()] + left)
    return int(code)


def _say(left: list[str]) -> None:
    out = sys.stdout
    out.write(f"left out, for make test: {len(left)} files\n" if left else "nothing left out\n")
    out.writelines(f"  {line}\n" for line in left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
