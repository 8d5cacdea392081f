"""A made-up city of a size that has to be waited for: 10,000 cells and 1,000,000 cases.

What the benchmarks of queries and pages run on. The borders are irregular (about 20 to 190
vertices a cell), shared exactly and nested street > community > cell; half-way through the
year a second edition splits some cells. Every row passes the constraints of the real tables;
of the history of a case only its first event is written, and its trace tells what a trace must
tell and no more. Nothing in it is real, and the same numbers come out every time.

``python -m tests.benchmarks.big_city postgresql://…`` fills an empty database.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.engine import Connection

from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.store.areas.areas import close_areas, open_areas
from gridmgmt.store.areas.editions import open_edition
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.upkeep import migrations
from tests.benchmarks.big_cells import CELL_M, SOUTH, draw_levels
from tests.folders import passable_folder

SEED = 20261122
DAYS = 365
UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
SPLIT_AT = UNTIL - timedelta(days=DAYS // 2)
CATEGORIES = 40
CHUNK = 50_000


@dataclass(frozen=True)
class BigCity:
    """What was made: how many cells the newest edition has, and how many cases there are."""

    url: str
    cells: int
    cases: int


@contextmanager
def lent_big_city(*, cells: int, cases: int) -> Iterator[tuple[str, Path]]:
    """Make the city in a cluster of its own; give its address and a folder, gone afterwards.

    The home of the cluster is ``home`` in the folder.
    """
    with passable_folder() as folder:
        cluster = Cluster(folder / "home")
        cluster.up()
        try:
            cluster.ensure_database("bench")
            url = cluster.url("bench")
            make_big_city(url, cells=cells, cases=cases)
            yield url, folder
        finally:
            cluster.down()


def make_big_city(url: str, *, cells: int = 10_000, cases: int = 1_000_000) -> BigCity:
    """Fill an empty database, bringing it to the newest migration first; this commits.

    Parameters
    ----------
    cells : a square number, since the city is one
    """
    side = round(cells**0.5)
    if side * side != cells or side < 2:
        message = f"{cells} cells make no square city"
        raise ValueError(message)
    migrations.upgrade(url)
    rng = np.random.default_rng(SEED)
    streets, communities, leaves = draw_levels(rng, side)
    engine = make_engine(url)
    with engine.begin() as conn:
        split = _publish(conn, streets, communities, leaves)
        squads = _answerable(conn, streets)
        _take_in(conn, rng, leaves, split, squads, cases)
    # Index-only scans want to know which pages everybody sees; a server finds out by itself
    # after a while.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM (ANALYZE) areas, cases, case_events")
    engine.dispose()
    return BigCity(url, cells, cases)


def _publish(
    conn: Connection, streets: LevelAreas, communities: LevelAreas, leaves: LevelAreas
) -> dict[str, str]:
    """Publish two editions; return the cells only the second has, and what they came from."""
    begin = UNTIL - timedelta(days=DAYS + 31)
    # The first two cells of every tenth community were one.
    pairs = [
        (n, n + 1)
        for n in range(0, len(leaves.codes) - 1, 250)
        if leaves.parent_codes[n] == leaves.parent_codes[n + 1]
    ]
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    earlier = leaves.geoms.copy()
    earlier[left] = [shapely.coverage_union_all(leaves.geoms[[a, b]]) for a, b in pairs]
    first = open_edition(conn, "2025", begin, 1.0, "benchmark")
    for level in (streets, communities):
        open_areas(conn, first, level)
    before = LevelAreas("cell", leaves.codes, leaves.names, leaves.parent_codes, earlier)
    open_areas(conn, first, _taken(before, np.setdiff1d(np.arange(len(earlier)), right)))
    second = open_edition(conn, "2026", SPLIT_AT, 1.0, "benchmark")
    close_areas(conn, second, [("cell", leaves.codes[n]) for n in left])
    open_areas(conn, second, _taken(leaves, np.array(sorted(left + right), dtype=np.int64)))
    return {str(leaves.codes[b]): str(leaves.codes[a]) for a, b in pairs}


def _taken(level: LevelAreas, rows: NDArray[np.int64]) -> LevelAreas:
    return LevelAreas(
        level.level,
        level.codes[rows],
        level.names[rows],
        level.parent_codes[rows],
        level.geoms[rows],
    )


def _answerable(conn: Connection, streets: LevelAreas) -> dict[str, str]:
    """Give each street a squad for everything and a chief; return the squads."""
    codes = [str(code) for code in streets.codes]
    squads = {code: f"SQ{n:03}" for n, code in enumerate(codes)}
    people = []
    duties = []
    for n, code in enumerate(codes):
        squad, chief = squads[code], f"CH{n:03}"
        people.append(Responder(squad, ResponderKind.SQUAD, f"示例{n}中队"))
        people.append(
            Responder(
                chief,
                ResponderKind.STREET_CHIEF,
                f"示例街长{n}",
                "00000000",
                None,
                "street",
                code,
            )
        )
        for who, role in ((squad, DutyRole.DISPOSE), (chief, DutyRole.OVERSEE)):
            letter = f"示责〔2025〕第{2 * n + 1:03}号"
            duties.append(
                Duty(
                    0,
                    who,
                    role,
                    DutyTarget.AREA,
                    "street",
                    code,
                    None,
                    None,
                    None,
                    None,
                    letter,
                )
            )
    put_responders(conn, people)
    add_duties(conn, duties)
    put_categories(conn, [Category(f"E{n:04}", f"示例小类{n}") for n in range(CATEGORIES)])
    return squads


def _take_in(
    conn: Connection,
    rng: np.random.Generator,
    leaves: LevelAreas,
    split: dict[str, str],
    squads: dict[str, str],
    cases: int,
) -> None:
    """Write cases in the order in which they were reported, most of them in few cells."""
    liking = rng.lognormal(0.0, 1.0, len(leaves.codes))
    where = rng.choice(len(leaves.codes), cases, p=liking / liking.sum())
    seconds = np.sort(rng.uniform(0, DAYS * 86_400, cases))
    middle = shapely.get_coordinates(shapely.centroid(leaves.geoms))
    m_lon, m_lat = metres_per_degree([SOUTH])
    apart = rng.uniform(-0.3 * CELL_M, 0.3 * CELL_M, (cases, 2)) / np.array(
        [m_lon[0], m_lat[0]]
    )
    lonlat = middle[where] + apart
    category = rng.zipf(1.6, cases) % CATEGORIES
    limit_h = rng.choice([2, 4, 12, 24, 72], cases)
    taken_h = limit_h * rng.lognormal(-0.4, 0.7, cases)
    # A case in sixteen has no deadline, one in twelve is never disposed of.
    is_due, is_done = rng.random(cases) > 1 / 16, rng.random(cases) > 1 / 12
    start = UNTIL - timedelta(days=DAYS)
    conn.exec_driver_sql(_GIVEN)
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    columns = (seconds, lonlat[:, 0], lonlat[:, 1], category, limit_h, taken_h, is_due, is_done)
    with driver.cursor().copy("COPY given FROM STDIN") as copy:
        for begin in range(0, cases, CHUNK):
            rows = zip(*(c[begin : begin + CHUNK].tolist() for c in columns), strict=True)
            codes = leaves.codes[where[begin : begin + CHUNK]]
            copy.write(
                "".join(
                    f"{begin + n}\t{code}\t{s:.0f}\t{x:.7f}\t{y:.7f}\tE{k:04}\t{h}\t{t:.3f}\t"
                    f"{'t' if due else 'f'}\t{'t' if done else 'f'}\n"
                    for n, (code, (s, x, y, k, h, t, due, done)) in enumerate(
                        zip(codes, rows, strict=True)
                    )
                )
            )
    asked = {
        "start": start,
        "split_at": SPLIT_AT,
        "until": UNTIL,
        "new_codes": list(split),
        "old_codes": list(split.values()),
        "streets": list(squads),
        "squads": list(squads.values()),
    }
    conn.execute(sa.text(_CASES), asked)
    conn.execute(sa.text(_EVENTS))
    conn.exec_driver_sql("DROP TABLE given")


_GIVEN = """
CREATE TEMPORARY TABLE given (
  n integer, cell text COLLATE "C", seconds integer, lon double precision, lat double precision,
  category text COLLATE "C", limit_h integer, taken_h double precision, is_due boolean,
  is_done boolean)"""

_CASES = """
INSERT INTO cases (case_no, category, reported_at, due_at, disposed_at, closed_at, channel,
  given_x, given_y, given_crs, geom, edition, level, area_code, candidates, on_boundary,
  snapped, distance_m, responder_code, status, trace, last_seq)
SELECT
  'BIG-' || lpad(CAST(g.n AS text), 7, '0'), g.category, g.at,
  CASE WHEN g.is_due THEN g.at + g.limit_h * interval '1 hour' END,
  g.done, CASE WHEN g.n % 9 > 0 THEN g.done + interval '3 hours' END,
  'hotline', g.lon, g.lat, 'EPSG:4326', ST_SetSRID(ST_MakePoint(g.lon, g.lat), 4326),
  g.edition, 'cell', g.code, ARRAY[g.code], false, false, 0, g.squad,
  CASE WHEN g.done IS NULL THEN 'dispatched' WHEN g.n % 9 > 0 THEN 'closed'
    ELSE 'disposed' END,
  jsonb_build_object(
    'program', 'benchmark', 'given', jsonb_build_object('x', g.lon, 'y', g.lat, 'crs',
      'EPSG:4326'), 'lon', g.lon, 'lat', g.lat, 'category', g.category, 'reported_at', g.at,
    'edition', g.edition, 'level', 'cell', 'area', g.code, 'unlocated', NULL, 'on_boundary',
    false, 'snapped', false, 'distance_m', 0, 'border_m', 10, 'candidates',
    jsonb_build_array(jsonb_build_array(g.code, 0)), 'settings',
    jsonb_build_object('candidate_m', 1, 'snap_m', 30), 'place', jsonb_build_object('areas',
      jsonb_build_array(jsonb_build_array('cell', g.code)), 'zones', none, 'road_segments',
      none),
    'decision', jsonb_build_object('responder', g.squad, 'reason', NULL, 'rule', 'area:street',
      'fallback', NULL, 'duty_ids', none, 'overseers', none, 'assistants', none, 'owners', none,
      'considered', none)),
  1
FROM (
  SELECT
    given.*, at.at,
    CASE WHEN at.at < :split_at THEN 1 ELSE 2 END AS edition,
    CASE WHEN at.at < :split_at THEN coalesce(was.old, given.cell) ELSE given.cell END AS code,
    CASE WHEN given.is_done AND at.at + given.taken_h * interval '1 hour' < :until
      THEN at.at + given.taken_h * interval '1 hour' END AS done,
    squads.squad
  FROM given
  CROSS JOIN LATERAL (
    SELECT CAST(:start AS timestamptz) + given.seconds * interval '1 second' AS at
  ) AS at
  LEFT JOIN unnest(CAST(:new_codes AS text[]), CAST(:old_codes AS text[])) AS was (new, old)
    ON was.new = given.cell
  JOIN unnest(CAST(:streets AS text[]), CAST(:squads AS text[])) AS squads (street, squad)
    ON squads.street = left(given.cell, 9)
) AS g
CROSS JOIN jsonb_build_array() AS none
ORDER BY g.n"""

_EVENTS = """
INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)
SELECT case_no, 1, 'reported', reported_at, 'benchmark',
  jsonb_build_object('area', area_code, 'level', level, 'edition', edition,
    'responder', responder_code)
FROM cases"""


if __name__ == "__main__":
    made = make_big_city(sys.argv[1])
    sys.stdout.write(f"{made.cells:,} cells and {made.cases:,} cases\n")
