"""One case as its page shows it, and where it would go."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES, sees_personal
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import CaseAction
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import NotFoundError
from gridmgmt.services.cases.details import CaseDetail, detail, would_go
from gridmgmt.store.cases.cases import get_case
from gridmgmt.store.schema import audit_log
from tests.factories import make_edition, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import A1, SHANGHAI, case_file, give_duties, row, take_in

RULES = JudgingRules(SHANGHAI)


def somebody(*permissions: Permission, responder: str | None = None) -> Account:
    role = Role("r", "角色", "Role", frozenset(permissions))
    return Account("li", "李", role, None, responder, active=True)


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    give_duties(conn)
    rows = [row("C1", A1, address="某路1号"), row("C2", None)]
    take_in(conn, case_file(tmp_path, rows))
    return conn


def shown(conn: Connection, account: Account) -> CaseDetail:
    return detail(conn, "C1", account, rules=RULES, case_scope=ALL_CASES)


def test_personal_data_are_there_for_who_dispatches_and_who_has_the_case(
    city: Connection,
) -> None:
    case = get_case(city, "C1")
    dispatcher = somebody(Permission.SEE_CASES, Permission.SEE_PERSONAL)
    owner = somebody(Permission.SEE_OWN_CASES, responder="S1")
    other = somebody(Permission.SEE_OWN_CASES, responder="S2")
    reader = somebody(Permission.SEE_CASES, responder="S1")
    told = [
        sees_personal(account, case, ALL_CASES)
        for account in (dispatcher, owner, other, reader)
    ]
    assert told == [True, True, False, False]
    assert shown(city, owner).case.given.address == "某路1号"
    assert shown(city, reader).case.given.address is None


def test_reading_a_page_is_noted_once(city: Connection) -> None:
    shown(city, somebody(Permission.SEE_PERSONAL))
    query = sa.select(audit_log.c.detail).where(audit_log.c.action == "read_personal")
    query = query.order_by(audit_log.c.id)
    assert list(city.execute(query).scalars()) == [{"command": "page"}]


def test_an_action_needs_its_permission_and_a_state_that_allows_it(city: Connection) -> None:
    everything = somebody(*Permission)
    assert shown(city, everything).actions == {
        CaseAction.PLACE,
        CaseAction.ASSIGN,
        CaseAction.BOUNCE,
        CaseAction.DISPOSE,
        CaseAction.SUPERVISE,
    }
    assert shown(city, somebody(Permission.CLOSE_CASES)).actions == set()


def test_a_case_is_judged_by_another_edition_and_stays_where_it_is(city: Connection) -> None:
    levels = two_streets()
    levels["cell"].geoms[0] = square(0, 0, 0.2, 0.5)
    levels["cell"].geoms[1] = square(0.2, 0, 0.8, 0.5)
    make_edition(city, levels)
    before = get_case(city, "C1")
    found = would_go(city, "C1", 2, rules=RULES, case_scope=ALL_CASES)
    assert found.areas[0] == ("cell", "A2", "A2")
    assert found.decision.responder == "OA"
    assert before.location.area_code == "A1"
    assert get_case(city, "C1") == before
    again = would_go(city, "C1", 1, rules=RULES, case_scope=ALL_CASES)
    assert (again.areas[0][1], again.decision.responder) == ("A1", "S1")


def test_a_case_without_a_position_goes_nowhere_under_any_edition(city: Connection) -> None:
    found = would_go(city, "C2", 1, rules=RULES, case_scope=ALL_CASES)
    assert (found.unlocated, found.areas) == ("no_position", ())


def test_what_is_not_there_or_out_of_sight_is_not_found(city: Connection) -> None:
    for case_no, edition, case_scope in (
        ("C9", 1, ALL_CASES),
        ("C1", 9, ALL_CASES),
        ("C1", 1, NO_CASES),
    ):
        with pytest.raises(NotFoundError):
            would_go(city, case_no, edition, rules=RULES, case_scope=case_scope)
