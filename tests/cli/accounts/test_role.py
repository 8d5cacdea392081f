import io
import json

from gridmgmt.cli import run
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.store.accounts.roles import find_role, get_role
from tests.services.answering import stored


def role(settings, code):
    return stored(settings, lambda conn: find_role(conn, code))


def test_a_role_is_added_changed_listed_and_retired(settings, capsys) -> None:
    added = ["role", "add", "patrol", "--name-zh", "巡查员", "--give", "see_map"]
    assert run([*added, "--give", "see_areas"], settings) == 0
    assert role(settings, "patrol") is None
    assert "dry run" in capsys.readouterr().err
    assert run([*added, "--give", "see_areas", "--commit"], settings) == 0
    made = role(settings, "patrol")
    assert (made.name_en, made.permissions) == (
        "巡查员",
        {Permission.SEE_MAP, Permission.SEE_AREAS},
    )
    change = ["role", "set", "patrol", "--name-en", "Patrol", "--take", "see_areas"]
    assert run([*change, "--give", "report_cases", "--commit"], settings) == 0
    told = capsys.readouterr().err
    assert "given: report_cases" in told
    assert "taken: see_areas" in told
    assert "accounts it concerns: 0" in told
    changed = role(settings, "patrol")
    assert changed.name_en == "Patrol"
    assert changed.permissions == {Permission.SEE_MAP, Permission.REPORT_CASES}
    assert run(["role", "list", "--json"], settings) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed[-1] == {
        "role": "patrol",
        "name_zh": "巡查员",
        "name_en": "Patrol",
        "accounts": 0,
        "permissions": ["report_cases", "see_map"],
    }
    assert run(["role", "list"], settings) == 0
    assert "report_cases see_map" in capsys.readouterr().out
    assert run(["role", "retire", "patrol"], settings) == 0
    assert role(settings, "patrol") is not None
    assert run(["role", "retire", "patrol", "--commit"], settings) == 0
    assert role(settings, "patrol") is None


def test_a_change_names_whom_it_concerns(settings, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    made = ["account", "create", "li", "--role", "planner", "--password-stdin", "--commit"]
    assert run(made, settings) == 0
    change = ["role", "set", "planner", "--give", "manage_accounts"]
    assert run(change, settings) == 0
    assert "accounts it concerns: 1 (li)" in capsys.readouterr().err
    assert Permission.MANAGE_ACCOUNTS not in stored(
        settings, lambda conn: get_role(conn, "planner").permissions
    )
    assert run(["role", "retire", "planner", "--commit"], settings) == 5


def test_what_is_written_wrong_is_refused(settings, capsys) -> None:
    for wrong in (
        ["role", "set", "planner", "--give", "fly", "--commit"],
        ["role", "set", "planner", "--take", "see_audit", "--commit"],
        # What it never had is not taken in silence, whatever else changes.
        ["role", "set", "planner", "--take", "fly", "--give", "see_audit", "--commit"],
        ["role", "set", "planner", "--give", "see_audit", "--take", "see_audit", "--commit"],
        ["role", "set", "planner", "--commit"],
        ["role", "add", "planner", "--name-zh", "员", "--give", "see_map", "--commit"],
    ):
        assert run(wrong, settings) == 2, wrong
    assert run(["role", "set", "boss", "--give", "see_map"], settings) == 6


def test_every_permission_is_listed_in_words(settings, capsys) -> None:
    assert run(["role", "permissions", "--json"], settings) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["permission"] for one in listed] != []
    assert {one["permission"] for one in listed} == {*Permission}
    assert run(["role", "permissions"], settings) == 0
    assert "See the map" in capsys.readouterr().out
