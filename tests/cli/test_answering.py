"""The commands of those who answer: responders, duties, and where duties point."""

import json
from datetime import UTC, datetime

import pytest
import shapely

from gridmgmt.cli import run
from gridmgmt.store.demolitions import list_demolitions
from gridmgmt.store.duties import list_duties
from gridmgmt.store.engine import make_engine
from gridmgmt.store.groups import list_groups
from gridmgmt.store.responders import list_responders
from gridmgmt.store.road_segments import list_road_segments
from gridmgmt.store.schema import audit_log
from gridmgmt.store.zones import list_zones
from tests.factories import make_edition, square, two_streets
from tests.services.answering import layer, make_city, table


@pytest.fixture
def city(settings):
    """Settings of a bureau with two streets, their squads and offices."""
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_city(conn)
    engine.dispose()
    return settings


def stored(settings, read):
    engine = make_engine(settings.database_url)
    with engine.connect() as conn:
        found = read(conn)
    engine.dispose()
    return found


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


def test_responders_are_listed_without_phones_unless_asked_for(settings, tmp_path, capfd):
    path = str(table(tmp_path, "code,kind,name,phone\nS1,squad,一中队 [red],13900000000"))
    run(["responder", "import", path, "--commit"], settings)
    capfd.readouterr()
    assert run(["responder", "list"], settings) == 0
    listed = capfd.readouterr().out
    assert "一中队 [red]" in listed
    assert "139" not in listed
    run(["responder", "list", "--json"], settings)
    assert "phone" not in json.loads(capfd.readouterr().out)[0]
    run(["responder", "list", "--personal", "--json"], settings)
    assert json.loads(capfd.readouterr().out)[0]["phone"] == "13900000000"
    entries = stored(settings, lambda conn: conn.execute(audit_log.select()).all())
    assert [entry.action for entry in entries] == ["import_responder", "read_phones"]
    assert {entry.actor for entry in entries} == {"tester"}


def test_every_noun_is_imported_by_a_command_of_its_own(city, tmp_path, capfd):
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
    assert [one.code for one in stored(city, list_groups)] == ["B1"]
    assert [one.code for one in stored(city, list_zones)[0]] == ["Z1"]
    assert [one.tolerance_m for one in stored(city, list_road_segments)[0]] == [15.0]
    assert [one.code for one in stored(city, list_demolitions)[0]] == ["D1"]
    assert len(stored(city, list_duties)) == 3


def test_duties_are_listed_and_filtered(city, tmp_path, capfd):
    path = table(
        tmp_path,
        """
        responder_code,role,target,target_code,categories,valid_to,letter_no
        S1,dispose,area,A1,E1;E2,2026-01-31,责字1号
        S2,oversee,area,A,*,,责字2号
        """,
    )
    run(["duty", "import", str(path), "--commit"], city)
    capfd.readouterr()
    assert run(["duty", "list"], city) == 0
    listed = capfd.readouterr().out
    assert "责字1号" in listed
    assert "E1;E2" in listed
    run(["duty", "list", "--on", "2026-02-01", "--json"], city)
    (duty,) = json.loads(capfd.readouterr().out)
    assert (duty["responder_code"], duty["categories"]) == ("S2", None)
    run(["duty", "list", "--area", "A1", "--responder", "S2", "--json"], city)
    assert json.loads(capfd.readouterr().out) == []
    assert run(["duty", "list", "--on", "1.2.2026"], city) == 2


def test_the_audit_reports_and_exits_0(city, tmp_path, capfd):
    path = table(
        tmp_path,
        """
        responder_code,role,target,target_code,categories,hours
        S1,dispose,area,A,E1,
        S2,dispose,area,A,E1,
        S1,dispose,area,B1,*,22:00-06:00
        """,
    )
    run(["duty", "import", str(path), "--commit"], city)
    capfd.readouterr()
    assert run(["duty", "audit", "--on", "2026-05-04"], city) == 0
    lines = capfd.readouterr().out.splitlines()
    totals = "10 hole, 2 partly, 4 double, 0 with one owner at any hour"
    assert lines == [
        "two owners:",
        "  street A: all 4; category E1: S1 and S2 as area:street",
        "no owner:",
        "  street A: all 4; category E2: falls to OA (territorial_fallback)",
        "  3 single: B2, B3, B4; all 2 categories: nobody answers",
        "no owner at some hours:",
        "  1 single: B1; all 2 categories: only 22:00-06:00, else nobody answers",
        f"2026-05-04: 8 areas × 2 categories = 16 pairs: {totals}",
    ]
    run(["duty", "audit", "--on", "2026-05-04", "--json"], city)
    data = json.loads(capfd.readouterr().out)
    assert data["pairs"] == {"hole": 10, "partly": 2, "double": 4}
    assert data["findings"][0]["owners"] == ["S1", "S2"]
    assert run(["duty", "audit", "--on", "2020-01-01"], city) == 5
    assert "no edition is in force on 2020-01-01" in capfd.readouterr().err


def test_a_duty_on_an_area_that_is_gone_is_told(city, tmp_path, capfd):
    header = "responder_code,role,target,target_code,categories"
    path = table(tmp_path, f"{header}\nS1,dispose,area,B1,*")
    run(["duty", "import", str(path), "--commit"], city)
    engine = make_engine(city.database_url)
    levels = two_streets()
    with engine.begin() as conn:
        march = datetime(2026, 3, 1, tzinfo=UTC)
        make_edition(conn, {"street": levels["street"]}, effective_from=march)
    engine.dispose()
    capfd.readouterr()
    run(["duty", "audit", "--on", "2026-05-04"], city)
    words = capfd.readouterr().out
    assert "duty 1 of S1 points at cell B1, which is not in the edition in force" in words
