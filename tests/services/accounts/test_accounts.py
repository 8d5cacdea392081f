import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import median

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES, CaseScope
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.session import Session
from gridmgmt.errors import AccountError, InputError, NotFoundError
from gridmgmt.services.accounts import accounts, passwords, sessions, tokens
from gridmgmt.services.accounts.case_scopes import case_scope_of
from gridmgmt.store.accounts import accounts as stored
from gridmgmt.store.schema import audit_log, role_permissions
from gridmgmt.store.schema import sessions as session_rows
from tests.factories import make_edition, make_responder, two_streets

PASSWORD = "a long password"


def make(conn: Connection, username: str = "li", role: str = "dispatcher", **given) -> Account:
    return accounts.create(conn, username, role, PASSWORD, actor="chief", **given)


def change(conn: Connection, username: str, **given) -> Account:
    plain = {"role": "dispatcher", "name": "", "area": None, "responder_code": None}
    return accounts.change(conn, username, actor="chief", **{**plain, **given})


def begin(conn: Connection) -> Session:
    now = datetime.now(UTC)
    return sessions.begin(conn, "li", address="10.0.0.1", user_agent="", now=now).session


def ended_by(conn: Connection, session: Session) -> str | None:
    query = sa.select(session_rows.c.ended_by).where(session_rows.c.id == session.id)
    return conn.execute(query).scalar_one()


def entries(conn: Connection) -> list[tuple[str, str, str, dict]]:
    log = audit_log.c
    query = sa.select(log.actor, log.action, log.subject, log.detail).order_by(log.id)
    return [tuple(row) for row in conn.execute(query)]


def test_an_account_logs_in_with_its_password_only(conn: Connection) -> None:
    made = make(conn, name="李派遣")
    assert accounts.check_password(conn, "li", PASSWORD) == made
    assert accounts.check_password(conn, "li", PASSWORD + " ") is None
    assert accounts.check_password(conn, "Li", PASSWORD) is None
    assert accounts.check_password(conn, "nobody", PASSWORD) is None


def test_the_program_hashes_at_the_cost_that_rfc_9106_recommends(
    costly_hasher: PasswordHasher,
) -> None:
    assert extract_parameters(costly_hasher.hash("any")) == RFC_9106_LOW_MEMORY


def test_the_password_is_kept_as_an_argon2_hash(conn: Connection) -> None:
    make(conn)
    kept = stored.password_hash(conn, "li")
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.proof
def test_a_name_that_is_none_costs_as_much_as_a_wrong_password(
    conn: Connection, costly_hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told by the time of the processor, which other programs do not share.

    Without a hash to check, a name that is none would take a hundredth.
    """
    monkeypatch.setattr(passwords, "_HASHER", costly_hasher)
    monkeypatch.setattr(passwords, "_NOBODY", costly_hasher.hash("the password of nobody"))
    make(conn)

    def seconds(username: str) -> float:
        begun = time.process_time()
        assert accounts.check_password(conn, username, "not the password") is None
        return time.process_time() - begun

    taken = [(seconds("li"), seconds("nobody"), seconds("\x00")) for _ in range(7)]
    known, unknown, unfit = (median(column) for column in zip(*taken, strict=True))
    assert 0.6 < unknown / known < 1.6
    assert 0.6 < unfit / known < 1.6


@pytest.mark.parametrize("typed", ["\x00", "\ud800", "x" * 10_000])
def test_what_nobody_is_called_logs_nobody_in(conn: Connection, typed: str) -> None:
    make(conn)
    assert accounts.check_password(conn, typed, PASSWORD) is None
    assert accounts.check_password(conn, "li", typed) is None


def test_a_disabled_account_does_not_log_in_and_its_sessions_end(conn: Connection) -> None:
    make(conn)
    begun = begin(conn)
    disabled = accounts.set_active(conn, "li", active=False, actor="chief")
    assert accounts.check_password(conn, "li", PASSWORD) is None
    assert ended_by(conn, begun) == "account"
    assert not disabled.may(Permission.SEE_CASES)
    accounts.set_active(conn, "li", active=True, actor="chief")
    assert accounts.check_password(conn, "li", PASSWORD) is not None


def test_another_password_ends_sessions_and_the_old_one_opens_nothing(
    conn: Connection,
) -> None:
    make(conn)
    begun = begin(conn)
    accounts.set_password(conn, "li", "another password", actor="li")
    assert accounts.check_password(conn, "li", PASSWORD) is None
    assert accounts.check_password(conn, "li", "another password") is not None
    assert ended_by(conn, begun) == "password"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "li wang"}, "username"),
        ({"username": "li/wang"}, "username"),
        ({"username": ".."}, "username"),
        ({"username": "li\n"}, "username"),
        ({"username": "li\x00"}, "username"),
        ({"username": "x" * 101}, "username"),
        ({"role": "boss"}, "role"),
        ({"area": ("street", "Z")}, "area"),
        ({"area": ("planet", "A")}, "area"),
        ({"responder_code": "Z"}, "responder"),
        ({"role": "responder"}, "responder"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    conn: Connection, given: dict, field: str
) -> None:
    make_edition(conn, two_streets())
    with pytest.raises(InputError) as refused:
        make(conn, **given)
    assert refused.value.field == field


def test_a_username_is_given_once(conn: Connection) -> None:
    make(conn)
    with pytest.raises(InputError, match="already"):
        make(conn)


@pytest.mark.parametrize(
    "password", ["", "123456789", "x" * 1001, "zhaoyuan2026", "planner1234"]
)
def test_a_password_that_is_short_endless_or_easy_to_guess_is_not_given(
    conn: Connection, password: str
) -> None:
    with pytest.raises(InputError):
        accounts.create(conn, "zhaoyuan", "planner", password, actor="chief")
    accounts.create(conn, "zhaoyuan", "planner", PASSWORD, actor="chief")
    with pytest.raises(InputError):
        accounts.set_password(conn, "zhaoyuan", password, actor="chief")
    with pytest.raises(InputError):
        accounts.change_own_password(conn, "zhaoyuan", password)
    assert accounts.check_password(conn, "zhaoyuan", PASSWORD) is not None


def test_a_password_that_somebody_gave_is_to_be_changed_by_its_owner(conn: Connection) -> None:
    assert make(conn).must_change
    with pytest.raises(InputError, match="the present password"):
        accounts.change_own_password(conn, "li", PASSWORD)
    accounts.change_own_password(conn, "li", "another password")
    assert not stored.get_account(conn, "li").must_change
    accounts.set_password(conn, "li", "yet another password", actor="chief")
    assert stored.get_account(conn, "li").must_change


def test_the_passwords_of_a_demo_open_at_once(conn: Connection) -> None:
    shown = accounts.create(conn, "li", "planner", PASSWORD, must_change=False, actor="demo")
    assert not shown.must_change


def test_a_change_is_kept_ends_sessions_and_tells_before_and_after(conn: Connection) -> None:
    make_edition(conn, two_streets())
    make(conn, name="李")
    begun = begin(conn)
    changed = change(conn, "li", role="acceptor", name="李四", area=("street", "A"))
    assert changed == stored.get_account(conn, "li")
    assert ended_by(conn, begun) == "account"
    assert (changed.role.code, changed.name, changed.area) == (
        "acceptor",
        "李四",
        ("street", "A"),
    )
    actor, action, subject, detail = entries(conn)[-1]
    assert (actor, action, subject) == ("chief", "change_account", "account li")
    assert detail["before"]["role"] == "dispatcher"
    assert detail["after"] == {
        "role": "acceptor",
        "name": "李四",
        "area": ["street", "A"],
        "responder": None,
    }


def test_an_account_that_is_not_there_is_named(conn: Connection) -> None:
    with pytest.raises(NotFoundError, match="'li'"):
        change(conn, "li")
    with pytest.raises(NotFoundError, match="'li'"):
        accounts.set_active(conn, "li", active=False, actor="chief")
    with pytest.raises(NotFoundError, match="'li'"):
        accounts.set_password(conn, "li", PASSWORD, actor="chief")


def test_no_password_stands_in_the_audit_log(conn: Connection) -> None:
    make(conn)
    accounts.set_password(conn, "li", "another password", actor="li")
    assert [action for _, action, _, _ in entries(conn)] == ["create_account", "set_password"]
    assert "password" not in str([detail for *_, detail in entries(conn)])


def test_the_last_who_manages_accounts_stays(conn: Connection) -> None:
    make(conn, "root", "administrator")
    with pytest.raises(AccountError, match="'root' is the last"):
        accounts.set_active(conn, "root", active=False, actor="root")
    with pytest.raises(AccountError, match="'root' is the last"):
        change(conn, "root")
    make(conn, "second", "administrator")
    accounts.set_active(conn, "second", active=False, actor="root")
    with pytest.raises(AccountError, match="'root' is the last"):
        accounts.set_active(conn, "root", active=False, actor="root")
    accounts.set_active(conn, "second", active=True, actor="root")
    change(conn, "root")
    assert stored.get_account(conn, "root").role.code == "dispatcher"


def test_two_who_disable_each_other_at_once_leave_one(engine: Engine) -> None:
    with engine.begin() as conn:
        make(conn, "one", "administrator")
        make(conn, "two", "administrator")

    def disable(username: str) -> bool:
        try:
            with engine.begin() as own:
                accounts.set_active(own, username, active=False, actor="x")
        except AccountError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(disable, ["one", "two"])) == [False, True]


def test_sight_follows_from_role_area_and_responder(conn: Connection) -> None:
    edition = make_edition(conn, two_streets())
    make_responder(conn, "S1")
    in_a = tuple((edition, f"A{number}") for number in range(1, 5))
    seen = {
        name: case_scope_of(conn, account)
        for name, account in {
            "all": make(conn, "all"),
            "street": make(conn, "street", area=("street", "A")),
            "cell": make(conn, "cell", area=("cell", "B2")),
            "own": make(conn, "own", "responder", responder_code="S1"),
            "own in A": make(
                conn, "own2", "responder", responder_code="S1", area=("street", "A")
            ),
            "dispatcher of S1": make(conn, "tied", responder_code="S1"),
            "none": make(conn, "gis", "gis_officer"),
        }.items()
    }
    assert seen == {
        "all": ALL_CASES,
        "street": CaseScope(leaves=in_a),
        "cell": CaseScope(leaves=((edition, "B2"),)),
        "own": CaseScope(responder_code="S1"),
        "own in A": CaseScope(leaves=in_a, responder_code="S1"),
        "dispatcher of S1": ALL_CASES,
        "none": NO_CASES,
    }


def test_a_disabled_account_sees_nothing(conn: Connection) -> None:
    make(conn)
    disabled = accounts.set_active(conn, "li", active=False, actor="chief")
    assert case_scope_of(conn, disabled) == NO_CASES


def test_a_permission_this_program_does_not_know_allows_nothing(conn: Connection) -> None:
    conn.execute(role_permissions.insert().values(role="dispatcher", permission="fly"))
    assert "fly" not in make(conn).role.permissions
    assert Permission.ASSIGN_CASES in make(conn, "wang").role.permissions


def test_a_limit_to_an_area_takes_away_what_is_about_the_whole_city(conn: Connection) -> None:
    make_edition(conn, two_streets())
    officer = make(conn, "wide", "gis_officer")
    limited = make(conn, "narrow", "gis_officer", area=("street", "A"))
    assert officer.may(Permission.EDIT_DRAFTS)
    assert not limited.may(Permission.EDIT_DRAFTS)
    assert limited.may(Permission.SEE_AREAS)


def test_another_password_revokes_the_tokens_too(conn: Connection) -> None:
    account = make(conn, "zhang", "planner", must_change=False)
    now = datetime.now(UTC)
    made = tokens.create(conn, account, "a script", days=30, now=now)
    assert tokens.check(conn, made.secret, now=now) is not None
    accounts.set_password(conn, "zhang", "quite another password", actor="zhang")
    assert tokens.check(conn, made.secret, now=now) is None
