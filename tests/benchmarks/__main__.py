"""Measure everything and write BENCHMARKS.md (``make bench``).

Every figure is a ratio to a baseline measured in the same run, the two taken in turn; seconds
stand beside it only to give an idea of the machine.
"""

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import shapely

from gridmgmt.store.programs import find_programs
from tests.benchmarks import pages, spine
from tests.benchmarks.measuring import Line, machine

REPORT = Path(__file__).parents[2] / "BENCHMARKS.md"
LIBRARIES = (
    "numpy",
    "shapely",
    "geopandas",
    "psycopg",
    "sqlalchemy",
    "flask",
    "gunicorn",
    "folium",
)


def first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].strip()


def table(lines: list[Line]) -> str:
    rows = "\n".join(one.row() for one in lines)
    return f"| what | baseline | ratio | ours | baseline |\n|---|---|---|---|---|\n{rows}"


def report(main_job: list[Line], measured: pages.Measured) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    postgres = first_line(find_programs().path("postgres"), "--version")
    chromium = first_line(pages.CHROMIUM, "--version")
    return f"""# Benchmarks

Written by `make bench`, not by hand. A ratio is ours ÷ baseline (below 1: faster than it), the
median over pairs taken in turn within one run; seconds are medians and only give an idea of
the machine.

{machine()}; Python {platform.python_version()}; {versions};
GEOS {shapely.geos_version_string}; {postgres}; {chromium}.

## The main job

On the synthetic city of `gridmgmt demo` (seeded).

{table(main_job)}

## The pages

On a made-up city of {pages.CELLS:,} cells and {pages.CASES:,} cases, served by two processes on
the machine that also runs the browser and the database.

{table(measured.lines)}

The first map comes with {measured.first_map_kb:,.0f} kB, everything counted that the browser
fetched with an empty cache: page, styles, scripts, icons, shapes and figures.

{measured.load_said}
"""


def main() -> None:
    REPORT.write_text(report(spine.measure(), pages.measure()), "utf-8")
    sys.stdout.write(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
