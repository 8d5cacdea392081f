from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.second_factor import FactorKind, needs_second_factor
from gridmgmt.errors import AccountError, InputError, NotFoundError
from gridmgmt.services.accounts import accounts, second_factors, sessions
from gridmgmt.services.accounts.sealing import Seal
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.accounts.second_factors import find_second_factor
from gridmgmt.store.schema import audit_log, recovery_codes
from gridmgmt.store.schema import second_factors as table
from tests.factories import make_edition, two_streets

NOW = datetime(2026, 11, 22, 8, 3, 10, tzinfo=UTC)
STEP = timedelta(seconds=second_factors.STEP_S)
SEAL = Seal("k" * 40, second_factors.PURPOSE)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(moment: datetime, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(moment)


def make(conn: Connection, username: str = "li", role: str = "administrator") -> list[str]:
    accounts.create(conn, username, role, "a long password", actor="chief")
    return set_up(conn, username)


def set_up(conn: Connection, username: str = "li", now: datetime = NOW) -> list[str]:
    return second_factors.set_up(conn, username, SECRET, code_at(now), SEAL, now=now)


def check(
    conn: Connection, typed: str, now: datetime, username: str = "li"
) -> FactorKind | None:
    return second_factors.check(conn, username, typed, SEAL, now=now)


@pytest.mark.parametrize(
    ("moment", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_rfc_6238(conn: Connection, moment: int, code: str) -> None:
    secret = b32encode(b"12345678901234567890").decode()
    now = datetime.fromtimestamp(moment, UTC)
    accounts.create(conn, "li", "administrator", "a long password", actor="chief")
    assert len(second_factors.set_up(conn, "li", secret, code, SEAL, now=now)) == 10


def test_a_code_is_good_once(conn: Connection) -> None:
    make(conn)
    assert check(conn, code_at(NOW), NOW) is None, "the one that set it up was used"
    later = NOW + 2 * STEP
    assert check(conn, code_at(later), later) is FactorKind.CODE
    assert check(conn, code_at(later), later) is None
    assert check(conn, code_at(later - STEP), later) is None, "an earlier one neither"
    assert check(conn, code_at(later + STEP), later + STEP) is FactorKind.CODE


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_a_step(conn: Connection, steps: int, good: bool) -> None:
    make(conn)
    later = NOW + 10 * STEP
    shown = check(conn, code_at(later + steps * STEP), later)
    assert (shown is FactorKind.CODE) is good


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "１２３４５６", "\x00", "\ud800", "x" * 9999]
)
def test_what_is_no_code_lets_nobody_in(conn: Connection, typed: str) -> None:
    make(conn)
    assert check(conn, typed, NOW + 3 * STEP) is None
    assert check(conn, typed, NOW, "nobody") is None


def test_blanks_in_a_code_are_left_out(conn: Connection) -> None:
    make(conn)
    later = NOW + 3 * STEP
    code = code_at(later)
    assert check(conn, f" {code[:3]} {code[3:]}\n", later) is FactorKind.CODE


def test_it_is_set_up_only_with_the_code_of_the_moment(conn: Connection) -> None:
    accounts.create(conn, "li", "administrator", "a long password", actor="chief")
    for typed in ("", "000000", code_at(NOW - 5 * STEP)):
        with pytest.raises(InputError, match="code is not valid now"):
            second_factors.set_up(conn, "li", SECRET, typed, SEAL, now=NOW)
    assert find_second_factor(conn, "li") is None


def test_each_recovery_code_lets_in_once(conn: Connection) -> None:
    codes = make(conn)
    assert len(set(codes)) == second_factors.RECOVERY_CODES
    assert check(conn, codes[3].upper().replace("-", " "), NOW) is FactorKind.RECOVERY_CODE
    assert check(conn, codes[3], NOW) is None
    assert check(conn, codes[7], NOW) is FactorKind.RECOVERY_CODE
    found = find_second_factor(conn, "li")
    assert found is not None
    assert found.codes_left == 8


def test_nothing_that_lets_in_can_be_read_from_the_database(conn: Connection) -> None:
    codes = make(conn)
    rows = conn.execute(sa.select(table)).all() + conn.execute(sa.select(recovery_codes)).all()
    told = str([*rows, *conn.execute(sa.select(audit_log)).all()])
    assert SECRET not in told
    for code in codes:
        assert code not in told
        assert code.replace("-", "") not in told
    assert told.count("$argon2id$") == 10


def test_a_secret_moved_to_another_account_or_key_does_not_open(conn: Connection) -> None:
    make(conn)
    make(conn, "wang")
    of_li = sa.select(table.c.sealed_secret).where(table.c.username == "li").scalar_subquery()
    conn.execute(table.update().where(table.c.username == "wang").values(sealed_secret=of_li))
    later = NOW + 3 * STEP
    with pytest.raises(AccountError, match="another secret key"):
        check(conn, code_at(later), later, "wang")
    other = Seal("another key of forty characters, or so", second_factors.PURPOSE)
    with pytest.raises(AccountError, match="another secret key"):
        second_factors.check(conn, "li", code_at(later), other, now=later)


def test_setting_it_up_anew_replaces_secret_and_recovery_codes(conn: Connection) -> None:
    old = make(conn)
    later = NOW + 10 * STEP
    new = set_up(conn, now=later)
    assert check(conn, old[0], later) is None
    assert check(conn, new[0], later) is FactorKind.RECOVERY_CODE
    log = conn.execute(
        sa.select(audit_log.c.action, audit_log.c.detail).order_by(audit_log.c.id)
    ).all()
    assert [one.detail for one in log if one.action == "set_up_second_factor"] == [
        {"replaced": False},
        {"replaced": True},
    ]


def test_a_reset_takes_it_away_ends_sessions_and_is_audited(conn: Connection) -> None:
    codes = make(conn)
    begun = sessions.begin(conn, "li", address="::1", user_agent="", now=NOW)
    second_factors.reset(conn, "li", actor="chief")
    assert find_second_factor(conn, "li") is None
    assert check(conn, codes[0], NOW) is None
    limits = sessions.SessionLimits(timedelta(hours=1), timedelta(hours=1))
    assert sessions.check(conn, begun.secret, limits, now=NOW) is None
    last = conn.execute(sa.select(audit_log).order_by(audit_log.c.id.desc())).first()
    assert last is not None
    assert (last.actor, last.action, last.subject) == (
        "chief",
        "reset_second_factor",
        "account li",
    )
    with pytest.raises(NotFoundError, match="second factor"):
        second_factors.reset(conn, "li", actor="chief")
    with pytest.raises(NotFoundError, match="account"):
        second_factors.reset(conn, "nobody", actor="chief")


def test_of_many_who_type_a_code_at_once_one_gets_in(engine: Engine) -> None:
    with engine.begin() as conn:
        codes = make(conn)
    later = NOW + 3 * STEP

    def enter(typed: str) -> bool:
        with engine.begin() as own:
            return check(own, typed, later) is not None

    for typed in (code_at(later), codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(enter, [typed] * 4)) == 1


def test_administrators_and_publishers_need_it_and_nobody_else(conn: Connection) -> None:
    make_edition(conn, two_streets())
    made = {
        role.code: accounts.create(conn, role.code, role.code, "a long password", actor="chief")
        for role in list_roles(conn)
        if role.code != "responder"
    }
    assert {code for code, one in made.items() if needs_second_factor(one)} == {
        "administrator",
        "gis_officer",
    }


def test_a_seal_opens_for_its_owner_and_purpose_and_for_so_long(conn: Connection) -> None:
    sealed = SEAL.close("li", "text")
    assert SEAL.open("li", sealed) == "text"
    assert SEAL.open("wang", sealed) is None
    assert SEAL.open("li", sealed[:-3] + "abc") is None
    assert SEAL.open("li", "") is None
    assert Seal("k" * 40, "another purpose").open("li", sealed) is None
    assert SEAL.open("li", sealed, within=timedelta(minutes=1)) == "text"
    assert SEAL.open("li", sealed, within=timedelta(seconds=-1)) is None
