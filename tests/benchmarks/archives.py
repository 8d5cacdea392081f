"""Archives of cases by Dask: two workers beside one, and ten times the rows beside as many."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pyarrow
import pyarrow.parquet
import shapely

from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.services.archives.archives import count_archive, locate_archive
from gridmgmt.services.archives.counting import CountRules
from gridmgmt.services.archives.crew import Crew, local_crew
from gridmgmt.services.archives.editions import file_areas
from gridmgmt.services.archives.tables import LocateRequest
from tests.benchmarks.irregular_cells import draw_coverage
from tests.benchmarks.measuring import Line, line, seconds

CELLS = 10_000
FEW_ROWS, MANY_ROWS = 1_000_000, 10_000_000
FILE_ROWS = 250_000
PAIRS = 3
SEED = 20261122
BY = ("area", "category")
SHANGHAI = ZoneInfo("Asia/Shanghai")
_FIRST = np.datetime64("2025-12-31T16:00:00", "us")


@dataclass(frozen=True)
class Measured:
    """Two workers beside one, and what is to be said of memory."""

    lines: list[Line]
    memory_said: str


def write_areas(folder: Path) -> Path:
    codes, geoms = draw_coverage(CELLS, SEED)
    path = folder / "areas.gpkg"
    geopandas.GeoDataFrame({"code": codes}, geometry=geoms, crs=4326).to_file(path)
    return path


def write_archive(folder: Path, rows: int, bounds: Sequence[float]) -> Path:
    """Rows all over the areas and a little beyond, a year of them, in equal files."""
    folder.mkdir()
    west, south, east, north = bounds
    for k in range(rows // FILE_ROWS):
        rng = np.random.default_rng([SEED, k])
        minutes = rng.integers(0, 365 * 1440, FILE_ROWS).astype("timedelta64[m]")
        table = pyarrow.table(
            {
                "case_no": [f"{k:04}-{i:06}" for i in range(FILE_ROWS)],
                "category": pyarrow.array(rng.integers(1, 40, FILE_ROWS)).cast("string"),
                "reported_at": pyarrow.array(_FIRST + minutes).cast(
                    pyarrow.timestamp("us", "UTC")
                ),
                "lon": rng.uniform(west - 0.001, east + 0.001, FILE_ROWS),
                "lat": rng.uniform(south - 0.001, north + 0.001, FILE_ROWS),
            }
        )
        pyarrow.parquet.write_table(table, folder / f"part-{k:03}.parquet")
    return folder


class Archives:
    """An archive and what is done with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.areas = write_areas(folder)
        bounds = shapely.total_bounds(geopandas.read_file(self.areas).geometry.to_numpy())
        self.few = write_archive(folder / "few", FEW_ROWS, bounds)
        self.many = write_archive(folder / "many", MANY_ROWS, bounds)
        file = AreaFile(self.areas, "code", "code")
        judging, _ = file_areas(file, folder)
        self.file = file
        self.rules = CountRules(
            by=BY,
            names=("lon", "lat"),
            said=None,
            reported_at="reported_at",
            category="category",
            tz=SHANGHAI,
            clock=SHANGHAI,
            judging=judging.judging,
            snap_m=30.0,
        )

    def locate(self, archive: Path, crew: Crew) -> None:
        out = self.folder / "out"
        done = locate_archive(LocateRequest(archive, self.file), out, crew)
        assert done.report.located > 0.9 * done.report.rows
        shutil.rmtree(out)

    def count(self, archive: Path, crew: Crew) -> None:
        done = count_archive(archive, self.rules, crew)
        assert done.rows in (FEW_ROWS, MANY_ROWS)


def peak_mb() -> float:
    """The most memory this process ever had resident, what it maps and shares included."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def scaling(archives: Archives) -> list[Line]:
    with ExitStack() as stack:
        one, two = (stack.enter_context(local_crew(workers)) for workers in (1, 2))
        lines = []
        for what, work in (("locate", archives.locate), ("archive count", archives.count)):
            for crew in (one, two):
                work(archives.few, crew)  # warm caches, not counted
            taken = [
                (
                    seconds(partial(work, archives.many, two)),
                    seconds(partial(work, archives.many, one)),
                )
                for _ in range(PAIRS)
            ]
            told = f"{what}: {MANY_ROWS:,} rows of Parquet in {CELLS:,} cells, two workers"
            lines.append(line(told, "one worker", taken))
    return lines


def memory(archives: Archives) -> str:
    peaks = {}
    for rows, archive in ((FEW_ROWS, archives.few), (MANY_ROWS, archives.many)):
        with local_crew(1) as crew:
            archives.locate(archive, crew)
            archives.count(archive, crew)
            (peaks[rows],) = crew.ask(peak_mb).values()
    return (
        f"A worker that locates and counts {FEW_ROWS:,} rows has at most"
        f" {peaks[FEW_ROWS]:,.0f} MiB resident, the areas' index that the workers of a machine"
        f" share included; with {MANY_ROWS:,} rows {peaks[MANY_ROWS]:,.0f} MiB."
    )


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        archives = Archives(Path(folder))
        return Measured(scaling(archives), memory(archives))


if __name__ == "__main__":
    began = datetime.now(SHANGHAI)
    found = measure()
    for one in found.lines:
        print(one.row())  # noqa: T201 - run by hand
    print(found.memory_said, datetime.now(SHANGHAI) - began)  # noqa: T201
