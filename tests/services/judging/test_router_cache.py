"""One process changes what routes cases, another routes them: it is never a step behind."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.arrays import ObjectArray
from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember, Zone, ZoneKind
from gridmgmt.domain.cases.case import CaseLocation, GivenCase
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.judging import case_router
from gridmgmt.services.judging.case_router import CaseRouter
from gridmgmt.services.judging.router_cache import load_router
from gridmgmt.services.record_imports.shaped_records import multipolygon
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.responsibility.categories import mapped_codes
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.zones import put_zones
from tests.databases import Databases
from tests.factories import make_edition, make_level, square
from tests.services.answering import make_city, objects
from tests.services.case_city import A1

TZ = ZoneInfo("Asia/Shanghai")
GIVEN = GivenCase("C1", "E1", datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
THERE = CaseLocation(*A1, edition=1, level="cell", area_code="A1")

# Answers each line of its input: who has the case now, in a transaction of its own, or with
# "edition" how many cells the router of the second edition knows.
OTHER = """
import sys
from tests.services.judging.test_router_cache import TZ, answer
from gridmgmt.services.judging.router_cache import router_for
from gridmgmt.store.engine import make_engine

engine = make_engine(sys.argv[1])
for line in sys.stdin:
    with engine.connect() as conn:
        if line.strip() == "edition":
            print(len(router_for(conn, 2, tz=TZ).cells), flush=True)
        else:
            print(answer(conn), flush=True)
"""


def answer(conn: Connection, router: CaseRouter | None = None) -> str:
    router = router or CaseRouter(conn, JudgingRules(TZ))
    ((_, decision),) = router.route([GIVEN], [THERE])
    return f"{decision.responder or decision.reason} {decision.rule}"


@contextmanager
def another_process(url: str) -> Iterator[Callable[[str], str]]:
    """Ask a process of its own, which keeps what it has read."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(what: str = "who") -> str:
        stdin.write(f"{what}\n")
        stdin.flush()
        return stdout.readline().strip()

    with process:
        yield ask
        stdin.close()


def duty(responder: str, target: DutyTarget, level: str | None, code: str) -> Duty:
    return Duty(0, responder, DutyRole.DISPOSE, target, level, code, None)


@pytest.fixture
def city(engine: Engine) -> Engine:
    with engine.begin() as conn:
        assert make_city(conn) == 1
    return engine


@pytest.mark.proof
def test_a_process_with_everything_at_hand_sees_each_change_in_its_next_transaction(
    city: Engine, database_url: str
) -> None:
    told = []
    with another_process(database_url) as ask:
        told.append(ask())
        told.append(ask())
        with city.begin() as conn:
            add_duties(conn, [duty("S1", DutyTarget.AREA, "street", "A")])
        told.append(ask())
        with city.begin() as conn:
            put_groups(conn, [Group("B1", GroupKind.BEAT, "一号")])
            add_duties(conn, [duty("S2", DutyTarget.GROUP, None, "B1")])
        told.append(ask())
        with city.begin() as conn:
            put_members(conn, [GroupMember("B1", "cell", "A1")])
        told.append(ask())
        with city.begin() as conn:
            put_zones(conn, [Zone("Z", ZoneKind.CAMPUS, "校园")], square_of_a1())
            add_duties(conn, [duty("S1", DutyTarget.ZONE, None, "Z")])
        told.append(ask())
        with city.begin() as conn:
            ended = Zone("Z", ZoneKind.CAMPUS, "校园", None, date(2026, 3, 1))
            put_zones(conn, [ended], square_of_a1())
        told.append(ask())
        with city.begin() as conn:
            conn.execute(sa.text("UPDATE duties SET responder_code = 'S1' WHERE level IS NULL"))
        told.append(ask())
    assert told == [
        "OA territorial_fallback",
        "OA territorial_fallback",
        "S1 area:street",
        "S1 area:street",
        "S2 group",
        "S1 zone",
        "S2 group",
        "S1 group",
    ]


def square_of_a1() -> ObjectArray:
    return objects(multipolygon(square(0, 0, 0.5, 0.5)))


@pytest.mark.proof
def test_an_edition_published_by_one_process_is_there_at_once_in_another(
    city: Engine, database_url: str
) -> None:
    with another_process(database_url) as ask:
        # A number past the newest reads as the newest.
        assert ask("edition") == "8"
        with city.begin() as conn:
            cells = make_level("cell", {"C1": square(0, 0)})
            assert make_edition(conn, {"cell": cells}) == 2
        assert ask("edition") == "1"


@pytest.mark.proof
def test_what_is_not_committed_is_seen_by_its_own_transaction_alone(
    city: Engine, database_url: str
) -> None:
    fallback, changed = "OA territorial_fallback", "S1 area:street"
    with another_process(database_url) as ask, city.connect() as conn:
        assert answer(conn) == ask() == fallback
        conn.commit()
        add_duties(conn, [duty("S1", DutyTarget.AREA, "street", "A")])
        assert answer(conn) == changed
        assert ask() == fallback
        with city.connect() as beside:
            assert answer(beside) == fallback
        # A second change in the same transaction counts as the first did.
        conn.execute(sa.text("UPDATE duties SET responder_code = 'S2'"))
        assert answer(conn) == "S2 area:street"
        conn.rollback()
        assert answer(conn) == ask() == fallback


def test_a_change_taken_back_is_not_mistaken_for_one_committed_meanwhile(city: Engine) -> None:
    with city.connect() as conn, city.connect() as other:
        add_duties(conn, [duty("S1", DutyTarget.AREA, "street", "A")])
        assert answer(conn) == "S1 area:street"
        add_duties(other, [duty("S2", DutyTarget.AREA, "street", "A")])
        other.commit()
        conn.rollback()
        assert answer(conn) == "S2 area:street"


def test_what_a_savepoint_took_back_is_gone(city: Engine) -> None:
    with city.begin() as conn:
        savepoint = conn.begin_nested()
        add_duties(conn, [duty("S1", DutyTarget.AREA, "street", "A")])
        assert answer(conn) == "S1 area:street"
        savepoint.rollback()
        assert answer(conn) == "OA territorial_fallback"


def test_work_that_goes_on_over_many_transactions_sees_what_changed_between_them(
    city: Engine,
) -> None:
    with city.connect() as conn:
        router = CaseRouter(conn, JudgingRules(TZ))
        assert answer(conn, router) == "OA territorial_fallback"
        conn.commit()
        with city.begin() as other:
            add_duties(other, [duty("S1", DutyTarget.AREA, "street", "A")])
        assert answer(conn, router) == "S1 area:street"


def test_nothing_is_read_again_where_nothing_changed(city: Engine) -> None:
    routers = Fresh(load_router, size=2)
    with city.connect() as conn:
        first = routers.get(conn, (1, TZ))
        conn.commit()
        assert routers.get(conn, (1, TZ)) is first
        # An open transaction of somebody else that changed nothing here hides nothing.
        with city.connect() as other:
            other.execute(sa.text("SELECT pg_current_xact_id()"))
            assert routers.get(conn, (1, TZ)) is first
        assert routers.get(conn, (1, ZoneInfo("UTC"))) is not first
        routers.get(conn, (1, ZoneInfo("Asia/Tokyo")))
        assert routers.get(conn, (1, TZ)) is not first


def test_two_databases_are_never_taken_for_each_other(
    city: Engine, databases: Databases, template: str
) -> None:
    routers = Fresh(load_router, size=2)
    with city.connect() as conn:
        here = routers.get(conn, (1, TZ))
    with databases.engine(template) as elsewhere, elsewhere.connect() as conn:
        there = routers.get(conn, (1, TZ))
    assert (len(here.cells), len(there.cells)) == (8, 0)


def test_categories_are_read_once_in_a_transaction_also_where_routing_begins_it(
    city: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Connection] = []

    def read_and_count(conn: Connection) -> frozenset[str]:
        read.append(conn)
        return mapped_codes(conn)

    monkeypatch.setattr(case_router, "mapped_codes", read_and_count)
    with city.connect() as conn:
        router = CaseRouter(conn, JudgingRules(TZ))
        assert answer(conn, router) == answer(conn, router)
        assert len(read) == 1
        conn.commit()
        answer(conn, router)
        assert len(read) == 2
