"""The main job on the synthetic city: locating, checking, importing."""

from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.locating.locate import build_locator, locate
from gridmgmt.sample import files
from gridmgmt.sample.plan import FULL
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.engine import transaction
from tests.benchmarks.measuring import Line, in_turn, table
from tests.benchmarks.sample import sample_city

POINTS = 300_000
SEED = 20261121


def locating(engine: Engine) -> list[Line]:
    """Put random points into the city's cells, beside GeoPandas and PostGIS."""
    with transaction(engine, commit=False) as conn:
        cells = areas_in(conn, 1, "cell")["cell"]
    rng = np.random.default_rng(SEED)
    west, south, east, north = shapely.total_bounds(cells.geoms)
    lon, lat = rng.uniform(west, east, POINTS), rng.uniform(south, north, POINTS)
    index = build_locator(list(cells.codes), list(cells.geoms))
    frame = geopandas.GeoDataFrame({"code": cells.codes}, geometry=list(cells.geoms))
    points = geopandas.GeoDataFrame(geometry=shapely.points(lon, lat))

    def ours() -> object:
        return locate(index, lon, lat)

    def joined() -> object:
        return geopandas.sjoin(points, frame, predicate="intersects", how="left")

    found = joined()
    assert isinstance(found, geopandas.GeoDataFrame)
    first = found.sort_values("code").groupby(level=0)["code"].first().sort_index()
    answer = locate(index, lon, lat, snap_m=0).cell
    codes = np.where(answer < 0, "", index.codes[answer])
    assert (first.fillna("").to_numpy(dtype=object) == codes).all(), "answers differ"
    what = (
        f"locate {POINTS:,} points in {len(cells.codes):,} cells, with candidates and snapping"
    )
    return [in_turn(what, "geopandas.sjoin, the covering cells only", ours, joined)]


def importing(engine: Engine, folder: Path) -> list[Line]:
    """Import the city's cases, beside a bare COPY of the very same finished rows."""
    asked = CaseImport(folder / files.CASES, "bench", JudgingRules(ZoneInfo("Asia/Shanghai")))
    with transaction(engine, commit=False) as conn:
        import_cases(conn, asked)
        copied = {table: _copy_out(conn, table) for table in ("cases", "case_events")}

    def ours() -> None:
        with transaction(engine, commit=False) as conn:
            import_cases(conn, asked)

    def bare() -> None:
        with transaction(engine, commit=False) as conn:
            conn.execute(sa.text(_CATEGORIES))
            for table, data in copied.items():
                _copy_in(conn, table, data)
            conn.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))

    what = f"case import: read, check, locate, route and store {FULL.cases:,} cases with events"
    return [in_turn(what, "COPY of the same finished rows, same constraints", ours, bare, 3)]


# The categories that only came in with cases, which a rolled-back import took away again.
_CATEGORIES = """
    INSERT INTO categories (code, name, mapped)
    SELECT code, code, false FROM unnest(ARRAY['20110', 'C0188-1', 'E0999-1']) AS new (code)
    ON CONFLICT DO NOTHING"""


def _copy_out(conn: Connection, table: str) -> bytes:
    cursor = conn.connection.cursor()
    with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
        return b"".join(bytes(part) for part in copy)


def _copy_in(conn: Connection, table: str, data: bytes) -> None:
    cursor = conn.connection.cursor()
    with cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy:
        copy.write(data)


def checking(engine: Engine) -> list[Line]:
    """Check the whole city's areas, beside GEOS's own check of the cells alone."""
    with transaction(engine, commit=False) as conn:
        levels = areas_in(conn, 1)
    cells = levels["cell"].geoms
    assert check_coverage(list(levels.values())) == []
    return [
        in_turn(
            f"check four levels ({sum(len(one.codes) for one in levels.values()):,} areas)",
            "shapely.coverage_is_valid of the cells alone",
            lambda: check_coverage(list(levels.values())),
            lambda: shapely.coverage_is_valid(cells),
        )
    ]


def measure() -> str:
    """Measure the main job on the synthetic city."""
    with sample_city() as city:
        lines = [
            *locating(city.engine),
            *checking(city.engine),
            *importing(city.engine, city.folder),
        ]
    return f"On the synthetic city of `gridmgmt demo` (seeded).\n\n{table(lines)}"
