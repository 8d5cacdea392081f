"""Attributes of areas: declared, imported, edited, published, compared and exported."""

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.errors import DraftError, InputError, LayerError, NotFoundError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.services.areas import area_histories, editions, tree
from gridmgmt.services.areas.attributes import list_attributes, set_attributes
from gridmgmt.services.drafts import checks, drafts
from gridmgmt.services.drafts.alterations import altered
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.reverting import revert
from gridmgmt.services.exports.areas import area_content
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.edition_changes import count_edition_changes, find_edition_changes
from gridmgmt.store.areas.editions import get_edition
from tests.factories import make_edition
from tests.geometry.editing.cities import city_levels

DECLARED = """level,name,name_zh,name_en,kind,allowed
cell,land_use,用地类别,Land use,text,居住|商业|工业
cell,grade,管理等级,Grade,number,
cell,surveyed,测绘日期,Surveyed,day,
street,kind,街道类型,Kind of street,text,
"""


def declare(conn: Connection, folder: Path, text: str = DECLARED) -> None:
    path = folder / "attributes.csv"
    path.write_text(text, encoding="utf-8")
    set_attributes(conn, path, actor="a")


@pytest.fixture
def base(conn: Connection, tmp_path: Path) -> Connection:
    """An edition of a drawn city with declared attributes, and a draft on top of it."""
    make_edition(conn, {areas.level: areas for areas in city_levels()})
    declare(conn, tmp_path)
    drafts.create(conn, "d", actor="a")
    return conn


def edit(conn: Connection, *operations: ops.Operation) -> None:
    editing.edit(conn, "d", operations, border_m=0.05, actor="a")


def published(conn: Connection) -> int:
    done = publish(conn, "d", datetime(2026, 3, 1, tzinfo=UTC), actor="a")
    return done.edition.number


def held(conn: Connection, label: str = "d") -> dict[str, dict[str, object]]:
    """The attributes of the cells that have some, as the draft states them."""
    draft = get_draft(conn, label)
    cells = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))["cell"]
    pairs = zip(cells.codes, cells.attributes, strict=True)
    return {str(code): dict(values) for code, values in pairs if values}


ONE, OTHER = "S0C0N00", "S0C0N01"
HOME = ops.SetAttributes("cell", (ONE, OTHER), {"land_use": "居住", "grade": 2})


def test_what_is_declared_is_listed_in_its_order(base: Connection) -> None:
    found = list_attributes(base)
    assert [f"{one.level}.{one.name}" for one in found] == [
        "street.kind",
        "cell.land_use",
        "cell.grade",
        "cell.surveyed",
    ]
    assert found[1] == AreaAttribute(
        "cell", "land_use", "用地类别", "Land use", AttributeKind.TEXT, ("居住", "商业", "工业")
    )


def test_people_declare_attributes_under_the_headings_they_read(
    base: Connection, tmp_path: Path
) -> None:
    listed = list_attributes(base)
    chinese = """层级,属性代码,中文名称,英文名称,值类型,可选值
单元网格,land_use,用地类别,Land use,文本,居住|商业|工业
单元网格,grade,管理等级,Grade,数字,
单元网格,surveyed,测绘日期,Surveyed,日期,
街道,kind,街道类型,Kind of street,,
"""
    declare(base, tmp_path, chinese)
    assert list_attributes(base) == listed


def test_values_are_set_undone_and_redone_to_the_byte(base: Connection) -> None:
    edit(base, HOME)
    assert held(base) == {code: {"land_use": "居住", "grade": 2} for code in (ONE, OTHER)}
    edit(base, ops.SetAttributes("cell", (ONE,), {"grade": None, "surveyed": "2025-03-01"}))
    after = held(base)
    assert after[ONE] == {"land_use": "居住", "surveyed": "2025-03-01"}
    editing.undo(base, "d", actor="a")
    editing.undo(base, "d", actor="a")
    assert held(base) == {}
    assert not read_changes(base, get_draft(base, "d").id)
    editing.redo(base, "d", actor="a")
    editing.redo(base, "d", actor="a")
    assert held(base) == after


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (ops.SetAttributes("cell", (ONE,), {"use": "x"}), "it has: land_use, grade, surveyed"),
        (ops.SetAttributes("community", ("S0C0",), {"use": "x"}), "has no attribute 'use'; it"),
        (ops.SetAttributes("cell", (ONE,), {"land_use": "森林"}), "none of 居住, 商业, 工业"),
        (ops.SetAttributes("cell", (ONE,), {"grade": "2"}), "grade: '2' is not a number"),
        (
            ops.SetAttributes("cell", (ONE,), {"surveyed": "1.3.25"}),
            "surveyed: '1.3.25' is no d",
        ),
        (ops.SetAttributes("cell", ("X",), {"grade": 2}), "the draft has no cell X"),
        (ops.SetAttributes("cell", (ONE,), {"grade": None}), "nothing would change"),
    ],
)
def test_what_is_not_declared_is_refused(
    base: Connection, operation: ops.Operation, said: str
) -> None:
    with pytest.raises(EditError, match=said):
        edit(base, operation)


def test_a_split_keeps_them_on_both_sides_and_a_merge_those_of_the_kept(
    base: Connection,
) -> None:
    edit(base, HOME, ops.SetAttributes("cell", (OTHER,), {"land_use": "商业"}))
    west, south, east, north = areas_in(base, 1)["cell"].geoms[0].bounds
    line = (west - 1e-3, (south + north) / 2), (east + 1e-3, (south + north) / 2)
    edit(base, ops.Split("cell", ONE, line, ("new",)))
    assert held(base)["new"] == held(base)[ONE] == {"land_use": "居住", "grade": 2}
    edit(base, ops.Merge("cell", ("new", ONE), ONE), ops.Merge("cell", (ONE, OTHER), OTHER))
    assert held(base) == {OTHER: {"land_use": "商业", "grade": 2}}
    # What moves, moves with its attributes, and another code keeps them.
    edit(base, ops.Recode("cell", OTHER, "S0C0N09"), ops.Reassign("cell", ("S0C0N09",), "S0C1"))
    assert held(base) == {"S0C0N09": {"land_use": "商业", "grade": 2}}


def test_they_are_published_compared_and_brought_back(base: Connection) -> None:
    edit(base, HOME)
    number = published(base)
    cells = areas_in(base, number)["cell"]
    assert cells.attributes[cells.codes == ONE][0] == {"land_use": "居住", "grade": 2}
    assert not areas_in(base, 1)["cell"].attributes[0]
    [count] = count_edition_changes(base, 1, number)
    assert (count.level, count.altered, count.redrawn) == ("cell", 2, 0)
    one, _ = find_edition_changes(base, 1, number, "cell", most=9)
    assert [(c.name, c.old, c.new) for c in one.attributes] == [
        ("grade", None, 2),
        ("land_use", None, "居住"),
    ]
    [diff] = editions.diff(base, 1, number)
    assert [(each.code, each.attributes, each.name) for each in diff.altered] == [
        (ONE, True, False),
        (OTHER, True, False),
    ]
    made, changed = area_histories.history(base, "cell", ONE)
    assert made.after is not None
    assert made.after.attributes == {}
    assert changed.after is not None
    assert changed.after.attributes == {"land_use": "居住", "grade": 2}
    shown = tree.show(base, get_edition(base, number), ("cell", ONE), top=None, on=None)
    assert shown.attributes == {"land_use": "居住", "grade": 2}
    assert [c.name for c in shown.versions[-1].attribute_changes] == ["grade", "land_use"]
    then = tree.show(base, get_edition(base, 1), ("cell", ONE), top=None, on=None)
    assert then.attributes == {}
    revert(base, 1, "back", actor="a")
    assert held(base, "back") == {}
    assert len(read_changes(base, get_draft(base, "back").id)["cell"]) == 2


def test_two_drafts_of_one_edition_keep_what_each_says_of_an_area(base: Connection) -> None:
    drafts.create(base, "other", actor="b")
    edit(base, HOME)
    published(base)
    rename = ops.Rename("cell", ONE, "和平一格")
    graded = ops.SetAttributes("cell", (ONE,), {"surveyed": "2025-03-01"})
    editing.edit(base, "other", [rename, graded], border_m=0.05, actor="b")
    done = publish(base, "other", datetime(2026, 4, 1, tzinfo=UTC), actor="b")
    cells = areas_in(base, done.edition.number)["cell"]
    [row] = [n for n, code in enumerate(cells.codes) if code == ONE]
    assert cells.names[row] == "和平一格"
    assert cells.attributes[row] == {"land_use": "居住", "grade": 2, "surveyed": "2025-03-01"}


def test_a_review_is_of_the_attributes_too(base: Connection) -> None:
    draft = get_draft(base, "d")
    edit(base, HOME)
    first = changes_digest(base, draft.id)
    edit(base, ops.SetAttributes("cell", (ONE,), {"grade": 3}))
    other = changes_digest(base, draft.id)
    editing.undo(base, "d", actor="a")
    assert changes_digest(base, draft.id) == first != other


def test_an_area_that_only_differs_in_them_is_altered(base: Connection) -> None:
    edit(base, HOME)
    draft = get_draft(base, "d")
    now = drafts.state_of(base, draft.base_edition, read_changes(base, draft.id))["cell"]
    found = altered(areas_in(base, 1)["cell"], now)
    assert [one.code for one in found] == [ONE, OTHER]
    assert [(c.name, c.new) for c in found[0].attributes] == [
        ("grade", 2),
        ("land_use", "居住"),
    ]
    assert not found[0].redrawn


def exported(conn: Connection, number: int, path: Path) -> gpd.GeoDataFrame:
    content = area_content(conn, "cell", get_edition(conn, number), None, ZoneInfo("UTC"))
    frame = gpd.GeoDataFrame(
        content.named(shortly=False), geometry=content.geoms, crs="EPSG:4326"
    )
    frame.to_file(path)
    return frame


def test_what_is_exported_is_imported_as_it_was(base: Connection, tmp_path: Path) -> None:
    edit(base, HOME, ops.SetAttributes("cell", (ONE,), {"surveyed": "2025-03-01"}))
    before = held(base)
    number = published(base)
    path = tmp_path / "cells.gpkg"
    exported(base, number, path)
    drafts.create(base, "again", actor="a")
    file = AreaFile(path, "code", "name", "parent")
    done = drafts.import_areas(base, "again", "cell", file, actor="a")
    assert (done.added, done.altered, done.dropped) == (0, 0, 0)
    assert held(base, "again") == before
    told = [str(note) for note in done.notes if "attributes were read from" in note]
    assert told == [
        "attributes were read from: grade ← grade, land_use ← land_use, surveyed ← surveyed"
    ]


def test_columns_are_found_by_their_headings_and_others_stay(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, HOME)
    number = published(base)
    frame = exported(base, number, tmp_path / "cells.gpkg")
    frame = frame.drop(columns=["land_use", "surveyed", "grade"])
    frame["管理等级"] = [str(n % 3) for n in range(len(frame))]
    frame["use"] = "工业"
    frame.to_file(tmp_path / "own.gpkg")
    drafts.create(base, "again", actor="a")
    file = AreaFile(tmp_path / "own.gpkg", "code", "name", "parent")
    drafts.import_areas(base, "again", "cell", file, actor="a")
    found = held(base, "again")
    # The file has no column for the land use: that of before stays.
    assert found[ONE] == {"grade": 0, "land_use": "居住"}
    assert found[OTHER] == {"grade": 1, "land_use": "居住"}
    assert found["S1C1N11"] == {"grade": 0}
    stated = AreaFile(tmp_path / "own.gpkg", "code", "name", attributes={"land_use": "use"})
    drafts.import_areas(base, "again", "cell", stated, actor="a")
    assert {values["land_use"] for values in held(base, "again").values()} == {"工业"}


def test_values_of_a_file_that_are_none_are_all_told(base: Connection, tmp_path: Path) -> None:
    frame = exported(base, 1, tmp_path / "cells.gpkg")
    frame["land_use"], frame["grade"] = "森林", ["x", *["1"] * (len(frame) - 1)]
    frame.to_file(tmp_path / "own.gpkg")
    file = AreaFile(tmp_path / "own.gpkg", "code", "name", "parent")
    with pytest.raises(LayerError) as caught:
        drafts.import_areas(base, "d", "cell", file, actor="a")
    assert len(caught.value.problems) == len(frame) + 1
    told = [str(one) for one in caught.value.problems]
    assert told[-1] == "feature 1, field 'grade': 'x' is not a number"
    wrong = AreaFile(tmp_path / "own.gpkg", "code", "name", attributes={"x": "grade"})
    with pytest.raises(NotFoundError, match="there is no attribute 'x'"):
        drafts.import_areas(base, "d", "cell", wrong, actor="a")


def test_what_areas_have_cannot_be_taken_from_the_declarations(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, HOME)
    without = "\n".join(line for line in DECLARED.splitlines() if "grade" not in line)
    with pytest.raises(InputError, match=r"cell\.grade: 2 area\(s\) have 2"):
        declare(base, tmp_path, without)
    with pytest.raises(InputError, match="have 居住: '居住' is none of 商业, 工业"):
        declare(base, tmp_path, DECLARED.replace("居住|", ""))
    editing.undo(base, "d", actor="a")
    declare(base, tmp_path, without)
    assert [one.name for one in list_attributes(base)] == ["kind", "land_use", "surveyed"]


def test_a_value_that_is_not_declared_any_more_is_not_redone(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, HOME)
    editing.undo(base, "d", actor="a")
    without = "\n".join(line for line in DECLARED.splitlines() if "grade" not in line)
    declare(base, tmp_path, without)
    with pytest.raises(DraftError, match=f"cell {ONE}: grade: not declared any more"):
        editing.redo(base, "d", actor="a")
    declare(base, tmp_path, DECLARED.replace("居住|", ""))
    with pytest.raises(DraftError, match="land_use: '居住' is none of 商业, 工业"):
        editing.redo(base, "d", actor="a")
    assert held(base) == {}
    declare(base, tmp_path)
    editing.redo(base, "d", actor="a")
    assert held(base)[ONE] == {"land_use": "居住", "grade": 2}


def test_areas_of_a_draft_count_once_when_it_is_published(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, HOME)
    published(base)
    with pytest.raises(InputError, match=r"cell\.grade: 2 area\(s\) have 2"):
        declare(base, tmp_path, DECLARED.replace("cell,grade", "cell,other"))


def test_days_are_read_as_in_every_other_file(base: Connection, tmp_path: Path) -> None:
    frame = exported(base, 1, tmp_path / "cells.gpkg")
    ways = ["2025/3/1", "2025年3月1日", "20250301", "2025-03-01 00:00:00"]
    frame["surveyed"] = [*ways, *["2025-03-01"] * (len(frame) - len(ways))]
    frame.to_file(tmp_path / "own.gpkg")
    file = AreaFile(tmp_path / "own.gpkg", "code", "name", "parent")
    drafts.import_areas(base, "d", "cell", file, actor="a")
    found = held(base)
    assert len(found) == len(frame)
    assert {values["surveyed"] for values in found.values()} == {"2025-03-01"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("cell,Land,x,y,text,", "'Land' is not lower-case letters"),
        ("cell,code,x,y,text,", "'code' is a column of every file of areas"),
        ("cell,a,x,y,colour,", "row 2: kind: 'colour' is unknown; write one of text (文本)"),
        ("cell,a,,y,text,", "row 2: no name_zh"),
        ("ward,a,x,y,text,", "row 2: there is no level 'ward'; there are "),
        ("cell,a,x,y,number,1|2", "cell.a: only text has a list of values"),
        ("cell,a,x,y,text,1|1", "cell.a: a value stands twice"),
        (f"cell,a,x,y,text,{'z' * 201}", "cell.a: longer than 200 characters"),
        ("cell,a,x,Parent,text,", "'parent' is a column of every file of areas"),
        ("cell,a,x,y,text,\ncell,b,x,z,text,", "cell.b: 'x' stands twice"),
    ],
)
def test_declarations_that_mean_nothing_are_refused(
    conn: Connection, tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(LayerError) as caught:
        declare(conn, tmp_path, f"level,name,name_zh,name_en,kind,allowed\n{row}\n")
    assert said in json.dumps([str(one) for one in caught.value.problems], ensure_ascii=False)


def in_lake(conn: Connection) -> tuple[float, float]:
    """A place in a cell that is taken out of the draft, which leaves a gap."""
    edit(conn, ops.Retire("cell", ONE))
    place = areas_in(conn, 1)["cell"].geoms[0].representative_point()
    return place.x, place.y


def test_an_allowed_gap_has_versions_as_the_area_whose_ground_it_is(base: Connection) -> None:
    lake = in_lake(base)
    assert [one.kind for one in checks.check(base, "d").errors] == ["missing_cell"]
    edit(base, ops.AllowGap("cell", lake, "西湖", "水面"))
    assert checks.check(base, "d").problems == ()
    draft = get_draft(base, "d")
    allowed = changes_digest(base, draft.id)
    editing.undo(base, "d", actor="a")
    assert changes_digest(base, draft.id) != allowed
    assert len(checks.check(base, "d").errors) == 1
    editing.redo(base, "d", actor="a")
    assert changes_digest(base, draft.id) == allowed
    number = published(base)
    shown = tree.show(base, get_edition(base, number), ("community", "S0C0"), top=None, on=None)
    [gap] = shown.gaps
    assert (gap.name, gap.reason) == ("西湖", "水面")
    assert gap.m2 > 1000
    made, changed = area_histories.history(base, "community", "S0C0")
    assert made.after is not None
    assert changed.after is not None
    assert (made.after.attributes, changed.after.attributes) == ({}, {"gaps": "西湖"})
    # A draft on the edition has it, declarations know nothing of it, and it is taken back.
    drafts.create(base, "next", actor="a")
    assert checks.check(base, "next").problems == ()
    forbid = ops.ForbidGap("cell", lake)
    editing.edit(base, "next", [forbid], border_m=0.05, actor="a")
    assert len(checks.check(base, "next").errors) == 1
    revert(base, 1, "back", actor="a")
    assert checks.check(base, "back").problems == ()


def test_declarations_may_change_while_gaps_are_allowed(
    base: Connection, tmp_path: Path
) -> None:
    edit(base, ops.AllowGap("cell", in_lake(base), "西湖", "水面"))
    declare(base, tmp_path, DECLARED.splitlines()[0] + "\n" + DECLARED.splitlines()[1] + "\n")
    with pytest.raises(EditError, match="has no attribute 'gaps'"):
        edit(base, ops.SetAttributes("cell", (OTHER,), {"gaps": "[]"}))
