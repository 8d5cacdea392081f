from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely

from gridmgmt.domain.areas.surroundings import (
    GroupMember,
    RoadSegment,
    Surroundings,
    Zone,
    ZoneKind,
)
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.moments import as_utc64
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.services.judging.location_batch import CategoryColumn
from gridmgmt.services.judging.router import Router
from gridmgmt.services.record_imports.shaped_records import multiline, multipolygon
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import put_components
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.road_segments import put_road_segments
from gridmgmt.store.responsibility.zones import put_zones
from tests.factories import SOUTH, STEP, WEST, square
from tests.services.answering import make_city, objects
from tests.services.router_city import draw as draw_city

TZ = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def at(column, row):
    """Positions in steps of 0.01 degrees from the south-west corner of the city."""
    return np.array([WEST + column * STEP]), np.array([SOUTH + row * STEP])


def roads(conn, **lines):
    segments = [RoadSegment(code, code, metres) for code, (metres, _) in lines.items()]
    shapes = [multiline(shapely.LineString(points)) for _, points in lines.values()]
    put_road_segments(conn, segments, objects(*shapes))


def east_west(row):
    return [(WEST, SOUTH + row * STEP), (WEST + 2 * STEP, SOUTH + row * STEP)]


def duty(responder, target, level, code, **more):
    return Duty(0, responder, DutyRole.DISPOSE, target, level, code, None, **more)


def places_at(router, lon, lat, codes):
    return router.surroundings_batch(lon, lat, router.cells_of(codes)).each()


def one_by_one(router, places, categories, reported_at, known, *, valid_on=None):
    """Decide as a batch is decided, by the duty book alone."""
    return [
        router.book.decide(
            surroundings,
            category,
            at.astimezone(TZ),
            category_known=category in known,
            valid_on=valid_on,
        )
        for surroundings, category, at in zip(places, categories, reported_at, strict=True)
    ]


def test_a_place_names_its_areas_from_the_deepest_up(conn):
    router = Router.load(conn, make_city(conn), tz=TZ)
    lon, lat = np.full(2, WEST), np.full(2, SOUTH)
    places = places_at(router, lon, lat, objects("A1", None))
    assert places == [Surroundings((("cell", "A1"), ("street", "A"))), None]


def test_a_zone_covers_its_boundary_too(conn):
    number = make_city(conn)
    put_zones(
        conn,
        [Zone("Z1", ZoneKind.VENDOR, "夜市"), Zone("Z2", ZoneKind.RIVER, "河")],
        objects(multipolygon(square(0, 0, 0.5)), multipolygon(square(0.25, 0, 0.5))),
    )
    router = Router.load(conn, number, tz=TZ)
    zones = [
        places_at(router, *at(x, 0.5), objects("A1"))[0].zones for x in (0.1, 0.25, 0.75, 1)
    ]
    assert zones == [("Z1",), ("Z1", "Z2"), ("Z2",), ()]


def test_road_segments_come_nearest_first_within_their_own_tolerance(conn):
    number = make_city(conn)
    # One step of 0.01 degrees of latitude is about 1,108.5 metres here.
    roads(
        conn,
        near=(50.0, east_west(0.51)),
        wide=(200.0, east_west(0.60)),
        narrow=(5.0, east_west(0.52)),
    )
    router = Router.load(conn, number, tz=TZ)
    (surroundings,) = places_at(router, *at(0.5, 0.5), objects("A1"))
    assert [code for code, _ in surroundings.road_segments] == ["near", "wide"]
    assert surroundings.road_segments[0][1] == pytest.approx(11.085, abs=0.01)


def test_the_tolerance_is_inclusive_and_in_whole_millimetres(conn):
    number = make_city(conn)
    where = (*at(0.5, 0.5), objects("A1"))
    roads(conn, r=(99.0, east_west(0.51)))
    ((_, metres),) = places_at(Router.load(conn, number, tz=TZ), *where)[0].road_segments
    assert metres == round(metres, 3)
    roads(conn, r=(metres, east_west(0.51)), s=(metres - 0.001, east_west(0.51)))
    (surroundings,) = places_at(Router.load(conn, number, tz=TZ), *where)
    assert surroundings.road_segments == (("r", metres),)


def test_of_two_segments_at_the_same_distance_the_smaller_code_is_the_nearest(conn):
    number = make_city(conn)
    roads(conn, b=(50.0, east_west(0.5)), a=(50.0, east_west(0.5)))
    add_duties(
        conn,
        [
            duty("S2", DutyTarget.ROAD_SEGMENT, None, "b"),
            duty("S1", DutyTarget.ROAD_SEGMENT, None, "a"),
        ],
    )
    router = Router.load(conn, number, tz=TZ)
    places = places_at(router, *at(0.5, 0.5), objects("A1"))
    assert places[0].road_segments == (("a", 0.0), ("b", 0.0))
    (decision,) = one_by_one(router, places, ["E1"], [NOON], {"E1"})
    assert (decision.responder, decision.rule) == ("S1", "road_segment")


def test_hours_and_days_are_judged_on_the_clock_of_the_bureau(conn):
    number = make_city(conn)
    night = duty("S1", DutyTarget.AREA, "cell", "A1", hours="22:00-06:00")
    add_duties(conn, [night, duty("S2", DutyTarget.AREA, "street", "A")])
    router = Router.load(conn, number, tz=TZ)
    places = places_at(router, *at(0.1, 0.1), objects("A1")) * 2
    # 15:00 and 13:00 in UTC are 23:00 and 21:00 in Shanghai.
    times = [datetime(2026, 5, 4, hour, tzinfo=UTC) for hour in (15, 13)]
    decisions = one_by_one(router, places, ["E1", "E1"], times, {"E1"})
    assert [decision.responder for decision in decisions] == ["S1", "S2"]


def test_a_case_without_a_place_is_unlocated_and_an_unmapped_category_is_seen_by_all(conn):
    number = make_city(conn)
    named = Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", frozenset(["E1"]))
    add_duties(conn, [named])
    router = Router.load(conn, number, tz=TZ)
    (surroundings,) = places_at(router, *at(0.1, 0.1), objects("A1"))
    decisions = one_by_one(
        router, [None, surroundings, surroundings], ["E1", "E1", "X9"], [NOON] * 3, {"E1"}
    )
    assert decisions[0] == Decision(None, UnroutedReason.UNLOCATED)
    assert [one.responder for one in decisions[1:]] == ["S1", "OA"]


def test_of_sixty_thousand_cases_no_decision_is_made_twice():
    rng = np.random.default_rng(7)
    cells = [f"c{i:04}" for i in range(1300)]
    chain_of = {
        code: (("cell", code), ("community", f"k{i % 26}"), ("street", f"s{i % 3}"))
        for i, code in enumerate(cells)
    }
    staff = [Responder(f"g{i}", ResponderKind.GRID_MEMBER, "网格员") for i in range(193)]
    hours = [None, "06:00-22:00", "22:00-06:00", "Mo-Fr 08:00-18:00"]
    duties = [
        Duty(
            i, f"g{i % 193}", DutyRole.ASSIST, DutyTarget.AREA, "cell", code, None, hours[i % 4]
        )
        for i, code in enumerate(cells)
    ]
    duties += [
        Duty(5000 + i, f"g{i}", DutyRole.DISPOSE, DutyTarget.AREA, "street", f"s{i % 3}",
             frozenset([f"E{i}"]))
        for i in range(100)
    ]  # fmt: skip
    members = [GroupMember(f"b{i % 40}", "cell", code) for i, code in enumerate(cells)]
    none = objects()
    router = Router(
        DutyBook(duties, staff, members), chain_of, ([], none), ([], np.empty(0), none), TZ
    )
    n = 60_000
    codes = objects(*rng.choice(cells[:60], n))
    places = places_at(router, np.full(n, WEST), np.full(n, SOUTH), codes)
    categories = [f"E{i}" for i in rng.integers(0, 10, n)]
    times = [NOON + timedelta(minutes=int(m)) for m in rng.integers(0, 500_000, n)]
    decisions = one_by_one(router, places, categories, times, frozenset(categories))
    assert sum(decision.responder is not None for decision in decisions) > 0
    # Cases that see the same duties at open hours share one decision: none is made twice.
    seen = {
        (
            code,
            category,
            tuple(parse_hours(text).open_at(at.astimezone(TZ)) for text in hours[1:]),
        )
        for code, category, at in zip(codes, categories, times, strict=True)
    }
    assert len({id(decision) for decision in decisions}) <= len(seen)


def test_a_batch_is_routed_as_its_cases_are_one_by_one(conn):
    draw_city(conn)
    put_components(
        conn,
        [Component("X1", "0101", owner_code="SA"), Component("X2", "0101", owner_code="SB")],
        objects(*(shapely.Point(WEST + x * STEP, SOUTH + 0.2 * STEP) for x in (0.2, 0.201))),
    )
    put_categories(conn, [Category("E4", "井盖", class_code="0101")])
    router = Router.load(conn, 1, tz=TZ)
    rng = np.random.default_rng(4)
    n = 2_000
    # Half of them where much meets: borders, zones, roads, components.
    column, row = rng.uniform(0, 4, n), rng.uniform(0, 1, n)
    column[: n // 2] = np.round(column[: n // 2] * 20) / 20 + rng.choice([0, 0.001], n // 2)
    row[: n // 2] = np.round(row[: n // 2] * 20) / 20
    column[:100] = row[:100] = 0.2
    lon, lat = WEST + column * STEP, SOUTH + row * STEP
    cell = rng.integers(-1, len(router.cells), n)
    categories = rng.choice(["E1", "E2", "E3", "E4", "X9"], n).tolist()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    reported = [start + timedelta(minutes=int(m)) for m in rng.integers(0, 525_600, n)]
    known = {"E1", "E2", "E3", "E4"}
    column_of = CategoryColumn.from_codes(categories, known)
    apart_m = rng.choice([0.0, 30.0], n)
    batch = router.surroundings_batch(lon, lat, cell, column_of, apart_m=apart_m)
    places = batch.each()
    for today in (None, date(2026, 5, 4)):
        routed = router.route_batch(batch, column_of, as_utc64(reported), valid_on=today)
        alone = one_by_one(router, places, categories, reported, known, valid_on=today)
        assert routed.each() == alone
    rules = {"component", "zone", "road_segment", "group", "area:cell"}
    assert {one.rule for one in alone} >= rules
    located = np.flatnonzero(cell >= 0)
    assert [places[i] for i in located] == batch.at(located)
    assert {places[i] for i in np.flatnonzero(cell < 0)} == {None}
    codes = [None if c < 0 else router.cells[c] for c in cell]
    assert router.cells_of(codes).tolist() == cell.tolist()
