"""Write logins, logouts and refusals to the audit log, with account and network address.

A refusal is written in its own transaction, since that of its request is rolled back. A typed
username is written only if such an account exists: it may be a password. Entries that anybody
can cause are limited in number, so that nobody can fill the disk. One more entry then says that
others were left out.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.attempt_limit import AttemptLimit
from gridmgmt.domain.accounts.audit import STRANGER
from gridmgmt.services.accounts import counted_attempts
from gridmgmt.services.accounts.login_limits import Attempt
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import find_account

_HOUR = timedelta(hours=1)
# The limits of one address, of all strangers together, and of one account.
OF_ADDRESS = AttemptLimit("audit_address", 60, _HOUR)
OF_STRANGERS = AttemptLimit("audit_strangers", 2_000, _HOUR)
OF_ACCOUNT = AttemptLimit("audit_account", 120, _HOUR)


def logged_in(
    conn: Connection, username: str, address: str, *, second_factor: str | None
) -> None:
    """Write a complete login; ``second_factor`` is what was shown beside the password."""
    detail = {"client_address": address, "second_factor": second_factor}
    audit.record(conn, username, "log_in", f"account {username}", detail)


def logged_out(conn: Connection, username: str, address: str) -> None:
    """Write a logout."""
    detail = {"client_address": address}
    audit.record(conn, username, "log_out", f"account {username}", detail)


def failed(conn: Connection, attempt: Attempt, what: str, *, now: datetime) -> None:
    """Write a failed login; ``what`` was wrong: password or code.

    For an existing account every failure is written, since the login limits keep them few.
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
    """Write that attempts at an account have to wait from now on."""
    if not _is_account(conn, attempt.username):
        return
    known = attempt.browser is not None
    limits = ((OF_ACCOUNT, attempt.username),) if known else _of_stranger(attempt.block)
    if _fits(conn, limits, attempt.address, now):
        until = (now + timedelta(seconds=wait)).isoformat(timespec="seconds")
        detail = {"until": until, "known_browser": known, "client_address": attempt.address}
        audit.record(conn, STRANGER, "lock_login", f"account {attempt.username}", detail)


def bad_token(conn: Connection, address: str, *, now: datetime) -> None:
    """Write that a program sent an invalid token."""
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
    """Write that an account asked for something it may not do."""
    limits = _of_stranger(address) if username is None else ((OF_ACCOUNT, username),)
    if _fits(conn, limits, address, now):
        more = {**detail, "client_address": address}
        audit.record(conn, username or STRANGER, "refuse_action", subject, more)


def _of_stranger(address: str) -> tuple[tuple[AttemptLimit, str], ...]:
    return ((OF_ADDRESS, address), (OF_STRANGERS, ""))


def _is_account(conn: Connection, username: str) -> bool:
    # An unprintable text is not the name of an account, and PostgreSQL does not store all
    # characters.
    return username.isprintable() and find_account(conn, username) is not None


def _fits(
    conn: Connection, limits: tuple[tuple[AttemptLimit, str], ...], address: str, now: datetime
) -> bool:
    """Return whether one more entry may be written; write once that others are left out."""
    for limit, subject in limits:
        written = counted_attempts.add(conn, limit, subject, now=now)
        if written > limit.most:
            # Exactly once, so that the note itself cannot fill the disk.
            if written == limit.most + 1:
                left_out = {"limit": limit.kind, "an_hour": limit.most}
                detail = {**left_out, "client_address": address}
                audit.record(conn, STRANGER, "leave_out_entries", "audit log", detail)
            return False
    return True
