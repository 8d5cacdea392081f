"""What publishing would do is told, kept as plain values, and done only when seen."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.errors import DraftChangedError, DraftError
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.services.drafts import changes, rehearsed_publishing
from gridmgmt.services.drafts.rehearsed_publishing import RehearsedPublication
from gridmgmt.store.areas.editions import list_editions
from tests.factories import make_draft, make_level, square, two_streets
from tests.services.reroute_city import RULES

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def rehearse(conn: Connection, label: str) -> RehearsedPublication:
    return rehearsed_publishing.rehearse(
        conn, label, JUNE, tolerance_m2=1.0, rules=RULES, actor="me"
    )


def test_a_rehearsal_counts_and_publishes_nothing(conn: Connection) -> None:
    make_draft(conn, "d", two_streets().values())
    told = rehearse(conn, "d")
    assert (told.number, told.added, told.blocking_in_all) == (1, 10, 0)
    assert list_editions(conn) == []


def test_what_blocks_is_told_with_its_kind_and_survives_as_json(conn: Connection) -> None:
    overlapping = make_level("street", {"A": square(0, 0, 1.5), "B": square(1, 0)})
    make_draft(conn, "d", [overlapping])
    told = rehearse(conn, "d")
    assert told.number is None
    assert [one.kind for one in told.blocking] == [ProblemKind.OVERLAP]
    again = RehearsedPublication.from_json(json.loads(json.dumps(told.to_json())))
    assert (again.blocking_in_all, again.blocking[0].codes) == (1, ("A", "B"))
    assert again.blocking[0].amount == pytest.approx(told.blocking[0].amount)


def test_an_empty_draft_cannot_even_be_rehearsed(conn: Connection) -> None:
    make_draft(conn, "d", [])
    with pytest.raises(DraftError, match="changes nothing"):
        rehearse(conn, "d")


def test_only_what_was_seen_is_published(conn: Connection) -> None:
    make_draft(conn, "d", two_streets().values())
    seen = changes.revision(conn, "d")
    given = {"tolerance_m2": 1.0, "rules": RULES, "actor": "me"}
    with pytest.raises(DraftChangedError):
        rehearsed_publishing.publish_seen(conn, "d", JUNE, seen=seen - 1, **given)  # type: ignore[arg-type]
    done = rehearsed_publishing.publish_seen(conn, "d", JUNE, seen=seen, **given)  # type: ignore[arg-type]
    assert done.edition.number == 1
