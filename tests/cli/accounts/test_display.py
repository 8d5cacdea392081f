import json
from datetime import UTC, datetime

import sqlalchemy as sa

from gridmgmt.cli import run
from gridmgmt.services.accounts import displays
from gridmgmt.store.accounts.displays import list_displays
from gridmgmt.store.schema import audit_log
from tests.services.answering import bureau, stored


def test_a_wall_screen_is_made_listed_and_revoked(settings, capsys) -> None:
    bureau(settings)
    capsys.readouterr()
    made = ["display", "create", "大厅左屏", "--area", "street:A"]
    assert run([*made, "--commit"], settings) == 0
    told = capsys.readouterr()
    secret = told.out.strip().removeprefix("/display/")
    now = datetime.now(UTC)
    opened = stored(
        settings, lambda conn: displays.open_link(conn, secret, address="", now=now)
    )
    assert opened is not None
    assert run(["display", "list", "--json"], settings) == 0
    [listed] = json.loads(capsys.readouterr().out)
    assert (listed["name"], listed["area"], listed["created_by"]) == (
        "大厅左屏",
        "street:A",
        "tester",
    )
    assert secret not in str(listed)
    number = str(listed["id"])
    assert run(["display", "revoke", number, "--commit"], settings) == 0
    assert run(["display", "revoke", number, "--commit"], settings) == 6
    assert run(["display", "list"], settings) == 0
    log = sa.select(audit_log.c.actor, audit_log.c.action).order_by(audit_log.c.id.desc())
    [newest, before] = stored(settings, lambda conn: conn.execute(log.limit(2)).all())
    assert tuple(newest) == ("tester", "revoke_display")
    assert tuple(before) == ("tester", "create_display")


def test_without_commit_no_wall_screen_is_made_and_no_link_shown(settings, capsys) -> None:
    assert run(["display", "create", "大厅"], settings) == 0
    assert capsys.readouterr().out == ""
    assert stored(settings, list_displays) == []


def test_an_area_that_is_not_there_is_refused(settings, capsys) -> None:
    bureau(settings)
    assert run(["display", "create", "大厅", "--area", "street:Z", "--commit"], settings) == 2
    assert run(["display", "create", "大厅", "--area", "street", "--commit"], settings) == 2
