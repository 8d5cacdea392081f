"""What publishing would do is told, kept as plain values, and done only when seen."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.review import Approval
from gridmgmt.errors import DraftChangedError, DraftError
from gridmgmt.geometry.coverage.problem import ProblemKind
from gridmgmt.services.drafts import changes
from gridmgmt.services.drafts.publishing import conflicts_of
from gridmgmt.services.workbench import rehearsed_publishing
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.services.workbench.rehearsed_publishing import RehearsedPublication
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.editions import list_editions
from tests.factories import make_draft, make_edition, make_level, square, two_streets
from tests.services.judging.test_reroutes import owners
from tests.services.reroute_city import RULES, draft_a2_to_b, fill

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def rehearse(
    conn: Connection, label: str, effective_from: datetime = JUNE
) -> RehearsedPublication:
    return rehearsed_publishing.rehearse(
        conn, label, effective_from, tolerance_m2=1.0, rules=RULES, actor="me"
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
    assert [one.examples[0].kind for one in told.blocking] == [ProblemKind.OVERLAP]
    read = again(told)
    assert (read.blocking_in_all, read.blocking[0].examples[0].codes) == (1, ("A", "B"))
    amount = told.blocking[0].examples[0].amount
    assert read.blocking[0].examples[0].amount == pytest.approx(amount)


def again(told: RehearsedPublication) -> RehearsedPublication:
    return RehearsedPublication.from_json(json.loads(json.dumps(told.to_json())))


def test_many_problems_are_some_of_each_kind_with_their_numbers(conn: Connection) -> None:
    row = {f"S{n:02}": square(n, 0, 1.5, 0.01) for n in range(30)}
    make_draft(conn, "d", [make_level("street", row)])
    for told in (rehearse(conn, "d"), again(rehearse(conn, "d"))):
        (overlaps,) = told.blocking
        assert (told.blocking_in_all, len(overlaps.examples), overlaps.more) == (29, 3, 26)


def test_results_of_older_jobs_are_read(conn: Connection) -> None:
    make_draft(conn, "d", [make_level("street", {"A": square(0, 0, 1.5), "B": square(1, 0)})])
    facts = json.loads(json.dumps(rehearse(conn, "d").to_json()))
    facts["blocking"] = [one for group in facts["blocking"] for one in group["examples"]]
    older = {**facts, "blocking_in_all": 1, "warnings_in_all": 0}
    del older["conflicts_in_all"]
    told = RehearsedPublication.from_json(older)
    assert told.blocking_in_all == 1
    assert told.blocking[0].examples[0].codes == ("A", "B")


def test_many_conflicts_are_some_of_each_kind_also_from_a_job(conn: Connection) -> None:
    conflicting(conn, 30)
    for told in (rehearse(conn, "late"), again(rehearse(conn, "late"))):
        assert told.conflicts_in_all == 30
        *some, more = told.conflicts
        assert [one.partition("; the other change: edition 2 ")[0] for one in some] == [
            f"street {code}: the name was '{code}', this draft has 'late', the other change"
            " 'early'"
            for code in ("S00", "S01", "S02")
        ]
        assert more == "… and 27 more"
    assert len(conflicts_of(conn, get_draft(conn, "late"), date(2026, 3, 1), UTC)) == 30


def conflicting(conn: Connection, count: int) -> None:
    """Publish new names of streets after a draft gave them others."""
    row = {f"S{n:02}": square(n, 0, 1, 0.01) for n in range(count)}
    make_edition(conn, {"street": make_level("street", row)})
    names = dict.fromkeys(row, "late")
    make_draft(conn, "late", [make_level("street", row, names=names)])
    names = dict.fromkeys(row, "early")
    make_edition(conn, {"street": make_level("street", row, names=names)})


def test_an_empty_draft_cannot_even_be_rehearsed(conn: Connection) -> None:
    make_draft(conn, "d", [])
    with pytest.raises(DraftError, match="changes nothing"):
        rehearse(conn, "d")


def test_only_what_was_seen_is_published(conn: Connection) -> None:
    make_draft(conn, "d", two_streets().values())
    seen = changes.revision(conn, "d")
    publish_seen = partial(
        rehearsed_publishing.publish_seen,
        conn,
        "d",
        JUNE,
        tolerance_m2=1.0,
        rules=RULES,
        actor="me",
        approval=Approval.IF_SUBMITTED,
    )
    with pytest.raises(DraftChangedError):
        publish_seen(seen=seen - 1)
    done = publish_seen(seen=seen)
    assert done.edition.number == 1


def test_a_rehearsal_tells_what_the_draft_changes_and_not_what_duties_did(
    conn: Connection, tmp_path: Path
) -> None:
    fill(conn, tmp_path)
    draft_a2_to_b(conn, "second")
    before = owners(conn)
    told = again(rehearse(conn, "second"))
    assert told.impact is not None
    asked = ImpactAsked(RULES, datetime.fromisoformat(told.impact["now"]))
    impact = DraftImpact(conn, "second", asked).measured().page(most=0)
    assert told.impact == json.loads(json.dumps(impact.to_json()))
    assert (told.number, told.impact["moving"], told.impact["cases"]) == (2, 3, [])
    assert owners(conn) == before
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    later = again(rehearse(conn, "second", tomorrow))
    assert later.impact is not None
    assert later.impact["now"] == tomorrow.isoformat()
    assert later.impact["moves"] == told.impact["moves"]


def test_a_rehearsal_says_when_no_open_case_would_change_hands(
    conn: Connection, tmp_path: Path
) -> None:
    fill(conn, tmp_path)
    streets = two_streets()["street"]
    make_draft(conn, "names", [replace(streets, names=streets.names + "路")])
    told = rehearse(conn, "names")
    assert told.impact is not None
    assert (told.impact["moving"], told.impact["responders"]) == (0, ())
