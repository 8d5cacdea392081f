"""Zones, members of groups and road segments in a draft, by the mechanism of duties."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import GEOMETRY, RecordKind
from gridmgmt.domain.areas.surroundings import GroupMember
from gridmgmt.errors import DraftConflictError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.draft_records import operations as rows
from gridmgmt.services.draft_records.kinds import STORES, RecordReader
from gridmgmt.services.draft_records.record_errors import DraftRecordsError
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.record_imports.record_stores import Nameable
from gridmgmt.services.responsibility.duties import list_duties
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.responsibility.groups import list_groups, list_members
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones
from tests.services.answering import PLAIN, layer, make_city, table
from tests.streets import square

FUTURE = datetime(2099, 3, 1, tzinfo=UTC)
# A day that is over, on which also what has no days may change.
PAST = datetime(2026, 3, 1, tzinfo=UTC)
RIVER = square(0.2, 0.2, 1.0, 0.3)
ROAD = shapely.LineString([(120.15, 30.2555), (120.17, 30.2555)])
GROUPS = "group_code,kind,name,level,area_code,valid_from,valid_to\n"


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    bring_zone(conn, tmp_path)
    road = [{"code": "R1", "name": "和平路", "tolerance_m": 12.5}]
    import_road_segments(conn, layer(tmp_path, road, [ROAD]), PLAIN, actor="wang")
    import_groups(conn, table(tmp_path, GROUPS + "G1,beat,一组,cell,A1,,"), PLAIN, actor="wang")
    drafts.create(conn, "d", actor="li")
    return conn


def bring_zone(conn: Connection, folder: Path, name: str = "河道", actor: str = "wang") -> None:
    given = [{"code": "Z1", "kind": "river", "name": name, "valid_from": "2026-01-01"}]
    import_zones(conn, layer(folder, given, [RIVER]), PLAIN, actor=actor)


def edit(conn: Connection, *some: editing.AnyOperation) -> None:
    editing.edit(conn, "d", some, border_m=0.05, actor="li")


def geojson(shape: Any) -> dict[str, Any]:
    found: dict[str, Any] = mapping(shape)
    return found


@pytest.mark.parametrize("kind", list(RecordKind))
def test_an_operation_has_the_columns_of_the_file(conn: Connection, kind: RecordKind) -> None:
    make_city(conn)
    importable = RecordReader(conn, kind, Nameable(known_areas(conn))).known.importable
    columns = {one.name for one in importable.columns}
    if importable.shape is not None:
        columns.add(GEOMETRY)
    operation = rows.RECORD_OPERATIONS[f"set_{kind}"]
    assert {one.name for one in fields(operation)} == columns
    assert set(STORES[kind].key_columns) <= columns


def test_all_kinds_are_published_together(city: Connection) -> None:
    market = square(1.2, 0.4, 0.3, 0.3)
    edit(
        city,
        rows.SetZone("Z2", "早市", "vendor", categories="E1", geometry=geojson(market)),
        rows.SetRoadSegment("R2", "湖滨路", geometry=geojson(ROAD)),
        rows.SetGroupMember("G2", "A2", kind="beat", name="二组"),
        rows.SetGroupMember("G2", "A3"),
        rows.EndGroupMember("G1", "A1"),
        rows.EndZone("Z1"),
    )
    assert len(list_zones(city)[0]) == 1
    publish(city, "d", FUTURE, actor="li")
    zones, shapes = list_zones(city)
    assert [(one.code, one.valid_from, one.valid_to) for one in zones] == [
        ("Z1", date(2026, 1, 1), date(2099, 2, 28)),
        ("Z2", date(2099, 3, 1), None),
    ]
    assert zones[1].categories == frozenset({"E1"})
    assert shapely.equals(shapes[1], market)
    assert [one.code for one in list_road_segments(city)[0]] == ["R1", "R2"]
    assert list_members(city) == [
        GroupMember("G1", "cell", "A1", None, date(2099, 2, 28)),
        GroupMember("G2", "cell", "A2", date(2099, 3, 1), None),
        GroupMember("G2", "cell", "A3", date(2099, 3, 1), None),
    ]


def test_a_duty_points_at_what_only_the_draft_has(city: Connection) -> None:
    with pytest.raises(DraftRecordsError, match="there is no zone 'Z2'"):
        edit(city, rows.SetDuty("S1", "dispose", "zone", "Z2", "*"))
    edit(city, rows.SetZone("Z2", "早市", "vendor", geometry=geojson(RIVER)))
    edit(city, rows.SetGroupMember("G2", "A2", kind="beat", name="二组"))
    edit(
        city,
        rows.SetDuty("S1", "dispose", "zone", "Z2", "*"),
        rows.SetDuty("S1", "dispose", "group", "G2", "*"),
        # Also between two duties of one file.
        rows.SetRoadSegment("R2", "湖滨路", geometry=geojson(ROAD)),
        rows.SetDuty("S1", "dispose", "road_segment", "R2", "*"),
    )
    publish(city, "d", FUTURE, actor="li")
    assert [one.target_code for one in list_duties(city)] == ["Z2", "G2", "R2"]


def test_what_is_not_given_of_a_known_row_stays(city: Connection) -> None:
    edit(city, rows.SetZone("Z1", name="西河道"), rows.SetRoadSegment("R1", tolerance_m=20.0))
    publish(city, "d", PAST, actor="li")
    (zone,), (shape,) = list_zones(city)
    assert (zone.name, zone.kind, zone.valid_from) == ("西河道", "river", date(2026, 1, 1))
    assert shapely.equals(shape, RIVER)
    (road,), _ = list_road_segments(city)
    assert (road.name, road.tolerance_m) == ("和平路", 20.0)


@pytest.mark.parametrize(
    "one",
    [
        rows.SetZone("Z1", name="西河道"),
        rows.SetRoadSegment("R1", tolerance_m=20.0),
    ],
)
def test_what_would_change_before_the_edition_is_refused(
    city: Connection, one: editing.AnyOperation
) -> None:
    edit(city, one)
    with pytest.raises(DraftRecordsError, match="it would change at once"):
        publish(city, "d", FUTURE, actor="li")


def test_what_has_no_days_changes_with_an_edition_of_today(city: Connection) -> None:
    edit(city, rows.SetRoadSegment("R1", tolerance_m=20.0))
    publish(city, "d", datetime.now(UTC), actor="li")
    assert list_road_segments(city)[0][0].tolerance_m == 20.0


def test_what_is_new_in_a_draft_is_taken_back_and_not_ended(city: Connection) -> None:
    edit(city, rows.SetZone("Z2", "早市", "vendor", geometry=geojson(RIVER)))
    with pytest.raises(DraftRecordsError, match="zone Z2 is new in this draft; take it back"):
        edit(city, rows.EndZone("Z2"))


def test_of_several_rows_the_last_to_begin_is_ended(city: Connection, tmp_path: Path) -> None:
    again = ["G1,beat,一组,cell,A3,2026-01-01,2026-02-01", "G1,beat,一组,cell,A3,2026-05-01,"]
    import_groups(city, table(tmp_path, GROUPS + "\n".join(again)), PLAIN, actor="wang")
    edit(city, rows.EndGroupMember("G1", "A3"))
    publish(city, "d", FUTURE, actor="li")
    found = [(one.valid_from, one.valid_to) for one in list_members(city)]
    assert found[1:] == [
        (date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 5, 1), date(2099, 2, 28)),
    ]


def test_a_row_of_another_kind_with_its_code_is_not_blamed(
    city: Connection, tmp_path: Path
) -> None:
    road = rows.SetRoadSegment("Z1", "河道路", geometry=geojson(ROAD))
    edit(city, rows.SetZone("Z1", geometry=geojson(square(0.2, 0.2, 1.0, 0.4))))
    bring_zone(city, tmp_path, name="东河道", actor="zhao")
    drafts.create(city, "other", actor="sun")
    editing.edit(city, "other", [road], border_m=0.05, actor="sun")
    publish(city, "other", PAST, actor="sun")
    with pytest.raises(DraftConflictError, match=r"zone 河道 Z1: changed by zhao \(import\)"):
        publish(city, "d", PAST + timedelta(days=1), actor="li")


def test_a_zone_that_others_renamed_is_a_conflict(city: Connection, tmp_path: Path) -> None:
    edit(city, rows.SetZone("Z1", geometry=geojson(square(0.2, 0.2, 1.0, 0.4))))
    bring_zone(city, tmp_path, name="东河道", actor="zhao")
    with pytest.raises(DraftConflictError) as caught:
        publish(city, "d", PAST, actor="li")
    (told,) = caught.value.conflicts
    assert told.startswith("zone 河道 Z1: changed by zhao (import) on ")
    assert "name was '河道', is '东河道' now, the draft states '河道'" in told
    # Let go and stated again, it keeps what they wrote.
    edit(
        city,
        rows.TakeBackRecord(1),
        rows.SetZone("Z1", geometry=geojson(square(0.2, 0.2, 1.0, 0.4))),
    )
    publish(city, "d", PAST, actor="li")
    assert [one.name for one in list_zones(city)[0]] == ["东河道"]


def test_a_road_and_a_member_that_others_changed_are_conflicts(
    city: Connection, tmp_path: Path
) -> None:
    edit(city, rows.SetRoadSegment("R1", name="和平大路"), rows.EndGroupMember("G1", "A1"))
    road = [{"code": "R1", "name": "和平路", "tolerance_m": 30.0}]
    import_road_segments(city, layer(tmp_path, road, [ROAD]), PLAIN, actor="zhao")
    member = table(tmp_path, GROUPS + "G1,beat,一组,cell,A1,,2099-12-31")
    import_groups(city, member, PLAIN, actor="sun")
    with pytest.raises(DraftConflictError) as caught:
        publish(city, "d", PAST, actor="li")
    told = "\n".join(caught.value.conflicts)
    assert "road segment 和平大路 R1: changed by zhao (import)" in told
    assert "area of a group 一组 G1 cell A1: changed by sun (import)" in told


def test_areas_and_rows_that_others_changed_are_told_together(
    city: Connection, tmp_path: Path
) -> None:
    edit(city, rows.SetZone("Z1", name="西河道"), ops.Rename("cell", "A1", "北"))
    bring_zone(city, tmp_path, name="东河道", actor="zhao")
    drafts.create(city, "other", actor="sun")
    editing.edit(city, "other", [ops.Rename("cell", "A1", "南")], border_m=0.05, actor="sun")
    publish(city, "other", PAST, actor="sun")
    with pytest.raises(DraftConflictError) as caught:
        publish(city, "d", PAST + timedelta(days=1), actor="li")
    told = "\n".join(caught.value.conflicts)
    assert "cell A1: the name was" in told
    assert "zone 西河道 Z1: changed by zhao" in told


def test_a_draft_does_not_rename_a_group(city: Connection) -> None:
    edit(city, rows.SetGroupMember("G1", "A2", name="另一组"))
    with pytest.raises(DraftRecordsError, match="an import its name and kind"):
        publish(city, "d", FUTURE, actor="li")


def test_an_area_is_in_a_group_once_a_day(city: Connection) -> None:
    edit(city, rows.SetGroupMember("G1", "A1", valid_from="2099-06-01"))
    with pytest.raises(DraftRecordsError, match="would be in group 'G1' twice"):
        publish(city, "d", FUTURE, actor="li")


def test_a_member_may_be_an_area_of_the_draft(city: Connection) -> None:
    edit(city, ops.Recode("cell", "A2", "A9"), rows.SetGroupMember("G1", "A9"))
    publish(city, "d", FUTURE, actor="li")
    assert [one.area_code for one in list_members(city)] == ["A1", "A9"]


def test_geometries_are_those_of_the_kind(city: Connection) -> None:
    crossed = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])
    with pytest.raises(DraftRecordsError) as caught:
        edit(
            city,
            rows.SetZone("Z2", "x", "river", geometry=geojson(ROAD)),
            rows.SetZone("Z3", "x", "lake", geometry=geojson(crossed)),
            rows.SetZone("Z4", "x", "river"),
            rows.SetRoadSegment("R2", "x", geometry=geojson(RIVER)),
            rows.SetRoadSegment("R3", geometry={"type": "LineString", "coordinates": [[1, 2]]}),
        )
    told = [str(one) for one in caught.value.listed]
    assert ["must be a polygon" in told[0], "kind" in told[1], "not valid" in told[2]] == [
        True
    ] * 3
    assert "has no geometry" in told[3]
    assert "must be a line" in told[4]
    assert "no geometry in GeoJSON" in told[5]
    assert len(list_groups(city)) == 1
