"""A drawn city in which everything meets that may be said about who answers for a case.

Positions are (column, row) in steps of 0.01 degrees, about 960 m by 1,108 m, from the
south-west corner; rows run north.

    row 1  +---------+---------+---------+---------+
           | A3 | A4 | B3 | B4 |   C1    |   D1    |   B4 has a lake of 100 m in it, C1 a hole
           |----+----|----+----|  (D2)   |  RX|RY  |   of 200 m in which D2 lies, an exclave
           | A1 | A2 | B1 | B2 |         |         |   of street D; RX and RY meet in D1
    row 0  +---------+---------+---------+---------+
           0         1         2         3         4

In June A1 and A2 become A5.
"""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import (
    Group,
    GroupKind,
    GroupMember,
    RoadSegment,
    Zone,
    ZoneKind,
)
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.record_imports.shaped_records import multiline, multipolygon
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.responsibility.road_segments import put_road_segments
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import SOUTH, STEP, WEST, make_edition, make_level, square, two_streets
from tests.services.answering import objects

MERGED_FROM = datetime(2026, 5, 31, 16, tzinfo=UTC)  # 1 June in Shanghai


def at(column: float, row: float) -> tuple[float, float]:
    """The position, on the grid on which borders are stored."""
    lon, lat = np.rint(np.array([WEST + column * STEP, SOUTH + row * STEP]) * 1e8) / 1e8
    return float(lon), float(lat)


def draw(conn: Connection) -> None:
    """Publish both editions, and store who answers for what in them."""
    make_edition(conn, _levels())
    make_edition(conn, _levels(merged=True), effective_from=MERGED_FROM)
    _staff(conn)
    _places(conn)
    add_duties(conn, _duties())


def _levels(*, merged: bool = False) -> dict[str, LevelAreas]:
    plain = two_streets()
    lake, hole = square(1.75, 0.75, 0.1, 0.1), square(2.4, 0.4, 0.2, 0.2)
    shapes = dict(zip(plain["cell"].codes, plain["cell"].geoms, strict=True))
    shapes["B4"] = shapely.difference(shapes["B4"], lake)
    shapes["C1"] = shapely.difference(square(2, 0), hole)
    shapes |= {"D1": square(3, 0), "D2": hole}
    if merged:
        shapes["A5"] = shapely.union(shapes.pop("A1"), shapes.pop("A2"))
    streets = {
        "A": square(0, 0),
        "B": shapely.difference(square(1, 0), lake),
        "C": shapes["C1"],
        "D": shapely.union(square(3, 0), hole),
    }
    return {
        "district": make_level("district", {"Q": square(0, 0, 4, 1)}),
        "street": make_level("street", streets, parents=dict.fromkeys(streets, "Q")),
        "cell": make_level("cell", shapes, parents={code: code[0] for code in shapes}),
    }


def _staff(conn: Connection) -> None:
    squads = ["SA", "SB", "SC", "SD", "cell", "road", "night", "vendors", "quarter", "holiday"]
    squads += ["corner-x", "corner-y", "beat", "old", "new", "letter-1", "letter-2"]
    chief, office = ResponderKind.STREET_CHIEF, ResponderKind.STREET_OFFICE
    put_responders(
        conn,
        [
            *(Responder(code, ResponderKind.SQUAD, code) for code in squads),
            Responder("head", chief, "总街长"),
            Responder("chief-B", chief, "街长", None, "head", "street", "B"),
            Responder("head-river", chief, "总河长"),
            Responder("river", chief, "河长", None, "head-river"),
            Responder("office-D", office, "D街道办", None, None, "street", "D"),
            Responder("department", ResponderKind.DEPARTMENT, "园林局"),
            Responder("centre", ResponderKind.DISTRICT_CENTRE, "指挥中心"),
        ],
    )
    names = {"E1": "占道", "E2": "绿化", "E3": "水面"}
    put_categories(conn, [Category(code, name) for code, name in names.items()])


def _places(conn: Connection) -> None:
    put_zones(
        conn,
        [
            Zone("vendors", ZoneKind.CAMPUS, "市场"),
            Zone("quarter", ZoneKind.DEMOLITION, "拆迁片区"),
            Zone("river", ZoneKind.RIVER, "河段"),
        ],
        objects(
            multipolygon(square(1.55, 0.1, 0.2, 0.2)),
            multipolygon(square(1.65, 0.1, 0.2, 0.2)),
            multipolygon(square(1.1, 0.6, 0.3, 0.3)),
        ),
    )
    lines = {
        "on-border": [at(1, 0.2), at(1, 0.8)],
        "corner-x": [at(3.5, 0.5), at(3.5, 0.9)],
        "corner-y": [at(3.5, 0.5), at(3.9, 0.5)],
    }
    put_road_segments(
        conn,
        [RoadSegment(code, code, 20.0) for code in lines],
        objects(*(multiline(shapely.LineString(points)) for points in lines.values())),
    )
    put_groups(conn, [Group("beat", GroupKind.BEAT, "一号责任网格")])
    put_members(conn, [GroupMember("beat", "cell", "B2")])


def _duty(
    responder: str,
    on: tuple[DutyTarget, str | None, str],
    only: str | None = None,
    role: DutyRole = DutyRole.DISPOSE,
    **more: Any,
) -> Duty:
    named = None if only is None else frozenset([only])
    return Duty(0, responder, role, *on, named, **more)


def _area(level: str, code: str) -> tuple[DutyTarget, str | None, str]:
    return DutyTarget.AREA, level, code


def _duties() -> list[Duty]:
    may = date(2026, 5, 4)
    return [
        _duty("SA", _area("street", "A")),
        _duty("SB", _area("street", "B")),
        _duty("SC", _area("street", "C"), "E1"),
        _duty("SD", _area("street", "D"), "E1"),
        _duty("chief-B", _area("street", "B"), role=DutyRole.OVERSEE),
        _duty("department", _area("district", "Q"), "E2"),
        _duty("cell", _area("cell", "A1")),
        _duty("letter-1", _area("cell", "A2"), valid_to=date(2026, 5, 3), letter_no="2025-1"),
        _duty("letter-2", _area("cell", "A2"), "E1", valid_from=may, letter_no="2026-1"),
        _duty("old", _area("cell", "A3"), valid_to=date(2026, 2, 28), letter_no="2025-3"),
        _duty("night", _area("cell", "A4"), hours="22:00-06:00"),
        _duty("holiday", _area("cell", "D1"), "E1", hours="Oct 01-07 09:00-21:00"),
        _duty("beat", (DutyTarget.GROUP, None, "beat")),
        _duty("road", (DutyTarget.ROAD_SEGMENT, None, "on-border")),
        _duty("corner-x", (DutyTarget.ROAD_SEGMENT, None, "corner-x")),
        _duty("corner-y", (DutyTarget.ROAD_SEGMENT, None, "corner-y")),
        _duty("vendors", (DutyTarget.ZONE, None, "vendors")),
        _duty("quarter", (DutyTarget.ZONE, None, "quarter"), "E2"),
        _duty("quarter", (DutyTarget.ZONE, None, "quarter")),
        _duty("river", (DutyTarget.ZONE, None, "river"), "E3"),
        _duty("river", (DutyTarget.ZONE, None, "river"), role=DutyRole.OVERSEE),
    ]
