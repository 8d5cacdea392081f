from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account
from gridmgmt.errors import InputError, NotAllowedError, NotFoundError
from gridmgmt.services.accounts import accounts, tokens
from gridmgmt.store.accounts import accounts as stored_accounts
from gridmgmt.store.accounts import api_tokens
from gridmgmt.store.schema import api_tokens as table
from gridmgmt.store.schema import audit_log

NOW = datetime(2026, 11, 22, 8, 3, tzinfo=UTC)


def make(conn: Connection, username: str, role: str, *, must_change: bool = False) -> Account:
    return accounts.create(
        conn, username, role, "a long password", must_change=must_change, actor="test"
    )


@pytest.fixture
def li(conn: Connection) -> Account:
    return make(conn, "li", "dispatcher")


def test_a_token_opens_for_its_account_and_only_its_hash_is_kept(
    conn: Connection, li: Account
) -> None:
    made = tokens.create(conn, li, " nightly report ", days=30, now=NOW)
    caller = tokens.check(conn, made.secret, now=NOW)
    assert caller is not None
    assert caller.account == li
    assert caller.token.name == "nightly report"
    assert caller.token.expires_at == NOW + timedelta(days=30)
    stored = conn.execute(sa.select(table)).one()
    assert made.secret not in str(stored)
    assert len(stored.token_hash) == 64


def test_no_two_tokens_are_the_same(conn: Connection, li: Account) -> None:
    made = {tokens.create(conn, li, "x", days=1, now=NOW).secret for _ in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize("secret", ["", "gridmgmt_", "gridmgmt_wrong", "\x00", "\ud800"])
def test_an_unknown_token_opens_nothing(conn: Connection, li: Account, secret: str) -> None:
    tokens.create(conn, li, "x", days=1, now=NOW)
    assert tokens.check(conn, secret, now=NOW) is None


def test_a_token_ends_at_its_expiry(conn: Connection, li: Account) -> None:
    secret = tokens.create(conn, li, "x", days=1, now=NOW).secret
    end = NOW + timedelta(days=1)
    assert tokens.check(conn, secret, now=end - timedelta(microseconds=1)) is not None
    assert tokens.check(conn, secret, now=end) is None


def test_a_revoked_token_opens_nothing_and_stays_listed(conn: Connection, li: Account) -> None:
    made = tokens.create(conn, li, "x", days=1, now=NOW)
    tokens.revoke(conn, "li", made.token.id, actor="li", now=NOW)
    assert tokens.check(conn, made.secret, now=NOW) is None
    later = NOW + timedelta(hours=1)
    assert tokens.revoke(conn, "li", made.token.id, actor="li", now=later).revoked_at == NOW
    assert [one.revoked_at for one in api_tokens.list_tokens(conn, "li")] == [NOW]


def test_somebody_elses_token_cannot_be_revoked(conn: Connection, li: Account) -> None:
    made = tokens.create(conn, li, "x", days=1, now=NOW)
    other = make(conn, "wang", "dispatcher")
    with pytest.raises(NotFoundError):
        tokens.revoke(conn, other.username, made.token.id, actor="wang", now=NOW)
    assert tokens.check(conn, made.secret, now=NOW) is not None


def test_the_tokens_of_a_disabled_account_rest_until_it_is_enabled(
    conn: Connection, li: Account
) -> None:
    secret = tokens.create(conn, li, "x", days=1, now=NOW).secret
    accounts.set_active(conn, "li", active=False, actor="test")
    assert tokens.check(conn, secret, now=NOW) is None
    accounts.set_active(conn, "li", active=True, actor="test")
    assert tokens.check(conn, secret, now=NOW) is not None


def test_a_token_does_no_more_than_the_account_may_now(conn: Connection, li: Account) -> None:
    secret = tokens.create(conn, li, "x", days=1, now=NOW).secret
    accounts.change(
        conn, "li", role="commander", name="", area=None, responder_code=None, actor="test"
    )
    assert tokens.check(conn, secret, now=NOW) is None


def test_the_use_of_a_token_is_noted_once_a_minute(conn: Connection, li: Account) -> None:
    made = tokens.create(conn, li, "x", days=1, now=NOW)
    noted = []
    for seconds in (0, 59, 60, 61):
        tokens.check(conn, made.secret, now=NOW + timedelta(seconds=seconds))
        noted.append(api_tokens.list_tokens(conn, "li")[0].last_used_at)
    minute = NOW + timedelta(minutes=1)
    assert noted == [NOW, NOW, minute, minute]


def test_a_role_without_the_api_gets_no_token(conn: Connection) -> None:
    chief = make(conn, "chief", "commander")
    with pytest.raises(NotAllowedError):
        tokens.create(conn, chief, "x", days=1, now=NOW)


@pytest.mark.parametrize(
    ("name", "days"), [("", 1), (" ", 1), ("x" * 101, 1), ("x", 0), ("x", 367)]
)
def test_a_token_has_a_name_and_an_end(
    conn: Connection, li: Account, name: str, days: int
) -> None:
    with pytest.raises(InputError):
        tokens.create(conn, li, name, days=days, now=NOW)


def test_making_and_revoking_are_audited_without_the_token(
    conn: Connection, li: Account
) -> None:
    made = tokens.create(conn, li, "report", days=1, now=NOW)
    tokens.revoke(conn, "li", made.token.id, actor="li", now=NOW)
    entries = conn.execute(
        sa.select(audit_log).where(audit_log.c.actor == "li").order_by(audit_log.c.id)
    ).all()
    assert [entry.action for entry in entries] == ["create_token", "revoke_token"]
    assert {entry.detail["name"] for entry in entries} == {"report"}
    assert made.secret not in str(entries)


def test_no_token_is_made_or_good_before_the_given_password_is_changed(
    conn: Connection,
) -> None:
    new = make(conn, "xin", "dispatcher", must_change=True)
    with pytest.raises(NotAllowedError, match="change the password"):
        tokens.create(conn, new, "a script", days=30, now=NOW)
    old = make(conn, "lao", "dispatcher")
    made = tokens.create(conn, old, "a script", days=30, now=NOW)
    assert tokens.check(conn, made.secret, now=NOW) is not None
    stored_accounts.change_account(conn, "lao", must_change=True)
    assert tokens.check(conn, made.secret, now=NOW) is None
