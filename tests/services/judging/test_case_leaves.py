"""A located case has one leaf under every edition, whatever was published or done since."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.period import Period
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.cases.actions import Acting
from gridmgmt.services.cases.edition_extensions import ExtensionAsked, extend_first_edition
from gridmgmt.services.cases.placing import place
from gridmgmt.services.cases.reports import Report, report
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.judging.case_leaves import complete_case_leaves
from gridmgmt.services.judging.reroutes import RerouteAsked, reroute
from gridmgmt.services.situation.map_figures import figures
from gridmgmt.store.areas.areas import areas_in, locate_point
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.schema import case_leaves
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.factories import (
    SOUTH,
    STEP,
    WEST,
    make_draft,
    make_edition,
    make_level,
    square,
    two_streets,
)
from tests.services.answering import make_city
from tests.services.case_city import A1, NOW, SHANGHAI, case_file, give_duties, row, take_in
from tests.services.reroute_city import RULES
from tests.streets import cells_with
from tests.waiting import wait_until_blocked

EVERY_CASE = 10_000
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ALWAYS = Period(date(2019, 1, 1), date(2027, 12, 31), SHANGHAI)


def city_of(chance: random.Random) -> dict[str, LevelAreas]:
    """Two streets whose border and cells lie anew each time; some ground is nobody's."""
    cells, parents = {}, {}
    middle = chance.choice([0.75, 1.0, 1.25])
    for street, west, east in (("A", 0.0, middle), ("B", middle, 2.0)):
        parts = chance.choice([1, 2, 3])
        rows = chance.choice([1, 2])
        for n in range(parts * rows):
            x, y = divmod(n, rows)
            width = (east - west) / parts
            code = f"{street}{n + 1}"
            if chance.random() < 0.1 and n:
                continue
            cells[code] = square(west + x * width, y / rows, width, 1 / rows)
            parents[code] = street
    streets = {
        street: shapely.union_all([cells[code] for code in cells if code[0] == street])
        for street in "AB"
    }
    return {
        "street": make_level("street", streets),
        "cell": make_level("cell", cells, parents=parents),
    }


class Bureau:
    """Does what a bureau does, one random thing after the other."""

    def __init__(self, conn: Connection, folder: Path, chance: random.Random) -> None:
        self.conn, self.folder, self.chance = conn, folder, chance
        self.numbers: list[str] = []

    def position(self) -> tuple[float, float]:
        # On the borders too, and outside: some of these snap.
        x = self.chance.choice([self.chance.uniform(-0.1, 2.1), 0.5, 1.0, 2.01])
        y = self.chance.choice([self.chance.uniform(-0.1, 1.1), 0.5, -0.01])
        return WEST + x * STEP, SOUTH + y * STEP

    def moment(self) -> datetime:
        return FIRST + timedelta(days=self.chance.uniform(-200, 150))

    def publish(self) -> None:
        newest = list_editions(self.conn)[-1].effective_from
        later = newest + timedelta(days=self.chance.choice([10, 90, 400]))
        make_edition(self.conn, city_of(self.chance), effective_from=later)

    def withdraw(self) -> None:
        newest = list_editions(self.conn)[-1]
        judged = {
            one.location.edition for one in list_cases(self.conn, CaseFilter(), limit=500)
        }
        if newest.effective_from > datetime.now(UTC) and newest.number not in judged:
            withdraw(self.conn, newest.number, actor="li")

    def take_in(self) -> None:
        names = [f"C{len(self.numbers) + n}" for n in range(6)]
        known = self.chance.sample(self.numbers, min(2, len(self.numbers)))
        self.numbers += names
        rows = [
            row(
                no,
                self.position(),
                reported_at=f"{self.moment():%Y-%m-%d %H:%M}",
                due_at=f"{self.moment():%Y-%m-%d %H:%M}",
                due_limit="3天",
                due_provisional=self.chance.choice(["yes", "no"]),
            )
            for no in (*names, *known)
        ]
        take_in(self.conn, case_file(self.folder, rows), update_known=True)

    def report(self) -> None:
        lon, lat = self.position()
        number = f"R{len(self.numbers)}"
        cells = {
            "case_no": number,
            "category": "E1",
            "reported_at": self.moment().isoformat(),
            "lon": str(lon),
            "lat": str(lat),
        }
        report(self.conn, Report(cells, "li", RULES, via="api", now=NOW))
        self.numbers.append(number)

    def place(self) -> None:
        first = list_editions(self.conn)[0].effective_from
        waiting = [
            case
            for case in list_cases(self.conn, CaseFilter(open=True), limit=EVERY_CASE)
            if case.given.reported_at > first
        ]
        for case in self.chance.sample(waiting, min(3, len(waiting))):
            # The one cell that every city has, in several outlines.
            at = WEST + self.chance.choice([0.05, 0.2]) * STEP, SOUTH + 0.2 * STEP
            acting = Acting(case.given.case_no, case.last_seq, "wang", now=NOW)
            place(self.conn, acting, lonlat=at, rules=RULES)

    def reroute(self) -> None:
        newest = list_editions(self.conn)[-1]
        if newest.effective_from <= NOW:
            reroute(self.conn, RerouteAsked(newest.number, RULES, "li", NOW))

    def extend(self) -> None:
        first = list_editions(self.conn)[0]
        earlier = first.effective_from - timedelta(days=50)
        extend_first_edition(self.conn, ExtensionAsked(first.number, earlier, RULES, "li", NOW))


THINGS = ["publish", "withdraw", "take_in", "report", "place", "reroute", "extend"]


Rows = dict[str, tuple[object, ...]]


def rows_of(conn: Connection, edition: int) -> Rows:
    cells = areas_in(conn, edition, "cell")["cell"]
    facts = zip(cells.names, cells.parent_codes, (g.wkb for g in cells.geoms), strict=True)
    return dict(zip(cells.codes, facts, strict=True))


def leaf_by_hand(
    conn: Connection, case: Case, edition: int, rows: dict[int, Rows]
) -> str | None:
    """The leaf of a located case, from the outlines and one question of the database."""
    where = case.location
    code, judged_by = where.area_code or "", where.edition or 0
    first, last = sorted((edition, judged_by))
    # A row ends where an edition changes the area, even if the next changes it back.
    between = [rows[number].get(code) for number in rows if first <= number <= last]
    if set(between) == {rows[judged_by][code]}:
        return code
    assert where.lon is not None
    assert where.lat is not None
    return locate_point(
        conn, where.lon, where.lat, edition=edition, level="cell", candidate_m=1.0, snap_m=30.0
    ).code


def stored_leaf(conn: Connection, case: Case, edition: int) -> str | None:
    query = sa.select(case_leaves.c.area_code).where(
        case_leaves.c.case_no == case.given.case_no, case_leaves.c.edition == edition
    )
    rows = conn.execute(query).all()
    return rows[0].area_code if rows else case.location.area_code


def check(conn: Connection) -> None:
    everything = list_cases(conn, CaseFilter(), limit=EVERY_CASE)
    located = [case for case in everything if case.location.area_code is not None]
    rows = {one.number: rows_of(conn, one.number) for one in list_editions(conn)}
    for edition in rows:
        leaves = {one.given.case_no: leaf_by_hand(conn, one, edition, rows) for one in located}
        assert {one.given.case_no: stored_leaf(conn, one, edition) for one in located} == leaves
        streets = {no: leaf and leaf[0] for no, leaf in leaves.items()}
        for level, areas in (("cell", leaves), ("street", streets)):
            check_figures(conn, edition, level, areas, len(everything))


def check_figures(
    conn: Connection, edition: int, level: str, areas: dict[str, str | None], cases: int
) -> None:
    """Every figure of a level is that of its list; with the unlocated, they are the city."""
    shown = figures(conn, edition, level, ReportedFilter(ALWAYS), as_of=NOW)
    beside = shown.elsewhere
    assert sum(shown.columns["cases"]) + beside.unlocated_here + beside.unlocated == cases
    lost = {one.given.case_no for one in listed(conn, CaseFilter(in_no_area_of=edition))}
    assert lost == {no for no, code in areas.items() if code is None}
    assert beside.unlocated_here == len(lost)
    for code, n in zip(shown.codes, shown.columns["cases"], strict=True):
        found = listed(conn, CaseFilter(ground=ground_of(conn, edition, (level, code))))
        assert {one.given.case_no for one in found} == {
            no for no, area in areas.items() if area == code
        }
        assert n == len(found)


def listed(conn: Connection, wanted: CaseFilter) -> list[Case]:
    return list_cases(conn, wanted, limit=EVERY_CASE)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    things=st.lists(st.sampled_from(THINGS), min_size=2, max_size=7), seed=st.integers(0, 999)
)
def test_every_case_has_one_leaf_under_every_edition(
    shared_engine: Engine, tmp_path: Path, things: list[str], seed: int
) -> None:
    # A connection each: editions are told apart by the time of their transaction.
    with shared_engine.connect() as conn:
        make_city(conn)
        give_duties(conn)
        bureau = Bureau(conn, tmp_path, random.Random(seed))
        bureau.take_in()
        for thing in things:
            getattr(bureau, thing)()
        check(conn)
        # Nothing is missing, and what an older program left out is found again.
        assert complete_case_leaves(conn, RULES) == 0
        before = set(conn.execute(sa.select(case_leaves)))
        conn.execute(case_leaves.delete())
        # Of many cases all areas are looked at, not only those around them.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("gridmgmt.services.judging.case_leaves._FEW", 0)
            assert complete_case_leaves(conn, RULES) == len(before)
        assert set(conn.execute(sa.select(case_leaves))) == before


def publish_another(conn: Connection, day: datetime = FIRST + timedelta(days=30)) -> None:
    """Publish an edition that gives all ground of A1 to a cell of another code."""
    cells = cells_with({"A9": square(0, 0, 0.5, 0.5)}, without=["A1"])
    make_draft(conn, "another", [two_streets()["street"], cells])
    publish(conn, "another", day, actor="li", rules=RULES)


def leaves_of(engine: Engine) -> dict[tuple[str, int], str]:
    with engine.connect() as conn:
        rows = conn.execute(sa.select(case_leaves)).all()
    return {(row.case_no, row.edition): row.area_code for row in rows}


def report_one(conn: Connection, number: str) -> None:
    """Report a case that lies in A1, of a day before the other edition."""
    lon, lat = map(str, A1)
    cells = {"case_no": number, "category": "E1", "lon": lon, "lat": lat}
    cells["reported_at"] = "2026-01-10"
    report(conn, Report(cells, "li", RULES, via="api", now=NOW))


def test_a_withdrawn_edition_leaves_no_leaf(conn: Connection) -> None:
    make_city(conn)
    report_one(conn, "C1")
    publish_another(conn, datetime(2999, 1, 1, tzinfo=UTC))
    query = sa.select(case_leaves.c.case_no, case_leaves.c.edition, case_leaves.c.area_code)
    assert [tuple(one) for one in conn.execute(query)] == [("C1", 2, "A9")]
    withdraw(conn, 2, actor="li")
    assert conn.execute(query).all() == []


@pytest.mark.parametrize("reports_first", [True, False])
def test_who_reports_while_somebody_publishes_waits_or_is_waited_for(
    engine: Engine, reports_first: bool
) -> None:
    def do(work: Callable[[Connection], None]) -> None:
        with engine.begin() as conn:
            work(conn)

    things = [lambda conn: report_one(conn, "C1"), publish_another]
    first, second = things if reports_first else things[::-1]
    do(make_city)
    with ThreadPoolExecutor(1) as beside:
        with engine.begin() as conn:
            first(conn)
            other = beside.submit(do, second)
            wait_until_blocked(engine)
        other.result()
    assert leaves_of(engine) == {("C1", 2): "A9"}
