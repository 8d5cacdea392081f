"""Withdraw an edition that is not in force yet, with all that its draft stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.moments import shown
from gridmgmt.errors import EditionError
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records import taking_back
from gridmgmt.services.draft_records.row_changes import told_of
from gridmgmt.services.draft_records.taking_back import TakenBack
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import drafts
from gridmgmt.store.areas.areas import take_back
from gridmgmt.store.areas.editions import (
    clock,
    close_withdrawn,
    get_edition,
    newest_edition,
    wait_for_turn,
)
from gridmgmt.store.areas.lineage import delete_lineage
from gridmgmt.store.cases.case_counts import count_cases_judged_by
from gridmgmt.store.cases.case_leaves import delete_case_leaves
from gridmgmt.store.cases.cases import stop_writing


@dataclass(frozen=True)
class Withdrawn:
    """The result of withdrawing an edition; drafts by label, ``rows`` beside the areas."""

    reopened: tuple[str, ...]
    moved: tuple[str, ...]
    before: int | None
    rows: TakenBack


def withdraw(conn: Connection, number: int, *, actor: str, tz: tzinfo = UTC) -> Withdrawn:
    """Withdraw the newest edition, if it is not in force yet.

    Its rows are removed and those it ended are current again, the duties, zones, members of
    groups and road segments of its draft too; those that were changed since stay as they are.
    Its draft is open again, and its number is never used again. Open drafts based on it are
    based on the edition before. ``tz`` is the time zone of times in error messages.

    Raises
    ------
    EditionError
        when it is in force, not the newest, already withdrawn, or cases were judged by it
    """
    # Nobody may publish on top of it while it goes.
    wait_for_turn(conn)
    edition = get_edition(conn, number)
    _refuse_to_withdraw(conn, edition, tz)
    before = newest_edition(conn, before=number)
    before_number = None if before is None else before.number
    rows = taking_back.take_back(conn, number)
    # A case that is being stored must not be told where it lies under this edition.
    stop_writing(conn)
    delete_case_leaves(conn, edition=number)
    close_withdrawn(conn, number)
    begun, ended = take_back(conn, number)
    lines = delete_lineage(conn, number)
    reopened = drafts.reopen_drafts(conn, number)
    moved = drafts.rest_on_edition_before(conn, number, before_number)
    detail: Mapping[str, object] = {
        "label": edition.label,
        "rows_removed": begun,
        "rows_reopened": ended,
        "lineage_removed": lines,
        "drafts_reopened": reopened,
        "drafts_moved": moved,
        **told_of(rows.changes),
        "rows_kept": [one.name for one in rows.kept],
    }
    audit.record(conn, actor, "withdraw_edition", str(number), detail)
    return Withdrawn(tuple(reopened), tuple(moved), before_number, rows)


def _refuse_to_withdraw(conn: Connection, edition: Edition, tz: tzinfo) -> None:
    newest = newest_edition(conn)
    now = clock(conn)
    number = edition.number
    if edition.withdrawn_at is not None:
        raise EditionError(Sentence("edition {} is withdrawn already", number))
    if newest is not None and newest.number != number:
        raise EditionError(
            Sentence(
                "edition {} is not the newest: edition {} ({}) is based on it",
                number,
                newest.number,
                newest.label,
            )
        )
    # Somebody may have acted on it: what was in force stays in the history.
    if edition.effective_from <= now:
        raise EditionError(
            Sentence(
                "edition {} has been in force since {}; to correct it, publish another edition",
                number,
                shown(edition.effective_from, tz),
            )
        )
    # Their area would no longer exist.
    if count := count_cases_judged_by(conn, number):
        raise EditionError(
            Sentence(
                "edition {} cannot be withdrawn: it has judged {} stored case(s)", number, count
            )
        )
