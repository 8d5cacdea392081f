from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from shapely import affinity
from sqlalchemy.engine import Connection

from gridmgmt.arrays import objects
from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES
from gridmgmt.domain.areas.surroundings import Group, GroupKind, GroupMember, Zone, ZoneKind
from gridmgmt.domain.auditing.duty_audit import FindingKind
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.responsibility.duty_audits import audit as duty_audit
from gridmgmt.services.responsibility.duty_matrix import MatrixQuery, duty_matrix
from gridmgmt.services.situation.area_panels import AreaPanel, panel
from gridmgmt.services.situation.map_figures import figures
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.responders import put_responders
from gridmgmt.store.responsibility.zones import put_zones
from gridmgmt.store.schema import audit_log
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.services.case_city import SHANGHAI
from tests.services.map_city import ALL, AS_OF, FEBRUARY, SITE, make_map_city

MARKET = shapely.MultiPolygon([SITE])


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_map_city(conn, tmp_path, cases=120)
    chief = Responder("CA", ResponderKind.STREET_CHIEF, "街长", "110", "H", "street", "A")
    put_responders(conn, [chief])
    night = Duty(
        0,
        "S2",
        DutyRole.DISPOSE,
        DutyTarget.AREA,
        "street",
        "A",
        frozenset({"E2"}),
        "22:00-06:00",
    )
    ended = Duty(
        0, "S2", DutyRole.ASSIST, DutyTarget.AREA, "cell", "A1", None, valid_to=FEBRUARY.first
    )
    add_duties(conn, [night, ended])
    return conn


def ask(conn: Connection, level: str, code: str, **asked: Any) -> AreaPanel:
    asked = {"case_scope": ALL_CASES, "personal": False, "as_of": AS_OF, **asked}
    case_scope, personal = asked.pop("case_scope"), asked.pop("personal")
    wanted = ReportedFilter(ALL, case_scope=case_scope)
    return panel(conn, 2, (level, code), wanted, personal=personal, actor="tester", **asked)


def test_the_figures_are_those_of_the_map(city: Connection) -> None:
    for level in ("cell", "street"):
        whole = figures(city, 2, level, ReportedFilter(ALL), as_of=AS_OF)
        for n, code in enumerate(whole.codes):
            shown = ask(city, level, code)
            assert shown.figures == DeadlineCounts(*(whole.columns[f][n] for f in COUNT_NAMES))
            rate = shown.figures.on_time_rate
            assert (rate.numerator, rate.denominator) == (
                shown.figures.on_time,
                shown.figures.on_time + shown.figures.late + shown.figures.overdue,
            )


def test_it_tells_what_the_area_lies_in_and_who_oversees_it(city: Connection) -> None:
    shown = ask(city, "cell", "A1")
    assert [(one.level, one.code) for one in shown.chain] == [("cell", "A1"), ("street", "A")]
    assert shown.area.name == "A1"
    assert [one.code for one in shown.overseers] == ["CA", "H"]


def told(shown: AreaPanel) -> dict[str, dict[str, int]]:
    return {
        one.responder.code: {some.category.code: some.leaves for some in one.categories}
        for one in shown.disposal.disposers
    }


def faults(shown: AreaPanel) -> dict[FindingKind, tuple[dict[str, int], list[str]]]:
    found: dict[FindingKind, tuple[dict[str, int], list[str]]] = {}
    for one in shown.disposal.faults:
        pairs, concerned = found.setdefault(one.kind, ({}, []))
        for some in one.categories:
            assert some.leaves == one.leaves
            assert some.category.code not in pairs
            pairs[some.category.code] = some.leaves
        concerned += [person.code for person in one.concerned if person.code not in concerned]
    return found


def test_an_office_that_answers_without_a_duty_is_no_disposer(city: Connection) -> None:
    shown = ask(city, "cell", "A2")
    assert told(shown) == {"S2": {"E2": 1}}
    assert faults(shown) == {
        FindingKind.HOLE: ({"E1": 1}, ["OA"]),
        FindingKind.PARTLY: ({"E2": 1}, ["OA"]),
    }


def test_two_are_told_with_their_names(city: Connection) -> None:
    add_duties(
        city,
        [Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "street", "B", frozenset({"E1"}))],
    )
    shown = ask(city, "street", "B")
    assert faults(shown)[FindingKind.DOUBLE][1] == ["S1", "S2"]
    assert faults(shown)[FindingKind.HOLE][1] == []


def test_the_panel_says_of_every_area_what_the_audit_finds(city: Connection) -> None:
    put_groups(city, [Group("G", GroupKind.BEAT, "保洁片区")])
    put_members(city, [GroupMember("G", "cell", "A2"), GroupMember("G", "cell", "A3")])
    zones = [Zone("Z", ZoneKind.VENDOR, "市场"), Zone("F", ZoneKind.VENDOR, "远处")]
    put_zones(city, zones, objects([MARKET, affinity.translate(MARKET, 1)]))
    add_duties(
        city,
        [
            Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.GROUP, None, "G", frozenset({"E1"})),
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A3", None, "08:00-18:00"),
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B1", frozenset({"E1"})),
            Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "B1", frozenset({"E1"})),
            Duty(0, "OA", DutyRole.DISPOSE, DutyTarget.ZONE, None, "Z", frozenset({"E2"})),
            Duty(0, "OA", DutyRole.DISPOSE, DutyTarget.ZONE, None, "F", None),
        ],
    )
    day = AS_OF.astimezone(SHANGHAI).date()
    compared = set()
    for level in ("street", "cell"):
        for code in figures(city, 2, level, ReportedFilter(ALL), as_of=AS_OF).codes:
            shown = ask(city, level, code)
            for kind in FindingKind:
                pairs: dict[str, int] = {}
                audit = duty_audit(city, day, tz=SHANGHAI, within=(level, code))
                for one in audit.findings:
                    if one.outcome.kind is kind and one.leaf_count:
                        for named in one.categories:
                            pairs[named] = pairs.get(named, 0) + one.leaf_count
                assert faults(shown).get(kind, ({}, []))[0] == pairs, (level, code, kind)
                compared.add(kind if pairs else None)
            page = duty_matrix(
                city, MatrixQuery(day, parent=(level, code), level="cell"), tz=SHANGHAI
            )
            in_cells = {who: sum(some.values()) for who, some in told(shown).items()}
            assert {w: n for w, n in in_cells.items() if n} == dict(page.total.disposers)
    assert compared == {*FindingKind, None}


def test_who_disposes_in_parts_is_listed(city: Connection) -> None:
    put_groups(city, [Group("G", GroupKind.BEAT, "保洁片区")])
    put_members(city, [GroupMember("G", "cell", "A2")])
    put_zones(city, [Zone("Z", ZoneKind.VENDOR, "市场")], objects([MARKET]))
    add_duties(
        city,
        [
            Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.GROUP, None, "G", frozenset({"E1"})),
            Duty(0, "CA", DutyRole.DISPOSE, DutyTarget.ZONE, None, "Z", frozenset({"E2"})),
        ],
    )
    by_code = {o.responder.code: o for o in ask(city, "street", "A").disposal.disposers}
    assert (by_code["S1"].everywhere, by_code["S1"].places) == (False, ())
    assert (by_code["CA"].leaves, by_code["CA"].places) == (0, ("市场",))
    assert told(ask(city, "cell", "A2"))["S1"] == {"E1": 1}
    assert "CA" not in told(ask(city, "cell", "A2"))


def test_the_duties_that_reach_it_today_come_with_letter_and_hours(city: Connection) -> None:
    told = [
        (here.duty.letter_no, here.duty.hours, here.responder.name, here.target_name)
        for here in ask(city, "cell", "A1").duties
    ]
    assert told == [
        ("17号", None, "一中队", "A1"),
        (None, "22:00-06:00", "二中队", "A"),
    ]


def test_phones_are_for_those_who_may_see_them_and_that_is_noted(city: Connection) -> None:
    def notes() -> list[str]:
        query = sa.select(audit_log.c.subject).where(audit_log.c.action == "read_personal")
        query = query.order_by(audit_log.c.id)
        return list(city.execute(query).scalars())

    assert all(one.phone is None for one in ask(city, "cell", "A1").overseers)
    assert notes() == []
    chief, *_ = ask(city, "cell", "A1", personal=True).overseers
    assert chief.phone == "110"
    assert notes() == ["cell A1"]
    # Nobody with a phone answers in B: nothing personal was read.
    ask(city, "street", "B", personal=True)
    assert notes() == ["cell A1"]


def test_structures_of_the_period_and_those_standing_are_told(city: Connection) -> None:
    shown = ask(city, "cell", "A1").structures
    assert [(one.code, one.day) for one in shown] == [("D1", datetime(2026, 2, 10).date())]  # noqa: DTZ001
    assert [one.code for one in ask(city, "street", "B").structures] == ["D2"]
    assert ask(city, "cell", "A3").structures == ()


def test_every_link_names_the_cases_behind_its_number(city: Connection) -> None:
    links = ask(city, "cell", "A1").links
    here = {"area": "cell:A1", "edition": "2", "from": "2026-01-01", "to": "2026-03-31"}
    assert links["cases"] == here
    assert links["overdue"] == {**here, "overdue": "1", "as_of": AS_OF.isoformat()}
    assert set(links) == {*COUNT_NAMES, "due", "missed", "at_default"}


def test_an_area_out_of_sight_is_not_there(city: Connection) -> None:
    street = ("street", "A")
    limited = ask(city, "cell", "A1", case_scope=area_case_scope(city, street), within=street)
    assert limited.figures == ask(city, "cell", "A1").figures
    with pytest.raises(NotFoundError):
        ask(city, "cell", "B1", case_scope=area_case_scope(city, street), within=street)
    with pytest.raises(NotFoundError):
        ask(city, "cell", "nope")
    assert ask(city, "cell", "A1", case_scope=NO_CASES).figures == DeadlineCounts()
