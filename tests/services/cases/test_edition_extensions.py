"""The first edition begins earlier, and the cases that waited for it are judged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.errors import CaseError, EditionError, NotFoundError
from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.services.cases.edition_extensions import (
    Extension,
    ExtensionAsked,
    extend_first_edition,
)
from gridmgmt.services.cases.placing import place
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.cases import get_case, get_trace, list_events
from gridmgmt.store.schema import audit_log, case_events, cases
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    FAR_AWAY,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)
from tests.services.reroute_city import MAY, RULES, publish_second

START = datetime(2019, 1, 1, tzinfo=SHANGHAI)
ROWS = [
    row("OPEN", A1, reported_at="2020-05-01"),
    row("CLOSED", A1, reported_at="2020-05-01", closed_at="2020-05-03"),
    row("FIRST_DAY", A1, reported_at="2019-01-01 00:00:00"),
    row("DAY_BEFORE", A1, reported_at="2018-12-31 23:59:59"),
    row("YEAR_BEFORE", A1, reported_at="2017-06-01"),
    row("OUTSIDE", FAR_AWAY, reported_at="2020-05-01"),
    row("NOWHERE", None, reported_at="2020-05-01"),
    row("GIVEN", A2, reported_at="2020-05-01"),
    row("LATER", A1),
]


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """A city whose first edition begins in 2026, and cases from before."""
    make_city(conn)
    give_duties(conn)
    take_in(conn, case_file(tmp_path, ROWS))
    acting = Acting("GIVEN", get_case(conn, "GIVEN").last_seq, "wang", now=NOW)
    assign(conn, acting, responder_code="S2", reason="x")
    return conn


def extend(conn: Connection, start: datetime = START, edition: int = 1) -> Extension:
    return extend_first_edition(conn, ExtensionAsked(edition, start, RULES, "li", NOW))


def test_the_cases_that_waited_are_judged_as_if_it_had_begun_then(
    city: Connection, tmp_path: Path
) -> None:
    done = extend(city)
    assert (done.judged, done.located, done.routed) == (6, 4, 4)
    assert done.unlocated == {"outside": 1, "no_position": 1}
    assert (done.earlier, done.earliest) == (
        2,
        datetime(2017, 5, 31, 16, tzinfo=UTC),
    )
    for number, status in (
        ("OPEN", CaseStatus.DISPATCHED),
        ("CLOSED", CaseStatus.CLOSED),
        ("FIRST_DAY", CaseStatus.DISPATCHED),
    ):
        now = stored(city, number)
        assert (now.location.edition, now.location.area_code) == (1, "A1")
        assert (now.responder_code, now.status) == ("S1", status)
    # The explanation tells it on the bureau's clock.
    assert get_trace(city, "OPEN")["reported_at"] == "2020-05-01T00:00:00+08:00"
    assert stored(city, "OUTSIDE").location.unlocated_reason == "outside"
    assert stored(city, "NOWHERE").location.edition == 1
    for number in ("DAY_BEFORE", "YEAR_BEFORE"):
        assert stored(city, number).location.unlocated_reason == "before_first_edition"
    # As a new import of the same file finds them.
    again = take_in(city, case_file(tmp_path, ROWS, "again.csv"), update_known=True)
    assert (again.unchanged, again.updated) == (len(ROWS), 0)


def test_what_a_person_decided_stays(city: Connection) -> None:
    extend(city)
    now = stored(city, "GIVEN")
    assert (now.location.area_code, now.responder_code) == ("A2", "S2")
    trace = get_trace(city, "GIVEN")
    assert trace["assigned"]["by"] == "wang"
    assert trace["decision"]["responder"] == "OA"


def test_every_case_tells_what_became_of_it_and_the_audit_log_once(city: Connection) -> None:
    extend(city)
    event = list_events(city, "OPEN")[-1]
    assert (event.kind, event.seq, event.actor, event.happened_at) == (
        "rerouted",
        2,
        "li",
        NOW,
    )
    assert event.detail["extended_edition"] == 1
    assert (event.detail["from"]["area"], event.detail["to"]["area"]) == (None, "A1")
    assert event.detail["trace_before"]["unlocated"] == "before_first_edition"
    assert len(list_events(city, "LATER")) == 1
    query = sa.select(audit_log).where(audit_log.c.action == "extend_edition")
    (entry,) = city.execute(query).all()
    assert (entry.actor, entry.subject) == ("li", "1")
    assert (entry.detail["judged"], entry.detail["located"]) == (6, 4)
    assert entry.detail["effective_from"] == "2019-01-01T00:00:00+08:00"


def test_the_end_of_the_first_edition_stays(city: Connection) -> None:
    publish_second(city)
    extend(city)
    first, second = list_editions(city)
    assert (first.effective_from, first.in_force_until) == (START, MAY)
    assert second.effective_from == MAY


def test_what_makes_no_sense_is_refused_and_changes_nothing(city: Connection) -> None:
    publish_second(city)
    before = city.execute(sa.select(cases.c.case_no, cases.c.last_seq)).all()
    events = city.execute(sa.select(sa.func.count()).select_from(case_events)).scalar_one()
    with pytest.raises(EditionError, match=r"edition 2 is not the first.*edition 1"):
        extend(city, edition=2)
    with pytest.raises(NotFoundError):
        extend(city, edition=9)
    start = list_editions(city)[0].effective_from
    for late in (start, datetime(2027, 1, 1, tzinfo=UTC)):
        with pytest.raises(
            EditionError, match=r"takes effect on 20.* already; name an earlier"
        ):
            extend(city, late)
    assert city.execute(sa.select(cases.c.case_no, cases.c.last_seq)).all() == before
    after = city.execute(sa.select(sa.func.count()).select_from(case_events)).scalar_one()
    assert after == events


def test_the_remedy_of_the_import_is_the_earliest_day(city: Connection, tmp_path: Path) -> None:
    rows = [
        row("X1", A1, reported_at="2018-12-31T17:00:00Z"),
        row("X2", A1, reported_at="2020-01-01"),
    ]
    report = take_in(city, case_file(tmp_path, rows, "x.csv"))
    (said,) = (one for one in report.warnings_said() if "first edition" in one)
    # 17:00 in London is 1:00 of the next day in the bureau.
    assert said.endswith("(gridmgmt edition extend 1 --from 2019-01-01 --commit)")
    extend(city)
    assert stored(city, "X1").location.area_code == "A1"


def test_a_case_can_be_placed_after_the_remedy(city: Connection) -> None:
    acting = Acting("NOWHERE", 1, "wang", now=NOW)
    with pytest.raises(CaseError) as caught:
        place(city, acting, lonlat=A1, rules=RULES)
    assert "edition extend 1 --from 2020-05-01 --commit" in str(caught.value)
    extend(city, datetime(2020, 5, 1, tzinfo=SHANGHAI))
    acting = Acting("NOWHERE", 2, "wang", now=NOW)
    assert place(city, acting, lonlat=A1, rules=RULES).location.area_code == "A1"
