import json
from datetime import UTC, datetime

from gridmgmt.cli import run
from gridmgmt.store.engine import make_engine
from tests.factories import make_edition, two_streets
from tests.services.answering import bureau, table


def test_duties_are_listed_and_filtered(settings, tmp_path, capfd):
    city = bureau(settings)
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


def test_the_audit_reports_and_exits_0(settings, tmp_path, capfd):
    city = bureau(settings)
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


def test_an_audit_without_categories_says_that_nothing_was_looked_at(settings, capfd):
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_edition(conn, two_streets())
    engine.dispose()
    assert run(["duty", "audit", "--on", "2026-05-04"], settings) == 0
    assert "gridmgmt category import" in capfd.readouterr().err


def test_a_duty_on_an_area_that_is_gone_is_told(settings, tmp_path, capfd):
    city = bureau(settings)
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


def test_a_duty_is_added_and_ended_as_a_dry_run_first(settings, capfd):
    city = bureau(settings)
    add = ["duty", "add", "S1", "A1", "A2", "--categories", "E1", "--hours", "08:00-18:00"]
    assert run(add, city) == 0
    told = capfd.readouterr()
    assert "A1, cell A2; E1 at 08:00-18:00: nobody -> S1" in told.out
    assert "hole: 2 pairs closed, 0 opened" in told.out
    assert "dry run" in told.err
    run(["duty", "list", "--json"], city)
    assert json.loads(capfd.readouterr().out) == []
    assert run([*add, "--commit", "--json"], city) == 0
    done = json.loads(capfd.readouterr().out)
    assert [one["target_code"] for one in done["new"]] == ["A1", "A2"]
    run(["duty", "list", "--json"], city)
    numbers = [str(one["id"]) for one in json.loads(capfd.readouterr().out)]
    end = ["duty", "end", *numbers, "--from", "2099-01-01", "--why", "撤并", "--commit"]
    assert run(end, city) == 0
    assert "holds until 2098-12-31" in capfd.readouterr().out
    assert run(["duty", "add", "S9", "Z9", "--categories", "E7", "--hours", "x"], city) == 2
    told = capfd.readouterr().err
    assert all(words in told for words in ("'S9'", "'Z9'", "'E7'", "'x' cannot be read"))
