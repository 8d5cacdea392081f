"""Review on the command line, by the rule of the deployment."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.cli.areas.test_draft import Bureau
from tests.factories import make_draft, make_edition, two_streets, write_areas
from tests.services.drafts.test_publishing import with_border_at

PUBLISH = ("draft", "publish", "d", "--effective-from", "2026-03-01", "--commit")


@pytest.fixture
def bureau(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Bureau:
    """An edition, a draft, and three accounts of which two may review."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        make_draft(conn, "d", [with_border_at(0.4)])
        for name, role in (
            ("li", "gis_officer"),
            ("zhou", "commander"),
            ("sun", "planner"),
        ):
            accounts.create(conn, name, role, "a long password", actor="t")
    engine.dispose()
    return Bureau(replace(settings, review=ReviewRule.ALWAYS), capsys)


def by(bureau: Bureau, actor: str, rule: ReviewRule | None = None) -> Bureau:
    settings = replace(bureau.settings, actor=actor, review=rule or bureau.settings.review)
    return Bureau(settings, bureau.capsys)


def published(bureau: Bureau) -> dict[str, object]:
    engine = make_engine(str(bureau.settings.database_url))
    with engine.connect() as conn:
        found: dict[str, object] = conn.exec_driver_sql(
            "SELECT detail FROM audit_log WHERE action = 'publish_edition'"
        ).scalar_one()
    engine.dispose()
    return found


def test_the_story_of_a_draft(bureau: Bureau) -> None:
    li, zhou = by(bureau, "li"), by(bureau, "zhou")
    assert li(*PUBLISH) == 5
    assert "once another account has approved it" in li.err
    assert li("draft", "submit", "d", "--commit") == 0
    assert "any account that may review drafts, but not li, may approve it" in li.err
    assert li("draft", "delete", "d", "--commit") == 5
    assert "cannot be changed" in li.err
    assert li("draft", "approve", "d", "--commit") == 5
    assert "another account must approve it" in li.err
    assert zhou("draft", "return", "d", "--commit") == 2
    assert "say what is to be changed" in zhou.err
    comments = ("--comment", "cell:A1", "边界应沿河道", "--comment", "-", "请补会议纪要")
    assert zhou("draft", "return", "d", *comments, "--commit") == 0
    assert li("draft", "show", "d") == 0
    assert "cell A1: 边界应沿河道 (zhou)" in li.err
    assert "whole draft: 请补会议纪要 (zhou)" in li.err
    assert li("draft", "submit", "d", "--commit") == 0
    assert li(*PUBLISH) == 5
    assert "waits for the approval" in li.err
    assert zhou("draft", "approve", "d", "--commit") == 0
    assert li("draft", "show", "d", "--json") == 0
    told = json.loads(li.out)
    assert told["draft"]["status"] == "approved"
    steps = [(one["step"], one["made_by"]) for one in told["review"]["steps"]]
    assert steps == [
        ("submitted", "li"),
        ("returned", "zhou"),
        ("submitted", "li"),
        ("approved", "zhou"),
    ]
    assert li(*PUBLISH) == 0
    assert published(bureau)["approved_by"] == "zhou"


@pytest.mark.parametrize("actor", ["sun", "nobody"])
def test_only_an_account_that_may_review_approves(bureau: Bureau, actor: str) -> None:
    assert by(bureau, "li")("draft", "submit", "d", "--commit") == 0
    other = by(bureau, actor)
    assert other("draft", "approve", "d", "--commit") == 5
    assert f"{actor!r} is no account that may review drafts" in other.err


@pytest.mark.parametrize("rule", [ReviewRule.PAGES, ReviewRule.NEVER])
def test_a_command_does_without_review_but_for_a_submitted_draft(
    bureau: Bureau, rule: ReviewRule
) -> None:
    li = by(bureau, "li", rule)
    assert li("draft", "submit", "d", "--commit") == 0
    assert li(*PUBLISH) == 5
    assert "waits for the approval" in li.err
    assert li("draft", "return", "d", "--commit") == 0
    assert li(*PUBLISH) == 0
    assert published(bureau)["without_review"] is True


@pytest.mark.parametrize("way", ["import", "edit", "undo", "redo", "delete", "submit"])
def test_no_command_changes_a_draft_under_review(
    bureau: Bureau, tmp_path: Path, way: str
) -> None:
    layer = write_areas(tmp_path / "cells.geojson", two_streets()["cell"])
    rename = tmp_path / "ops.jsonl"
    rename.write_text('{"op": "rename", "level": "cell", "code": "B4", "name": "东"}', "utf-8")
    fields = ("--level", "cell", "--code", "code", "--name", "name", "--parent", "parent")
    more = {"import": (layer, *fields), "edit": (rename,)}.get(way, ())
    li, zhou = by(bureau, "li"), by(bureau, "zhou")
    if way in ("undo", "redo"):
        assert li("draft", "edit", "d", rename, "--commit") == 0
    if way == "redo":
        assert li("draft", "undo", "d", "--commit") == 0
    assert li("draft", "submit", "d", "--commit") == 0
    for approved in (False, True):
        before = bureau.held
        assert li("draft", way, "d", *more, "--commit") == 5
        assert "cannot be changed; to go on with it, have it returned" in li.err
        assert bureau.held == before
        if not approved:
            assert zhou("draft", "approve", "d", "--commit") == 0
    assert li("draft", "return", "d", "--commit") == 0
    assert li("draft", way, "d", *more, "--commit") == 0, li.err


def test_a_dry_run_submits_and_approves_nothing(bureau: Bureau) -> None:
    li = by(bureau, "li")
    before = li.held
    assert li("draft", "submit", "d") == 0
    assert li.last == "dry run: nothing was changed; add --commit to do it"
    assert li.held == before


@pytest.mark.parametrize("area", ["A1", "cell:", ":A1"])
def test_an_area_of_a_comment_is_level_and_code(bureau: Bureau, area: str) -> None:
    assert by(bureau, "li")("draft", "submit", "d", "--commit") == 0
    zhou = by(bureau, "zhou")
    assert zhou("draft", "return", "d", "--comment", area, "x", "--commit") == 2
    assert "write level:code" in zhou.err
