"""What leaves comes back as it was stored: every noun, every format, several datums."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from sqlalchemy import select

from gridmgmt.domain.areas.surroundings import (
    Group,
    GroupKind,
    GroupMember,
    RoadSegment,
    Zone,
    ZoneKind,
)
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.demolition import Demolition, DemolitionMode
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind
from gridmgmt.errors import InputError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.geometry.measure import area_m2, on_grid
from gridmgmt.services.areas.levels import read_levels
from gridmgmt.services.drafts import drafts
from gridmgmt.services.exports.exports import Export, Noun, export
from gridmgmt.services.exports.files import suffix_of
from gridmgmt.services.responsibility.categories import import_categories
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.services.responsibility.responders import import_responders
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.demolitions import list_demolitions, put_demolitions
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.responsibility.groups import put_groups, put_members
from gridmgmt.store.responsibility.responders import list_responders, put_responders
from gridmgmt.store.responsibility.road_segments import put_road_segments
from gridmgmt.store.responsibility.zones import put_zones
from gridmgmt.store.schema import audit_log
from tests.factories import make_edition, square, two_streets
from tests.services.answering import PLAIN, make_city, objects

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 4, 4, tzinfo=UTC)
LAYERS = (Format.SHP, Format.GPKG, Format.GEOJSON)
TABLES = (Format.CSV, Format.XLSX)
DATUMS = ("4326", "4490", "4549", "gcj02", "bd09")

# A polygon with a hole, its rings turned against every standard, and one of two parts.
HOLED = shapely.MultiPolygon(
    [
        shapely.Polygon(
            [(120.15, 30.25), (120.15, 30.26), (120.16, 30.26), (120.16, 30.25)],
            [[(120.152, 30.252), (120.158, 30.252), (120.158, 30.258), (120.152, 30.258)]],
        )
    ]
)
PARTS = shapely.MultiPolygon([square(2, 0), square(4, 1, 0.3, 0.2)])
BENT = shapely.MultiLineString(
    [
        [(120.15, 30.25), (120.1523, 30.2519), (120.16, 30.25)],
        [(120.17, 30.25), (120.18, 30.26)],
    ]
)
NAMES = [
    "𠀀㐀村",
    'a "quoted", one',
    "line\nbreak",
    "001",
    "1e5",
    "= not a sum",
    "O'Neill",
    "–",
]


def leave(conn, folder: Path, noun: Noun, fmt: Format, *, datum: str = "4326", **other):
    path = folder / f"{noun}-{datum}{suffix_of(fmt)}"
    wanted = Export(noun, path, fmt, "tester", datum=resolve(datum), force=True, **other)
    return export(conn, wanted, now=NOW, tz=TZ)


def unchanged(summary) -> int:
    assert (summary.added, summary.changed) == (0, 0)
    return summary.unchanged


def options(datum: str, **other) -> FileOptions:
    return FileOptions(datum=resolve(datum), **other)


def store_zones(conn) -> None:
    put_categories(conn, [Category("0601", "流动摊点")])
    zones = [
        Zone(
            "Z1",
            ZoneKind.VENDOR,
            "早市, 夜市",
            date(2026, 1, 1),
            date(2026, 12, 31),
            frozenset({"0601"}),
        ),
        Zone("Z2", ZoneKind.RIVER, "上塘河", date(2026, 2, 1)),
    ]
    put_zones(conn, zones, on_grid(objects(HOLED, PARTS)))


def store_demolitions(conn, *, points: bool = True) -> None:
    found = [
        Demolition(
            "D1", "棚", "石桥路1号", DemolitionMode.SELF, date(2025, 3, 4), 12.5, None, 3
        ),
        Demolition("D2", None, None, None, None, None, None, None, 2, 1),
        Demolition("D3", "x", "石桥路2号", DemolitionMode.FORCED, date(2024, 1, 1), 1234.5678),
    ]
    shapes = on_grid(objects(HOLED, shapely.Point(120.1512345, 30.2598765), PARTS))
    if not points:
        found, shapes = [found[0], found[2]], shapes[[0, 2]]
    measured = area_m2(shapes)
    found = [
        one if shape.geom_type == "Point" else type(one)(**{**vars(one), "measured_m2": m2})
        for one, shape, m2 in zip(found, shapes, measured.tolist(), strict=True)
    ]
    put_demolitions(conn, found, shapes)


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("fmt", LAYERS)
def test_zones_come_back_with_rings_days_and_names(conn, tmp_path, fmt, datum):
    store_zones(conn)
    if fmt is Format.GEOJSON and datum != "4326":
        with pytest.raises(InputError, match="WGS 84"):
            leave(conn, tmp_path, Noun.ZONES, fmt, datum=datum)
        return
    report = leave(conn, tmp_path, Noun.ZONES, fmt, datum=datum)
    assert unchanged(import_zones(conn, report.path, options(datum), actor="t")) == 2


@pytest.mark.parametrize("fmt", LAYERS)
def test_road_segments_come_back_with_their_own_tolerance(conn, tmp_path, fmt):
    put_road_segments(
        conn,
        [RoadSegment("R1", "石祥路", 22.5), RoadSegment("R2", "一号路", 15.0)],
        on_grid(objects(BENT, shapely.MultiLineString([[(120.1, 30.2), (120.2, 30.2)]]))),
    )
    report = leave(conn, tmp_path, Noun.ROAD_SEGMENTS, fmt)
    assert report.losses == ()
    summary = import_road_segments(conn, report.path, options("4326"), actor="t")
    assert unchanged(summary) == 2


@pytest.mark.parametrize("fmt", LAYERS)
def test_demolitions_come_back_with_counts_and_addresses(conn, tmp_path, fmt):
    store_demolitions(conn, points=False)
    report = leave(conn, tmp_path, Noun.DEMOLITIONS, fmt, personal=True)
    assert report.losses == ()
    summary = import_demolitions(
        conn, report.path, options("4326"), today=NOW.date(), actor="t"
    )
    assert unchanged(summary) == 2


@pytest.mark.parametrize("fmt", [Format.GPKG, Format.GEOJSON])
def test_footprints_and_points_leave_together_where_a_format_can(conn, tmp_path, fmt):
    store_demolitions(conn)
    report = leave(conn, tmp_path, Noun.DEMOLITIONS, fmt, personal=True)
    assert report.losses == ()
    summary = import_demolitions(
        conn, report.path, options("4326"), today=NOW.date(), actor="t"
    )
    assert unchanged(summary) == 3


def test_a_shapefile_of_footprints_and_points_is_two_layers_and_says_so(conn, tmp_path):
    store_demolitions(conn)
    report = leave(conn, tmp_path, Noun.DEMOLITIONS, Format.SHP, personal=True)
    (loss,) = report.losses
    assert "one kind of shape" in str(loss)
    assert str(loss).endswith("demolitions_point (1), demolitions_polygon (2)")
    counts = [
        unchanged(
            import_demolitions(
                conn,
                report.path,
                options("4326", layer=f"demolitions_{kind}"),
                today=NOW.date(),
                actor="t",
            )
        )
        for kind in ("point", "polygon")
    ]
    assert counts == [1, 2]


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("fmt", TABLES)
def test_points_come_back_from_a_table_in_any_datum(conn, tmp_path, fmt, datum):
    point = shapely.Point(120.1512345, 30.2598765)
    put_demolitions(
        conn, [Demolition("D2", "=1+1" if fmt is Format.XLSX else "y")], objects(point)
    )
    report = leave(conn, tmp_path, Noun.DEMOLITIONS, fmt, datum=datum, personal=True)
    said = [str(loss) for loss in report.losses]
    assert said == [] if datum in ("4326", "4490") else "does not state its CRS" in said[0]
    summary = import_demolitions(conn, report.path, options(datum), today=NOW.date(), actor="t")
    assert unchanged(summary) == 1


def test_a_table_says_how_many_shapes_it_leaves_out(conn, tmp_path):
    store_zones(conn)
    report = leave(conn, tmp_path, Noun.ZONES, Format.CSV)
    assert [str(loss) for loss in report.losses] == [
        "lon, lat: a table carries no shapes: 2 leave as one position on each"
    ]
    rows = read_table(report.path)
    points = shapely.points(
        np.array(rows.values["lon"], dtype=float), np.array(rows.values["lat"], dtype=float)
    )
    assert shapely.covers(np.array([HOLED, PARTS]), points).all()


def test_without_leave_addresses_and_phones_stay_behind_and_are_not_wiped_out(conn, tmp_path):
    store_demolitions(conn)
    put_responders(conn, [Responder("S1", ResponderKind.SQUAD, "一中队", "13900000000")])
    for noun in (Noun.DEMOLITIONS, Noun.RESPONDERS):
        report = leave(conn, tmp_path, noun, Format.XLSX)
        assert "personal, left out" in str(report.losses[0])
        assert not {"address", "phone"} & set(read_table(report.path).columns)
    assert conn.execute(select(audit_log)).all() == []
    summary = import_responders(conn, report.path, PLAIN, actor="t")
    assert unchanged(summary) == 1
    assert summary.notes == ("phone: the file has no such column; the stored values stay",)
    gpkg = leave(conn, tmp_path, Noun.DEMOLITIONS, Format.GPKG)
    import_demolitions(conn, gpkg.path, options("4326"), today=NOW.date(), actor="t")
    assert [one.address for one in list_demolitions(conn)[0]] == [
        "石桥路1号",
        None,
        "石桥路2号",
    ]
    assert [one.phone for one in list_responders(conn)] == ["13900000000"]


def test_taking_personal_data_away_is_noted(conn, tmp_path):
    put_responders(conn, [Responder("S1", ResponderKind.SQUAD, "一中队", "13900000000")])
    leave(conn, tmp_path, Noun.RESPONDERS, Format.CSV, personal=True)
    (entry,) = conn.execute(select(audit_log)).all()
    assert (entry.actor, entry.action) == ("tester", "read_personal")
    assert (entry.subject, entry.detail["rows"]) == ("export responders", 1)


@pytest.mark.parametrize("fmt", TABLES)
def test_responders_come_back_with_any_name(conn, tmp_path, fmt):
    make_edition(conn, two_streets())
    people = [
        Responder(f"S{i}", ResponderKind.SQUAD, name, "0571-1", None, "street", "A")
        for i, name in enumerate(NAMES)
    ]
    put_responders(conn, [*people, Responder("T", ResponderKind.COMPANY, "上", None, "S0")])
    report = leave(conn, tmp_path, Noun.RESPONDERS, fmt, personal=True)
    summary = import_responders(conn, report.path, PLAIN, actor="t")
    assert unchanged(summary) == len(NAMES) + 1
    if fmt is Format.CSV:
        # The one text that a spreadsheet would run is protected, which other programs do not
        # take away; that is said.
        assert [loss.row for loss in report.losses] == ["S5"]
        assert "'= not a sum" in report.path.read_text("utf-8-sig")
    else:
        assert report.losses == ()


@pytest.mark.parametrize("fmt", TABLES)
def test_duties_categories_and_groups_come_back(conn, tmp_path, fmt):
    make_city(conn)
    put_categories(
        conn,
        [
            Category(
                "001",
                "井盖",
                "GB",
                CategoryClass.COMPONENT,
                "公用",
                "井",
                "24h",
                class_code="0101",
            )
        ],
    )
    put_groups(conn, [Group("G1", GroupKind.BEAT, "一号责任网格")])
    put_members(
        conn,
        [
            GroupMember("G1", "cell", "A1", date(2026, 1, 1), date(2026, 6, 30)),
            GroupMember("G1", "cell", "A1", date(2026, 7, 1), None),
            GroupMember("G1", "street", "B", None, None),
        ],
    )
    store_zones(conn)
    begins, ends = date(2026, 1, 1), date(2026, 12, 31)
    add_duties(
        conn,
        [
            Duty(
                0,
                "S1",
                DutyRole.DISPOSE,
                DutyTarget.AREA,
                "cell",
                "A1",
                None,
                None,
                begins,
                ends,
                "7",
            ),
            Duty(
                0,
                "S1",
                DutyRole.DISPOSE,
                DutyTarget.GROUP,
                None,
                "G1",
                frozenset({"E1", "001"}),
            ),
            Duty(
                0, "H", DutyRole.OVERSEE, DutyTarget.ZONE, None, "Z1", None, "Mo-Fr 08:00-18:00"
            ),
        ],
    )
    for noun, read_back, rows in (
        (Noun.DUTIES, import_duties, 3),
        (Noun.CATEGORIES, import_categories, 4),
        (Noun.GROUPS, import_groups, 3),
    ):
        report = leave(conn, tmp_path, noun, fmt)
        assert unchanged(read_back(conn, report.path, PLAIN, actor="t")) == rows
    assert [loss.what for loss in leave(conn, tmp_path, Noun.CATEGORIES, fmt).losses] == [
        "1 code(s) that are known only from cases are left out"
    ]


@pytest.mark.parametrize("fmt", TABLES)
def test_levels_come_back(conn, tmp_path, fmt):
    report = leave(conn, tmp_path, Noun.LEVELS, fmt)
    assert read_levels(report.path) == (list_levels(conn), [])


@pytest.mark.proof
@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("fmt", [Format.SHP, Format.GPKG])
def test_a_level_drafted_again_from_its_export_changes_nothing(conn, tmp_path, fmt, datum):
    make_edition(conn, two_streets())
    drafts.create(conn, "same", actor="t")
    for level in ("street", "cell"):
        report = leave(conn, tmp_path, Noun.AREAS, fmt, datum=datum, level=level)
        file = AreaFile(report.path, "code", "name", "parent", datum=resolve(datum))
        imported = drafts.import_areas(conn, "same", level, file, actor="t")
        assert (imported.added, imported.altered, imported.dropped) == (0, 0, 0)


def test_of_one_area_only_what_belongs_to_it_leaves(conn, tmp_path):
    make_city(conn)
    store_zones(conn)
    store_demolitions(conn)
    put_groups(conn, [Group("G1", GroupKind.BEAT, "g"), Group("G2", GroupKind.BEAT, "h")])
    put_members(conn, [GroupMember("G1", "cell", "A1"), GroupMember("G2", "cell", "B1")])
    add_duties(
        conn,
        [
            Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", None),
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "street", "B", None),
            Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.GROUP, None, "G2", None),
        ],
    )

    def rows(noun: Noun, area: tuple[str, str], **other: object) -> int:
        fmt = Format.GPKG if noun.has_shapes else Format.CSV
        return leave(conn, tmp_path, noun, fmt, within=area, **other).rows

    assert rows(Noun.AREAS, ("street", "A"), level="cell") == 4
    assert rows(Noun.AREAS, ("cell", "A1"), level="cell") == 1
    # PARTS touches street B along a border and shares no ground with it.
    assert rows(Noun.ZONES, ("street", "A")) == 1
    assert rows(Noun.DEMOLITIONS, ("street", "A")) == 2
    assert rows(Noun.GROUPS, ("street", "A")) == 1
    assert rows(Noun.DUTIES, ("street", "A")) == 1
    # The duty on the street is about each of its cells.
    assert rows(Noun.DUTIES, ("cell", "B1")) == 2
    # The squad, the office, the chief of the street and the one above.
    assert rows(Noun.RESPONDERS, ("street", "A")) == 4
    with pytest.raises(InputError, match="there are no zones"):
        rows(Noun.ZONES, ("street", "B"))


def test_what_is_not_there_or_has_no_shape_is_said(conn, tmp_path):
    with pytest.raises(InputError, match="there are no road segments to export"):
        leave(conn, tmp_path, Noun.ROAD_SEGMENTS, Format.GPKG)
    with pytest.raises(InputError, match="have no shapes; choose csv or xlsx"):
        leave(conn, tmp_path, Noun.DUTIES, Format.GPKG)
    with pytest.raises(InputError, match="name the level"):
        leave(conn, tmp_path, Noun.AREAS, Format.GPKG)
    assert list(tmp_path.iterdir()) == []
