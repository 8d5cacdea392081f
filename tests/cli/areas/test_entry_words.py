"""The log of a draft says in a few words what was done to which areas, by code and name."""

import json
from pathlib import Path

import geopandas as gpd
import pytest

from tests.cli.areas.test_draft import Bureau
from tests.cli.areas.test_draft_edits import bureau
from tests.geometry.editing.cities import city
from tests.geometry.editing.test_edits import FOUR, corner

__all__ = ["bureau"]

FIRST, SECOND, THIRD, FOURTH = FOUR


def edit(bureau: Bureau, folder: Path, *lines: dict[str, object]) -> str:
    file = folder / "ops.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert bureau("draft", "edit", "d", file, "--commit") == 0, bureau.err
    return bureau.out


def told(bureau: Bureau) -> list[str]:
    """What each entry of the log did, newest last."""
    assert bureau("draft", "history", "d") == 0
    heading, *rows = bureau.out.splitlines()
    begin, end = heading.index("what"), heading.index("stands")
    # A Chinese character is as wide as two letters.
    wide = [row.encode("gb18030")[begin:end].decode("gb18030") for row in rows]
    return [row.strip() for row in wide]


def rename(code: str, name: str, level: str = "cell") -> dict[str, object]:
    return {"op": "rename", "level": level, "code": code, "name": name}


def test_an_edit_of_names_tells_them_before_and_after(bureau: Bureau, tmp_path: Path) -> None:
    out = edit(bureau, tmp_path, rename(FIRST, "西溪一格"), rename(FIRST, "西溪二格"))
    assert out.splitlines() == [
        f"1 rename: cell {FIRST} name {FIRST} -> 西溪一格",
        f"2 rename: cell {FIRST} name 西溪一格 -> 西溪二格",
    ]
    assert told(bureau) == [
        f"rename {FIRST} from {FIRST} to 西溪一格",
        f"rename {FIRST} from 西溪一格 to 西溪二格",
    ]


def test_each_kind_of_edit_names_its_areas(bureau: Bureau, tmp_path: Path) -> None:
    lon, lat = corner(city(), FOUR)
    edit(
        bureau,
        tmp_path,
        rename(FIRST, "一格"),
        rename(SECOND, "二格"),
        rename(SECOND[:4], "西溪社区", "community"),
        {"op": "reassign", "level": "cell", "codes": [FIRST], "to": SECOND[:4]},
        {"op": "merge", "level": "cell", "codes": [FIRST, SECOND], "into": SECOND},
        {"op": "move_vertex", "level": "cell", "at": [lon, lat], "to": [lon + 1e-5, lat]},
        {"op": "recode", "level": "cell", "code": SECOND, "to": "X1"},
    )
    named = [
        f"reassign {FIRST} 一格 to {SECOND[:4]} 西溪社区",
        f"merge {FIRST} 一格 into {SECOND} 二格",
        f"move_vertex {THIRD}, {SECOND} 二格, {FOURTH}",
        f"recode {SECOND} 二格 to X1",
    ]
    assert told(bureau)[3:] == named
    assert bureau("draft", "undo", "d", "--commit") == 0
    assert f"undone: 7 {named[3]}, by tester" in bureau.err
    assert bureau("draft", "undo", "d", "--commit") == 0
    assert bureau("draft", "redo", "d", "--commit") == 0
    assert f"redone: 6 {named[2]}, by tester" in bureau.err
    assert told(bureau)[7:] == [
        f"undo 7 {named[3]}",
        f"undo 6 {named[2]}",
        f"redo 6 {named[2]}",
    ]


def test_a_split_names_what_it_made_and_an_import_its_counts(
    bureau: Bureau, tmp_path: Path
) -> None:
    west, south, east, north = _box(FIRST)
    middle = (south + north) / 2
    line = [[west - 1e-3, middle], [east + 1e-3, middle]]
    split = {"op": "split", "level": "cell", "code": FIRST, "line": line, "codes": ["N1"]}
    edit(bureau, tmp_path, split)
    assert told(bureau) == [f"split {FIRST} into {FIRST}, N1 {FIRST}"]
    file = tmp_path / "d.gpkg"
    assert bureau("draft", "export", "d", "-o", file) == 0
    cells = gpd.read_file(file, layer="cell")
    cells.loc[cells.code == "N1", "name"] = "甲"
    cells.to_file(file, layer="cell", driver="GPKG")
    assert bureau("draft", "import", "d", file, "--commit") == 0
    assert told(bureau)[-1] == "import d.gpkg (cell: 1 altered)"


def test_an_allowed_gap_names_the_area_above(bureau: Bureau, tmp_path: Path) -> None:
    place = city().area("cell", FIRST).shape.representative_point()
    out = edit(
        bureau,
        tmp_path,
        {"op": "retire", "level": "cell", "code": FIRST},
        {
            "op": "allow_gap",
            "level": "cell",
            "at": [place.x, place.y],
            "name": "水塘",
            "reason": "水面",
        },
    )
    assert f"2 allow_gap: community {FIRST[:4]} gaps 水塘" in out
    assert told(bureau) == [f"retire {FIRST}", f"allow_gap 水塘 in {FIRST[:4]}"]


def test_neighbours_that_only_get_a_vertex_are_told_so(bureau: Bureau, tmp_path: Path) -> None:
    west, south, east, north = _box(FIRST)
    middle = (south + north) / 2
    line = [[west - 1e-3, middle], [east + 1e-3, middle]]
    split = {"op": "split", "level": "cell", "code": FIRST, "line": line, "codes": ["N1"]}
    out = edit(bureau, tmp_path, split)
    assert "0.00 m²" not in out
    assert "(vertices only); " in out


def test_a_duty_is_named_by_its_row(bureau: Bureau, tmp_path: Path) -> None:
    responders = tmp_path / "responders.csv"
    responders.write_text("code,kind,name\nSQ1,squad,一中队\n", encoding="utf-8")
    assert bureau("responder", "import", responders, "--commit") == 0, bureau.err
    duty = {"op": "set_duty", "responder_code": "SQ1", "role": "dispose", "target": "area"}
    out = edit(bureau, tmp_path, {**duty, "target_code": "S0", "categories": "*"})
    assert bureau("draft", "history", "d") == 0
    name = out.partition(": ")[2].partition(":")[0]
    assert "SQ1" in name
    assert f"1  set_duty {name}" in bureau.out


def _box(code: str) -> tuple[float, float, float, float]:
    bounds: tuple[float, float, float, float] = city().area("cell", code).shape.bounds
    return bounds


@pytest.mark.parametrize("count", [3, 30])
def test_of_many_areas_some_are_named(bureau: Bureau, tmp_path: Path, count: int) -> None:
    codes = sorted(city().codes("cell"))[:count]
    declared = tmp_path / "attributes.csv"
    declared.write_text(
        "level,name,name_zh,name_en,kind,allowed\ncell,grade,管理等级,Grade,number,\n",
        encoding="utf-8",
    )
    assert bureau("level", "set-attributes", declared, "--commit") == 0
    out = edit(
        bureau,
        tmp_path,
        {"op": "set_attributes", "level": "cell", "codes": codes, "values": {"grade": 2}},
    )
    assert f"cell {codes[0]} grade 2" in out
    more = f" and {len(codes) - 4} more" if len(codes) > 4 else ""
    assert told(bureau) == [f"set_attributes {', '.join(codes[:4])}{more}: grade 2"]
