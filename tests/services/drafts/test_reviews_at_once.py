"""Two at once at one draft under review: one of them is told, nothing is mixed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.domain.areas.review import Approval, Remark
from gridmgmt.errors import DraftError
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.services.drafts import reviews
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.services.workbench import editing
from gridmgmt.store.areas.draft_reviews import changes_digest
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.editions import list_editions
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import with_border_at
from tests.waiting import Act, one_after_the_other

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def drafted(engine: Engine) -> Engine:
    with engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        make_draft(conn, "d", [with_border_at(0.4)])
    return engine


def edit(conn: Connection) -> object:
    wanted = [ops.Rename("cell", "B4", "东")]
    return editing.edit(conn, "d", wanted, border_m=0.05, actor="li")


def submit(conn: Connection) -> None:
    reviews.submit(conn, "d", actor="li")


def approve(conn: Connection) -> None:
    reviews.approve(conn, "d", actor="zhou")


def give_back(conn: Connection) -> None:
    reviews.give_back(conn, "d", [Remark("x")], actor="sun")


def publication(conn: Connection) -> object:
    return publish(conn, "d", MARCH, actor="li", approval=Approval.NEEDED)


def facts(engine: Engine) -> tuple[DraftStatus, str, int]:
    with engine.connect() as conn:
        draft = get_draft(conn, "d")
        digest = changes_digest(conn, draft.id)
        return draft.status, digest, len(list_editions(conn))


def do(engine: Engine, *acts: Act) -> None:
    for act in acts:
        with engine.begin() as conn:
            act(conn)


@pytest.mark.parametrize("held", [submit, approve])
def test_an_edit_that_meets_a_review_is_told(drafted: Engine, held: Act) -> None:
    if held is approve:
        do(drafted, submit)
    before = facts(drafted)[1]
    told = one_after_the_other(drafted, held, edit)
    assert isinstance(told, DraftError)
    assert "cannot be changed" in str(told)
    assert facts(drafted)[1] == before


def test_an_approval_that_meets_a_return_and_an_edit_is_told(drafted: Engine) -> None:
    do(drafted, submit)

    def returned_and_edited(conn: Connection) -> None:
        give_back(conn)
        edit(conn)

    told = one_after_the_other(drafted, returned_and_edited, approve)
    assert "is not submitted for review" in str(told)
    assert facts(drafted)[0] is DraftStatus.OPEN


def test_a_submission_that_meets_an_edit_holds_the_edit(drafted: Engine) -> None:
    assert one_after_the_other(drafted, edit, submit) is None
    with drafted.connect() as conn:
        found = reviews.show(conn, "d")
    assert found.submission is not None
    assert found.submission.digest == facts(drafted)[1]
    assert "li" in found.authors


def test_a_return_that_meets_a_publication_is_told(drafted: Engine) -> None:
    do(drafted, submit, approve)
    told = one_after_the_other(drafted, publication, give_back)
    assert "published already, as edition 2" in str(told)
    assert facts(drafted)[0] is DraftStatus.PUBLISHED


def test_a_publication_that_meets_a_return_is_told(drafted: Engine) -> None:
    do(drafted, submit, approve)
    told = one_after_the_other(drafted, give_back, publication)
    assert "once another account has approved it" in str(told)
    assert (facts(drafted)[0], facts(drafted)[2]) == (DraftStatus.OPEN, 1)


def test_of_two_who_approve_at_once_both_stand(drafted: Engine) -> None:
    """An approval after another one changes nothing but who approved last."""
    do(drafted, submit)
    assert one_after_the_other(drafted, approve, approve) is None
    do(drafted, publication)
    assert facts(drafted)[2] == 2
