"""An edition that is withdrawn takes back the rows that were stored with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.drafts import checks, drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.reverting import revert
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.responsibility.groups import list_groups, list_members
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones
from tests.services.draft_records.test_duties_in_drafts import bring
from tests.services.draft_records.test_rows_in_drafts import RIVER, ROAD, city, geojson

__all__ = ["city"]

FUTURE = datetime(2099, 3, 1, tzinfo=UTC)


@pytest.fixture
def published(city: Connection, tmp_path: Path) -> Connection:
    bring(city, tmp_path, "S1,dispose,area,cell,A1,*,,2026-01-01,,L1")
    (duty,) = list_duties(city)
    some: list[editing.AnyOperation] = [
        rows.SetZone("Z2", "早市", "vendor", geometry=geojson(RIVER)),
        rows.EndZone("Z1"),
        rows.SetRoadSegment("R2", "湖滨路", geometry=geojson(ROAD)),
        rows.SetGroupMember("G2", "A2", kind="beat", name="二组"),
        rows.EndGroupMember("G1", "A1"),
        rows.EndDuty(duty.id),
    ]
    editing.edit(city, "d", some, border_m=0.05, actor="li")
    point = rows.SetDuty("S1", "dispose", "group", "G2", "*")
    editing.edit(city, "d", [point], border_m=0.05, actor="li")
    return city


def held(conn: Connection) -> list[object]:
    zones, outlines = list_zones(conn)
    roads, lines = list_road_segments(conn)
    return [
        list_duties(conn),
        list_groups(conn),
        list_members(conn),
        zones,
        [one.wkb for one in outlines],
        roads,
        [one.wkb for one in lines],
    ]


def test_everything_is_as_it_was(published: Connection) -> None:
    conn = published
    before, stated = held(conn), read_records(conn, get_draft(conn, "d").id)
    assert len(publish(conn, "d", FUTURE, actor="li").rows) == 7
    assert held(conn) != before
    done = withdraw(conn, 2, actor="sun")
    assert held(conn) == before
    assert (len(done.rows.changes), done.rows.kept) == (7, ())
    # The draft is open again with what it states, and is published once more as it was.
    assert read_records(conn, get_draft(conn, "d").id) == stated
    assert len(publish(conn, "d", FUTURE, actor="li").rows) == 7


def test_what_was_changed_since_stays_and_is_named(
    published: Connection, tmp_path: Path
) -> None:
    conn = published
    publish(conn, "d", FUTURE, actor="li")
    bring(conn, tmp_path, "S1,dispose,area,cell,A1,*,,2026-01-01,2099-12-31,L1", actor="zhao")
    done = withdraw(conn, 2, actor="sun")
    assert [one.name for one in done.rows.kept] == ["S1 dispose area cell A1 * 2026-01-01 L1"]
    assert len(done.rows.changes) == 6
    (duty,) = list_duties(conn)
    assert str(duty.valid_to) == "2099-12-31"
    # Their change is a conflict of the draft, which is open again.
    assert len(checks.check_rows(conn, "d", FUTURE)) == 1


def state_a3(conn: Connection, label: str) -> None:
    """State a duty on A3 in a draft."""
    one = rows.SetDuty("S2", "dispose", "area", "A3", "*")
    editing.edit(conn, label, [one], border_m=0.05, actor="li")


def test_what_others_had_stored_the_same_way_is_not_taken_back(
    published: Connection, tmp_path: Path
) -> None:
    conn = published
    state_a3(conn, "d")
    bring(conn, tmp_path, "S2,dispose,area,cell,A3,*,,2099-03-01,,")
    publish(conn, "d", FUTURE, actor="li")
    withdraw(conn, 2, actor="sun")
    assert [one.target_code for one in list_duties(conn)] == ["A1", "A3"]


def test_what_others_have_stored_since_it_was_taken_back_is_theirs(
    published: Connection, tmp_path: Path
) -> None:
    conn = published
    state_a3(conn, "d")
    publish(conn, "d", FUTURE, actor="li")
    withdraw(conn, 2, actor="sun")
    bring(conn, tmp_path, "S2,dispose,area,cell,A3,*,,2099-03-01,,")
    publish(conn, "d", FUTURE, actor="li")
    withdraw(conn, 3, actor="sun")
    assert [one.target_code for one in list_duties(conn)] == ["A1", "A3"]


def test_a_revert_says_how_many_rows_later_editions_stored(published: Connection) -> None:
    conn = published
    publish(conn, "d", FUTURE, actor="li")
    for later, (label, name) in enumerate((("third", "北"), ("last", "南")), start=1):
        drafts.create(conn, label, actor="li")
        renamed = ops.Rename("cell", "B4", name)
        editing.edit(conn, label, [renamed], border_m=0.05, actor="li")
        if label == "last":
            state_a3(conn, label)
        publish(conn, label, FUTURE + timedelta(days=later), actor="li")
    # Those of the edition itself, and of earlier ones, are as it had them.
    found = [revert(conn, number, f"back to {number}", actor="li").rows for number in (1, 2, 3)]
    assert found == [8, 1, 1]
