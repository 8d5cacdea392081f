"""The review of a draft through the API."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Engine

from tests.web.test_api import Program, program
from tests.web.test_api_drafts import EDITS, edit, move, officers

__all__ = ["officers"]

DRAFT = "/drafts/2026 修编"


@pytest.fixture
def reviewer(officers: tuple[Program, Program], app: Flask, engine: Engine) -> Program:
    return program(app, engine, "gis_officer", "zhou")


def approve(one: Program, digest: str) -> Any:
    return one.post(f"{DRAFT}/approve", {"digest": digest})


def test_a_draft_is_submitted_returned_and_approved(
    officers: tuple[Program, Program], reviewer: Program
) -> None:
    li, wang = officers
    assert edit(li, move()).status_code == 201
    submitted = li.post(f"{DRAFT}/submit", None)
    assert (submitted.status_code, submitted.get_json()["status"]) == (200, "submitted")
    for refused in (
        edit(wang, move()),
        wang.post(f"{EDITS}/undo", None),
        wang.post(f"{EDITS}/redo", None),
        wang.post(f"{DRAFT}/submit", None),
    ):
        assert refused.status_code == 409
        assert "have it returned" in refused.get_json()["message"]
    digest = submitted.get_json()["digest"]
    assert approve(li, digest).status_code == 403
    area = submitted.get_json()
    assert area["authors"] == ["li"]
    pinned = {"text": "边界应沿河道", "level": "cell", "code": "S0C0N11"}
    back = reviewer.post(f"{DRAFT}/return", {"comments": [pinned, {"text": "请补纪要"}]})
    assert (back.status_code, back.get_json()["status"]) == (200, "open")
    told = li.get(f"{DRAFT}/review").get_json()
    assert [(one["level"], one["code"], one["text"]) for one in told["comments"]] == [
        ("cell", "S0C0N11", "边界应沿河道"),
        (None, None, "请补纪要"),
    ]
    assert li.post(f"{EDITS}/undo", None).status_code == 200
    assert edit(li, move(east=2e-4)).status_code == 201
    digest_2 = li.post(f"{DRAFT}/submit", None).get_json()["digest"]
    assert digest_2 != digest
    # What the reviewer looked at first is not what waits now.
    assert approve(reviewer, digest).status_code == 409
    done = approve(reviewer, digest_2)
    assert (done.status_code, done.get_json()["status"]) == (200, "approved")
    assert [one["step"] for one in done.get_json()["steps"]] == [
        "submitted",
        "returned",
        "submitted",
        "approved",
    ]
    assert edit(li, move(east=1e-4)).status_code == 409


def test_who_did_not_edit_reviews_and_who_may_not_review_only_takes_back(
    officers: tuple[Program, Program], reviewer: Program, engine: Engine
) -> None:
    li, wang = officers
    edit(li, move())
    digest = wang.post(f"{DRAFT}/submit", None).get_json()["digest"]
    # One edited, the other submitted.
    for one in officers:
        assert approve(one, digest).status_code == 403
    empty = reviewer.post(f"{DRAFT}/return", {"comments": []})
    assert empty.status_code == 400
    assert "say what is to be changed" in empty.get_json()["message"]
    with engine.begin() as conn:
        taken = "DELETE FROM role_permissions WHERE permission = 'review_drafts'"
        conn.exec_driver_sql(taken)
    assert reviewer.post(f"{DRAFT}/return", {"comments": [{"text": "x"}]}).status_code == 403
    assert approve(reviewer, digest).status_code == 403
    assert wang.post(f"{DRAFT}/return", {}).get_json()["status"] == "open"


def test_what_is_wrong_is_told(officers: tuple[Program, Program], reviewer: Program) -> None:
    li, _ = officers
    assert li.post(f"{DRAFT}/submit", None).status_code == 409
    assert approve(reviewer, "0" * 64).status_code == 409
    edit(li, move())
    li.post(f"{DRAFT}/submit", None)
    assert approve(reviewer, "0" * 63).status_code == 422
    for comment in ({"text": ""}, {"level": "cell"}, {"text": "x" * 2001}, {"text": "a\0b"}):
        answer = reviewer.post(f"{DRAFT}/return", {"comments": [comment]})
        assert answer.status_code == 422, comment
    lone = reviewer.post(f"{DRAFT}/return", {"comments": [{"text": "x", "level": "cell"}]})
    assert lone.status_code == 400
    unknown = {"text": "x", "level": "cell", "code": "Z9"}
    assert reviewer.post(f"{DRAFT}/return", {"comments": [unknown]}).status_code == 404
    assert li.get(f"{DRAFT}/review").get_json()["status"] == "submitted"
    assert li.get("/drafts/none/review").status_code == 404
