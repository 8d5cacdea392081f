"""What a user could take instead to find the cell of each point, every one at its best.

The points and the cells are handed over before the clock runs, in the form each likes best and
with its index built; what comes back is counted in the database and never fetched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import psycopg
import pyarrow as pa
import rtree
import shapely
from numpy.typing import NDArray

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.store.cluster.private import Cluster
from tests.folders import passable_folder

Answers = NDArray[np.int64]
# Each works on the first so many points: about what it does in a few seconds.
SJOIN, STRTREE, POSTGIS, DUCKDB, RTREE = 1_000_000, 300_000, 100_000, 300_000, 20_000


class AbsentError(Exception):
    """This machine lacks what a rival needs; the report says so and goes on."""


@dataclass(frozen=True)
class Rival:
    """One other way; ``answers`` gives the position of each point's first cell, -1: none."""

    name: str
    points: int
    work: Callable[[], object]
    answers: Callable[[], Answers]


def sjoin(cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> Rival:
    frame = geopandas.GeoDataFrame({"n": np.arange(len(cells))}, geometry=cells)
    lon, lat = lon[:SJOIN], lat[:SJOIN]
    points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat))

    def work() -> geopandas.GeoDataFrame:
        return geopandas.sjoin(points, frame, predicate="intersects", how="inner")

    def answers() -> Answers:
        joined = work()
        return smallest(len(lon), joined.index.to_numpy(), joined["n"].to_numpy())

    return Rival("`geopandas.sjoin`", len(lon), work, answers)


def strtree(cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> Rival:
    shapely.prepare(cells)
    tree = shapely.STRtree(cells)
    points = shapely.points(lon[:STRTREE], lat[:STRTREE])

    def work() -> Answers:
        return tree.query(points, predicate="covered_by")

    return Rival(
        "shapely `STRtree.query`, covered by",
        len(points),
        work,
        lambda: smallest(len(points), *work()),
    )


def rtree_loop(cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> Rival:
    shapely.prepare(cells)
    boxes = shapely.bounds(cells).tolist()
    tree = rtree.index.Index((n, box, None) for n, box in enumerate(boxes))
    points = list(zip(lon[:RTREE].tolist(), lat[:RTREE].tolist(), strict=True))

    def work() -> list[int]:
        found = []
        for x, y in points:
            near = tree.intersection((x, y, x, y))
            over = (n for n in near if shapely.intersects_xy(cells[n], x, y))
            found.append(min(over, default=-1))
        return found

    return Rival("a Python loop over rtree", len(points), work, lambda: np.array(work()))


@contextmanager
def in_duckdb(cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> Iterator[Rival]:
    """DuckDB with its spatial extension, which comes as a package and needs no network."""
    folder = Path(duckdb_extension_spatial.__file__).parent
    extension = next(folder.rglob("spatial.duckdb_extension"), None)
    lon, lat = lon[:DUCKDB], lat[:DUCKDB]
    rows = {"n": np.arange(len(lon)), "lon": lon, "lat": lat}
    areas = {"n": np.arange(len(cells)), "wkb": shapely.to_wkb(cells)}
    join = "points p JOIN cells c ON ST_Covers(c.geom, p.geom)"
    with duckdb.connect() as conn:
        try:
            conn.execute("SET enable_progress_bar = false")
            conn.execute(f"LOAD '{extension}'")
        except duckdb.Error as error:
            message = "DuckDB spatial: the package's extension cannot be loaded"
            raise AbsentError(message) from error
        conn.register("given_points", pa.table(rows))
        conn.register("given_cells", pa.table(areas))
        conn.execute(
            "CREATE TABLE points AS SELECT n, ST_Point(lon, lat) AS geom FROM given_points"
        )
        conn.execute(
            "CREATE TABLE cells AS SELECT n, ST_GeomFromWKB(wkb) AS geom FROM given_cells"
        )

        def answers() -> Answers:
            found = conn.execute(f"SELECT p.n AS p, c.n AS c FROM {join}").fetchnumpy()
            return smallest(len(lon), found["p"], found["c"])

        def work() -> object:
            return conn.execute(f"SELECT count(*), sum(c.n) FROM {join}").fetchall()

        yield Rival("DuckDB spatial, `ST_Covers` join, all cores", len(lon), work, answers)


@contextmanager
def in_postgis(cells: GeometryArray, lon: FloatArray, lat: FloatArray) -> Iterator[Rival]:
    """PostGIS in a cluster of its own, both tables indexed and analysed."""
    lon, lat = lon[:POSTGIS], lat[:POSTGIS]
    join = "points p JOIN cells c ON ST_Covers(c.geom, p.geom)"
    with passable_folder() as folder:
        cluster = Cluster(folder / "home")
        cluster.up()
        try:
            with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
                _fill(conn, cells, lon, lat)

                def answers() -> Answers:
                    rows = conn.execute(f"SELECT p.n, c.n FROM {join}").fetchall()
                    found = np.array(rows, dtype=np.int64).reshape(-1, 2)
                    return smallest(len(lon), found[:, 0], found[:, 1])

                def work() -> object:
                    return conn.execute(f"SELECT count(*), sum(c.n) FROM {join}").fetchall()

                yield Rival("PostGIS, `ST_Covers` join with GiST", len(lon), work, answers)
        finally:
            cluster.down()


def _fill(
    conn: psycopg.Connection, cells: GeometryArray, lon: FloatArray, lat: FloatArray
) -> None:
    conn.execute("CREATE EXTENSION postgis")
    conn.execute("CREATE TABLE cells (n int, geom geometry (Polygon, 4326))")
    conn.execute("CREATE TABLE points (n int, geom geometry (Point, 4326))")
    places = {"cells": cells, "points": shapely.points(lon, lat)}
    for name, geoms in places.items():
        written = shapely.to_wkb(shapely.set_srid(geoms, 4326), hex=True, include_srid=True)
        with conn.cursor().copy(f"COPY {name} FROM STDIN") as copy:
            for n, wkb in enumerate(written):
                copy.write_row((n, wkb))
        conn.execute(f"CREATE INDEX ON {name} USING gist (geom)")
    conn.execute("VACUUM ANALYZE cells")
    conn.execute("VACUUM ANALYZE points")


def smallest(n: int, point: NDArray[np.int64], cell: NDArray[np.int64]) -> Answers:
    """Of the cells that cover a point, take the first."""
    none = np.iinfo(np.int64).max
    first = np.full(n, none)
    np.minimum.at(first, point, cell)
    return np.where(first == none, -1, first)
