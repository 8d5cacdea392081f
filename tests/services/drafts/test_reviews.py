"""A draft is submitted, returned, approved, and published as it was approved."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.domain.areas.review import Approval, Remark, ReviewStep
from gridmgmt.errors import DraftError, InputError, NotAllowedError, NotFoundError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.reading.files import read_draft_mark
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import changes, drafts, rebasing, reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.services.workbench import draft_files, edited_imports, editing
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.schema import area_changes, audit_log, draft_comments, draft_reviews
from tests.factories import make_draft, make_edition, two_streets, write_areas
from tests.services.drafts.test_publishing import merged_a1_a2, renamed, with_border_at

CELLS = two_streets()["cell"]
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def base(conn: Connection) -> Connection:
    """An edition, and a draft that li has edited and wang has undone once."""
    make_edition(conn, two_streets(), effective_from=JANUARY)
    drafts.create(conn, "d", actor="chen")
    edit(conn, "一", "li")
    edit(conn, "二", "wang")
    editing.undo(conn, "d", actor="wang")
    return conn


def edit(conn: Connection, name: str, actor: str, code: str = "A1") -> None:
    wanted = [ops.Rename("cell", code, name)]
    editing.edit(conn, "d", wanted, border_m=0.05, actor=actor)


def status(conn: Connection) -> DraftStatus:
    return get_draft(conn, "d").status


def entry(conn: Connection, action: str) -> dict[str, object]:
    """Return the detail of the newest entry of the audit log of an action."""
    query = sa.select(audit_log.c.detail).where(audit_log.c.action == action)
    found: dict[str, object] = conn.execute(
        query.order_by(audit_log.c.id.desc()).limit(1)
    ).scalar_one()
    return found


def approved(conn: Connection) -> Connection:
    reviews.submit(conn, "d", actor="li")
    reviews.approve(conn, "d", actor="zhou")
    return conn


def imported(conn: Connection, folder: Path) -> None:
    path = write_areas(folder / "cells.geojson", with_border_at(0.4))
    file = AreaFile(path, code="code", name="name", parent="parent")
    drafts.import_areas(conn, "d", "cell", file, actor="li")


def sent_and_taken_back(conn: Connection, folder: Path) -> None:
    """Take the draft to another program, which renames an area, and back."""
    path = folder / "d.gpkg"
    draft_files.export(conn, "d", path, actor="li", now=datetime.now(UTC))
    with closing(sqlite3.connect(path)) as file, file:
        # Triggers of the spatial index name these, and need none for a name.
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            file.create_function(name, 1, lambda _: 0)
        file.execute("UPDATE street SET name = name || '二'")
    mark = read_draft_mark(path)
    assert mark is not None
    edited_imports.import_edits(conn, "d", path, mark, border_m=0.05, actor="li")


WAYS: dict[str, Callable[[Connection, Path], object]] = {
    "import": imported,
    "file": sent_and_taken_back,
    "edit": lambda conn, _: edit(conn, "三", "li"),
    "undo": lambda conn, _: editing.undo(conn, "d", actor="li"),
    "rebase": lambda conn, _: rebasing.rebase(conn, "d", actor="li", tz=UTC),
    "redo": lambda conn, _: editing.redo(conn, "d", actor="li"),
    "take back": lambda conn, _: changes.take_back(conn, "d", "cell", seen=10**9, actor="li"),
    "delete": lambda conn, _: drafts.delete(conn, "d", actor="li"),
    "delete seen": lambda conn, _: changes.delete_seen(conn, "d", seen=10**9, actor="li"),
    "submit": lambda conn, _: reviews.submit(conn, "d", actor="li"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_draft_under_review_is_changed_in_no_way(
    base: Connection, tmp_path: Path, way: str
) -> None:
    # Each of them works on the open draft.
    with base.begin_nested() as savepoint:
        WAYS[way](base, tmp_path)
        savepoint.rollback()
    reviews.submit(base, "d", actor="li")
    before = changes_digest(base, get_draft(base, "d").id)
    with pytest.raises(DraftError, match=r"submitted for review.*have it returned"):
        WAYS[way](base, tmp_path)
    reviews.approve(base, "d", actor="zhou")
    with pytest.raises(DraftError, match=r"approved and cannot be changed.*have it returned"):
        WAYS[way](base, tmp_path)
    assert changes_digest(base, get_draft(base, "d").id) == before
    assert status(base) is DraftStatus.APPROVED
    reviews.give_back(base, "d", [Remark("改回去")], actor="zhou")
    WAYS[way](base, tmp_path)


def test_every_service_that_changes_drafts_is_among_the_ways() -> None:
    """Whatever writes changes asks for an open draft, or is named here with its reason."""
    folder = Path(drafts.__file__).parents[1]
    writing = {
        path.name
        for path in folder.rglob("*.py")
        if any(
            word in path.read_text("utf-8")
            for word in ("replace_changes(", "delete_changes(", "delete_draft(")
        )
    }
    # All of them through `open_draft`, as the test above proves of each, but for `reverting`,
    # which opens a draft of its own.
    assert writing == {
        "drafts.py",
        "changes.py",
        "edit_storing.py",
        "rebasing.py",
        "reverting.py",
    }


@pytest.mark.parametrize("author", ["li", "wang", "sun"])
def test_no_author_approves(base: Connection, author: str) -> None:
    """Li has edited, wang has undone an edit, sun has submitted."""
    reviews.submit(base, "d", actor="sun")
    with pytest.raises(NotAllowedError, match=f"by '?{author}'?: another account"):
        reviews.approve(base, "d", actor=author)
    assert status(base) is DraftStatus.SUBMITTED
    assert reviews.show(base, "d").authors == {"li", "wang", "sun"}
    # Who opened it has changed nothing in it.
    reviews.approve(base, "d", actor="chen")
    assert status(base) is DraftStatus.APPROVED


def test_who_imported_before_there_was_a_log_is_an_author(
    base: Connection, tmp_path: Path
) -> None:
    imported(base, tmp_path)
    base.execute(sa.text("DELETE FROM draft_edit_areas"))
    base.execute(sa.text("DELETE FROM draft_edits"))
    reviews.submit(base, "d", actor="sun")
    assert "li" in reviews.show(base, "d").authors


def test_a_draft_without_changes_is_not_submitted(base: Connection) -> None:
    drafts.create(base, "empty", actor="li")
    with pytest.raises(DraftError, match="changes nothing"):
        reviews.submit(base, "empty", actor="li")
    with pytest.raises(NotFoundError):
        reviews.submit(base, "none", actor="li")


def test_only_what_was_seen_is_submitted(base: Connection) -> None:
    seen = changes.revision(base, "d")
    edit(base, "三", "wang")
    with pytest.raises(DraftError, match="was changed since you looked at it"):
        reviews.submit(base, "d", actor="li", seen=seen)
    reviews.submit(base, "d", actor="li", seen=changes.revision(base, "d"))


def test_a_returned_draft_has_its_comments_pinned_to_areas(base: Connection) -> None:
    reviews.submit(base, "d", actor="li")
    reviews.comment(base, "d", Remark("名称与公布的不符", "cell", "A1"), actor="zhou")
    with pytest.raises(InputError, match="level and its code"):
        Remark("x", "cell")
    with pytest.raises(NotFoundError, match="cell in draft d"):
        reviews.comment(base, "d", Remark("x", "cell", "Z9"), actor="zhou")
    with pytest.raises(NotFoundError, match="level"):
        reviews.comment(base, "d", Remark("x", "planet", "A1"), actor="zhou")
    # An area of the base edition that the draft leaves as it is.
    remarks = [Remark("这里也要改", "street", "B"), Remark("请补附件")]
    reviews.give_back(base, "d", remarks, actor="zhou")
    found = reviews.show(base, "d")
    assert found.is_returned
    assert [(one.remark.level, one.remark.code) for one in found.comments] == [
        ("cell", "A1"),
        ("street", "B"),
        (None, None),
    ]
    assert {one.made_by for one in found.comments} == {"zhou"}
    assert entry(base, "return_draft") == {"comments": 3}
    edit(base, "三", "li")
    reviews.submit(base, "d", actor="li")
    # Of the newest submission nothing was said yet; the old comments stay stored.
    assert reviews.show(base, "d").comments == ()
    assert base.execute(sa.select(sa.func.count()).select_from(draft_comments)).scalar() == 3


def test_a_reviewer_says_why_and_an_author_takes_back_without_a_word(base: Connection) -> None:
    reviews.submit(base, "d", actor="li")
    with pytest.raises(InputError, match="say what is to be changed"):
        reviews.give_back(base, "d", actor="zhou")
    with pytest.raises(NotAllowedError, match="was submitted by li"):
        reviews.give_back(base, "d", [Remark("x")], actor="wang", reviews=False)
    reviews.give_back(base, "d", actor="li", reviews=False)
    assert status(base) is DraftStatus.OPEN
    for late in (
        lambda: reviews.give_back(base, "d", [Remark("x")], actor="zhou"),
        lambda: reviews.comment(base, "d", Remark("x"), actor="zhou"),
        lambda: reviews.approve(base, "d", actor="zhou"),
    ):
        with pytest.raises(DraftError, match="is not submitted for review"):
            late()


def test_only_what_was_looked_at_is_approved(base: Connection) -> None:
    reviews.submit(base, "d", actor="li")
    submission = reviews.show(base, "d").submission
    assert submission is not None
    reviews.give_back(base, "d", actor="li")
    edit(base, "四", "li")
    reviews.submit(base, "d", actor="li")
    with pytest.raises(DraftError, match="submitted anew by li"):
        reviews.approve(base, "d", actor="zhou", digest=submission.digest)
    reviews.give_back(base, "d", actor="li")
    editing.undo(base, "d", actor="li")
    reviews.submit(base, "d", actor="li")
    # The same content has the same digest.
    reviews.approve(base, "d", actor="zhou", digest=submission.digest)


def test_what_is_published_is_what_was_approved_to_the_byte(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "d", [merged_a1_a2()])
    approved(conn)
    draft = get_draft(conn, "d")
    stated = read_changes(conn, draft.id)["cell"]
    before = changes_digest(conn, draft.id)
    done = publish(conn, "d", MARCH, actor="sun", approval=Approval.NEEDED)
    cells = areas_in(conn, done.edition.number)["cell"]
    kept = dict(zip(cells.codes, shapely.to_wkb(cells.geoms), strict=True))
    for code, geom in zip(stated.codes, stated.geoms, strict=True):
        assert kept.get(code) == (None if geom is None else shapely.to_wkb(geom))
    assert entry(conn, "publish_edition")["approved_by"] == "zhou"
    assert entry(conn, "publish_edition")["digest"] == before
    assert entry(conn, "approve_draft")["digest"] == before
    assert changes_digest(conn, draft.id) == before


@pytest.mark.parametrize(
    "tampering",
    [
        {"name": "x"},
        {"parent_code": "B"},
        {"geom": sa.text("ST_Reverse(geom)")},
        {"code": "A9"},
    ],
)
def test_a_draft_that_states_something_else_by_then_is_not_published(
    base: Connection, tampering: dict[str, object]
) -> None:
    approved(base)
    base.execute(area_changes.update().values(tampering))
    with pytest.raises(DraftError, match="does not state any more what was submitted"):
        publish(base, "d", MARCH, actor="sun")
    with pytest.raises(DraftError, match="does not state any more what was submitted"):
        reviews.approve(base, "d", actor="zhou")


def test_a_submitted_draft_waits_for_its_approval(base: Connection) -> None:
    reviews.submit(base, "d", actor="li")
    for asked in (Approval.NEEDED, Approval.IF_SUBMITTED):
        with pytest.raises(DraftError, match="was submitted by li and waits for the approval"):
            publish(base, "d", MARCH, actor="sun", approval=asked)
        why = reviews.why_not_yet(base, get_draft(base, "d"), asked)
        assert "waits for the approval" in str(why)
    reviews.approve(base, "d", actor="zhou")
    assert reviews.why_not_yet(base, get_draft(base, "d"), Approval.NEEDED) is None
    publish(base, "d", MARCH, actor="sun", approval=Approval.NEEDED)
    assert reviews.why_not_yet(base, get_draft(base, "d"), Approval.NEEDED) is None
    with pytest.raises(DraftError, match="published already, as edition 2"):
        reviews.approve(base, "d", actor="zhou")


def test_an_open_draft_is_published_only_where_no_approval_is_needed(base: Connection) -> None:
    with pytest.raises(DraftError, match="once another account has approved it"):
        publish(base, "d", MARCH, actor="sun", approval=Approval.NEEDED)
    publish(base, "d", MARCH, actor="sun", approval=Approval.IF_SUBMITTED)
    assert entry(base, "publish_edition")["without_review"] is True
    assert "approved_by" not in entry(base, "publish_edition")


def test_an_approval_ends_when_another_edition_comes_or_goes(base: Connection) -> None:
    approved(base)
    make_draft(base, "other", [renamed(CELLS, "B4", "east")])
    publish(base, "other", MARCH, actor="sun")
    with pytest.raises(
        DraftError, match="newest edition was 1 when draft 'd' was approved, and is 2"
    ):
        publish(base, "d", JUNE, actor="sun")
    reviews.approve(base, "d", actor="zhou")
    done = publish(base, "d", JUNE, actor="sun", approval=Approval.NEEDED)
    assert done.rebased_on == 2
    steps = [one.step for one in reviews.show(base, "d").steps]
    assert steps == [ReviewStep.SUBMITTED, ReviewStep.APPROVED, ReviewStep.APPROVED]


def test_a_withdrawn_edition_opens_its_draft_and_moves_those_under_review(
    conn: Connection,
) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    later = datetime(2999, 1, 1, tzinfo=UTC)
    make_draft(conn, "first", [renamed(CELLS, "B4", "east")])
    publish(conn, "first", later, actor="sun")
    make_draft(conn, "d", [with_border_at(0.4)])
    approved(conn)
    done = withdraw(conn, 2, actor="sun")
    assert (done.reopened, done.moved) == (("first",), ("d",))
    draft = get_draft(conn, "d")
    assert (draft.base_edition, draft.status) == (1, DraftStatus.APPROVED)
    with pytest.raises(DraftError, match="newest edition was 2"):
        publish(conn, "d", MARCH, actor="sun")
    reviews.approve(conn, "d", actor="zhou")
    publish(conn, "d", MARCH, actor="sun", approval=Approval.NEEDED)


def test_a_deleted_draft_leaves_no_review(base: Connection) -> None:
    reviews.submit(base, "d", actor="li")
    reviews.give_back(base, "d", [Remark("x")], actor="zhou")
    drafts.delete(base, "d", actor="li")
    for table in (draft_reviews, draft_comments):
        assert base.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


def test_a_draft_of_before_has_no_review_and_works_as_ever(conn: Connection) -> None:
    make_edition(conn, two_streets(), effective_from=JANUARY)
    make_draft(conn, "d", [with_border_at(0.4)])
    found = reviews.show(conn, "d")
    assert (found.steps, found.submission, found.approval) == ((), None, None)
    assert not found.is_returned
    assert publish(conn, "d", MARCH, actor="sun").edition.number == 2
