"""Editing a draft from the command line, as an officer with a file of operations would."""

import json
from pathlib import Path

import geopandas as gpd
import pytest

from gridmgmt.services.workbench.operation_files import told_operations
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine, transaction
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_edition
from tests.geometry.editing.cities import city, city_levels
from tests.geometry.editing.test_edits import FOUR, corner


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with transaction(engine, commit=True) as conn:
        make_edition(conn, {areas.level: areas for areas in city_levels()})
    engine.dispose()
    found = Bureau(settings, capsys)
    assert found("draft", "create", "d", "--commit") == 0
    return found


def test_a_border_is_moved_undone_and_redone(bureau: Bureau, tmp_path: Path) -> None:
    lon, lat = corner(city(), FOUR)
    file = tmp_path / "ops.jsonl"
    lines = [
        {"op": "move_vertex", "level": "cell", "at": [lon, lat], "to": [lon + 1e-4, lat]},
        {"op": "rename", "level": "street", "code": "S0", "name": "和平街道"},
    ]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    before = bureau.held
    assert bureau("draft", "edit", "d", file) == 0
    assert bureau.out.splitlines()[0].startswith("1 move_vertex: street S0 +")
    assert "cell S0C0N11 +" in bureau.out
    assert bureau.last == "dry run: nothing was changed; add --commit to do it"
    assert bureau.held == before
    assert bureau("draft", "edit", "d", file, "--commit", "--reason", "按会议纪要") == 0
    assert bureau("draft", "undo", "d", "--commit") == 0
    assert "undone: 2 rename S0 from S0 to 和平街道, by" in bureau.err
    assert bureau("draft", "redo", "d", "--commit") == 0
    assert bureau("draft", "history", "d", "--json") == 0
    told = json.loads(bureau.out)
    assert [one["operation"] for one in told] == ["move_vertex", "rename", "undo", "redo"]
    assert told[0]["reason"] == "按会议纪要"
    assert bureau("draft", "history", "d") == 0
    assert len(bureau.out.splitlines()) >= 5
    assert bureau("draft", "check", "d", "--tolerance-m2", "0") == 0


def test_faults_of_a_file_are_told_and_nothing_is_done(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "ops.jsonl"
    file.write_text('{"op": "rename", "level": "cell"}\n{"op": "x"}\n', encoding="utf-8")
    assert bureau("draft", "edit", "d", file, "--commit") != 0
    assert "line 1: code is missing" in bureau.err
    assert "line 2: op 'x' is none of" in bureau.err
    file.write_text(
        '{"op": "rename", "level": "cell", "code": "S9", "name": "x"}', encoding="utf-8"
    )
    assert bureau("draft", "edit", "d", file, "--commit") != 0
    assert "the draft has no cell S9" in bureau.err


def test_a_file_with_a_byte_order_mark_is_read(bureau: Bureau, tmp_path: Path) -> None:
    file = tmp_path / "ops.jsonl"
    line = {"op": "rename", "level": "street", "code": "S0", "name": "和平街道"}
    file.write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8-sig")
    assert bureau("draft", "edit", "d", file, "--commit") == 0


def test_a_border_is_aligned_to_a_line_of_a_file(bureau: Bureau, tmp_path: Path) -> None:
    lon, lat = corner(city(), FOUR)
    line = [[lon + 1e-5, lat - 0.1], [lon + 1e-5, lat + 0.1]]
    road = {"type": "LineString", "coordinates": line}
    layer, file = tmp_path / "road.geojson", tmp_path / "ops.jsonl"
    layer.write_text(json.dumps(road), encoding="utf-8")
    wanted = {"op": "align", "level": "street", "within_m": 60, "between": ["S0", "S1"]}
    file.write_text(json.dumps({**wanted, "layer": "file"}), encoding="utf-8")
    assert bureau("draft", "edit", "d", file, "--commit") != 0
    assert "no file with lines was given" in bureau.err
    given = ("--lines", layer, "--crs", "EPSG:4326", "--commit")
    assert bureau("draft", "edit", "d", file, *given) == 0, bureau.err
    assert "1 align: street S0" in bureau.out
    assert bureau("draft", "check", "d", "--tolerance-m2", "0") == 0
    assert bureau("draft", "history", "d", "--json") == 0
    [entry] = json.loads(bureau.out)
    assert entry["arguments"]["lines"] == [line]


def test_attributes_are_declared_imported_set_and_shown(bureau: Bureau, tmp_path: Path) -> None:
    declared = tmp_path / "attributes.csv"
    declared.write_text(
        "level,name,name_zh,name_en,kind,allowed\n"
        "cell,land_use,用地类别,Land use,text,居住|商业\ncell,grade,管理等级,Grade,number,\n",
        encoding="utf-8",
    )
    assert bureau("level", "set-attributes", declared) == 0
    assert bureau("level", "attributes", "--json") == 0
    assert json.loads(bureau.out) == []
    assert bureau("level", "set-attributes", declared, "--commit") == 0, bureau.err
    assert "added: cell.grade, cell.land_use" in bureau.err
    assert bureau("level", "attributes") == 0
    assert "居住|商业" in bureau.out
    cells = city_levels()[-1]
    layer = tmp_path / "cells.gpkg"
    rows = {"code": cells.codes, "name": cells.names, "parent": cells.parent_codes}
    frame = gpd.GeoDataFrame(
        {**rows, "use": "居住", "管理等级": 1}, geometry=cells.geoms, crs=4326
    )
    frame.to_file(layer)
    given = ("--level", "cell", "--code", "code", "--name", "name", "--parent", "parent")
    stated = ("--attribute", "land_use=use", "--commit")
    assert bureau("draft", "import", "d", layer, *given, *stated) == 0, bureau.err
    assert "grade ← 管理等级, land_use ← use" in bureau.err
    wanted = {"op": "set_attributes", "level": "cell", "codes": [FOUR[0]]}
    file = tmp_path / "ops.jsonl"
    file.write_text(json.dumps({**wanted, "values": {"grade": 2}}), encoding="utf-8")
    assert bureau("draft", "edit", "d", file, "--commit") == 0, bureau.err
    given = ("--effective-from", "2026-02-01", "--commit")
    assert bureau("draft", "publish", "d", *given) == 0, bureau.err
    assert bureau("area", "show", FOUR[0], "--json") == 0
    found = json.loads(bureau.out)["properties"]
    assert (found["attributes"], found["gaps"]) == ({"grade": 2, "land_use": "居住"}, [])
    assert bureau("area", "history", FOUR[0]) == 0
    assert "grade=2, land_use=居住" in bureau.out
    assert bureau("edition", "diff", "1", "2") == 0
    assert f"altered {FOUR[0]}: attributes" in bureau.out


def test_the_schema_is_printed_without_a_draft(bureau: Bureau) -> None:
    assert bureau("draft", "edit", "--schema") == 0
    assert len(json.loads(bureau.out)["oneOf"]) > 10


def test_the_command_that_a_conflict_names_settles_it(bureau: Bureau, tmp_path: Path) -> None:
    lon, lat = corner(city(), FOUR)
    assert bureau("draft", "create", "e", "--commit") == 0
    for label, east in (("d", 2e-6), ("e", -3e-6)):
        file = tmp_path / f"{label}.jsonl"
        move = {"op": "move_vertex", "level": "cell", "at": [lon, lat], "to": [lon + east, lat]}
        file.write_text(json.dumps(move), encoding="utf-8")
        assert bureau("draft", "edit", label, file, "--commit") == 0
    publish = ("draft", "publish", "d", "--effective-from", "2099-01-01", "--commit")
    assert bureau(*publish) == 0, bureau.err
    again = ("draft", "publish", "e", "--effective-from", "2099-02-01", "--commit")
    assert bureau(*again) == 5
    assert f"cell {', '.join(sorted(FOUR))}: the border at " in bureau.err
    assert "edition 2 (d), published by " in bureau.err
    assert bureau("draft", "rebase", "e", "--commit") == 5
    typed = bureau.err.partition("gridmgmt ")[2].partition(" keeps")[0].split()
    assert typed == ["draft", "rebase", "e", "--take", "theirs", "--commit"]
    before = bureau.held
    assert bureau(*typed[:-1]) == 0
    assert "draft 'e' put on edition 2" in bureau.err
    assert bureau.held == before
    # All that the draft changed was that border, so nothing of it is left.
    assert bureau(*typed) == 0
    assert bureau("draft", "undo", "e", "--commit") == 0
    assert "undone: 2 rebase from edition 1 to 2 (" in bureau.err
    assert bureau("draft", "rebase", "e", "--take", "mine", "--commit") == 0
    assert bureau(*again) == 0, bureau.err
    assert bureau("draft", "rebase", "e", "--commit") == 5
    assert "published already" in bureau.err


def test_a_file_in_another_encoding_and_one_without_operations_are_told(
    bureau: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "ops.jsonl"
    line = '{"op": "rename", "level": "street", "code": "S0", "name": "和平街道"}'
    file.write_bytes(line.encode("gb18030"))
    assert bureau("draft", "edit", "d", file) == 3
    assert "is not UTF-8" in bureau.err
    assert "save it as UTF-8" in bureau.err
    file.write_text("\n", encoding="utf-8")
    assert bureau("draft", "edit", "d", file) == 0
    assert "has no operations" in bureau.err


def test_an_export_replaces_no_file_that_somebody_may_have_drawn_in(
    bureau: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "d.gpkg"
    assert bureau("draft", "export", "d", "-o", file) == 0
    file.write_bytes(b"drawn")
    assert bureau("draft", "export", "d", "-o", file) == 2
    assert "is there already; add --force to replace it" in bureau.err
    assert file.read_bytes() == b"drawn"
    assert bureau("draft", "export", "d", "-o", file, "--force") == 0
    assert file.read_bytes() != b"drawn"


def test_of_several_operations_the_impossible_one_is_named(
    bureau: Bureau, tmp_path: Path
) -> None:
    file = tmp_path / "ops.jsonl"
    good = {"op": "rename", "level": "street", "code": "S0", "name": "和平街道"}
    bad = {"op": "rename", "level": "cell", "code": "S9", "name": "无"}
    file.write_text("\n".join(map(json.dumps, (good, bad))), encoding="utf-8")
    before = bureau.held
    assert bureau("draft", "edit", "d", file, "--commit") == 5
    assert "operation 2 (rename): the draft has no cell S9" in bureau.err
    assert bureau.held == before


def test_a_file_that_conflicts_with_its_draft_is_called_the_file(
    bureau: Bureau, tmp_path: Path
) -> None:
    file, ops = tmp_path / "d.gpkg", tmp_path / "ops.jsonl"
    assert bureau("draft", "export", "d", "-o", file) == 0
    cells = gpd.read_file(file, layer="cell")
    cells.loc[cells.code == FOUR[0], "name"] = "文件"
    cells.to_file(file, layer="cell", driver="GPKG")
    line = {"op": "rename", "level": "cell", "code": FOUR[0], "name": "草案"}
    ops.write_text(json.dumps(line), encoding="utf-8")
    assert bureau("draft", "edit", "d", ops, "--commit") == 0
    assert bureau("draft", "import", "d", file) == 5
    told = f"the name was '{FOUR[0]}', the file has '文件', the other change '草案'"
    assert told in bureau.err
    assert "this draft" not in bureau.err


def test_the_help_names_every_operation_with_its_fields(bureau: Bureau) -> None:
    assert bureau("draft", "edit", "--help") == 0
    shown = " ".join(bureau.out.split())
    for name, told in told_operations():
        assert f"{name} {told}" in shown
    assert "split Split an area by a line" in shown
    assert "(level, code, line [codes])" in shown
