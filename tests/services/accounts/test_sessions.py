from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.session import SessionEnd, SessionLimits
from gridmgmt.errors import NotFoundError
from gridmgmt.services.accounts import accounts, sessions
from gridmgmt.services.accounts.sessions import NewSession
from gridmgmt.store.schema import audit_log
from gridmgmt.store.schema import sessions as rows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIMITS = SessionLimits(idle=timedelta(hours=1), whole=timedelta(hours=12))


@pytest.fixture
def li(conn: Connection) -> Connection:
    for name in ("li", "wang"):
        accounts.create(conn, name, "dispatcher", "a long password", actor="chief")
    return conn


def begin(conn: Connection, username: str = "li", at: datetime = NOON) -> NewSession:
    return sessions.begin(
        conn, username, address="10.0.0.1", user_agent="Firefox/128.0", now=at
    )


def is_open(conn: Connection, begun: NewSession, at: datetime = NOON) -> bool:
    return sessions.check(conn, begun.secret, LIMITS, now=at) is not None


def test_a_secret_opens_its_session_and_only_its_hash_is_kept(li: Connection) -> None:
    begun = begin(li)
    assert sessions.check(li, begun.secret, LIMITS, now=NOON) == begun.session
    assert sessions.check(li, begun.secret + "x", LIMITS, now=NOON) is None
    assert sessions.check(li, "\ud800", LIMITS, now=NOON) is None
    kept = li.execute(sa.select(rows)).one()
    assert begun.secret not in str(kept)
    assert (kept.device, kept.address) == ("Firefox 128", "10.0.0.1")
    assert len({begin(li).secret for _ in range(20)}) == 20


def test_being_seen_is_kept_once_a_minute_and_never_backwards(li: Connection) -> None:
    begun = begin(li).session
    assert not sessions.is_to_note(begun, NOON + MINUTE - timedelta(seconds=1))
    assert sessions.is_to_note(begun, NOON + MINUTE)
    for at in (NOON + 2 * MINUTE, NOON + MINUTE):
        sessions.note_seen(li, begun, now=at)
    [seen] = sessions.list_live(li, "li", LIMITS, now=NOON)
    assert seen.last_seen_at == NOON + 2 * MINUTE


def test_an_ended_session_stays_ended_as_it_was(li: Connection) -> None:
    begun = begin(li)
    sessions.end(li, begun.session, SessionEnd.LOGGED_OUT, now=NOON)
    sessions.end(li, begun.session, SessionEnd.REPLACED, now=NOON + MINUTE)
    sessions.note_seen(li, begun.session, now=NOON + MINUTE)
    assert not is_open(li, begun)
    kept = li.execute(sa.select(rows.c.ended_at, rows.c.ended_by)).one()
    assert tuple(kept) == (NOON, "logged_out")


def test_one_ends_ones_own_sessions_and_nobody_elses(li: Connection) -> None:
    here, there, old, wangs = (
        begin(li),
        begin(li),
        begin(li, at=NOON - timedelta(hours=2)),
        begin(li, "wang"),
    )
    for other in (old, wangs):
        with pytest.raises(NotFoundError):
            sessions.end_own(li, "li", other.session.id, LIMITS, now=NOON)
    sessions.end_own(li, "li", there.session.id, LIMITS, now=NOON)
    assert [is_open(li, one) for one in (here, there, wangs)] == [True, False, True]
    with pytest.raises(NotFoundError):
        sessions.end_own(li, "li", there.session.id, LIMITS, now=NOON)


def test_all_others_end_and_this_one_goes_on(li: Connection) -> None:
    here, *others = (begin(li) for _ in range(3))
    wangs = begin(li, "wang")
    assert sessions.end_others(li, here.session, now=NOON) == 2
    assert [is_open(li, one) for one in (here, *others, wangs)] == [True, False, False, True]
    entry = li.execute(sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(1)).one()
    assert (entry.actor, entry.action, entry.subject) == ("li", "end_sessions", "account li")
    assert entry.detail == {"sessions": [one.session.id for one in others]}
    # Where there is no other one, nothing is done and nothing is written down.
    assert sessions.end_others(li, here.session, now=NOON) == 0
    last = li.execute(sa.select(sa.func.max(audit_log.c.id))).scalar_one()
    assert last == entry.id


def test_who_manages_accounts_ends_all_of_one(li: Connection) -> None:
    lis, wangs = [begin(li), begin(li)], begin(li, "wang")
    assert sessions.end_all(li, "li", actor="chief", now=NOON) == 2
    assert [is_open(li, one) for one in (*lis, wangs)] == [False, False, True]
    entry = li.execute(sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(1)).one()
    assert (entry.actor, entry.action) == ("chief", "end_sessions")


def test_what_expired_stays_so_and_is_forgotten_after_thirty_days(li: Connection) -> None:
    fresh, idle, long = (
        begin(li),
        begin(li, at=NOON - timedelta(hours=1)),
        begin(li, at=NOON - timedelta(hours=12)),
    )
    sessions.note_seen(li, long.session, now=NOON)
    assert sessions.sweep(li, LIMITS, now=NOON) == 0
    longer = SessionLimits(idle=timedelta(days=1), whole=timedelta(days=7))
    found = [
        sessions.check(li, one.secret, longer, now=NOON) is not None
        for one in (fresh, idle, long)
    ]
    assert found == [True, False, False]
    ended = li.execute(sa.select(rows.c.ended_by).where(rows.c.ended_at == NOON)).scalars()
    assert [*ended] == ["expired", "expired"]
    assert sessions.sweep(li, longer, now=NOON + timedelta(days=30)) == 0
    # The third ended as expired in the sweep before: its thirty days have only begun.
    assert sessions.sweep(li, longer, now=NOON + timedelta(days=30, seconds=1)) == 2
