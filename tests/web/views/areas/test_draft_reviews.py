"""The review of a draft on pages: what is offered to whom, what is refused and why."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.settings import Settings
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.schema import audit_log
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import renamed, with_border_at
from tests.web.conftest import Login, csrf_of
from tests.web.views.areas.test_drafts import CELLS, Officer, layer
from tests.web.views.responsibility.test_duties import text_of

MARCH = "2026-03-01"
BUTTONS = re.compile(r"/drafts/\d+/(submit|approve|return|comment|delete|take-back|import)\b")


class Person(NamedTuple):
    """Somebody at a browser who looks at the one draft."""

    client: FlaskClient

    def page(self, **asked: str) -> str:
        return self.client.get("/drafts/1", query_string={"lang": "en", **asked}).text

    def buttons(self) -> set[str]:
        return set(BUTTONS.findall(self.page()))

    def seen(self) -> str:
        found = re.search(
            r'name="seen" value="(\d+)"', self.client.get("/drafts/1/publish").text
        )
        assert found
        return found[1]

    def post(self, action: str, **data: object) -> TestResponse:
        token = csrf_of(self.client.get("/account").text)
        return self.client.post(
            f"/drafts/1/{action}", data={"csrf_token": token, **data}, follow_redirects=True
        )

    def press(self, action: str, **data: object) -> str:
        """Press a button of the page, with what its form carries."""
        page = self.page()
        form = re.search(rf'<form[^>]*/drafts/1/{action}".*?</form>', page, re.DOTALL)
        assert form, f"no button to {action}"
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
        answer = self.client.post(
            f"/drafts/1/{action}", data={**hidden, **data}, follow_redirects=True
        )
        assert answer.status_code == 200, answer.text
        return text_of(answer.text)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, review=ReviewRule.ALWAYS)


@pytest.fixture
def officers(engine: Engine, login: Login) -> tuple[Person, Person, Person]:
    """Li, who submits, wang, another GIS officer, and zhou, a commander."""
    with engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        make_draft(conn, "d", [with_border_at(0.4)])
    li, wang = (Person(login("gis_officer", username=one)) for one in ("li", "wang"))
    zhou = Person(login("commander", username="zhou"))
    for one in (li, wang, zhou):
        one.client.get("/drafts?lang=en")
    return li, wang, zhou


def test_what_is_offered_to_whom(officers: tuple[Person, Person, Person]) -> None:
    li, wang, zhou = officers
    opened = {"submit", "delete", "take-back", "import"}
    assert (li.buttons(), zhou.buttons()) == (opened, set())
    assert "submitted for review" in li.press("submit")
    reviewing = {"approve", "return", "comment"}
    assert (li.buttons(), wang.buttons(), zhou.buttons()) == (
        {"return", "comment"},
        reviewing,
        reviewing,
    )
    assert "another account must approve it" in text_of(li.page())
    assert "Submitted" in text_of(li.page())
    zhou.press("approve")
    assert wang.buttons() == {"return", "comment"}
    assert "It can be published as it is" in text_of(li.page())


def test_a_submitter_without_the_permission_to_review_takes_it_back(
    officers: tuple[Person, Person, Person], engine: Engine
) -> None:
    li, wang, _ = officers
    li.press("submit")
    with engine.begin() as conn:
        conn.execute(
            sa.text(
                "DELETE FROM role_permissions"
                " WHERE role = 'gis_officer' AND permission = 'review_drafts'"
            )
        )
    assert (li.buttons(), wang.buttons()) == ({"return"}, set())
    assert wang.post("return").status_code == 403
    li.press("return")
    assert "submit" in li.buttons()


def test_comments_are_pinned_to_areas_and_lead_to_them(
    officers: tuple[Person, Person, Person],
) -> None:
    li, _, zhou = officers
    li.press("submit")
    page = zhou.page(about="cell:A2")
    assert '<option value="cell:A2" selected>' in page
    assert "about=cell:A1" in page.replace("%3A", ":")
    zhou.post("comment", area="cell:A1", text="边界应沿河道\n见附图")
    told = zhou.post("return", text="")
    assert "is returned" in text_of(told.text)
    page = li.page()
    assert 'href="/drafts/1?level=cell&amp;q=A1"' in page
    assert "边界应沿河道\n见附图" in page
    assert "Returned" in text_of(page)
    assert "submit" in li.buttons()
    # Without a word it is not returned.
    li.press("submit")
    assert "say what is to be changed" in text_of(zhou.post("return").text)
    assert zhou.post("comment", area="cell:Z9", text="x").status_code == 404


def test_a_frozen_draft_refuses_every_form_and_says_so(
    officers: tuple[Person, Person, Person],
) -> None:
    li, wang, _ = officers
    seen = li.seen()
    li.press("submit")
    for action, data in (
        ("delete", {"seen": seen}),
        ("take-back", {"seen": seen, "level": "cell"}),
        ("submit", {"seen": seen}),
    ):
        answer = wang.post(action, **data)
        assert answer.status_code == 409
        assert "cannot be changed" in text_of(answer.text)
    assert (
        "已送审，不能修改"
        in wang.client.post(
            "/drafts/1/delete?lang=zh",
            data={"csrf_token": csrf_of(wang.client.get("/account").text), "seen": seen},
        ).text
    )


def test_a_file_that_was_looked_at_before_is_not_saved_into_a_frozen_draft(
    officers: tuple[Person, Person, Person], engine: Engine, tmp_path: Path
) -> None:
    li, wang, _ = officers
    officer = Officer(wang.client, engine)
    officer.send(1, layer(tmp_path, "cell"))
    assert officer.rehearse(1, **CELLS).status_code == 200
    li.press("submit")
    before = officer.changes("d")
    for answer in (officer.rehearse(1, **CELLS), officer.save(1, **CELLS)):
        assert answer.status_code == 409
        assert "cannot be changed; to go on with it, have it returned" in text_of(answer.text)
    assert officer.changes("d") == before


def test_nothing_is_published_on_a_page_before_it_is_approved(
    officers: tuple[Person, Person, Person], engine: Engine
) -> None:
    li, wang, zhou = officers
    for why in ("submit it for review first", "waits for the approval of another account"):
        page = text_of(li.client.get("/drafts/1/publish").text)
        assert why in page
        seen = li.seen()
        preview = li.post("publish", effective_from=MARCH, tolerance_m2="1", seen=seen)
        assert "becomes edition 2" in text_of(preview.text)
        assert why in text_of(preview.text)
        assert "/publish/commit" not in preview.text
        forced = li.post("publish/commit", effective_from=MARCH, tolerance_m2="1", seen=seen)
        assert forced.status_code == 409
        assert why in text_of(forced.text)
        if "first" in why:
            li.press("submit")
    zhou.press("approve")
    seen = li.seen()
    preview = li.post("publish", effective_from=MARCH, tolerance_m2="1", seen=seen)
    assert "/publish/commit" in preview.text
    li.post("publish/commit", effective_from=MARCH, tolerance_m2="1", seen=seen)
    with engine.connect() as conn:
        assert len(list_editions(conn)) == 2
    assert "Approved" in text_of(wang.page())


def test_an_approval_of_before_another_edition_is_made_again(
    officers: tuple[Person, Person, Person], engine: Engine
) -> None:
    li, _, zhou = officers
    li.press("submit")
    zhou.press("approve")
    with engine.begin() as conn:
        make_draft(conn, "other", [renamed(two_streets()["cell"], "B4", "east")])
        publish(conn, "other", datetime(2026, 2, 1, tzinfo=UTC), actor="sun")
    assert "must be approved again" in text_of(li.page())
    assert "have it approved again" in text_of(li.client.get("/drafts/1/publish").text)
    zhou.press("approve")
    assert "must be approved again" not in text_of(li.page())


def test_the_audit_log_says_what_was_published_without_review(
    officers: tuple[Person, Person, Person], engine: Engine, login: Login
) -> None:
    li, _, zhou = officers
    with engine.begin() as conn:
        make_draft(conn, "other", [renamed(two_streets()["cell"], "B4", "east")])
        publish(conn, "other", datetime(2026, 2, 1, tzinfo=UTC), actor="sun")
    li.press("submit")
    zhou.press("approve")
    done = {"effective_from": MARCH, "tolerance_m2": "1", "seen": li.seen()}
    li.post("publish/commit", **done)
    page = text_of(login("administrator").get("/audit?lang=en").text)
    assert "sun published edition 2 without review" in page
    assert "published edition 3 without review" not in page
    with engine.connect() as conn:
        query = sa.select(audit_log.c.detail).where(audit_log.c.subject == "3")
        assert conn.execute(query).scalar_one()["approved_by"] == "zhou"
