from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import (
    AccountError,
    FieldsError,
    InputError,
    NotFoundError,
    OutdatedPreviewError,
)
from gridmgmt.services.accounts import accounts, roles
from gridmgmt.services.accounts.roles import RoleEffect, StatedRole
from gridmgmt.store.accounts.accounts import get_account
from gridmgmt.store.accounts.roles import find_role, get_role, list_roles
from gridmgmt.store.schema import audit_log, role_permissions
from tests.factories import make_edition, make_responder, two_streets

PASSWORD = "a long password"
PATROL = StatedRole("patrol", "巡查员", "Patrol", frozenset({"see_map"}), is_new=True)


def make(conn: Connection, username: str, role: str, **given) -> Account:
    return accounts.create(conn, username, role, PASSWORD, actor="chief", **given)


def put(conn: Connection, stated: StatedRole, seen: str | None = None) -> RoleEffect:
    return roles.put_role(conn, stated, actor="chief", seen=seen)


def with_permissions(conn: Connection, code: str, *, give=(), take=()) -> StatedRole:
    now = get_role(conn, code)
    kept = {*map(str, now.permissions), *give} - {*take}
    return StatedRole(code, now.name_zh, now.name_en, frozenset(kept))


def newest_entry(conn: Connection) -> tuple:
    log = audit_log.c
    query = sa.select(log.actor, log.action, log.subject, log.detail).order_by(log.id.desc())
    return tuple(conn.execute(query.limit(1)).one())


def test_a_role_of_the_bureaus_own_stands_behind_the_others_and_can_be_given(
    conn: Connection,
) -> None:
    effect = put(conn, PATROL)
    assert (effect.before, effect.given, effect.people) == (None, (Permission.SEE_MAP,), ())
    assert list_roles(conn)[-1] == effect.after
    assert make(conn, "li", "patrol").may(Permission.SEE_MAP)
    assert newest_entry(conn)[1] == "create_account"


def test_a_change_holds_for_accounts_at_once_and_is_audited(conn: Connection) -> None:
    make(conn, "li", "dispatcher")
    make(conn, "wang", "planner")
    stated = with_permissions(
        conn, "dispatcher", give={"close_cases"}, take={"see_personal", "use_api"}
    )
    effect = put(conn, stated)
    assert effect.given == (Permission.CLOSE_CASES,)
    assert effect.taken == (Permission.SEE_PERSONAL, Permission.USE_API)
    assert [one.username for one in effect.people] == ["li"]
    now = get_account(conn, "li")
    assert now.may(Permission.CLOSE_CASES)
    assert not now.may(Permission.SEE_PERSONAL)
    assert not get_account(conn, "wang").may(Permission.CLOSE_CASES)
    assert newest_entry(conn) == (
        "chief",
        "change_role",
        "role dispatcher",
        {
            "names": {"zh": "派遣员", "en": "Dispatcher"},
            "given": ["close_cases"],
            "taken": ["see_personal", "use_api"],
            "accounts": 1,
        },
    )


def test_another_name_is_audited_with_the_one_before(conn: Connection) -> None:
    put(conn, PATROL)
    effect = put(conn, StatedRole("patrol", " 街面  巡查 ", "", frozenset({"see_map"})))
    assert effect.is_renamed
    assert (effect.after.name_zh, effect.after.name_en) == ("街面 巡查", "街面 巡查")
    detail = newest_entry(conn)[3]
    assert detail["before"] == {"name_zh": "巡查员", "name_en": "Patrol"}
    assert detail["after"] == {"name_zh": "街面 巡查", "name_en": "街面 巡查"}


def test_a_preview_says_whom_it_concerns_and_stores_nothing(conn: Connection) -> None:
    make(conn, "li", "planner")
    accounts.set_active(conn, "li", active=False, actor="chief")
    before = get_role(conn, "planner")
    effect = roles.preview_role(conn, with_permissions(conn, "planner", give={"see_audit"}))
    assert [(one.username, one.active) for one in effect.people] == [("li", False)]
    assert get_role(conn, "planner") == before


def test_who_gains_what_needs_a_second_factor_is_named(conn: Connection) -> None:
    make_edition(conn, two_streets())
    make(conn, "li", "planner")
    make(conn, "limited", "planner", area=("street", "A"))
    stated = with_permissions(conn, "planner", give={"edit_drafts", "publish_drafts"})
    # Limited to an area, nobody may publish, so nothing is asked of them.
    assert [one.username for one in roles.preview_role(conn, stated).to_set_up] == ["li"]
    # Who needed one before is asked at the login, whatever changes now.
    make(conn, "wang", "gis_officer")
    more = with_permissions(conn, "gis_officer", give={"manage_accounts"})
    assert roles.preview_role(conn, more).to_set_up == ()


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (StatedRole("Patrol", "巡查", "", frozenset({"see_map"}), is_new=True), "code"),
        (StatedRole("a/b", "巡查", "", frozenset({"see_map"}), is_new=True), "code"),
        (StatedRole("", "巡查", "", frozenset({"see_map"}), is_new=True), "code"),
        (StatedRole("planner", "巡查", "", frozenset({"see_map"}), is_new=True), "code"),
        (StatedRole("patrol", " ", "", frozenset({"see_map"}), is_new=True), "name_zh"),
        (StatedRole("patrol", "x" * 31, "", frozenset({"see_map"}), is_new=True), "name_zh"),
        (StatedRole("patrol", "规划员", "", frozenset({"see_map"}), is_new=True), "name_zh"),
        (StatedRole("patrol", "巡查", "PLANNER", frozenset({"a"}), is_new=True), "name_en"),
        (StatedRole("patrol", "巡查", "", frozenset(), is_new=True), "permissions"),
        (StatedRole("patrol", "巡查", "", frozenset({"fly"}), is_new=True), "permissions"),
    ],
)
def test_a_role_that_cannot_be_is_refused(
    conn: Connection, stated: StatedRole, field: str
) -> None:
    with pytest.raises(FieldsError) as refused:
        put(conn, stated)
    assert field in refused.value.by_field


def test_everything_wrong_is_said_at_once(conn: Connection) -> None:
    with pytest.raises(FieldsError) as refused:
        put(conn, StatedRole("?", "", "Planner", frozenset({"fly"}), is_new=True))
    assert set(refused.value.by_field) == {"code", "name_zh", "name_en", "permissions"}


def test_a_change_of_nothing_and_of_a_role_that_is_not_there_are_refused(
    conn: Connection,
) -> None:
    with pytest.raises(FieldsError, match="changes nothing"):
        put(conn, with_permissions(conn, "planner"))
    with pytest.raises(NotFoundError, match="boss"):
        put(conn, StatedRole("boss", "头", "", frozenset({"see_map"})))


def test_nobody_locks_everybody_out(conn: Connection) -> None:
    make(conn, "boss", "administrator")
    away = with_permissions(conn, "administrator", take={"manage_accounts"})
    with pytest.raises(AccountError, match="nobody could manage accounts"):
        put(conn, away)
    assert get_account(conn, "boss").may(Permission.MANAGE_ACCOUNTS)
    # An account that is disabled, or limited to an area, manages nothing.
    make_edition(conn, two_streets())
    put(conn, StatedRole("head", "主任", "", frozenset({"manage_accounts"}), is_new=True))
    make(conn, "limited", "head", area=("street", "A"))
    make(conn, "gone", "head")
    accounts.set_active(conn, "gone", active=False, actor="chief")
    with pytest.raises(AccountError):
        put(conn, away)
    accounts.set_active(conn, "gone", active=True, actor="chief")
    put(conn, away)
    assert not get_account(conn, "boss").may(Permission.MANAGE_ACCOUNTS)


def test_where_nobody_manages_yet_a_role_can_be_changed(conn: Connection) -> None:
    put(conn, with_permissions(conn, "planner", give={"see_audit"}))
    assert Permission.SEE_AUDIT in get_role(conn, "planner").permissions


def test_who_sees_their_own_cases_only_must_act_for_somebody(conn: Connection) -> None:
    make_responder(conn, "S1")
    make(conn, "li", "planner")
    gains = with_permissions(conn, "planner", give={"see_own_cases"})
    with pytest.raises(FieldsError, match="li"):
        put(conn, gains)
    accounts.change(
        conn, "li", role="planner", name="", area=None, responder_code="S1", actor="chief"
    )
    put(conn, gains)


def test_what_opens_nothing_alone_is_noted(conn: Connection) -> None:
    stated = StatedRole("patrol", "巡查", "", frozenset({"assign_cases"}), is_new=True)
    assert put(conn, stated).opening_nothing == (Permission.ASSIGN_CASES,)


def test_a_permission_of_another_release_stays(conn: Connection) -> None:
    conn.execute(role_permissions.insert().values(role="planner", permission="see_future"))
    put(conn, with_permissions(conn, "planner", give={"see_audit"}, take={"see_map"}))
    kept = sa.select(role_permissions.c.permission).where(role_permissions.c.role == "planner")
    stored = set(conn.execute(kept).scalars())
    assert {"see_future", "see_audit"} <= stored
    assert "see_map" not in stored


def test_only_a_role_of_nobody_is_retired(conn: Connection) -> None:
    put(conn, PATROL)
    make(conn, "li", "patrol")
    accounts.set_active(conn, "li", active=False, actor="chief")
    with pytest.raises(AccountError, match="li"):
        roles.retire_role(conn, "patrol", actor="chief")
    accounts.change(
        conn, "li", role="planner", name="", area=None, responder_code=None, actor="chief"
    )
    roles.retire_role(conn, "patrol", actor="chief")
    assert find_role(conn, "patrol") is None
    detail = {"names": {"zh": "巡查员", "en": "Patrol"}, "taken": ["see_map"]}
    assert newest_entry(conn) == ("chief", "retire_role", "role patrol", detail)
    with pytest.raises(NotFoundError):
        roles.retire_role(conn, "patrol", actor="chief")


def test_accounts_are_counted_by_role(conn: Connection) -> None:
    for username in ("a", "b"):
        make(conn, username, "planner")
    accounts.set_active(conn, "b", active=False, actor="chief")
    assert roles.count_accounts(conn) == {"planner": (1, 2)}


def test_who_comes_later_hears_that_it_changed(conn: Connection) -> None:
    mine = with_permissions(conn, "planner", give={"see_audit"})
    seen = roles.preview_role(conn, mine).seen
    put(conn, with_permissions(conn, "planner", take={"see_map"}))
    with pytest.raises(OutdatedPreviewError):
        put(conn, mine, seen)
    # So does whoever saw other people than those it concerns by now.
    again = with_permissions(conn, "planner", give={"see_audit"})
    seen = roles.preview_role(conn, again).seen
    make(conn, "li", "planner")
    with pytest.raises(OutdatedPreviewError):
        put(conn, again, seen)
    put(conn, again, roles.preview_role(conn, again).seen)


def test_of_two_administrators_at_once_one_hears_that_it_changed(engine: Engine) -> None:
    """Both saw the same; each change waits for the other's transaction to end."""
    with engine.connect() as conn:
        stated = [
            with_permissions(conn, "planner", give={name})
            for name in ("see_audit", "see_personal")
        ]
        seen = [roles.preview_role(conn, one).seen for one in stated]

    def change(at: int) -> str:
        try:
            with engine.begin() as conn:
                put(conn, stated[at], seen[at])
        except OutdatedPreviewError:
            return "changed"
        return "stored"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, (0, 1))) == ["changed", "stored"]


def test_an_account_is_not_made_in_a_role_that_is_retired_meanwhile(engine: Engine) -> None:
    """Without its turn it would read the role and then fail at the foreign key."""
    with engine.begin() as conn:
        put(conn, PATROL)

    def make_one() -> None:
        with engine.begin() as conn:
            make(conn, "li", "patrol")

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as conn:
            roles.retire_role(conn, "patrol", actor="chief")
            made = pool.submit(make_one)
            with pytest.raises(TimeoutError):
                made.result(timeout=0.5)
        with pytest.raises(InputError, match="there is no role"):
            made.result(timeout=20)
