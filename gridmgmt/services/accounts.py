"""Accounts: made, checked at login, and what each may see."""

import secrets
from dataclasses import replace

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy.engine import Connection

from gridmgmt.domain.account import Account
from gridmgmt.domain.permission import Permission
from gridmgmt.domain.sight import EVERYTHING, NOTHING, Sight
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.services.cases import within_area
from gridmgmt.store import accounts, audit
from gridmgmt.store.areas import known_areas
from gridmgmt.store.responders import list_responders

MIN_PASSWORD = 10

# Argon2id with the library's parameters, which follow RFC 9106's second recommendation.
_HASHER = PasswordHasher()
# Checked when there is no such account, so that the answer takes as long as for one there is.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())


def new_password() -> str:
    """Make a password that nobody has had."""
    return secrets.token_urlsafe(12)


def create(
    conn: Connection,
    username: str,
    role: str,
    password: str,
    *,
    name: str = "",
    area: tuple[str, str] | None = None,
    responder_code: str | None = None,
    actor: str,
) -> Account:
    """Make an account.

    Raises
    ------
    InputError
        when the username is taken or unfit, the password too short, or the role, area or
        responder is not there
    """
    _check_username(conn, username)
    _check_password(password)
    roles = {one.code: one for one in accounts.list_roles(conn)}
    if role not in roles:
        raise InputError(
            "role", f"there is no role {role!r}; choose one of: {', '.join(roles)}"
        )
    _check_limits(conn, area, responder_code)
    if Permission.SEE_OWN_CASES in roles[role].permissions and responder_code is None:
        message = f"an account of the role {role} must name the responder it acts for"
        raise InputError(field="responder", message=message)
    account = Account(
        username=username,
        name=name or username,
        role=roles[role],
        area=area,
        responder_code=responder_code,
        active=True,
        session_key=secrets.token_urlsafe(16),
    )
    accounts.add_account(conn, account, _HASHER.hash(password))
    audit.record(conn, actor, "create_account", f"account {username}", _described(account))
    return account


def set_password(conn: Connection, username: str, password: str, *, actor: str) -> None:
    """Give an account another password; all its sessions end.

    Raises
    ------
    NotFoundError
        when there is no such account
    InputError
        when the password is too short
    """
    accounts.get_account(conn, username)
    _check_password(password)
    accounts.change_account(
        conn,
        username,
        password_hash=_HASHER.hash(password),
        session_key=secrets.token_urlsafe(16),
    )
    audit.record(conn, actor, "set_password", f"account {username}", {})


def set_active(conn: Connection, username: str, *, active: bool, actor: str) -> Account:
    """Disable an account, which ends its sessions, or let it log in again.

    Raises
    ------
    NotFoundError
        when there is no such account
    """
    before = accounts.get_account(conn, username)
    key = secrets.token_urlsafe(16)
    accounts.change_account(conn, username, active=active, session_key=key)
    detail = {"before": {"active": before.active}, "after": {"active": active}}
    action = "enable_account" if active else "disable_account"
    audit.record(conn, actor, action, f"account {username}", detail)
    return replace(before, active=active, session_key=key)


def check_password(conn: Connection, username: str, password: str) -> Account | None:
    """Return the active account that this password belongs to, None otherwise."""
    stored = accounts.password_hash(conn, username)
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except VerificationError:
        return None
    account = accounts.find_account(conn, username)
    if account is None or not account.active:
        return None
    if stored is not None and _HASHER.check_needs_rehash(stored):
        accounts.change_account(conn, username, password_hash=_HASHER.hash(password))
    return account


def sight_of(conn: Connection, account: Account) -> Sight:
    """Tell which cases an account may see.

    Without an area an account that may see cases sees all of them; with one, those located in
    it under whatever edition judged them. An account that sees only its own cases sees those
    given to its responder.
    """
    if account.may(Permission.SEE_CASES):
        if account.area is None:
            return EVERYTHING
        try:
            return Sight(leaves=tuple(within_area(conn, *account.area)))
        except NotFoundError:
            # Its area is in no edition (any more), so nothing lies in it.
            return NOTHING
    if account.may(Permission.SEE_OWN_CASES) and account.responder_code is not None:
        return Sight(responder_code=account.responder_code)
    return NOTHING


def _check_username(conn: Connection, username: str) -> None:
    if not username or not username.isprintable() or any(one.isspace() for one in username):
        message = "give one word without blanks"
        raise InputError(field="username", message=message)
    if accounts.find_account(conn, username) is not None:
        message = f"there is an account {username!r} already"
        raise InputError(field="username", message=message)


def _check_password(password: str) -> None:
    if len(password) < MIN_PASSWORD:
        message = f"give at least {MIN_PASSWORD} characters"
        raise InputError(field="password", message=message)


def _check_limits(
    conn: Connection, area: tuple[str, str] | None, responder_code: str | None
) -> None:
    if area is not None:
        try:
            known_areas(conn).level_of(area[1], area[0])
        except ValueError as error:
            raise InputError(field="area", message=str(error)) from error
    if responder_code is not None:
        there = {one.code for one in list_responders(conn)}
        if responder_code not in there:
            message = f"there is no responder {responder_code!r}"
            raise InputError(field="responder", message=message)


def _described(account: Account) -> dict[str, object]:
    return {
        "role": account.role.code,
        "name": account.name,
        "area": None if account.area is None else list(account.area),
        "responder": account.responder_code,
    }
