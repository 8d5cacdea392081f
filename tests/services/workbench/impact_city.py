"""A drawn city with cases of every kind, and its impact by judging everything again."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.surroundings import (
    Group,
    GroupKind,
    GroupMember,
    RoadSegment,
    Zone,
    ZoneKind,
)
from gridmgmt.domain.auditing.leaf_answers import LeafAnswering, RoleHolder, answerers
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.domain.responsibility.demolition import Demolition
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.geometry.measure import area_m2, length_m
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.draft_records.publication import DraftPublication
from gridmgmt.services.drafts.drafts import state_of
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.router_cache import router_for
from gridmgmt.services.judging.traces import to_judge
from gridmgmt.services.record_imports.shaped_records import multiline, multipolygon
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.services.workbench import editing
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.services.workbench.impact_result import Impact
from gridmgmt.store.areas.areas import areas_in, chains, leaf_level
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.components import list_components, put_components
from gridmgmt.store.responsibility.demolitions import list_demolitions, put_demolitions
from gridmgmt.store.responsibility.duties import add_duties, list_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.road_segments import list_road_segments, put_road_segments
from gridmgmt.store.responsibility.zones import list_zones, put_zones
from gridmgmt.store.schema import cases
from tests.factories import SOUTH, STEP, WEST, make_edition, square
from tests.services.answering import make_city, objects
from tests.services.case_city import NOW, SHANGHAI, case_file, give_duties, row, take_in
from tests.services.judging.test_case_leaves import Bureau, city_of
from tests.services.statistics.asking import stir

RULES = JudgingRules(SHANGHAI)
ASKED = ImpactAsked(RULES, NOW)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)

# A person decided about some; positions are certain, uncertain and hopeless.
STATES = """
UPDATE cases SET status = CASE WHEN closed_at IS NOT NULL THEN 'closed'
  WHEN disposed_at IS NOT NULL THEN 'disposed'
  WHEN responder_code IS NULL THEN 'triage' ELSE 'dispatched' END
"""
ACCURACIES = [None, None, None, 4.0, 25.0, 80.0, 300.0, 2_500.0]


def at(column: float, row_: float) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row_ * STEP


def fill(conn: Connection, folder: Path, chance: random.Random, count: int = 300) -> None:
    """Two editions, duties of every kind, and cases everywhere."""
    make_city(conn)
    give_duties(conn)
    give_places(conn)
    make_edition(conn, city_of(chance), effective_from=MARCH)
    bureau = Bureau(conn, folder, chance)
    rows = [
        row(
            f"C{n:04}",
            bureau.position() if chance.random() < 0.97 else None,
            reported_at=f"{bureau.moment():%Y-%m-%d %H:%M}",
            category=chance.choice(["E1", "E2", "X9"]),
        )
        for n in range(count)
    ]
    take_in(conn, case_file(folder, rows))
    stir(conn, chance)
    conn.execute(sa.text(STATES))
    for case in list_cases(conn, CaseFilter(), limit=10_000):
        number = case.given.case_no
        mine = cases.update().where(cases.c.case_no == number)
        conn.execute(mine.values(accuracy_m=chance.choice(ACCURACIES)))
        if chance.random() < 0.1:
            decided = chance.choice([ASSIGNED, BOUNCED, "placed"])
            told = sa.func.jsonb_build_object(decided, sa.func.jsonb_build_object("by", "li"))
            conn.execute(mine.values(trace=cases.c.trace.op("||")(told)))


def give_places(conn: Connection) -> None:
    """Zones, a road segment, a group, components and structures, and duties on them."""
    put_zones(
        conn,
        [Zone("market", ZoneKind.CAMPUS, "市场"), Zone("river", ZoneKind.RIVER, "河段")],
        objects(
            multipolygon(square(0.55, 0.1, 0.7, 0.2)), multipolygon(square(1.1, 0.6, 0.3, 0.3))
        ),
    )
    lines = {"R1": [at(0.1, 0.45), at(1.9, 0.55)], "R2": [at(0.9, 0.05), at(1.1, 0.95)]}
    put_road_segments(
        conn,
        [RoadSegment(code, code, 20.0) for code in lines],
        objects(*(multiline(shapely.LineString(points)) for points in lines.values())),
    )
    put_groups(conn, [Group("beat", GroupKind.BEAT, "一号责任网格")])
    put_members(conn, [GroupMember("beat", "cell", "B2")])
    spots = [at(0.05 + 0.1 * n, 0.07 + 0.31 * n % 1) for n in range(19)]
    points = objects(*map(shapely.Point, spots))
    put_components(conn, [Component(f"K{n:02}", "0101") for n in range(19)], points)
    structures = [Demolition(f"D{n}", f"违建{n}") for n in range(19)]
    put_demolitions(conn, structures, points)

    def duty(who: str, on: tuple[DutyTarget, str | None, str], **more: Any) -> Duty:
        role = more.pop("role", DutyRole.DISPOSE)
        return Duty(0, who, role, *on, more.pop("categories", None), **more)

    add_duties(
        conn,
        [
            duty("S2", (DutyTarget.ZONE, None, "market"), hours="08:00-18:00"),
            duty("S1", (DutyTarget.ROAD_SEGMENT, None, "R2")),
            duty("S2", (DutyTarget.GROUP, None, "beat"), categories=frozenset({"E2"})),
            duty("S1", (DutyTarget.AREA, "cell", "A2"), hours="22:00-06:00"),
            duty("H", (DutyTarget.AREA, "street", "B"), role=DutyRole.OVERSEE),
            duty("OA", (DutyTarget.AREA, "cell", "B1"), role=DutyRole.ASSIST),
        ],
    )


def change_rows(conn: Connection, label: str, chance: random.Random) -> None:
    """Change some duties, zones, groups and road segments in a draft."""
    standing = [one for one in list_duties(conn) if one.valid_to is None]
    ended = chance.sample(standing, k=chance.randint(0, min(2, len(standing))))
    some: list[editing.AnyOperation] = [rows.EndDuty(one.id) for one in ended]
    draft = get_draft(conn, label)
    cells = state_of(conn, draft.base_edition, read_changes(conn, draft.id))["cell"].codes
    places = [
        ("zone", "market"),
        ("group", "beat"),
        ("road_segment", "R1"),
        *(("area", str(code)) for code in chance.sample(sorted(cells), k=min(3, len(cells)))),
    ]
    for target, code in chance.sample(places, k=chance.randint(1, 3)):
        more = {"level": "cell"} if target == "area" else {}
        who, about = chance.choice(["S1", "S2"]), chance.choice(["*", "E1", "E2"])
        role = chance.choice(["dispose", "dispose", "oversee"])
        letter = f"L{code}"
        some.append(rows.SetDuty(who, role, target, code, about, letter_no=letter, **more))
    if chance.random() < 0.5:
        drawn = square(chance.random(), chance.random(), 0.6, 0.4)
        some.append(rows.SetZone("market", geometry=mapping(drawn)))
    if chance.random() < 0.5:
        line = shapely.LineString([at(0.1, chance.random()), at(1.8, chance.random())])
        some.append(rows.SetRoadSegment("R2", tolerance_m=60.0, geometry=mapping(line)))
    if chance.random() < 0.5:
        code = chance.choice([one for one in cells if one != "B2"])
        some.append(rows.SetGroupMember("beat", str(code), level="cell"))
    editing.edit(conn, label, some, border_m=0.05, actor="li")


@contextmanager
def with_rows(conn: Connection, label: str, *, stored: bool) -> Iterator[None]:
    """Store the rows of a draft as if it were published today, and roll them back."""
    draft = get_draft(conn, label)
    state = state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    with rehearsal(conn):
        if stored:
            publication = DraftPublication(conn, draft, ASKED.today, SHANGHAI)
            areas = ((level, str(code)) for level in state for code in state[level].codes)
            publication.store(publication.checked(areas))
        yield


def compare(conn: Connection, label: str, found: Impact) -> None:
    """Assert that an impact is what judging and measuring everything again gives."""
    draft = get_draft(conn, label)
    base = draft.base_edition or 0
    state = state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    with rehearsal(conn):
        after = list_editions(conn)[-1].effective_from.replace(year=2030)
        number = make_edition(conn, state, effective_from=after, label="trial")
        compare_cases(conn, found, base, number)
        compare_streets(conn, found, base, number)
        compare_ground(conn, found, base, number)
        compare_places(conn, found, base, number)


def compare_cases(conn: Connection, found: Impact, base: int, number: int) -> None:
    everything = list_cases(conn, CaseFilter(), limit=10_000)
    traces = sa.select(cases.c.case_no, cases.c.trace)
    by_hand = {row.case_no: row.trace for row in conn.execute(traces)}
    given = [to_judge(one.given, by_hand[one.given.case_no]) for one in everything]
    lonlat = [(one.location.lon, one.location.lat) for one in everything]
    lon, lat = np.array(lonlat, dtype=np.float64).T
    both = []
    for one in (base, number):
        with with_rows(conn, found.draft, stored=one == number):
            judge = Judge(conn, RULES)
            where = judge.locate(given, lon, lat, editions=np.full(len(given), one))
            both.append(judge.route(given, where, valid_on=ASKED.today))
    moving, held = {}, 0
    lost: Counter[tuple[RoleHolder, str]] = Counter()
    gained: Counter[tuple[RoleHolder, str]] = Counter()
    for case, before, after in zip(everything, *both, strict=True):
        is_open = case.status in ("triage", "dispatched")
        trace = by_hand[case.given.case_no]
        movable = is_open and not {ASSIGNED, BOUNCED} & trace.keys()
        of_year = ASKED.since <= case.given.reported_at < ASKED.now
        was, now = before.decision.responder, after.decision.responder
        if movable and was != now:
            areas = before.location.area_code, after.location.area_code
            moving[case.given.case_no] = (was, now, *areas)
        held += is_open and not movable and was != now
        for kind, counts in (("open", movable), ("year", of_year)):
            if counts:
                who, then = answerers(before.decision), answerers(after.decision)
                lost.update((one, kind) for one in who - then)
                gained.update((one, kind) for one in then - who)
    told = {
        one.case_no: (one.from_responder, one.to_responder, one.from_area, one.to_area)
        for one in found.cases
    }
    assert told == moving
    assert [one.case_no for one in found.cases] == sorted(moving)
    assert (found.moving, found.held) == (len(moving), held)
    assert {(m.from_responder, m.to_responder): m.cases for m in found.moves} == Counter(
        one[:2] for one in moving.values()
    )
    for sums, side in ((lost, "lost"), (gained, "gained")):
        counted = {
            (RoleHolder(one.responder, DutyRole(one.role)), kind): n
            for one in found.responders
            for kind, balance in (("open", one.open_cases), ("year", one.year_cases))
            if (n := getattr(balance, side))
        }
        assert counted == dict(sums)


def compare_streets(conn: Connection, found: Impact, base: int, number: int) -> None:
    year = CaseFilter(since=ASKED.since, until=ASKED.now)
    both: list[dict[str, DeadlineCounts]] = []
    for edition in (base, number):
        street_of = {
            code: chain[-1][1] for code, chain in chains(conn, edition, "cell").items()
        }
        counts = dict.fromkeys(chains(conn, edition, "street"), DeadlineCounts())
        for code, is_located, here in figures_by_leaf(conn, year, edition, ASKED.now):
            if code is not None and is_located and code in street_of:
                counts[street_of[code]] += here
        both.append(counts)
    before, after = both
    expected = {
        code: (before.get(code), after.get(code))
        for code in before.keys() | after.keys()
        if before.get(code) != after.get(code)
    }
    assert {one.code: (one.before, one.after) for one in found.streets} == expected
    assert found.other_streets == len(before.keys() | after.keys()) - len(expected)


def compare_ground(conn: Connection, found: Impact, base: int, number: int) -> None:
    grounds: list[dict[RoleHolder, shapely.Geometry]] = []
    for edition in (base, number):
        leaf = leaf_level(conn, edition) or ""
        areas = areas_in(conn, edition, leaf)[leaf]
        with with_rows(conn, found.draft, stored=edition == number):
            book = router_for(conn, edition, tz=SHANGHAI).book
        answering = LeafAnswering(book, ["E1", "E2"], ASKED.today)
        where = chains(conn, edition, leaf)
        parts = defaultdict(list)
        for code, geom in zip(areas.codes, areas.geoms, strict=True):
            for who in answering.at(where[code]).who:
                parts[who].append(geom)
        grounds.append({who: shapely.union_all(some) for who, some in parts.items()})
    _, lines = list_road_segments(conn)
    _, points = list_components(conn)
    told = {RoleHolder(one.responder, DutyRole(one.role)): one for one in found.responders}
    nothing = shapely.MultiPolygon()
    for who in grounds[0].keys() | grounds[1].keys():
        before, after = (one.get(who, nothing) for one in grounds)
        for side, rest in (
            ("lost", before.difference(after)),
            ("gained", after.difference(before)),
        ):
            km2, road_km, components = (
                0.0 if who not in told else getattr(getattr(told[who], name), side)
                for name in ("km2", "road_km", "components")
            )
            # An edge of a kilometre is a geodesic, which one more vertex on it moves.
            true = area_m2([rest])[0] / 1e6
            assert math.isclose(km2, true, rel_tol=5e-5, abs_tol=1e-7), (who, side, km2, true)
            inside = length_m(shapely.intersection(lines, rest)).sum() / 1000
            assert abs(road_km - inside) < 1e-5
            assert components == shapely.covers(rest, points).sum()


def compare_places(conn: Connection, found: Impact, base: int, number: int) -> None:
    listed, geoms = list_demolitions(conn)
    zones, polygons = list_zones(conn)
    for listed_ones, shapes, told in (
        (listed, shapely.point_on_surface(geoms), found.demolitions),
        (zones, polygons, found.zones),
    ):
        is_point = shapes is not polygons
        moved = {}
        for one, shape in zip(listed_ones, shapes, strict=True):
            before, after = (places_of(conn, e, shape, is_point) for e in (base, number))
            if before != after:
                moved[one.code] = before, after
        assert [one.code for one in told] == sorted(moved)
        if is_point:
            for one in told:
                sides = (
                    (one.leaves_before, one.streets_before),
                    (one.leaves_after, one.streets_after),
                )
                assert sides == moved[one.code]


def places_of(
    conn: Connection, edition: int, shape: shapely.Geometry, is_point: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    cells = areas_in(conn, edition, "cell")["cell"]
    if is_point:
        here = sorted(cells.codes[shapely.covers(cells.geoms, shape)])[:1]
    else:
        here = sorted(cells.codes[shapely.area(shapely.intersection(cells.geoms, shape)) > 0])
    where = chains(conn, edition, "cell")
    streets = sorted({where[code][-1][1] for code in here if len(where[code]) > 1})
    return tuple(here), tuple(streets)
