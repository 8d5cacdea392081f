"""The small city of ``answering`` under two editions, with cases all over it, for the map."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import shapely
from shapely import affinity
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.demolition import Demolition, DemolitionMode
from gridmgmt.geometry.measure import area_m2
from gridmgmt.store.responsibility.demolitions import put_demolitions
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import SHANGHAI, case_file, give_duties, row, take_in

# The second edition splits cell A1 in two; the case of FIRST_OF_MARCH is judged by it.
SPLIT_AT = datetime(2026, 2, 1, tzinfo=UTC)
AS_OF = datetime(2026, 3, 10, 4, tzinfo=UTC)
ALL = Period(date(2026, 1, 1), date(2026, 3, 31), SHANGHAI)
FEBRUARY = Period(date(2026, 2, 1), date(2026, 2, 28), SHANGHAI)
SITE = shapely.box(120.1520, 30.2520, 120.1524, 30.2524)


def make_map_city(conn: Connection, folder: Path, *, cases: int = 240, seed: int = 7) -> None:
    """Publish two editions and take in cases of three months, some of them nowhere."""
    make_city(conn)
    give_duties(conn)
    second = two_streets()
    cells = dict(zip(second["cell"].codes, second["cell"].geoms, strict=True))
    cells["A1"], cells["A5"] = square(0, 0, 0.25, 0.5), square(0.25, 0, 0.25, 0.5)
    second["cell"] = make_level("cell", cells, parents={code: code[0] for code in cells})
    make_edition(conn, second, effective_from=SPLIT_AT)
    chance = random.Random(seed)
    rows = [_case(chance, n) for n in range(cases)]
    report = take_in(conn, case_file(folder, rows, "map.csv"))
    assert (report.new, report.rejected) == (cases, []), report.sentences()
    _demolish(conn)


def _case(chance: random.Random, n: int) -> dict[str, str]:
    # A strip north of the city and one east of it belong to nobody.
    at = chance.uniform(120.15, 120.172), chance.uniform(30.25, 30.261)
    reported = datetime(2026, 1, 1, tzinfo=SHANGHAI) + timedelta(
        minutes=chance.randrange(90 * 1440)
    )
    other = {"category": chance.choice(["E1", "E1", "E2"])}
    if chance.random() < 0.8:
        other["due_at"] = _text(reported + timedelta(hours=chance.randrange(1, 80)))
    if chance.random() < 0.7:
        disposed = reported + timedelta(hours=chance.randrange(1, 80))
        if chance.random() < 0.8:
            other["disposed_at"] = _text(disposed)
        if chance.random() < 0.7:
            other["closed_at"] = _text(disposed + timedelta(hours=1))
    place = None if chance.random() < 0.03 else at
    return row(f"M{n:04}", place, reported_at=_text(reported), **other)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _demolish(conn: Connection) -> None:
    """A structure taken down in February in A1, one that stands in B1, a point of April."""
    size = float(area_m2([SITE])[0])
    stated = [
        Demolition("D1", "棚屋", "甲路", DemolitionMode.SELF, date(2026, 2, 10), 90.0, size),
        Demolition("D2", "雨棚", None, None, None, None, size),
        Demolition("D3", None, None, DemolitionMode.FORCED, date(2026, 4, 2), 12.0, None),
    ]
    there = affinity.translate(SITE, 0.01)
    put_demolitions(
        conn,
        stated,
        objects(
            [
                shapely.MultiPolygon([SITE]),
                shapely.MultiPolygon([there]),
                shapely.Point(120.1531, 30.2531),
            ]
        ),
    )
