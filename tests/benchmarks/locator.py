"""The locator beside everything a user could take instead, and how it grows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.geometry.compiled import compiled
from gridmgmt.geometry.locating.locate import Locator, build_locator, cover, locate
from tests.benchmarks import rivals
from tests.benchmarks.building import build_apart
from tests.benchmarks.irregular_cells import draw_coverage
from tests.benchmarks.measuring import PAIRS, Race, factor, millions, race, shown

CELLS, POINTS = 10_000, 1_000_000
SEED = 20261122
GROWTH_CELLS = (1_000, 10_000, 100_000)
GROWTH_POINTS = (10_000, 100_000, 1_000_000, 10_000_000)
# Pixels of the raster that a bare index-and-gather reads from: a side of 4,096, 64 MiB.
SIDE = 4_096
# A slower way is run fewer times, and what a breath of wind moves more often.
SLOW_PAIRS, THREAD_PAIRS = 3, 15


def measure() -> str:
    """Measure the locator on drawn coverages."""
    codes, cells = draw_coverage(CELLS, SEED)
    index = build_locator(codes, cells)
    lon, lat = points_over(cells, POINTS)
    vertices = shapely.get_num_coordinates(cells).mean()
    return f"""On {CELLS:,} irregular cells of {vertices:.0f} vertices in the mean (drawn,
seeded), whose borders neighbours share, and up to {POINTS:,} points anywhere over them, in
random order. Ours is `cover`: for each point its cell and whether it lies on a boundary,
exactly. Everybody's points and indexes are made before the clock runs, and all answers were
found equal first. Speeds are medians, in millions of points a second; "times as fast" is the
median over pairs taken in turn ({PAIRS}; {SLOW_PAIRS} for those given fewer points).

{RACES_HEAD}
{_races(index, cells, lon, lat)}

With more cells, {POINTS:,} points each, one thread. "Beyond": what the process held at most
while building, and afterwards, beyond the cells themselves; "file": the saved index; "opened":
from the file to the first answer, in a process that has asked another index before.

{_by_cells()}

With more points, on the {CELLS:,} cells.

{RACES_HEAD}
{_by_points(index, cells)}

The whole of `locate` on {POINTS:,} points, with candidates within 1 m and snapping within 30 m:
{_whole(index, lon, lat)}."""


RACES_HEAD = (
    "| against | points | theirs | ours | ours is times as fast |\n|---|---|---|---|---|"
)

CELLS_HEAD = (
    "| cells | ours | of a bare gather's speed | build | beyond, at most | beyond, after |"
    " file | opened |\n|---|---|---|---|---|---|---|---|"
)


def points_over(cells: GeometryArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Draw points over the whole box of these cells; a few lie in none."""
    west, south, east, north = shapely.total_bounds(cells)
    rng = np.random.default_rng(SEED)
    return rng.uniform(west, east, n), rng.uniform(south, north, n)


def _drawn_labels(cells: int) -> NDArray[np.int32]:
    return np.random.default_rng(SEED).integers(0, cells, (SIDE + 1) * SIDE, dtype=np.int32)


def bare_gather(
    cells: GeometryArray, lon: FloatArray, lat: FloatArray
) -> Callable[[], NDArray[np.int32]]:
    """The least anybody can do: turn positions into pixels and read one number for each."""
    west, south, east, north = shapely.total_bounds(cells)
    columns, rows = SIDE / (east - west), SIDE / (north - south)
    labels = _drawn_labels(len(cells))

    def gather() -> NDArray[np.int32]:
        column = ((lon - west) * columns).astype(np.int64)
        row = ((lat - south) * rows).astype(np.int64)
        found: NDArray[np.int32] = labels[row * SIDE + column]
        return found

    return gather


def _races(index: Locator, cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> str:
    def ours() -> object:
        return cover(index, lon, lat)

    gather = bare_gather(cells, lon, lat)
    dense = points_over(cells, GROWTH_POINTS[-1])
    first = [
        race(
            "a bare numpy index-and-gather: no geometry, no answer",
            (POINTS, ours),
            (POINTS, gather),
        ),
        _two_threads(index, lon, lat),
        _two_threads(index, *dense),
        race(
            "arithmetic alone, one thread; with two: what these cores have to give",
            (POINTS, _reckoning(2)),
            (POINTS, _reckoning(1)),
            THREAD_PAIRS,
        ),
    ]
    rows = [one.row() for one in first]
    found = cover(index, lon, lat)
    assert_same(found.cell, cover(index, lon, lat, threads=2).cell)
    for met in _rivals(cells, lon, lat):
        try:
            with met as rival:
                assert_same(found.cell[: rival.points], rival.answers())
                pairs = PAIRS if rival.points == POINTS else SLOW_PAIRS
                theirs = (rival.points, rival.work)
                rows.append(race(rival.name, (POINTS, ours), theirs, pairs).row())
        except rivals.AbsentError as error:
            rows.append(f"| {error} | not measured | | | |")
    return "\n".join(rows)


def _two_threads(index: Locator, lon: FloatArray, lat: FloatArray) -> Race:
    one, two = (
        (len(lon), lambda: cover(index, lon, lat)),
        (len(lon), lambda: cover(index, lon, lat, threads=2)),
    )
    return race("ours with one thread; ours here with two", two, one, THREAD_PAIRS)


def _reckoning(threads: int) -> Callable[[], None]:
    """Share out arithmetic that keeps a core busy without waiting for memory."""

    def work() -> None:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(_reckon, [16 * POINTS // threads] * threads))

    return work


@compiled
def _reckon(steps: int) -> float:
    # Eight sums that do not wait for each other: threads that share one core gain nothing.
    a = b = c = d = e = f = g = h = 1.0
    for _ in range(steps):
        a, b, c, d = a * 0.9 + 1.0, b * 0.8 + 1.0, c * 0.7 + 1.0, d * 0.6 + 1.0
        e, f, g, h = e * 0.5 + 1.0, f * 0.4 + 1.0, g * 0.3 + 1.0, h * 0.2 + 1.0
    return a + b + c + d + e + f + g + h


def _rivals(
    cells: GeometryArray, lon: FloatArray, lat: FloatArray
) -> list[AbstractContextManager[rivals.Rival]]:
    return [
        nullcontext(rivals.sjoin(cells, lon, lat)),
        nullcontext(rivals.strtree(cells, lon, lat)),
        rivals.in_duckdb(cells, lon, lat),
        rivals.in_postgis(cells, lon, lat),
        nullcontext(rivals.rtree_loop(cells, lon, lat)),
    ]


def assert_same(ours: NDArray[np.int32], theirs: NDArray[np.int64]) -> None:
    differing = int((ours != theirs).sum())
    assert differing == 0, f"{differing} answers differ"


def _by_cells() -> str:
    lines = [CELLS_HEAD]
    for n in GROWTH_CELLS:
        built = build_apart(n)
        codes, cells = draw_coverage(n, SEED)
        index = build_locator(codes, cells)
        one = _beside_gather(index, cells, POINTS)
        lines.append(
            f"| {n:,} | {millions(one.ours_a_s)} | {factor(one.times)} |"
            f" {shown(built.build_s)} | {built.peak_mb:,.0f} MB | {built.kept_mb:,.0f} MB |"
            f" {built.file_mb:,.0f} MB | {shown(built.open_s)} |"
        )
    return "\n".join(lines)


def _by_points(index: Locator, cells: GeometryArray) -> str:
    return "\n".join(_beside_gather(index, cells, n).row() for n in GROWTH_POINTS)


def _beside_gather(index: Locator, cells: GeometryArray, n: int) -> Race:
    lon, lat = points_over(cells, n)
    gather = bare_gather(cells, lon, lat)
    return race("a bare gather", (n, lambda: cover(index, lon, lat)), (n, gather))


def _whole(index: Locator, lon: FloatArray, lat: FloatArray) -> str:
    one = race(
        "cover",
        (POINTS, lambda: locate(index, lon, lat)),
        (POINTS, lambda: cover(index, lon, lat)),
        SLOW_PAIRS,
    )
    speed = millions(one.ours_a_s)
    return f"{speed} million a second, {factor(one.times)} of the speed of `cover`"
