"""Who came, went or was refused, for the audit log: with account and network address.

A refusal is written on a transaction of its own, since that of its request is rolled back.
What is typed as a name is written only where it is an account's: it may be a password. Entries
that anybody can cause are limited in number, so that nobody fills the disk; one more entry says
that others follow which are left out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.audit import STRANGER
from gridmgmt.domain.accounts.limit import Limit
from gridmgmt.services.accounts import counted_attempts
from gridmgmt.services.accounts.login_limits import Attempt
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import find_account

_HOUR = timedelta(hours=1)
# Of one address, of all strangers together, and of one account.
OF_ADDRESS = Limit("audit_address", 60, _HOUR)
OF_STRANGERS = Limit("audit_strangers", 2_000, _HOUR)
OF_ACCOUNT = Limit("audit_account", 120, _HOUR)


def logged_in(
    conn: Connection, username: str, address: str, *, second_factor: str | None
) -> None:
    """Note a login that is complete; ``second_factor`` is what was shown beside a password."""
    detail = {"client_address": address, "second_factor": second_factor}
    audit.record(conn, username, "log_in", f"account {username}", detail)


def logged_out(conn: Connection, username: str, address: str) -> None:
    """Note that somebody logged out."""
    detail = {"client_address": address}
    audit.record(conn, username, "log_out", f"account {username}", detail)


def failed(conn: Connection, attempt: Attempt, what: str, *, now: datetime) -> None:
    """Note a login that failed; ``what`` was wrong: password or code.

    At an account each is noted, since the limits of logins keep them few.
    """
    detail = {
        "wrong": what,
        "known_browser": attempt.browser is not None,
        "client_address": attempt.address,
    }
    if _is_account(conn, attempt.username):
        audit.record(conn, STRANGER, "fail_login", f"account {attempt.username}", detail)
    elif _fits(conn, _of_stranger(attempt.block), attempt.address, now):
        audit.record(conn, STRANGER, "fail_login", "no account", detail)


def locked(conn: Connection, attempt: Attempt, wait: int, *, now: datetime) -> None:
    """Note that attempts at an account have to wait from now on."""
    if not _is_account(conn, attempt.username):
        return
    known = attempt.browser is not None
    limits = ((OF_ACCOUNT, attempt.username),) if known else _of_stranger(attempt.block)
    if _fits(conn, limits, attempt.address, now):
        until = (now + timedelta(seconds=wait)).isoformat(timespec="seconds")
        detail = {"until": until, "known_browser": known, "client_address": attempt.address}
        audit.record(conn, STRANGER, "lock_login", f"account {attempt.username}", detail)


def bad_token(conn: Connection, address: str, *, now: datetime) -> None:
    """Note that a program came with a token that is no good."""
    if _fits(conn, _of_stranger(address), address, now):
        audit.record(conn, STRANGER, "refuse_token", "api", {"client_address": address})


def refused(
    conn: Connection,
    username: str | None,
    address: str,
    subject: str,
    detail: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Note something that an account asked for and may not do."""
    limits = _of_stranger(address) if username is None else ((OF_ACCOUNT, username),)
    if _fits(conn, limits, address, now):
        more = {**detail, "client_address": address}
        audit.record(conn, username or STRANGER, "refuse_action", subject, more)


def _of_stranger(address: str) -> tuple[tuple[Limit, str], ...]:
    return ((OF_ADDRESS, address), (OF_STRANGERS, ""))


def _is_account(conn: Connection, username: str) -> bool:
    # What is not printable is no account's name, and PostgreSQL does not take all of it.
    return username.isprintable() and find_account(conn, username) is not None


def _fits(
    conn: Connection, limits: tuple[tuple[Limit, str], ...], address: str, now: datetime
) -> bool:
    """Tell whether one more entry may be written, and say once that others are left out."""
    for limit, subject in limits:
        written = counted_attempts.add(conn, limit, subject, now=now)
        if written > limit.most:
            if written == limit.most + 1:
                left_out = {"limit": limit.kind, "an_hour": limit.most}
                detail = {**left_out, "client_address": address}
                audit.record(conn, STRANGER, "leave_out_entries", "audit log", detail)
            return False
    return True
