import numpy as np
import pytest
import shapely

from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions
from gridmgmt.geometry.crs.crs import from_lonlat, resolve
from gridmgmt.services.responsibility.components import RegisterOptions, import_components
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.store.responsibility.components import list_components, standing_components
from tests.services.answering import PLAIN, layer, make_city, table

CATEGORIES = [
    Category(
        "C0101-1",
        "上水井盖：缺失",
        "X",
        CategoryClass.COMPONENT,
        None,
        "上水井盖",
        class_code="0101",
    ),
    Category(
        "C0101-2",
        "上水井盖：破损",
        "X",
        CategoryClass.COMPONENT,
        None,
        "上水井盖",
        class_code="0101",
    ),
    Category(
        "C0204-1",
        "公交站亭：破损",
        "X",
        CategoryClass.COMPONENT,
        None,
        "公交站亭",
        class_code="0204",
    ),
    Category("E0305-1", "占道", "X", CategoryClass.EVENT, None, "占道", class_code="0305"),
]
COVER = "3301030101000001"
STOP = "3301030204000001"


@pytest.fixture
def city(conn):
    make_city(conn)
    put_categories(conn, CATEGORIES)
    return conn


def run(conn, path, options=PLAIN, *, update=False, **said):
    asked = RegisterOptions(update=update, **said)
    return import_components(conn, path, options, asked, actor="tester")


def notes_of(summary):
    return "\n".join(summary.notes)


def test_a_layer_with_the_names_of_the_standard_is_read_as_it_comes(city, tmp_path):
    row = {
        "ObjID": COVER,
        "ObjName": "井盖",
        "DeptCode1": "H",
        "DeptName1": "总",
        "DeptCode2": "S1",
        "DeptName2": "一中队",
        "DeptCode3": "S2",
        "DeptName3": "二中队",
        "ObjState": "破损",
        "ORDate": "2018-01-31",
        "CHDate": "20250102",
    }
    path = layer(tmp_path, [row], [shapely.Point(120.151, 30.251)])
    summary = run(city, path)
    assert (summary.added, summary.unmapped) == (1, ())
    (one,), (point,) = list_components(city)
    assert (one.code, one.class_code, one.name) == (COVER, "0101", "井盖")
    assert (one.owner_code, one.maintainer_code, one.manager_code) == ("S1", "S2", "H")
    assert (one.state, str(one.recorded_on), str(one.changed_on)) == (
        ComponentState.DAMAGED,
        "2018-01-31",
        "2025-01-02",
    )
    assert (point.x, point.y) == (120.151, 30.251)
    assert run(city, path).unchanged == 1


def test_a_table_in_projected_metres_is_converted_by_its_crs(city, tmp_path):
    datum = resolve("EPSG:4549")
    x, y = from_lonlat(np.array([120.151]), np.array([30.251]), datum)
    path = table(tmp_path, f"code,lon,lat\n{COVER},{x[0]},{y[0]}")
    with pytest.raises(LayerError, match="is not a position in"):
        run(city, path)
    assert run(city, path, FileOptions(datum=datum)).added == 1
    point = list_components(city)[1][0]
    assert (point.x, point.y) == pytest.approx((120.151, 30.251), abs=1e-7)


def test_a_table_in_degrees_may_have_latitude_first(city, tmp_path):
    path = table(tmp_path, f"code,x,y\n{COVER},30.251,120.151")
    assert run(city, path, FileOptions(datum=resolve("EPSG:4490,yx"))).added == 1
    point = list_components(city)[1][0]
    assert (point.x, point.y) == (120.151, 30.251)


@pytest.mark.parametrize("word", ["0101", "C0101-2", "上水井盖", "上水井盖：缺失", "盖子"])
def test_a_class_is_understood_by_whatever_categories_call_it(city, tmp_path, word):
    path = table(tmp_path, f"code,class,lon,lat\nW-1,{word},120.151,30.251")
    summary = run(city, path, classes={"盖子": "0101"})
    assert list_components(city)[0][0].class_code == "0101"
    assert "1 code(s) do not have 16 digits" in notes_of(summary)


def test_a_class_for_all_is_for_rows_that_name_none(city, tmp_path):
    path = table(
        tmp_path, f"code,class,lon,lat\nW-1,,120.151,30.251\n{STOP},0204,120.152,30.251"
    )
    run(city, path, classes={None: "上水井盖"})
    assert {one.code: one.class_code for one in list_components(city)[0]} == {
        "W-1": "0101",
        STOP: "0204",
    }


def test_a_code_that_tells_another_class_than_its_row_is_noted_and_the_row_counts(
    city, tmp_path
):
    path = table(tmp_path, f"code,class_code,lon,lat\n{STOP},0101,120.151,30.251")
    summary = run(city, path)
    assert list_components(city)[0][0].class_code == "0101"
    assert (
        f"1 code(s) state another class than their rows, and the rows count: {STOP}"
        in summary.notes
    )


def test_digits_of_an_event_are_no_class_of_components(city, tmp_path):
    path = table(tmp_path, "code,lon,lat\n3301030305000001,120.151,30.251")
    with pytest.raises(LayerError) as caught:
        run(city, path)
    assert "no category is about components of class '0305'" in caught.value.problems[0]


def test_everything_wrong_is_reported_at_once_and_nothing_is_loaded(city, tmp_path):
    path = table(
        tmp_path,
        f"""
        code,class_code,lon,lat,state,ORDate
        {COVER},,120.151,91,,
        {STOP},9999,120.151,30.251,,
        W-3,,120.151,30.251,,
        W-4,0101,120.151,30.251,brandnew,yesterday
        W-5,0101,120.151,30.251,,
        W-5,0204,120.151,30.251,,
        ,0101,120.151,30.251,,
        """,
    )
    with pytest.raises(LayerError) as caught:
        run(city, path)
    words = caught.value.problems
    assert [word.split(":")[0] for word in words] == [
        f"row {n}" for n in (2, 3, 4, 5, 5, 6, 7, 8)
    ]
    assert "is not a position" in words[0]
    assert "components of class '9999'" in words[1]
    assert "--map class_code" in words[2]
    assert "'brandnew' is unknown" in words[3]
    assert "no date" in words[4]
    assert "with another class_code" in words[5]
    assert list_components(city)[0] == []


def test_a_line_is_no_component(city, tmp_path):
    line = shapely.LineString([(120.15, 30.25), (120.16, 30.25)])
    with pytest.raises(LayerError) as caught:
        run(city, layer(tmp_path, [{"code": COVER}], [line]))
    assert "must be a point, is a LineString" in caught.value.problems[0]


def test_units_that_are_no_responders_are_named_and_decide_nothing(city, tmp_path):
    path = table(
        tmp_path,
        """
        code,class,owner_code,maintainer_code,manager_code,lon,lat
        A,0101,S1,S2,,120.151,30.251
        B,0101,WATER,S2,,120.151,30.252
        C,0101,WATER,,POWER,120.151,30.253
        D,0101,,,,120.151,30.254
        E,0101,,GAS,S1,120.151,30.255
        F,0101,S1,,,120.151,35.0
        """,
    )
    told = notes_of(run(city, path))
    assert "1 component(s) name only units that are not responders" in told
    assert "1 component(s) name no unit" in told
    assert "2 component(s) go to another of their units" in told
    assert "3 unit(s) are not responders: GAS, POWER, WATER" in told
    assert "edition 1 has no area where 1 component(s) lie: F" in told
    standing = standing_components(city)
    assert dict(zip(standing.codes, standing.owners, strict=True)) == {
        "A": "S1",
        "B": "S2",
        "C": None,
        "D": None,
        "E": "S1",
        "F": "S1",
    }


def test_an_owner_said_for_a_class_is_for_rows_without_one(city, tmp_path):
    path = table(
        tmp_path,
        """
        code,class,owner_code,lon,lat
        A,0101,S1,120.151,30.251
        B,0101,,120.151,30.252
        C,0204,,120.151,30.253
        """,
    )
    run(city, path, owners={"0101": "S2", None: "H"})
    owners = {one.code: one.owner_code for one in list_components(city)[0]}
    assert owners == {"A": "S1", "B": "S2", "C": "H"}


def test_a_known_component_with_other_content_is_refused_unless_update_is_said(city, tmp_path):
    run(city, table(tmp_path, "code,class,name,lon,lat\nA,0101,盖,120.151,30.251", "1.csv"))
    moved = table(tmp_path, "code,class,name,lon,lat\nA,0101,井,120.152,30.251", "2.csv")
    with pytest.raises(LayerError) as caught:
        run(city, moved)
    assert "'A' has another name in the register; --on-existing update" in str(caught.value)
    assert run(city, moved, update=True).changed == 1
    (one,), (point,) = list_components(city)
    assert (one.name, point.x) == ("井", 120.152)


def test_what_a_file_has_no_column_for_stays(city, tmp_path):
    full = "code,class,name,owner_code,state,lon,lat\nA,0101,盖,S1,lost,120.151,30.251"
    run(city, table(tmp_path, full, "1.csv"))
    bare = table(tmp_path, "code,class,lon,lat\nA,0101,120.152,30.251", "2.csv")
    assert run(city, bare, update=True, owners={None: "S2"}).changed == 1
    assert list_components(city)[0] == [
        Component("A", "0101", "盖", "S1", state=ComponentState.LOST)
    ]


def test_a_removed_component_stands_no_more(city, tmp_path):
    text = "code,class,state,lon,lat\nA,0101,移除,120.151,30.251\nB,0101,丢失,120.151,30.251"
    run(city, table(tmp_path, text))
    assert standing_components(city).codes.tolist() == ["B"]
