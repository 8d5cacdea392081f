"""The database and the locator answer alike, on 100,000 points chosen to set them apart."""

import re

import numpy as np
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locate import Located, Locator, build_locator, locate
from gridmgmt.geometry.measure import on_grid
from gridmgmt.store.statements import statement
from tests.drawn import Drawing
from tests.factories import make_edition, make_level
from tests.geometry.coverages import KINDS
from tests.geometry.hostile import hostile_points
from tests.shared import shared_data

PLACES = Drawing(
    """
    a.........b.........c
    .....................
    ...s.t......w........
    .....................
    ...v.u...............
    d.........e...x.....f
    ...............p.....
    .............q.......
    .....................
    g.........h.........i
    .....................
    k.....l...j..........
    ......m..............
    """
)

# A hole, an exclave, an overlap and a corner where several meet; codes whose order depends on
# the collation.
DRAWN = {
    "a1": PLACES.polygon("abed", "stuv"),
    "A1": PLACES.polygon("bcfe"),
    "B-1": PLACES.polygon("dehg"),
    "一号": PLACES.polygon("efih"),
    "B_2": PLACES.multi("wxp", "kml"),
    "2": PLACES.polygon("gqj"),
}


def drawn() -> LevelAreas:
    return make_level("cell", DRAWN)


def hangzhou() -> LevelAreas:
    path = shared_data("hangzhou_xiacheng/areas.gpkg")
    frame = pyogrio.read_dataframe(path, layer="grids")
    geoms = on_grid(np.asarray(frame.geometry.values))
    return make_level("cell", dict(zip(frame["grid_code"], geoms, strict=True)))


def aslant() -> LevelAreas:
    """The drawn areas turned a little, on borders of some hundred kilometres."""
    turn = np.radians(17.3)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * 2_000
    geoms = on_grid(list(DRAWN.values()))
    corner = PLACES.point("a")
    turned = shapely.transform(geoms, lambda lonlat: (lonlat - corner) @ matrix + corner)
    return make_level("cell", dict(zip(DRAWN, turned, strict=True)))


def in_sql(
    conn: Connection, lon: np.ndarray, lat: np.ndarray, **given: object
) -> list[sa.Row[tuple[object, ...]]]:
    """Ask the statement as it is in production, its point taken from the rows of a table."""
    conn.execute(sa.text("CREATE TEMP TABLE hostile (i int, lon float8, lat float8)"))
    conn.execute(
        sa.text("INSERT INTO hostile SELECT * FROM unnest(CAST(:i AS int[]), :lon, :lat)"),
        {"i": list(range(len(lon))), "lon": lon.tolist(), "lat": lat.tolist()},
    )
    body = re.sub(r":(lon|lat)\b", r"hostile.\1", statement("locate").text)
    lateral = f"SELECT answer.* FROM hostile, LATERAL ({body}\n) AS answer ORDER BY hostile.i"
    rows = conn.execute(sa.text(lateral), given).all()
    conn.execute(sa.text("DROP TABLE hostile"))
    return list(rows)


def in_python(index: Locator, located: Located) -> list[tuple[object, ...]]:
    codes = np.array([*index.codes, None], dtype=object)
    ends = located.offsets
    return [
        (
            codes[located.cell[i]],
            bool(located.on_boundary[i]),
            bool(located.snapped[i]),
            None if np.isnan(located.distance_m[i]) else float(located.distance_m[i]),
            codes[located.candidates[ends[i] : ends[i + 1]]].tolist(),
        )
        for i in range(len(located.cell))
    ]


def differences(
    conn: Connection, areas: LevelAreas, n: int, *, candidate_m: float, snap_m: float
) -> list[tuple[object, ...]]:
    edition = make_edition(conn, {"cell": areas})
    lon, lat = hostile_points(areas.geoms, n)
    limits = {"candidate_m": candidate_m, "snap_m": snap_m}
    rows = in_sql(conn, lon, lat, edition=edition, level="cell", **limits)
    index = build_locator(areas.codes, areas.geoms)
    expected = in_python(index, locate(index, lon, lat, **limits))
    assert len(rows) == len(expected) == n
    pairs = zip(lon, lat, expected, map(tuple, rows), strict=True)
    return [pair for pair in pairs if pair[2] != pair[3]]


@pytest.mark.parametrize("n", [10_000, pytest.param(100_000, marks=pytest.mark.proof)])
def test_the_database_and_the_locator_agree_on_hostile_points(conn: Connection, n: int) -> None:
    assert differences(conn, hangzhou(), n, candidate_m=1.0, snap_m=30.0) == []


@pytest.mark.parametrize(
    ("candidate_m", "snap_m"), [(1.0, 30.0), (0.0, 0.0), (1.0, 0.0), (25.0, 5.0), (0.0, 100.0)]
)
def test_they_agree_on_holes_exclaves_and_overlaps_under_any_limits(
    conn: Connection, candidate_m: float, snap_m: float
) -> None:
    assert differences(conn, drawn(), 4_000, candidate_m=candidate_m, snap_m=snap_m) == []


@pytest.mark.parametrize("kind", KINDS)
def test_they_agree_on_random_coverages(conn: Connection, kind: str) -> None:
    geoms = on_grid(KINDS[kind](np.random.default_rng(20240229)))
    geoms = geoms[shapely.is_valid(geoms)]
    areas = make_level("cell", {f"{i:02}": geom for i, geom in enumerate(geoms)})
    assert differences(conn, areas, 1_500, candidate_m=1.0, snap_m=30.0) == []


def test_both_take_a_limit_of_exactly_the_distance(conn: Connection) -> None:
    areas = drawn()
    edition = make_edition(conn, {"cell": areas})
    index = build_locator(areas.codes, areas.geoms)
    lon, lat = np.subtract(PLACES.point("k"), (7.1e-5, 0))
    metres = float(locate(index, [lon], [lat]).distance_m[0])
    for limit_m, code in ((metres, "B_2"), (metres - 0.001, None)):
        limits = {"candidate_m": limit_m, "snap_m": limit_m}
        [row] = in_sql(
            conn, np.array([lon]), np.array([lat]), edition=edition, level="cell", **limits
        )
        assert row.code == code
        assert row.candidates == ([code] if code else [])
        assert [tuple(row)] == in_python(index, locate(index, [lon], [lat], **limits))


def test_only_areas_of_the_edition_and_the_level_answer(conn: Connection) -> None:
    first = make_edition(conn, {"cell": drawn(), "street": make_level("street", DRAWN)})
    lon, lat = np.add(PLACES.point("a"), (5e-5, -1e-5))
    given = {"lon": lon, "lat": lat, "candidate_m": 1.0, "snap_m": 30.0}
    for edition, level, code in (
        (first, "cell", "a1"),
        (first, "street", "a1"),
        (first, "district", None),
        (first - 1, "cell", None),
    ):
        row = conn.execute(statement("locate"), {**given, "edition": edition, "level": level})
        assert row.one().code == code


def test_they_agree_where_st_covers_does_not(conn: Connection) -> None:
    """ST_Covers answers for a point in plain floating point, ST_Relate exactly.

    Of 100,000 hostile points the two differed on none over the cells of Hangzhou, whose borders
    are short, and on 41 over borders of a hundred kilometres aslant, where ST_Covers takes
    points beside the border for points on it. Should this find no difference any more,
    ST_Covers will do in the statement: it is faster.
    """
    areas = aslant()
    assert differences(conn, areas, 30_000, candidate_m=1.0, snap_m=30.0) == []

    lon, lat = hostile_points(areas.geoms, 30_000)
    usable = np.isfinite(lon) & np.isfinite(lat)
    disagreeing = sa.text(
        """
        SELECT count(DISTINCT i)
        FROM (
          SELECT i, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom
          FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[]))
            WITH ORDINALITY AS given (lon, lat, i)
        ) AS p
        JOIN areas a ON a.geom && p.geom
        WHERE ST_Covers(a.geom, p.geom) <> ST_Relate(a.geom, p.geom, '******FF*')
        """
    )
    given = {"lon": lon[usable].tolist(), "lat": lat[usable].tolist()}
    assert conn.execute(disagreeing, given).scalar_one() > 0


def test_the_statement_uses_the_index_over_a_thousand_areas(conn: Connection) -> None:
    west, south = np.meshgrid(np.arange(40) * 1e-3 + 120, np.arange(30) * 1e-3 + 30)
    boxes = shapely.box(west, south, west + 1e-3, south + 1e-3).ravel()
    codes = [f"{row:04d}" for row in range(len(boxes))]
    edition = make_edition(
        conn, {"cell": make_level("cell", dict(zip(codes, boxes, strict=True)))}
    )
    conn.execute(sa.text("ANALYZE areas"))
    given = {"lon": 120.02, "lat": 30.02, "candidate_m": 1.0, "snap_m": 30.0}
    explain = sa.text(f"EXPLAIN {statement('locate').text}")
    plan = conn.execute(explain, {**given, "edition": edition, "level": "cell"}).scalars()
    assert "ix__areas__geom" in "\n".join(plan)
