from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.errors import InputError, NotFoundError
from gridmgmt.services.accounts import displays
from gridmgmt.services.accounts.displays import NewLink, Opened
from gridmgmt.store.accounts.displays import list_displays
from gridmgmt.store.schema import audit_log
from gridmgmt.store.schema import displays as rows
from tests.factories import make_edition, two_streets

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make(conn: Connection, name: str = "大厅左屏", **given) -> NewLink:
    return displays.create(conn, name, **{"area": None, "actor": "chief", "now": NOON, **given})


def opened(conn: Connection, secret: str, now: datetime = NOON) -> Opened | None:
    return displays.open_link(conn, secret, address="10.0.0.9", now=now)


def test_a_link_opens_once_and_its_secrets_are_not_kept(conn: Connection) -> None:
    made = make(conn)
    screen = opened(conn, made.secret)
    assert screen is not None
    assert opened(conn, made.secret) is None
    shown = displays.check(conn, screen.token)
    assert shown is not None
    assert shown.id == made.display.id
    # Neither secret is the other, and of neither more than a hash is stored.
    assert displays.check(conn, made.secret) is None
    kept = str(conn.execute(sa.select(rows)).one())
    assert made.secret not in kept
    assert screen.token not in kept


def test_a_link_ends_after_a_day(conn: Connection) -> None:
    made = make(conn)
    assert made.display.waits(NOON + 24 * HOUR - timedelta(seconds=1))
    assert not made.display.waits(NOON + 24 * HOUR)
    assert opened(conn, made.secret, NOON + 24 * HOUR) is None
    assert opened(conn, made.secret, NOON + 23 * HOUR) is not None


def test_of_two_who_open_a_link_at_the_same_time_one_gets_in(engine: Engine) -> None:
    with engine.begin() as conn:
        made = make(conn)

    def try_it(_: int) -> bool:
        with engine.begin() as conn:
            return opened(conn, made.secret) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, range(8))) == 1


def test_a_new_link_replaces_the_old_and_the_screen_shows_on_until_it_is_opened(
    conn: Connection,
) -> None:
    made = make(conn)
    first = opened(conn, made.secret)
    again = displays.new_link(conn, made.display.id, actor="chief", now=NOON)
    newest = displays.new_link(conn, made.display.id, actor="chief", now=NOON)
    assert opened(conn, again.secret) is None
    assert first is not None
    assert displays.check(conn, first.token) is not None
    second = opened(conn, newest.secret)
    assert second is not None
    assert displays.check(conn, first.token) is None
    assert displays.check(conn, second.token) is not None


def test_a_revoked_screen_and_its_link_open_nothing(conn: Connection) -> None:
    made, other = make(conn), make(conn)
    screen = opened(conn, made.secret)
    assert screen is not None
    link = displays.new_link(conn, made.display.id, actor="chief", now=NOON)
    displays.revoke(conn, made.display.id, actor="chief", now=NOON)
    assert displays.check(conn, screen.token) is None
    assert opened(conn, link.secret) is None
    assert not list_displays(conn)[-1].waits(NOON)
    assert opened(conn, other.secret) is not None
    for act in (displays.revoke, displays.new_link):
        with pytest.raises(NotFoundError):
            act(conn, made.display.id, actor="chief", now=NOON)


def test_a_screen_may_see_overview_and_map_of_its_area_and_nothing_else(
    conn: Connection,
) -> None:
    make_edition(conn, two_streets())
    account = make(conn, area=("street", "A")).display.account()
    assert {one for one in Permission if account.may(one)} == {
        Permission.SEE_OVERVIEW,
        Permission.SEE_MAP,
    }
    assert account.area == ("street", "A")
    assert "/" in account.username


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"area": ("street", "Z")}, "area"),
        ({"area": ("street", "")}, "area"),
    ],
)
def test_a_screen_needs_a_name_and_an_area_that_is_there(
    conn: Connection, given: dict, field: str
) -> None:
    make_edition(conn, two_streets())
    with pytest.raises(InputError) as refused:
        make(conn, **given)
    assert refused.value.field == field
    assert list_displays(conn) == []


def test_what_is_done_to_a_screen_stands_in_the_audit_log(conn: Connection) -> None:
    made = make(conn)
    opened(conn, made.secret)
    displays.new_link(conn, made.display.id, actor="chief", now=NOON)
    displays.revoke(conn, made.display.id, actor="wang", now=NOON)
    log = audit_log.c
    told = conn.execute(sa.select(log.actor, log.action, log.subject).order_by(log.id)).all()
    name = f"display {made.display.id}"
    assert [tuple(one) for one in told] == [
        ("chief", "create_display", name),
        (f"display/{made.display.id}", "open_display", name),
        ("chief", "link_display", name),
        ("wang", "revoke_display", name),
    ]
    assert made.secret not in str(conn.execute(sa.select(audit_log)).all())
