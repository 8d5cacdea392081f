import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from gridmgmt.geometry import compiler_cache
from gridmgmt.geometry.compiler_cache import keep_compiled_in

# Prints the answer of the smallest kernel there is, and whether its machine code was found.
USE = """
import sys
from pathlib import Path
from gridmgmt.geometry.compiler_cache import keep_compiled_in

when = sys.argv[2]
if when == "before":
    keep_compiled_in(Path(sys.argv[1]))
from gridmgmt.geometry.locating.edge_search import _clipped
if when == "after":
    keep_compiled_in(Path(sys.argv[1]))
print(_clipped(7.5, 5.0), sum(_clipped.stats.cache_hits.values()))
"""


def use(folder: Path, when: str) -> list[str]:
    environ = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    command = [sys.executable, "-c", USE, str(folder), when]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.split()


@pytest.mark.proof  # Three processes, each of which loads the compiler.
def test_machine_code_is_kept_in_the_folder_whenever_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "numba"
    assert use(folder, "after") == ["4", "0"]
    assert list(folder.rglob("edge_search.*.nbi"))
    assert use(folder, "before") == ["4", "1"]


@pytest.mark.proof
def test_where_the_folder_cannot_be_written_every_process_compiles(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    assert use(tmp_path / "home" / "numba", "before") == ["4", "0"]


def test_naming_a_folder_makes_none_and_the_first_name_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(compiler_cache, "KERNELS", [])
    keep_compiled_in(tmp_path / "one")
    keep_compiled_in(tmp_path / "other")
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path / "one"
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    numba.config.reload_config()


def test_other_sources_never_find_what_was_compiled_of_these(tmp_path: Path) -> None:
    module = tmp_path / "gridmgmt" / "indicators" / "kernels.py"
    module.parent.mkdir(parents=True)
    module.write_text("one = 1")
    names = [compiler_cache._state_of([tmp_path])]
    names.append(compiler_cache._state_of([tmp_path]))
    os.utime(module, ns=(1, 1))
    names.append(compiler_cache._state_of([tmp_path]))
    module.write_text("one = 11")
    names.append(compiler_cache._state_of([tmp_path]))
    (module.parent / "other.py").write_text("")
    names.append(compiler_cache._state_of([tmp_path]))
    (module.parent / "notes.txt").write_text("")
    names.append(compiler_cache._state_of([tmp_path]))
    assert names[0] == names[1]
    assert names[4] == names[5]
    assert len(set(names)) == 4


def test_all_kernels_are_where_the_cache_looks_for_changes() -> None:
    package = Path(compiler_cache.__file__).parents[1]
    kernels = [
        path for path in package.rglob("*.py") if "\n@compiled\n" in path.read_text("utf-8")
    ]
    assert len(kernels) > 5
    for path in kernels:
        assert any(path.is_relative_to(folder) for folder in compiler_cache._SOURCES), path
