import json

import click
import shapely

from gridmgmt.cli import program, run
from gridmgmt.store.responsibility.demolitions import list_demolitions
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.groups import list_groups
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones
from tests.factories import square
from tests.house.test_documents import commands
from tests.services.answering import bureau, layer, stored, table


def test_an_import_is_a_dry_run_unless_committed_and_says_which(settings, tmp_path, capfd):
    path = str(table(tmp_path, "code,kind,name,note\nS1,squad,一中队,x"))
    assert run(["responder", "import", path], settings) == 0
    words = capfd.readouterr().err
    assert "1 responder record(s) added, 0 changed, 0 unchanged" in words
    assert "columns not stored: note" in words
    assert words.splitlines()[-1].startswith("dry run: nothing was changed")
    assert stored(settings, list_responders) == []
    assert run(["responder", "import", path, "--commit"], settings) == 0
    assert capfd.readouterr().err.splitlines()[-1] == "committed"
    assert [one.code for one in stored(settings, list_responders)] == ["S1"]


def test_a_bad_file_leaves_the_database_as_it_was_and_exits_3(settings, tmp_path, capfd):
    path = str(table(tmp_path, "code,kind,name\nS1,squad,一\nS2,boss,二\nS3,squad,"))
    assert run(["responder", "import", path, "--commit"], settings) == 3
    captured = capfd.readouterr()
    assert captured.out == ""
    assert f"error: {path}: 2 row(s) cannot be used; nothing was loaded" in captured.err
    assert "row 3: kind: 'boss' is unknown" in captured.err
    assert "row 4: name is empty" in captured.err
    assert stored(settings, list_responders) == []


def test_columns_are_mapped_on_the_command_line(settings, tmp_path, capfd):
    path = str(table(tmp_path, '编号,"名,称",类\nS1,一中队,squad'))
    args = ["responder", "import", path, "--map", "code=编号,name=名,称", "--map", "kind=类"]
    assert run([*args, "--json"], settings) == 0
    summary = json.loads(capfd.readouterr().out)
    assert (summary["added"], summary["unmapped_columns"]) == (1, [])
    assert run(["responder", "import", path, "--map", "编号"], settings) == 2
    assert run(["responder", "import", path, "--map", "nome=编号"], settings) == 2


def test_every_noun_is_imported_by_a_command_of_its_own(settings, tmp_path, capfd):
    city = bureau(settings)
    category = tmp_path / "category.csv"
    category.write_text("code,name\nE5,违建\n")
    group = tmp_path / "group.csv"
    group.write_text("group_code,kind,name,area_code\nB1,beat,网格,A1\n")
    demolition = tmp_path / "demolition.csv"
    demolition.write_text("code,lon,lat\nD1,120.155,30.255\n")
    zone = layer(tmp_path, [{"code": "Z1", "kind": "vendor", "name": "夜市"}], [square(0, 0)])
    zone = zone.rename(tmp_path / "zone.gpkg")
    line = shapely.LineString([(120.15, 30.255), (120.16, 30.255)])
    road = layer(tmp_path, [{"code": "R1", "name": "文一路"}], [line])
    duty = tmp_path / "duty.csv"
    duty.write_text(
        "responder_code,role,target,target_code,categories\n"
        "S1,dispose,zone,Z1,E5\nS2,dispose,road_segment,R1,*\nS2,dispose,group,B1,*\n"
    )
    for noun, path in (
        ("category", category),
        ("group", group),
        ("demolition", demolition),
        ("zone", zone),
        ("road-segment", road),
        ("duty", duty),
    ):
        assert run([noun, "import", str(path), "--commit", "--json"], city) == 0, noun
        assert json.loads(capfd.readouterr().out)["added"] > 0
    assert [one.code for one in stored(settings, list_groups)] == ["B1"]
    assert [one.code for one in stored(settings, list_zones)[0]] == ["Z1"]
    assert [one.tolerance_m for one in stored(settings, list_road_segments)[0]] == [15.0]
    assert [one.code for one in stored(settings, list_demolitions)[0]] == ["D1"]
    assert len(stored(settings, list_duties)) == 3


def test_features_of_every_layer_import_can_be_chosen(settings, tmp_path, capfd):
    bureau(settings)
    rows = [
        {"code": "Z1", "kind": "vendor", "name": "夜市"},
        {"code": "Z2", "kind": "river", "name": "河"},
    ]
    path = str(layer(tmp_path, rows, [square(0, 0), square(1, 0)]))
    only = ["--where", "kind = 'river'"]
    assert run(["zone", "import", path, *only, "--commit"], settings) == 0
    assert [one.code for one in stored(settings, list_zones)[0]] == ["Z2"]
    assert run(["zone", "import", path, "--where", "kind = 'park'"], settings) == 3
    assert "no feature of layer" in capfd.readouterr().err
    points = str(table(tmp_path, "code,lon,lat\nD1,120.1,30.2"))
    assert run(["demolition", "import", points, *only], settings) == 2
    assert "where: rows.csv is a table" in capfd.readouterr().err


def test_every_command_that_reads_a_layer_has_the_option_where_with_the_same_words():
    def options(command):
        return {one.name: one for one in command.params if isinstance(one, click.Option)}

    # "layer" stands for sheets too where a command reads only tables.
    reading = {
        name: options(command)
        for name, command in commands(program).items()
        if {"layer", "crs"} <= options(command).keys()
    }
    assert {"draft import", "zone import", "component import", "locate"} <= reading.keys()
    assert [name for name, found in reading.items() if "where" not in found] == []
    assert len({found["where"].help for found in reading.values()}) == 1
