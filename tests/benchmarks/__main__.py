"""Measure and write BENCHMARKS.md (``make bench``).

``python -m tests.benchmarks locator pages`` measures only these and leaves what the file says
of the others. Every figure is a ratio to a baseline measured in the same run, the two taken in
turn; seconds stand beside it only to give an idea of the machine.
"""

import argparse
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import shapely

from gridmgmt.sample.files import CASES
from gridmgmt.store.cluster.programs import find_programs
from tests.benchmarks import (
    archives,
    day,
    figures,
    import_costs,
    locator,
    pages,
    reading,
    routing,
    servers,
    spine,
)
from tests.benchmarks.boundaries import editing, impact, workbench
from tests.benchmarks.bulk_import import bulk_lines
from tests.benchmarks.measuring import machine, table
from tests.benchmarks.sample import sample_city

REPORT = Path(__file__).parents[2] / "BENCHMARKS.md"
HEAD = """# Benchmarks

Written by `make bench`, not by hand. A ratio is ours ÷ baseline (below 1: faster than it), the
median over pairs taken in turn within one run; seconds are medians and only give an idea of
the machine.
"""
ALWAYS = ("numpy", "shapely")


@dataclass(frozen=True)
class Section:
    """One part of the report: what measures it, and whose versions matter to it."""

    title: str
    measure: Callable[[], str]
    libraries: tuple[str, ...]
    browser: bool = False


def _bulk() -> str:
    with sample_city() as city:
        lines = bulk_lines(city.engine, city.settings, city.folder / CASES, city.folder)
    return f"Into the synthetic city of `gridmgmt demo`, in the end stored.\n\n{table(lines)}"


def _archives() -> str:
    measured = archives.measure()
    return f"{table(measured.lines)}\n\n{measured.memory_said}"


SECTIONS = {
    "spine": Section("The main job", spine.measure, ("geopandas", "psycopg", "sqlalchemy")),
    "pages": Section(
        "The pages", pages.measure, ("flask", "waitress", "folium", "psycopg"), browser=True
    ),
    "day": Section("A day in the bureau", day.measure, ("flask", "waitress", "sqlalchemy")),
    "figures": Section(
        "Figures", figures.measure, ("numba", "duckdb", "pyarrow", "psycopg", "sqlalchemy")
    ),
    "servers": Section(
        "Servers", servers.measure, ("waitress", "gunicorn", "granian", "uvicorn", "cheroot")
    ),
    "locator": Section(
        "The locator", locator.measure, ("numba", "geopandas", "duckdb", "rtree", "psycopg")
    ),
    "editing": Section("Edits of borders", editing.measure, ()),
    "workbench": Section(
        "The workbench", workbench.measure, ("flask", "waitress"), browser=True
    ),
    "impact": Section("The impact of a draft", impact.measure, ("numba", "sqlalchemy")),
    "routing": Section("Routing, once located", routing.measure, ("numba", "psycopg")),
    "bulk": Section("Files of cases", _bulk, ("psycopg", "sqlalchemy", "pyarrow")),
    "costs": Section(
        "What each index and constraint costs", import_costs.measure, ("psycopg", "sqlalchemy")
    ),
    "reading": Section("Reading apart", reading.measure, ("pyogrio", "pyarrow", "openpyxl")),
    "archives": Section("Archives", _archives, ("numba", "dask", "distributed", "pyarrow")),
}


def first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].strip()


def written(section: Section) -> str:
    """Measure a section; it says on what machine, since another may be from another run."""
    measured = section.measure()
    versions = ", ".join(f"{name} {version(name)}" for name in (*ALWAYS, *section.libraries))
    postgres = first_line(find_programs().path("postgres"), "--version")
    browser = f"; {first_line(pages.CHROMIUM, '--version')}" if section.browser else ""
    return f"""## {section.title}

{measured}

On {machine()}; Python {platform.python_version()}; {versions};
GEOS {shapely.geos_version_string}; {postgres}{browser}.
"""


def standing(report: str) -> dict[str, str]:
    """Take the sections out of a report that was written before."""
    parts = report.split("\n## ")[1:]
    return {part.partition("\n")[0]: f"## {part.rstrip()}\n" for part in parts}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("section", nargs="*", choices=[[], *SECTIONS], help="all if none")
    wanted = parser.parse_args().section or list(SECTIONS)
    for name in wanted:
        text = written(SECTIONS[name])
        sys.stdout.write(f"{text}\n")
        # Read again each time: a run that fails keeps what was measured before it.
        there = standing(REPORT.read_text("utf-8")) | {SECTIONS[name].title: text}
        order = [one.title for one in SECTIONS.values()]
        REPORT.write_text(
            "\n".join([HEAD, *(there[title] for title in order if title in there)]), "utf-8"
        )


if __name__ == "__main__":
    main()
