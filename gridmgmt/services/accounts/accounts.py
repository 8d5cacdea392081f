"""Accounts: make and change them, and check passwords and permissions."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.accounts.session import SessionEnd
from gridmgmt.errors import AccountError, InputError, NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import passwords
from gridmgmt.store.accounts import accounts, audit
from gridmgmt.store.accounts.api_tokens import revoke_every_token
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.accounts.sessions import end_sessions
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.responsibility.responders import list_responders

MAX_USERNAME = 100


def create(
    conn: Connection,
    username: str,
    role: str,
    password: str,
    *,
    name: str = "",
    area: tuple[str, str] | None = None,
    responder_code: str | None = None,
    must_change: bool = True,
    actor: str,
) -> Account:
    """Make an account whose password must be changed at the first login.

    Raises
    ------
    InputError
        when the username is taken or invalid, the password too short or easy to guess, or the
        role, area or responder does not exist
    """
    # A role that another administrator changes or retires meanwhile is read as it will be.
    accounts.wait_for_turn(conn)
    _check_username(conn, username)
    account = Account(
        username=username,
        name=name or username,
        role=_role(conn, role),
        area=area,
        responder_code=responder_code,
        active=True,
        must_change=must_change,
    )
    passwords.check(password, _known_of(account))
    _check_limits(conn, account)
    accounts.add_account(conn, account, passwords.hashed(password))
    audit.record(conn, actor, "create_account", f"account {username}", _described(account))
    return account


def change(
    conn: Connection,
    username: str,
    *,
    role: str,
    name: str,
    area: tuple[str, str] | None,
    responder_code: str | None,
    actor: str,
) -> Account:
    """Change the role, name or limits of an account; all its sessions end.

    Raises
    ------
    NotFoundError
        when there is no such account
    InputError
        when the role, area or responder does not exist
    AccountError
        when nobody would be left to manage accounts
    """
    accounts.wait_for_turn(conn)
    before = accounts.get_account(conn, username)
    after = replace(
        before,
        role=_role(conn, role),
        name=name or username,
        area=area,
        responder_code=responder_code,
    )
    _check_limits(conn, after)
    _check_somebody_manages(conn, after)
    level, code = area or (None, None)
    accounts.change_account(
        conn,
        username,
        role=role,
        name=after.name,
        area_level=level,
        area_code=code,
        responder_code=responder_code,
    )
    _end_sessions(conn, username, SessionEnd.ACCOUNT)
    detail = {"before": _described(before), "after": _described(after)}
    audit.record(conn, actor, "change_account", f"account {username}", detail)
    return after


def set_password(
    conn: Connection, username: str, password: str, *, must_change: bool = True, actor: str
) -> None:
    """Set another password of an account; its sessions end and its tokens are revoked.

    It must be changed at the next login, since somebody else knows it.

    Raises
    ------
    NotFoundError
        when there is no such account
    InputError
        when the password is too short or easy to guess
    """
    account = accounts.get_account(conn, username)
    passwords.check(password, _known_of(account))
    accounts.change_account(
        conn, username, password_hash=passwords.hashed(password), must_change=must_change
    )
    _end_sessions(conn, username, SessionEnd.PASSWORD)
    # A password is often changed because somebody else knew it, and they may have made tokens.
    revoked = revoke_every_token(conn, username)
    detail = {"tokens_revoked": revoked}
    audit.record(conn, actor, "set_password", f"account {username}", detail)


def change_own_password(conn: Connection, username: str, password: str) -> None:
    """Change the password of one's own account.

    Raises
    ------
    InputError
        when the password is the present one, too short or easy to guess
    """
    if passwords.belongs(password, accounts.password_hash(conn, username)):
        raise InputError(
            field="password",
            message=Sentence("this is the present password; choose another one"),
        )
    set_password(conn, username, password, must_change=False, actor=username)


def set_active(conn: Connection, username: str, *, active: bool, actor: str) -> Account:
    """Disable an account, which ends its sessions, or enable it again.

    Raises
    ------
    NotFoundError
        when there is no such account
    AccountError
        when nobody would be left to manage accounts
    """
    accounts.wait_for_turn(conn)
    before = accounts.get_account(conn, username)
    after = replace(before, active=active)
    _check_somebody_manages(conn, after)
    accounts.change_account(conn, username, active=active)
    _end_sessions(conn, username, SessionEnd.ACCOUNT)
    detail = {"before": {"active": before.active}, "after": {"active": active}}
    action = "enable_account" if active else "disable_account"
    audit.record(conn, actor, action, f"account {username}", detail)
    return after


def check_password(conn: Connection, username: str, password: str) -> Account | None:
    """Return the active account with this password, or None."""
    stored = accounts.password_hash(conn, username) if _is_username(username) else None
    # Compared even where there is no such account, so that the time of the answer tells nobody
    # which usernames exist.
    if not passwords.belongs(password, stored):
        return None
    account = accounts.find_account(conn, username)
    if account is None or not account.active:
        return None
    # Only now the plain password is known, so only now it can be hashed with today's
    # parameters.
    if stored is not None and passwords.is_outdated(stored):
        accounts.change_account(conn, username, password_hash=passwords.hashed(password))
    return account


def allowed(conn: Connection, username: str, *permissions: Permission) -> Account:
    """Return the account for which a job is done, with its present rights, any of some.

    Raises
    ------
    NotFoundError
        when there is no such account
    NotAllowedError
        when it may not do this (any more)
    """
    account = accounts.get_account(conn, username)
    # The job may have waited long enough for an administrator to take this right away.
    if not any(map(account.may, permissions)):
        raise NotAllowedError(why_not(account))
    return account


def why_not(account: Account) -> str:
    """Return why an account may not do something."""
    if account.area is not None:
        return Sentence(
            "your role, or the limit of this account to an area, does not allow this"
        )
    return Sentence("your role does not allow this")


def _end_sessions(conn: Connection, username: str, by: SessionEnd) -> None:
    end_sessions(conn, username, datetime.now(UTC), by)


def _role(conn: Connection, code: str) -> Role:
    roles = {one.code: one for one in list_roles(conn)}
    if code not in roles:
        raise InputError(
            field="role",
            message=Sentence(
                "there is no role {}; choose one of: {}", repr(code), ", ".join(roles)
            ),
        )
    return roles[code]


def _is_username(text: str) -> bool:
    # A slash, or only dots, would lead to another page than the account's.
    return (
        0 < len(text) <= MAX_USERNAME
        and text.isprintable()
        and not any(one.isspace() or one == "/" for one in text)
        and text.strip(".") != ""
    )


def _check_username(conn: Connection, username: str) -> None:
    if not _is_username(username):
        raise InputError(
            field="username",
            message=Sentence(
                "write one word without blanks and slashes, of at most {} characters",
                MAX_USERNAME,
            ),
        )
    if accounts.find_account(conn, username) is not None:
        raise InputError(
            field="username", message=Sentence("there is an account {} already", repr(username))
        )


def _known_of(account: Account) -> tuple[str, ...]:
    """Return what anybody knows of an account and would try as its password."""
    role = account.role
    more = account.responder_code or ""
    return (account.username, account.name, role.code, role.name_zh, role.name_en, more)


def _check_limits(conn: Connection, account: Account) -> None:
    if account.area is not None:
        level, code = account.area
        try:
            known_areas(conn).level_of(code, level)
        except ValueError as error:
            raise InputError(field="area", message=str(error)) from error
    responder = account.responder_code
    if responder is not None and responder not in {one.code for one in list_responders(conn)}:
        raise InputError(
            field="responder", message=Sentence("there is no responder {}", repr(responder))
        )
    if Permission.SEE_OWN_CASES in account.role.permissions and responder is None:
        role = account.role.code
        raise InputError(
            field="responder",
            message=Sentence(
                "an account of the role {} must name the responder it acts for", role
            ),
        )


def _check_somebody_manages(conn: Connection, after: Account) -> None:
    if after.may(Permission.MANAGE_ACCOUNTS):
        return
    # Read under the lock of wait_for_turn: two administrators could otherwise disable each
    # other at the same time.
    managers = {
        one.username
        for one in accounts.list_accounts(conn)
        if one.may(Permission.MANAGE_ACCOUNTS)
    }
    if managers == {after.username}:
        raise AccountError(
            Sentence(
                "{} is the last active account that may manage accounts; make or enable "
                "another one first",
                repr(after.username),
            )
        )


def _described(account: Account) -> dict[str, object]:
    return {
        "role": account.role.code,
        "name": account.name,
        "area": None if account.area is None else list(account.area),
        "responder": account.responder_code,
    }
