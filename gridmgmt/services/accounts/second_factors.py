"""Time-based codes (RFC 6238) and recovery codes, asked for after the password."""

import secrets
from datetime import UTC, datetime

import pyotp
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.second_factor import FactorKind
from gridmgmt.domain.accounts.session import SessionEnd
from gridmgmt.errors import AccountError, InputError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import passwords
from gridmgmt.services.accounts.sealing import Seal
from gridmgmt.store.accounts import audit, second_factors
from gridmgmt.store.accounts.accounts import get_account
from gridmgmt.store.accounts.sessions import end_sessions

STEP_S = 30
_DIGITS = 6
# Clocks differ, so a code of the step before or after is accepted.
_STEPS_OFF = 1
RECOVERY_CODES = 10
# Without letters and digits that look alike; ten characters are 49 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_LENGTH = 10
PURPOSE = "second factor"


def new_secret() -> str:
    """Return a secret of 160 bits in base 32, as authenticator apps expect it."""
    return pyotp.random_base32()


def address_of(username: str, secret: str) -> str:
    """Return the URI for the QR code of the authenticator app."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="gridmgmt")


def set_up(
    conn: Connection, username: str, secret: str, typed: str, seal: Seal, *, now: datetime
) -> list[str]:
    """Set the second factor of an account, in place of the one it had.

    Returns
    -------
    its recovery codes, which are stored only as hashes

    Raises
    ------
    InputError
        when the typed code is not valid now: the phone would not let anybody in
    """
    step = _step_of(secret, typed, now)
    if step is None:
        raise InputError(
            field="code",
            message=Sentence(
                "this code is not valid now; check the clock of the phone and "
                "type the next code"
            ),
        )
    replaced = second_factors.remove_second_factor(conn, username)
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    # Recovery codes need not be read again, so they are hashed like passwords.
    hashes = [passwords.hashed(_bare(code)) for code in codes]
    sealed = seal.close(username, secret)
    second_factors.add_second_factor(conn, username, sealed, step, hashes)
    detail = {"replaced": replaced}
    audit.record(conn, username, "set_up_second_factor", f"account {username}", detail)
    return codes


def check(
    conn: Connection, username: str, typed: str, seal: Seal, *, now: datetime
) -> FactorKind | None:
    """Return which kind of second factor was typed, or None if it is not valid.

    A code is valid once, for its own time step and the steps before and after it. A recovery
    code is valid once too.

    Raises
    ------
    AccountError
        when the secret cannot be read: it was stored under another secret key
    """
    found = second_factors.find_second_factor(conn, username)
    if found is None:
        return None
    # Sealed with the username: a row copied to another account does not open.
    secret = seal.open(username, found.sealed_secret)
    if secret is None:
        raise AccountError(
            Sentence(
                "the second factor of {} was stored under another secret key; it has to be "
                "reset",
                repr(username),
            )
        )
    step = _step_of(secret, typed, now)
    if step is not None:
        return FactorKind.CODE if second_factors.use_step(conn, username, step) else None
    return FactorKind.RECOVERY_CODE if _use_recovery_code(conn, username, typed, now) else None


def reset(conn: Connection, username: str, *, actor: str) -> None:
    """Remove the second factor of an account, for a lost phone; its sessions end.

    Raises
    ------
    NotFoundError
        when there is no such account, or it has no second factor
    """
    get_account(conn, username)
    if not second_factors.remove_second_factor(conn, username):
        raise NotFoundError(kind="second factor", key=username)
    end_sessions(conn, username, datetime.now(UTC), SessionEnd.ACCOUNT)
    audit.record(conn, actor, "reset_second_factor", f"account {username}", {})


def _step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Return the step whose code was typed, or None if no step near now has it."""
    digits = "".join(typed.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_S)
    here = int(now.timestamp()) // STEP_S
    near = range(here - _STEPS_OFF, here + _STEPS_OFF + 1)
    # All steps are compared, in constant time, so that the time shows nothing.
    fit = [step for step in near if secrets.compare_digest(totp.generate_otp(step), digits)]
    return max(fit, default=None)


def _use_recovery_code(conn: Connection, username: str, typed: str, now: datetime) -> bool:
    bare = _bare(typed)
    if len(bare) != _CODE_LENGTH:
        return False
    return any(
        passwords.belongs(bare, stored) and second_factors.use_code(conn, code_id, now)
        for code_id, stored in second_factors.unused_codes(conn, username)
    )


def _new_code() -> str:
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return f"{signs[:5]}-{signs[5:]}"


def _bare(code: str) -> str:
    """Return a recovery code without what people write between its letters."""
    return "".join(one for one in code.lower() if one in _ALPHABET)
