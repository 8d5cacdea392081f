"""Which cell covers a point: the locator, the database and a search without any index agree."""

from datetime import UTC, datetime

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locate import Locator, build_locator, cover
from gridmgmt.geometry.measure import on_grid
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.store.areas.areas import areas_in, locate_point
from tests.factories import make_draft, make_edition, make_level
from tests.geometry.hostile import hostile_points
from tests.geometry.locating.test_cover import pixel_lines
from tests.shared import shared_data
from tests.store.drawn_city import drawn_coverage
from tests.store.test_locate_twin import in_sql

# Every layer of the real data that tiles something, with the field of its code.
LAYERS = [
    ("hangzhou_xiacheng", "grids", "grid_code"),
    ("hangzhou_xiacheng", "communities", "community_code"),
    ("hangzhou_xiacheng", "streets", "street_code"),
    ("chicago311", "wards_2003_2015", "ward"),
    ("chicago311", "wards_2015_2023", "ward"),
    ("la311", "lapd_reporting_districts", "reporting_district"),
    ("la311", "lapd_basic_car_areas", "basic_car_area"),
    ("la311", "lapd_divisions", "division"),
    ("la311", "lapd_bureaus", "name"),
]
# In the database a point on a border of a hundred thousand vertices takes its time.
ASKED_IN_SQL = 600
# So many that the second thread has something to do.
POINTS = 60_000

Answer = tuple[str | None, bool]


def real_layer(folder: str, layer: str, code: str) -> LevelAreas:
    path = shared_data(f"{folder}/areas.gpkg")
    frame = pyogrio.read_dataframe(path, layer=layer).drop_duplicates(code)
    geoms = on_grid(np.asarray(frame.geometry.values))
    return make_level("cell", dict(zip(frame[code].astype(str), geoms, strict=True)))


def by_locator(
    index: Locator, lon: FloatArray, lat: FloatArray, threads: int = 1
) -> list[Answer]:
    covered = cover(index, lon, lat, threads=threads)
    return answers(index.codes, covered.cell, covered.on_boundary)


def by_search(areas: LevelAreas, lon: FloatArray, lat: FloatArray) -> list[Answer]:
    """Ask every area about every point; `LevelAreas` are in the order of their codes."""
    covering = np.zeros(len(lon), dtype=np.int64)
    first = np.full(len(lon), -1, dtype=np.int64)
    usable = np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90))
    for n in range(len(areas.codes) - 1, -1, -1):
        over = usable[shapely.intersects_xy(areas.geoms[n], lon[usable], lat[usable])]
        covering[over] += 1
        first[over] = n
    return answers(areas.codes, first, covering > 1)


def by_database(
    conn: Connection, edition: int, lon: FloatArray, lat: FloatArray
) -> list[Answer]:
    limits = {"candidate_m": 0.0, "snap_m": 0.0}
    rows = in_sql(conn, lon, lat, edition=edition, level="cell", **limits)
    return [(row.code, row.on_boundary) for row in rows]


def answers(codes: GeometryArray, cell: IntArray, on_boundary: BoolArray) -> list[Answer]:
    named = np.array([*codes, None], dtype=object)[cell]
    return list(zip(named.tolist(), on_boundary.tolist(), strict=True))


def differing(
    points: tuple[FloatArray, FloatArray], one: list[Answer], other: list[Answer]
) -> list[tuple[object, ...]]:
    """Give each point about which two differ, in full, with what both say."""
    pairs = zip(*(part.tolist() for part in points), one, other, strict=True)
    return [pair for pair in pairs if pair[2] != pair[3]]


def hostile(index: Locator, n: int) -> tuple[FloatArray, FloatArray]:
    """Points of which hardly any is far from a border of a cell or of a pixel, shuffled."""
    rng = np.random.default_rng(n)
    lon, lat = hostile_points(index.geoms, 2 * n)
    west, south, east, north = shapely.total_bounds(index.geoms)
    near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    kept = np.flatnonzero(near | ~np.isfinite(lon + lat))[: n - n // 4]
    between = pixel_lines(index, rng, n // 4)
    mixed = rng.permutation(len(kept) + n // 4)
    return (
        np.concatenate([lon[kept], between[0]])[mixed],
        np.concatenate([lat[kept], between[1]])[mixed],
    )


@pytest.mark.parametrize("seed", range(4))
def test_all_agree_on_a_drawn_coverage_that_was_published(conn: Connection, seed: int) -> None:
    codes, geoms = drawn_coverage(seed)
    drawn = make_level("cell", dict(zip(codes, geoms, strict=True)))
    draft = make_draft(conn, "drawn", [drawn])
    done = publish(conn, draft, datetime(2026, 1, 1, tzinfo=UTC), actor="a test")
    assert done.added == len(codes)
    stored = areas_in(conn, done.edition.number, "cell")["cell"]
    index = build_locator(stored.codes, stored.geoms)
    points = hostile(index, 2_000)
    expected = by_search(stored, *points)
    assert len({code for code, _ in expected}) > len(codes) * 0.9
    assert sum(on_boundary for _, on_boundary in expected) > 100
    for threads in (1, 2):
        assert differing(points, by_locator(index, *points, threads), expected) == []
    assert differing(points, by_database(conn, done.edition.number, *points), expected) == []


@pytest.mark.proof
@pytest.mark.parametrize(("folder", "layer", "code"), LAYERS)
def test_all_agree_on_every_real_layer(
    conn: Connection, folder: str, layer: str, code: str
) -> None:
    areas = real_layer(folder, layer, code)
    index = build_locator(areas.codes, areas.geoms)
    points = hostile(index, POINTS)
    expected = by_search(areas, *points)
    for threads in (1, 2):
        assert differing(points, by_locator(index, *points, threads), expected) == []
    edition = make_edition(conn, {"cell": areas})
    few = points[0][:ASKED_IN_SQL], points[1][:ASKED_IN_SQL]
    answered = by_database(conn, edition, *few)
    assert differing(few, answered, expected[:ASKED_IN_SQL]) == []


def test_one_point_at_a_time_is_answered_alike(conn: Connection) -> None:
    codes, geoms = drawn_coverage(9)
    drawn = make_level("cell", dict(zip(codes, geoms, strict=True)))
    edition = make_edition(conn, {"cell": drawn})
    index = build_locator(drawn.codes, drawn.geoms)
    points = hostile(index, 100)
    asked = {"edition": edition, "level": "cell", "candidate_m": 0.0, "snap_m": 0.0}
    places = zip(*(part.tolist() for part in points), strict=True)
    found = [locate_point(conn, lon, lat, **asked) for lon, lat in places]  # type: ignore[arg-type]
    answered = [(one.code, one.on_boundary) for one in found]
    assert differing(points, by_locator(index, *points), answered) == []
