import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import NotFoundError
from gridmgmt.store.accounts import accounts
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.schema import role_permissions
from tests.factories import make_edition, two_streets


def account(conn: Connection, username: str, **given: object) -> Account:
    role = next(one for one in list_roles(conn) if one.code == "planner")
    plain = {"name": "王", "area": None, "responder_code": None, "active": True}
    return Account(username=username, role=role, **{**plain, **given})


def test_the_shipped_roles_stand_in_their_order(conn: Connection) -> None:
    roles = list_roles(conn)
    assert [one.code for one in roles] == [
        "gis_officer",
        "acceptor",
        "duty_chief",
        "dispatcher",
        "responder",
        "street_chief",
        "collector",
        "commander",
        "planner",
        "administrator",
    ]
    assert all(one.permissions and one.name_zh and one.name_en for one in roles)


def test_every_shipped_permission_is_known_and_held_by_some_role(conn: Connection) -> None:
    stored = set(conn.execute(sa.select(role_permissions.c.permission)).scalars())
    assert stored == set(Permission)


def test_an_account_is_read_as_it_was_stored(conn: Connection) -> None:
    make_edition(conn, two_streets())
    stored = account(conn, "wang", area=("street", "A"), active=False)
    accounts.add_account(conn, stored, "a hash")
    assert accounts.find_account(conn, "wang") == stored
    assert accounts.password_hash(conn, "wang") == "a hash"


def test_accounts_are_listed_by_username_the_disabled_ones_too(conn: Connection) -> None:
    for username, active in (("b", True), ("a", False), ("C", True)):
        accounts.add_account(conn, account(conn, username, active=active), "a hash")
    assert [one.username for one in accounts.list_accounts(conn)] == ["C", "a", "b"]


def test_who_is_not_there_is_none_or_named(conn: Connection) -> None:
    assert accounts.find_account(conn, "nobody") is None
    assert accounts.password_hash(conn, "nobody") is None
    with pytest.raises(NotFoundError, match="'nobody'"):
        accounts.get_account(conn, "nobody")


def test_a_change_touches_one_account(conn: Connection) -> None:
    for username in ("a", "b"):
        accounts.add_account(conn, account(conn, username), "a hash")
    accounts.change_account(conn, "a", name="李", active=False)
    assert accounts.get_account(conn, "a") == account(conn, "a", name="李", active=False)
    assert accounts.get_account(conn, "b") == account(conn, "b")


def test_an_account_has_a_role_there_is(conn: Connection) -> None:
    accounts.add_account(conn, account(conn, "a"), "a hash")
    with pytest.raises(IntegrityError):
        accounts.change_account(conn, "a", role="boss")
