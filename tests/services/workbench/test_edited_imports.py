"""What an editor does to a file without changing anything is no change; the rest is one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.reading.files import read_draft_mark
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import draft_files, edited_imports, editing
from gridmgmt.services.workbench.edited_imports import ImportedEdits
from gridmgmt.store.areas.attributes import store_attributes
from gridmgmt.store.areas.drafts import get_draft, read_changes
from tests.factories import make_edition
from tests.geometry.editing.cities import BORDER_M, GRADE, city_levels
from tests.geometry.editing.real import real_levels
from tests.services.workbench.test_editing import across, numbered

Edit = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


# The attributes of the first cells, codes ascending; the others have none.
VALUES = (
    {"grade": 2.0, "land_use": "居住", "surveyed": "2025-03-01"},
    {"grade": 1.5, "land_use": "商业"},
)

LAND_USE = {"land_use": "Land use"}


@pytest.fixture
def base(conn: Connection) -> Connection:
    levels = {areas.level: areas for areas in map(numbered, city_levels())}
    store_attributes(
        conn,
        [
            AreaAttribute("cell", "land_use", "用地类别", "Land use", allowed=("居住", "商业")),
            AreaAttribute("cell", "grade", "管理等级", "Grade", AttributeKind.NUMBER),
            AreaAttribute("cell", "surveyed", "测绘日期", "Surveyed", AttributeKind.DAY),
        ],
    )
    levels["cell"].attributes[:2] = VALUES
    make_edition(conn, levels)
    drafts.create(conn, "d", actor="ada")
    return conn


def sent(conn: Connection, path: Path, edits: dict[str, Edit]) -> ImportedEdits:
    """Export the draft, edit layers with another program, and import the file."""
    draft_files.export(conn, "d", path, actor="ada", now=datetime.now(UTC))
    for level, edit in edits.items():
        edit(gpd.read_file(path, layer=level)).to_file(path, layer=level, driver="GPKG")
    return brought(conn, path)


def brought(conn: Connection, path: Path) -> ImportedEdits:
    """Import the file of the draft."""
    mark = read_draft_mark(path)
    assert mark is not None
    return edited_imports.import_edits(conn, "d", path, mark, border_m=BORDER_M, actor="ada")


def made_anew(conn: Connection) -> None:
    """Delete the draft, and make another of its label."""
    drafts.delete(conn, "d", actor="ada")
    drafts.create(conn, "d", actor="ada")


def changed(conn: Connection) -> dict[tuple[str, str], str]:
    stated = read_changes(conn, get_draft(conn, "d").id)
    return {
        (level, str(code)): str(action)
        for level, found in stated.items()
        for code, action in zip(found.codes, found.actions, strict=True)
    }


def with_height(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cells.set_geometry(shapely.force_3d(cells.geometry.to_numpy(), z=12.5))


def turned(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cells.set_geometry(shapely.normalize(cells.geometry.to_numpy()))


NO_CHANGES: dict[str, Edit] = {
    "heights": with_height,
    "rings begin elsewhere and turn round": turned,
    "other numbers of features": lambda cells: cells.iloc[::-1].reset_index(drop=True),
    "dropped columns": lambda cells: cells[["code", "geometry"]],
    "added columns": lambda cells: cells.assign(note="核对", area_ha=1.5),
    "blank names and parents": lambda cells: cells.assign(name=None, parent=""),
    "single parts": lambda cells: cells.explode(ignore_index=True),
    "another CRS": lambda cells: cells.to_crs(4549),
}


@pytest.mark.parametrize("what", NO_CHANGES)
def test_what_changes_nothing_is_no_change(base: Connection, tmp_path: Path, what: str) -> None:
    done = sent(base, tmp_path / "d.gpkg", {"cell": NO_CHANGES[what]})
    assert done.number is None
    assert changed(base) == {}
    assert editing.history(base, "d") == []


def test_attributes_are_edited_in_the_columns_of_their_names(
    base: Connection, tmp_path: Path
) -> None:
    def stated(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        cells.loc[0, "land_use"] = "商业"
        cells.loc[1, "grade"] = None
        cells.loc[2, "surveyed"] = "2026-01-05"
        return cells

    sent(base, tmp_path / "d.gpkg", {"cell": stated})
    assert set(changed(base).values()) == {"alter"}
    first, second, third, *others = attributes(base)
    assert first == {**VALUES[0], "land_use": "商业"}
    assert second == {"land_use": "商业"}
    assert third == {"surveyed": "2026-01-05"}
    assert not any(others)


def test_a_column_of_another_heading_does_not_hide_that_of_the_attribute(
    base: Connection, tmp_path: Path
) -> None:
    def both(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        cells.loc[0, "land_use"] = "商业"
        return cells.assign(用地类别="居住")

    assert sent(base, tmp_path / "d.gpkg", {"cell": both}).number == 1
    assert attributes(base)[0]["land_use"] == "商业"
    with pytest.raises(LayerError) as caught:
        sent(base, tmp_path / "e.gpkg", {"cell": lambda c: both(c).rename(columns=LAND_USE)})
    told = "attribute land_use: it may be any of 'Land use', '用地类别'"
    assert [str(one) for one in caught.value.problems] == [told]


def test_a_piece_has_the_attributes_that_the_file_gives_it(
    base: Connection, tmp_path: Path
) -> None:
    def split(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        west, south, east, north = cells.geometry[0].bounds
        half = shapely.box(west - 1, south - 1, (3 * west + east) / 4, north + 1)
        piece = cells.iloc[:1].assign(name="一格之二", grade=3.0)
        piece = piece.set_geometry(piece.geometry.intersection(half))
        cells.loc[0, "geometry"] = shapely.difference(cells.geometry[0], half)
        return gpd.GeoDataFrame(gpd.pd.concat([cells, piece], ignore_index=True), crs=cells.crs)

    sent(base, tmp_path / "d.gpkg", {"cell": split})
    assert [one for one in attributes(base) if one] == [
        *VALUES,
        {**VALUES[0], "grade": 3.0},
    ]


def test_values_that_are_none_are_named_with_all_else_that_is_wrong(
    base: Connection, tmp_path: Path
) -> None:
    def wrong(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        cells.loc[0, "land_use"] = "森林"
        cells.loc[1, "surveyed"] = "soon"
        cells.loc[2, "geometry"] = None
        return cells

    with pytest.raises(LayerError, match=r"3 problem\(s\)") as caught:
        sent(base, tmp_path / "d.gpkg", {"cell": wrong})
    told = str(caught.value)
    for said in (
        "'森林' is none of 居住, 商业",
        "'surveyed': 'soon' is no date",
        "no geometry",
    ):
        assert said in told


def attributes(conn: Connection) -> list[dict[str, object]]:
    """Return the attributes of all cells that the draft makes, by code."""
    draft = get_draft(conn, "d")
    cells = drafts.state_of(conn, 1, read_changes(conn, draft.id))["cell"]
    return [dict(cells.attributes[n]) for n in cells.codes.argsort()]


def test_another_code_for_the_same_ground_takes_the_areas_in_it_along(
    base: Connection, tmp_path: Path
) -> None:
    def recoded(communities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return communities.replace({"code": {"330102000001": "330102000009"}})

    sent(base, tmp_path / "d.gpkg", {"community": recoded})
    found = changed(base)
    assert found.pop(("community", "330102000001")) == "drop"
    assert found.pop(("community", "330102000009")) == "add"
    assert set(found) == {("cell", f"3301020000010{n}") for n in ("00", "01", "10", "11")}
    state = drafts.state_of(base, 1, read_changes(base, get_draft(base, "d").id))
    parents = dict(zip(state["cell"].codes, state["cell"].parent_codes, strict=True))
    assert {parents[code] for _, code in found} == {"330102000009"}


def test_a_new_area_without_a_name_is_refused_by_its_number(
    base: Connection, tmp_path: Path
) -> None:
    def drawn(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = cells.iloc[:1].assign(code=None, name=None)
        return gpd.GeoDataFrame(gpd.pd.concat([cells, new], ignore_index=True), crs=cells.crs)

    with pytest.raises(LayerError, match="feature 17 is new and has no name"):
        sent(base, tmp_path / "d.gpkg", {"cell": drawn})


def test_no_feature_gets_the_code_of_an_area_of_another_edition(
    base: Connection, tmp_path: Path
) -> None:
    code = "330102000000000"
    drafts.create(base, "other", actor="li")
    split = ops.Split("cell", code, across(base, code))
    [done] = editing.edit(base, "other", [split], border_m=BORDER_M, actor="li")
    [new] = [one.code for one in done.edited.areas if one.before is None]
    publish(base, "other", datetime(2099, 1, 1, tzinfo=UTC), actor="li")

    def recoded(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return cells.replace({"code": {"330102000001000": new}})

    with pytest.raises(EditError, match="no other area gets its code"):
        sent(base, tmp_path / "d.gpkg", {"cell": recoded})


def test_a_file_of_a_draft_that_was_made_anew_is_refused(
    base: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "d.gpkg"
    sent(base, path, {})
    made_anew(base)
    # The same areas: the file may be imported.
    brought(base, path)
    other = [numbered(areas) for areas in city_levels(seed=1)]
    make_edition(base, {areas.level: areas for areas in other}, label="other")
    made_anew(base)
    with pytest.raises(InputError, match="was never as this file was made"):
        brought(base, path)


def test_a_file_of_a_draft_with_other_values_is_refused(
    base: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "d.gpkg"
    store_attributes(base, [GRADE])
    graded = ops.SetAttributes("cell", ("330102000000000",), {"grade": 1})
    editing.edit(base, "d", [graded], border_m=BORDER_M, actor="ada")
    sent(base, path, {})
    made_anew(base)
    with pytest.raises(InputError, match="was never as this file was made"):
        brought(base, path)


def test_all_areas_that_leave_their_levels_are_counted(
    base: Connection, tmp_path: Path
) -> None:
    def half(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return areas.iloc[: len(areas) // 2]

    done = sent(base, tmp_path / "d.gpkg", {"community": half, "cell": half})
    assert (done.leaving, done.standing) == (2 + 8, 4 + 16)
    with pytest.raises(InputError, match="this would drop 10 of 20"):
        done.refuse_unconfirmed(8)
    done.refuse_unconfirmed(10)


def test_a_real_district_goes_there_and_back(conn: Connection, tmp_path: Path) -> None:
    levels = real_levels("hangzhou_xiacheng")
    make_edition(conn, {areas.level: areas for areas in levels})
    drafts.create(conn, "d", actor="ada")
    code = str(levels[-1].codes[100])

    def renamed(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return cells.assign(name=cells["name"].where(cells["code"] != code, "改名网格"))

    done = sent(conn, tmp_path / "d.gpkg", {"cell": renamed, "community": turned})
    # Hairs and overlaps of the real layers are none of the edit's.
    assert (done.near, done.fault) == ((), None)
    assert changed(conn) == {("cell", code): "alter"}
    editing.undo(conn, "d", actor="ada")
    assert changed(conn) == {}
