"""Days of every import of records: one rule for duties, zones, groups and the others."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.errors import LayerError
from gridmgmt.services.record_imports.rows import ImportSummary
from gridmgmt.services.responsibility.components import RegisterOptions, import_components
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.services.responsibility.duties import import_duties, list_duties
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.services.responsibility.zones import import_zones
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.groups import list_members
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.services.answering import PLAIN, layer, make_city, table

Days = tuple[date | None, date | None]
# Imports one record of a noun with its first and last day.
Import = Callable[[Connection, Path, str, str], ImportSummary]


def duty(conn: Connection, folder: Path, first: str, last: str) -> ImportSummary:
    head = "responder_code,role,target,level,target_code,categories,valid_from,valid_to"
    path = table(folder, f"{head}\nS1,dispose,area,cell,A1,*,{first},{last}")
    return import_duties(conn, path, PLAIN, actor="tester")


def zone(conn: Connection, folder: Path, first: str, last: str) -> ImportSummary:
    told = {"code": "Z1", "kind": "vendor", "name": "z", "valid_from": first, "valid_to": last}
    path = layer(folder, [{**told, "valid_to": last or None}], [square(0, 0)])
    return import_zones(conn, path, PLAIN, actor="tester")


def drawn_zone(conn: Connection, folder: Path, first: str, last: str) -> ImportSummary:
    """As GeoJSON, whose dates GDAL would read as times of its own."""
    told = {"code": "Z1", "kind": "vendor", "name": "z", "valid_from": first}
    geometry = shapely.geometry.mapping(square(0, 0))
    feature = {
        "type": "Feature",
        "properties": {**told, "valid_to": last or None},
        "geometry": geometry,
    }
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return import_zones(conn, path, PLAIN, actor="tester")


def group(conn: Connection, folder: Path, first: str, last: str) -> ImportSummary:
    head = "group_code,kind,name,level,area_code,valid_from,valid_to"
    path = table(folder, f"{head}\nB1,beat,b,cell,A1,{first},{last}")
    return import_groups(conn, path, PLAIN, actor="tester")


def stored(conn: Connection) -> list[Days]:
    found = [*list_duties(conn), *list_zones(conn)[0], *list_members(conn)]
    return [(one.valid_from, one.valid_to) for one in found]


NOUNS = pytest.mark.parametrize("take_in", [duty, zone, drawn_zone, group])


@NOUNS
@pytest.mark.parametrize("never", ["9999-12-31", "9999/12/31 23:59:59", "9999-12-31T00:00:00Z"])
def test_a_last_day_that_never_comes_is_no_end_and_said(
    conn: Connection, tmp_path: Path, take_in: Import, never: str
) -> None:
    make_city(conn)
    summary = take_in(conn, tmp_path, "2026-01-01", never)
    assert stored(conn) == [(date(2026, 1, 1), None)]
    what = "feature" if take_in in (zone, drawn_zone) else "row"
    words = f"valid_to: 1 {what}(s): 9999-12-31 means no end; stored without a last day"
    assert words in summary.notes
    again = take_in(conn, tmp_path, "2026-01-01", "")
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


@NOUNS
def test_days_written_as_instants_are_days_of_the_bureau(
    conn: Connection, tmp_path: Path, take_in: Import
) -> None:
    make_city(conn)
    take_in(conn, tmp_path, "2025-12-31T16:00:00.000Z", "2026-03-30T16:00:00.000Z")
    assert stored(conn) == [(date(2026, 1, 1), date(2026, 3, 31))]


@NOUNS
def test_days_with_slashes_are_days(conn: Connection, tmp_path: Path, take_in: Import) -> None:
    make_city(conn)
    take_in(conn, tmp_path, "2026/1/1", "2026/03/31 00:00:00")
    assert stored(conn) == [(date(2026, 1, 1), date(2026, 3, 31))]


@NOUNS
@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("9999-12-31", "", "valid_from: '9999-12-31' lies outside the years 1900 to 2199"),
        ("0001-01-01", "", "valid_from: '0001-01-01' lies outside the years 1900 to 2199"),
        ("2026-01-01", "9998-12-31", "valid_to: '9998-12-31' lies outside the years"),
        ("01/02/2026", "", "valid_from: '01/02/2026' is no date"),
    ],
)
def test_other_days_are_refused(
    conn: Connection, tmp_path: Path, take_in: Import, first: str, last: str, words: str
) -> None:
    make_city(conn)
    with pytest.raises(LayerError) as caught:
        take_in(conn, tmp_path, first, last)
    assert words in caught.value.problems[0]


def test_days_that_are_no_last_days_may_not_be_the_end_of_the_calendar(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    demolition = table(tmp_path, "code,lon,lat,demolished_on\nD1,120.15,30.25,9999-12-31")
    component = table(
        tmp_path,
        """
        code,lon,lat,class_code,owner_code,recorded_on
        3301030101000001,120.151,30.251,0101,S1,9999-12-31
        """,
        "components.csv",
    )
    with pytest.raises(LayerError, match="demolished_on: '9999-12-31' lies outside the years"):
        import_demolitions(conn, demolition, PLAIN, actor="t", today=date(2026, 6, 1))
    with pytest.raises(LayerError, match="recorded_on: '9999-12-31' lies outside the years"):
        import_components(conn, component, PLAIN, RegisterOptions(), actor="t")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018", date(2018, 1, 1)),
        ("2018-07", date(2018, 7, 1)),
        ("2018/7", date(2018, 7, 1)),
        ("2018.07", date(2018, 7, 1)),
        ("2018年", date(2018, 1, 1)),
        ("2018年7月", date(2018, 7, 1)),
        ("2018/7/3", date(2018, 7, 3)),
        ("2018-07-02T16:00:00Z", date(2018, 7, 3)),
    ],
)
def test_the_day_of_a_demolition_may_be_its_month_or_year(
    conn: Connection, tmp_path: Path, text: str, day: date
) -> None:
    path = table(tmp_path, f"code,lon,lat,demolished_on\nD1,120.15,30.25,{text}")
    import_demolitions(conn, path, PLAIN, actor="tester", today=date(2026, 6, 1))
    assert [one.demolished_on for one in list_demolitions(conn)[0]] == [day]
