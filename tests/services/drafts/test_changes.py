"""What a draft changes, page by page, and who worked on it."""

from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action
from gridmgmt.errors import DraftChangedError, DraftError, NotFoundError
from gridmgmt.services.drafts import changes, drafts
from gridmgmt.store.areas.draft_changes import ChangeQuery
from gridmgmt.store.areas.drafts import get_draft
from tests.factories import make_draft, make_edition, make_level, square, two_streets


@pytest.fixture
def changed(conn: Connection) -> Connection:
    """A draft that renames A1, drops B4 and adds C1."""
    make_edition(conn, two_streets())
    cells = two_streets()["cell"]
    geoms = dict(zip(cells.codes, cells.geoms, strict=True))
    del geoms["B4"]
    geoms["C1"] = square(2, 0)
    parents = {code: code[0] for code in geoms}
    names = {"A1": "文晖一格"}
    make_draft(conn, "d", [make_level("cell", geoms, parents=parents, names=names)])
    return conn


def test_changes_are_counted_against_the_base_edition(changed: Connection) -> None:
    street, cell = changes.counts(changed, get_draft(changed, "d"))
    assert (street.level, street.changes, street.unchanged) == ("street", 0, 2)
    assert (cell.added, cell.altered, cell.dropped, cell.unchanged) == (1, 1, 1, 6)
    assert changes.size(changed, "d") == 10


def test_changes_are_searched_and_paged(changed: Connection) -> None:
    draft = get_draft(changed, "d")

    def codes(**asked: Any) -> list[str]:
        query = ChangeQuery("cell", **asked)
        return [one.code for one in changes.page(changed, draft, query).rows]

    assert codes() == ["A1", "B4", "C1"]
    assert codes(action=Action.DROP) == ["B4"]
    assert codes(words="文晖") == ["A1"]
    assert codes(words="c") == ["C1"]
    assert codes(words="%") == []
    first = changes.page(changed, draft, ChangeQuery("cell"), most=2)
    assert (first.after, codes(after=first.after)) == ("B4", ["C1"])
    with pytest.raises(NotFoundError):
        changes.page(changed, draft, ChangeQuery("moon"))


def test_outlines_are_given_as_they_were_and_as_drafted(changed: Connection) -> None:
    before, after = changes.shapes(changed, get_draft(changed, "d"), ChangeQuery("cell"))
    assert list(before.codes) == ["A1", "B4"]
    assert list(after.codes) == ["A1", "C1"]


def test_taking_back_a_level_needs_to_have_seen_it(changed: Connection) -> None:
    seen = changes.revision(changed, "d")
    assert changes.take_back(changed, "d", "cell", seen=seen, actor="me") == 3
    with pytest.raises(DraftChangedError) as told:
        changes.take_back(changed, "d", "cell", seen=seen, actor="other")
    assert told.value.since == (("me", "take_back_changes"),)
    assert "take_back_changes by me" in str(told.value)
    with pytest.raises(DraftChangedError):
        changes.delete_seen(changed, "d", seen=seen, actor="other")


def test_the_steps_of_a_draft_are_not_those_of_another_that_had_its_label(
    conn: Connection,
) -> None:
    drafts.create(conn, "d", actor="first")
    drafts.delete(conn, "d", actor="first")
    drafts.create(conn, "d", actor="second")
    assert [one.actor for one in changes.steps(conn, "d")] == ["second"]
    assert changes.revision(conn, "nobody's") == 0


def test_a_published_draft_is_not_taken_back(changed: Connection) -> None:
    changed.exec_driver_sql("UPDATE drafts SET status = 'published', edition = 1")
    with pytest.raises(DraftError, match="published already"):
        changes.take_back(changed, "d", "cell", seen=10**9, actor="me")


def test_the_state_at_a_glance_is_the_deepest_level_that_is_not_too_many(
    changed: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = get_draft(changed, "d")
    assert changes.state_at_a_glance(changed, draft).level == "cell"
    monkeypatch.setattr(changes, "MOST_CHILDREN", 5)
    assert changes.state_at_a_glance(changed, draft).level == "street"
    monkeypatch.setattr(changes, "MOST_CHILDREN", 1)
    assert len(changes.state_at_a_glance(changed, draft).codes) == 0
