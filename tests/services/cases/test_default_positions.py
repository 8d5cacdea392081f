"""Default positions: cases there are marked, on every way in, and stay located and routed."""

import math
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.cases.case import Case, CaseMark
from gridmgmt.domain.cases.default_position import LonLat, read_lonlat, written
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.judging.explanation import Language
from gridmgmt.domain.judging.explanation import explain as explain_in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.geometry.crs.china_datum import wgs84_to_gcj02
from gridmgmt.services.case_imports.imports import CaseImport, import_in_chunks
from gridmgmt.services.cases.actions import Acting
from gridmgmt.services.cases.default_positions import accept, list_accepted, withdraw
from gridmgmt.services.cases.duplicates import find_duplicates
from gridmgmt.services.cases.placing import place
from gridmgmt.services.cases.reports import Report, report
from gridmgmt.services.cases.stories import explain
from gridmgmt.services.files.datums import named_datum
from gridmgmt.services.judging.reroutes import reroute
from gridmgmt.store.cases.cases import get_case, get_trace, list_events
from gridmgmt.store.cases.duplicates import cases_alike
from gridmgmt.store.schema import audit_log, cases
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    DEFAULTS,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)
from tests.services.reroute_city import asked, fill, publish_second
from tests.waiting import wait_until_blocked

RULES = JudgingRules(SHANGHAI)
MARKED = (CaseMark.DEFAULT_POSITION,)
# One unit in the last place beside A1.
BESIDE_A1 = (math.nextafter(A1[0], 180), A1[1])


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    return conn


def marked(conn: Connection) -> set[str]:
    query = sa.select(cases.c.case_no).where(cases.c.marks != [])
    return set(conn.execute(query).scalars())


def put(conn: Connection, no: str, lonlat: LonLat) -> Case:
    seen = get_case(conn, no).last_seq
    return place(conn, Acting(no, seen, "wang", now=NOW), lonlat=lonlat, rules=RULES)


def audited(conn: Connection) -> Sequence[tuple[str, str, str, object]]:
    query = sa.select(
        audit_log.c.actor, audit_log.c.action, audit_log.c.subject, audit_log.c.detail
    ).where(audit_log.c.action.contains("default"))
    return [tuple(one) for one in conn.execute(query.order_by(audit_log.c.id))]


def test_stored_cases_at_an_accepted_position_are_marked_and_stay_located_and_routed(
    city: Connection, tmp_path: Path
) -> None:
    rows = [row("C1"), row("C2"), row("C3", BESIDE_A1), row("C4", A2), row("C5", None)]
    take_in(city, case_file(tmp_path, rows))
    before = stored(city, "C1")
    assert accept(city, A1, actor="wang") == 2
    assert marked(city) == {"C1", "C2"}
    after = stored(city, "C1")
    assert after.marks == MARKED
    assert (after.location, after.responder_code) == (before.location, "S1")
    assert len(list_events(city, "C1")) == after.last_seq == 1
    assert accept(city, A1, actor="li") == 0
    (accepted,) = list_accepted(city)
    assert (accepted.lon, accepted.lat, accepted.accepted_by) == (*A1, "wang")
    assert accepted.cases == 2
    assert withdraw(city, A1, actor="li") == 2
    assert (marked(city), list_accepted(city)) == (set(), [])
    assert stored(city, "C1") == before
    with pytest.raises(NotFoundError):
        withdraw(city, A1, actor="li")
    here = "position 120.1525,30.2525"
    assert audited(city) == [
        ("wang", "accept_default_position", here, {"cases": 2}),
        ("li", "withdraw_default_position", here, {"cases": 2}),
    ]


def test_whoever_comes_in_later_is_marked_on_every_way(
    city: Connection, tmp_path: Path
) -> None:
    accept(city, A1, actor="wang")
    take_in(city, case_file(tmp_path, [row("F1"), row("F2", BESIDE_A1)]))
    options = CaseImport(case_file(tmp_path, [row("F3")], "steps.csv"), **DEFAULTS)
    for _ in import_in_chunks(city, options):
        pass
    report(city, Report(row("R1"), "zhao", RULES, now=NOW))
    report(city, Report(row("R2", A2), "zhao", RULES, now=NOW))
    assert marked(city) == {"F1", "F3", "R1"}
    assert stored(city, "F1").location.area_code == "A1"
    # The mark is no part of how the rules decided, which an acceptance does not change.
    assert "marks" not in get_trace(city, "F1")["decision"]


def test_a_changed_position_takes_and_gives_the_mark(city: Connection, tmp_path: Path) -> None:
    accept(city, A1, actor="wang")
    take_in(city, case_file(tmp_path, [row("C1"), row("C2", A2), row("C3", channel="12345")]))
    changed = [row("C1", A2), row("C2"), row("C3", channel="app")]
    take_in(city, case_file(tmp_path, changed, "changed.csv"), update_known=True)
    assert marked(city) == {"C2", "C3"}


def test_a_case_that_a_person_put_somewhere_lies_there(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("C1"), row("C2"), row("C3", A2)]))
    accept(city, A1, actor="wang")
    assert put(city, "C1", A2).marks == ()
    # Somebody looked, and it really happened there.
    assert put(city, "C2", A1).marks == ()
    put(city, "C3", A1)
    assert marked(city) == set()
    changed = [row("C2", channel="app", category="E2")]
    take_in(city, case_file(tmp_path, changed, "changed.csv"), update_known=True)
    assert stored(city, "C2").given.category == "E2"
    withdraw(city, A1, actor="wang")
    assert accept(city, A1, actor="wang") == 0
    assert marked(city) == set()


def test_being_judged_again_keeps_the_mark(conn: Connection, tmp_path: Path) -> None:
    fill(conn, tmp_path)
    accept(conn, A2, actor="wang")
    before = marked(conn)
    assert before == {"MOVED", "ASSIGNED", "BOUNCED", "DONE", "LATE", "LATE_ASSIGNED"}
    publish_second(conn)
    assert reroute(conn, asked()).judged_again
    assert stored(conn, "LATE").location.edition == 2
    assert marked(conn) == before


@pytest.mark.parametrize("crs", ["gcj02", "bd09", "EPSG:4549", "EPSG:4490"])
def test_a_position_of_another_datum_is_the_same_to_the_last_bit_in_every_file(
    city: Connection, tmp_path: Path, crs: str
) -> None:
    datum = named_datum(crs, None)
    x, y = {"EPSG:4549": (514674.25, 3348165.5)}.get(
        crs, tuple(float(v[0]) for v in wgs84_to_gcj02([A1[0]], [A1[1]]))
    )
    rows = [row(f"C{n}", (x, y)) for n in range(100)]
    found = take_in(city, case_file(tmp_path, rows), datum=datum).heaps
    assert [(one.x, one.y) for one in found] == [(x, y)]
    position = (found[0].lon, found[0].lat)
    assert read_lonlat(written(position)) == position
    assert accept(city, position, actor="wang") == 100
    # Whatever stands beside it in the columns that are converted.
    more = [row(f"D{n}", (x + n % 7 * 1e-3, y)) for n in range(35)]
    take_in(city, case_file(tmp_path, more, "more.csv"), datum=datum, rows_at_once=13)
    report(city, Report(row("R1", (x, y)), "zhao", RULES, datum=datum, now=NOW))
    assert len(marked(city)) == 100 + 5 + 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "That is a default coordinate, accepted as such by wang on "),
        ("zh", "该坐标是默认坐标（wang 于 "),
    ],
)
def test_the_explanation_names_it(
    city: Connection, tmp_path: Path, language: Language, words: str
) -> None:
    take_in(city, case_file(tmp_path, [row("C1"), row("C2", A2)]))
    accept(city, A1, actor="wang")

    def sentences(no: str) -> str:
        told = explain(city, no, rules=RULES, personal=False, actor="tester")
        # On the bureau's clock.
        assert told.default is None or told.default.accepted_at.tzinfo is SHANGHAI
        assert told.replay.is_same
        return "\n".join(
            explain_in_words(no, told.trace, told.names, language, default=told.default)
        )

    assert words in sentences("C1")
    assert words not in sentences("C2")
    withdraw(city, A1, actor="wang")
    assert words not in sentences("C1")


def test_cases_at_a_default_position_are_nobodys_duplicates(
    city: Connection, tmp_path: Path
) -> None:
    near = (A1[0] + 1e-5, A1[1])
    rows = [row("C1"), row("C2"), row("C3", near), row("C4", near)]
    take_in(city, case_file(tmp_path, rows))
    rule, numbers = DuplicateRule(50.0, 24.0), ["C1", "C2", "C3", "C4"]
    assert len(find_duplicates(city, rule).pairs) == 6
    accept(city, A1, actor="wang")
    found = find_duplicates(city, rule)
    assert [(one.of, one.case_no) for one in found.pairs] == [("C4", "C3")]
    assert found.open == 2
    assert found.pairs == cases_alike(city, numbers, rule, only_earlier=True)
    told = report(city, Report(row("R1"), "zhao", RULES, now=datetime(2026, 3, 2, tzinfo=UTC)))
    assert told.alike == ()


@pytest.mark.parametrize("text", ["", "120.15", "120.15,30.25,1", "x,30", "nan,30", "30,120"])
def test_a_position_is_two_numbers_on_the_globe(text: str) -> None:
    with pytest.raises(InputError, match="write longitude,latitude in degrees"):
        read_lonlat(text)


def report_r1(conn: Connection, _folder: Path) -> None:
    report(conn, Report(row("R1"), "zhao", RULES, now=NOW))


def import_r1(conn: Connection, folder: Path) -> None:
    take_in(conn, case_file(folder, [row("R1")], "more.csv"))


@pytest.mark.parametrize("come_in", [report_r1, import_r1])
def test_who_accepts_waits_for_cases_that_are_just_coming_in(
    engine: Engine, tmp_path: Path, come_in: Callable[[Connection, Path], None]
) -> None:
    with engine.begin() as conn:
        make_city(conn)
        take_in(conn, case_file(tmp_path, [row("C1", None)]))
    told: list[int] = []

    def work() -> None:
        with engine.begin() as conn:
            told.append(accept(conn, A1, actor="wang"))

    with engine.begin() as first:
        come_in(first, tmp_path)
        other = threading.Thread(target=work)
        other.start()
        wait_until_blocked(engine)
    other.join(timeout=30)
    assert told == [1]
    with engine.begin() as conn:
        assert marked(conn) == {"R1"}


def test_whoever_comes_in_waits_for_an_acceptance_under_way(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        make_city(conn)
        take_in(conn, case_file(tmp_path, [row("C1", A2), row("C2")]))

    def report_one() -> None:
        with engine.begin() as conn:
            report(conn, Report(row("R1"), "zhao", RULES, now=NOW))

    def place_one() -> None:
        with engine.begin() as conn:
            put(conn, "C2", A2)

    with engine.begin() as first:
        others = [threading.Thread(target=work) for work in (report_one, place_one)]
        accept(first, A1, actor="wang")
        for other in others:
            other.start()
        wait_until_blocked(engine)
    for other in others:
        other.join(timeout=30)
    with engine.begin() as conn:
        assert marked(conn) == {"R1"}
        assert stored(conn, "C2").location.area_code == "A2"
