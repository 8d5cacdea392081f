"""A row or feature with several faults is told of all of them at once, in every import."""

from datetime import date

import pytest
import shapely

from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.services.responsibility.categories import import_categories
from gridmgmt.services.responsibility.components import RegisterOptions, import_components
from gridmgmt.services.responsibility.demolitions import import_demolitions
from gridmgmt.services.responsibility.duties import import_duties
from gridmgmt.services.responsibility.groups import import_groups
from gridmgmt.services.responsibility.responders import import_responders
from gridmgmt.services.responsibility.road_segments import import_road_segments
from gridmgmt.services.responsibility.zones import import_zones
from tests.services.answering import PLAIN, layer, make_city, table

LONG = "9" * 300
BOWTIE = shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])


@pytest.fixture
def city(conn):
    make_city(conn)
    return conn


def components(conn, path, options):
    return import_components(conn, path, options, RegisterOptions(), actor="tester")


def demolitions(conn, path, options):
    return import_demolitions(conn, path, options, today=date(2026, 6, 1), actor="tester")


def acted(run):
    return lambda conn, path, options: run(conn, path, options, actor="tester")


# (import, header, row, the beginning of each problem of the row)
TABLES = [
    (
        acted(import_duties),
        "responder_code,role,target,level,target_code,categories,hours,valid_from,valid_to",
        "S9,boss,area,cell,Z9,E9;E8,25:99,2026-02-31,2026-01-01",
        (
            "role: 'boss' is unknown",
            "hours: ",
            "valid_from: ",
            "there is no responder 'S9'",
            "there is no category 'E8'",
            "there is no category 'E9'",
            "no edition has an area 'Z9'",
        ),
    ),
    (
        acted(import_duties),
        "responder_code,role,target,level,target_code,categories,valid_from,valid_to",
        ",dispose,area,cell,Z9,E1,2026-02-01,2026-01-01",
        (
            "responder_code is empty",
            "valid_to 2026-01-01 lies before",
            "no edition has an area",
        ),
    ),
    (
        acted(import_responders),
        "code,kind,name,superior_code,area_code",
        f"{LONG},boss,队,S9,Z9",
        (
            "code: ",
            "kind: 'boss' is unknown",
            "superior_code: there is no responder 'S9'",
            "no edition has an area 'Z9'",
        ),
    ),
    (
        acted(import_groups),
        "group_code,kind,name,area_code,valid_from,valid_to",
        "G1,gang,一片,Z9,2026-02-31,soon",
        ("kind: 'gang'", "valid_from: ", "valid_to: ", "no edition has an area 'Z9'"),
    ),
    (
        acted(import_categories),
        "code,name,code_set,class",
        "E1,,other,thing",
        ("name is empty", "category_class: 'thing' is unknown", "code 'E1' is taken by"),
    ),
    (
        components,
        "code,class_code,state,recorded_on,lon,lat",
        f"{LONG},0999,broken,2026-02-31,500,30",
        (
            "(500, 30) is not a position",
            "code: ",
            "state: 'broken' is unknown",
            "recorded_on: ",
        ),
    ),
    (
        components,
        "code,class_code,recorded_on,lon,lat",
        "C1,0999,2026-02-31,120.1,95",
        (
            "(120.1, 95) is not a position",
            "recorded_on: ",
            "class_code: no category is about components of class '0999'",
        ),
    ),
    (
        demolitions,
        "code,mode,demolished_on,claimed_m2,lon,lat",
        f"{LONG},by wind,2027-01-01,-5,120.1,north",
        (
            "code: ",
            "mode: 'by wind' is unknown",
            "claimed_m2: ",
            "lat: ",
            "demolished_on 2027-01-01 lies in the future",
        ),
    ),
]


@pytest.mark.parametrize(("run", "header", "row", "expected"), TABLES)
def test_all_faults_of_a_row_are_told_at_once(city, tmp_path, run, header, row, expected):
    path = table(tmp_path, f"{header}\n{row}")
    with pytest.raises(LayerError) as caught:
        run(city, path, PLAIN)
    assert_problems(caught.value, "row 2", expected)


# (import, fields, geometry, the beginning of each problem of the feature)
LAYERS = [
    (
        acted(import_zones),
        {
            "code": LONG,
            "kind": "park",
            "name": None,
            "valid_from": "2026-02-01",
            "valid_to": "2026-01-01",
            "categories": "E9",
        },
        BOWTIE,
        (
            "code: ",
            "kind: 'park' is unknown",
            "name is empty",
            "valid_to 2026-01-01 lies before",
            "there is no category 'E9'",
            "the polygon is not valid: Self-intersection",
        ),
    ),
    (
        acted(import_road_segments),
        {"code": LONG, "name": None, "tolerance_m": "-1"},
        shapely.Point(120, 30),
        ("code: ", "name is empty", "tolerance_m: ", "must be a line, is a Point"),
    ),
    (
        components,
        {"code": "C1", "class_code": "0999", "state": "broken", "recorded_on": "2026-02-31"},
        shapely.LineString([(120, 30), (121, 31)]),
        (
            "state: 'broken' is unknown",
            "recorded_on: ",
            "class_code: no category is about components of class '0999'",
            "must be a point, is a LineString",
        ),
    ),
    (
        demolitions,
        {"code": LONG, "demolished_on": "2027-01-01", "mode": "by wind"},
        BOWTIE,
        (
            "code: ",
            "mode: 'by wind' is unknown",
            "demolished_on 2027-01-01 lies in the future",
            "the polygon is not valid",
        ),
    ),
]


@pytest.mark.parametrize(("run", "fields", "geom", "expected"), LAYERS)
def test_all_faults_of_a_feature_are_told_at_once(city, tmp_path, run, fields, geom, expected):
    path = layer(tmp_path, [fields], [geom])
    with pytest.raises(LayerError) as caught:
        run(city, path, PLAIN)
    assert_problems(caught.value, "feature 1", expected)


def test_positions_are_judged_in_the_datum_of_the_file(city, tmp_path):
    path = table(tmp_path, "code,claimed_m2,lon,lat\nD1,-1,5e8,3e6\nD2,,500000,3340000")
    with pytest.raises(LayerError) as caught:
        demolitions(city, path, FileOptions(datum=resolve("EPSG:4549")))
    expected = ("(5e+08, 3e+06) is not a position in", "claimed_m2: ")
    assert_problems(caught.value, "row 2", expected)


def assert_problems(error, where, expected):
    assert len(error.problems) == len(expected), error.problems
    for beginning in expected:
        assert any(one.startswith(f"{where}: {beginning}") for one in error.problems), beginning
