import subprocess
import sys

import pytest

START = "from gridmgmt.without_frames import start_without_frames; start_without_frames({})"
# What each program loads when it starts, and what it may do later.
LOADED = "import pyogrio, sys; print('pandas' in sys.modules, 'geopandas' in sys.modules)"
LATER = "import geopandas, pandas; print(pandas.Series([1]).sum())"


def said(*lines: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_a_library_that_is_named_does_without_frames_and_the_program_may_use_them() -> None:
    assert said(START.format("'pyogrio'"), LOADED, LATER) == ["False False", "1"]


def test_a_library_that_is_not_named_finds_frames() -> None:
    assert said(START.format("'folium'"), LOADED) == ["True True"]


def test_without_any_name_nobody_finds_frames() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        said(START.format(""), LOADED, LATER)
    assert failed.value.stdout.splitlines() == ["False False"]
    assert "is not used here" in failed.value.stderr


def test_the_programs_start_without_pandas() -> None:
    start = START.format("'folium', 'pyogrio'")
    # The pages and the worker load what the commands load, and more.
    programs = "import gridmgmt.worker.main, web, sys; print('pandas' in sys.modules)"
    assert said(start, programs) == ["False"]
