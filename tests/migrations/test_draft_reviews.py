"""Drafts of before there were reviews open as they were, and go back as open ones."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.domain.areas.draft import DraftStatus
from gridmgmt.services.drafts import reviews
from gridmgmt.store.areas.drafts import list_drafts
from gridmgmt.store.engine import make_engine
from gridmgmt.store.upkeep import migrations

BEFORE = "0030"
OLD = """
INSERT INTO editions (number, label, effective_from, in_force, tolerance_m2, published_by)
VALUES (1, 'a', '2020-01-01Z', '[2020-01-01Z,)', 1, 't');
INSERT INTO drafts (label, status, base_edition, edition, created_by) VALUES
  ('done', 'published', NULL, 1, 'li'), ('old', 'open', 1, NULL, 'li');
INSERT INTO area_changes (draft_id, level, code, action)
SELECT id, 'street', 'S1', 'drop' FROM drafts WHERE label = 'old';
INSERT INTO audit_log (actor, action, subject, detail) VALUES
  ('li', 'create_draft', 'old', '{}'), ('wang', 'import_areas', 'old', '{}');
"""


@pytest.fixture
def old(empty_database_url: str) -> Iterator[Engine]:
    migrations.upgrade(empty_database_url, BEFORE)
    engine = make_engine(empty_database_url)
    with engine.begin() as conn:
        conn.execute(sa.text(OLD))
    yield engine
    engine.dispose()


def statuses(engine: Engine) -> dict[str, str]:
    with engine.connect() as conn:
        rows = conn.execute(sa.text("SELECT label, status FROM drafts"))
        return {row.label: row.status for row in rows}


def test_old_drafts_stay_as_they_are_and_can_be_reviewed(
    old: Engine, empty_database_url: str
) -> None:
    before = statuses(old)
    migrations.upgrade(empty_database_url)
    assert statuses(old) == before
    with old.begin() as conn:
        assert [one.status for one in list_drafts(conn)] == [
            DraftStatus.PUBLISHED,
            DraftStatus.OPEN,
        ]
        assert reviews.show(conn, "old").steps == ()
        reviews.submit(conn, "old", actor="sun")
        # Whoever imported into it before counts, too.
        assert reviews.show(conn, "old").authors == {"wang", "sun"}
        reviews.approve(conn, "old", actor="zhou")
    may_review = "SELECT role FROM role_permissions WHERE permission = 'review_drafts'"
    with old.connect() as conn:
        roles = set(conn.execute(sa.text(may_review)).scalars())
    assert roles == {"gis_officer", "commander"}


@pytest.mark.parametrize("approved", [False, True])
def test_a_draft_under_review_is_open_in_the_release_before(
    old: Engine, empty_database_url: str, approved: bool
) -> None:
    before = statuses(old)
    migrations.upgrade(empty_database_url)
    with old.begin() as conn:
        reviews.submit(conn, "old", actor="sun")
        if approved:
            reviews.approve(conn, "old", actor="zhou")
    migrations.downgrade(empty_database_url, BEFORE)
    assert statuses(old) == before
