"""Publish a draft as an edition: one transaction, all or nothing."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action, Draft, DraftStatus
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.areas.review import Approval, Review
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.moments import shown
from gridmgmt.errors import (
    CoverageError,
    DraftError,
    EditionError,
    InputError,
)
from gridmgmt.geometry.coverage.changes import LevelChanges, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.lineage import lineage
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.geometry.coverage.problem_report import sentence_with_place
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.publication import DraftPublication, RowsToStore
from gridmgmt.services.draft_records.record_errors import RecordConflictError
from gridmgmt.services.draft_records.row_changes import RowChange, told_of
from gridmgmt.services.drafts.checks import Checked, check_changes
from gridmgmt.services.drafts.combining import Combined, combined
from gridmgmt.services.drafts.drafts import DEFAULT_TOLERANCE_M2, State
from gridmgmt.services.drafts.locked_drafts import unpublished_draft
from gridmgmt.services.drafts.rebasing import conflict_of, put_on
from gridmgmt.services.drafts.reviews import approval_of
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import drafts
from gridmgmt.store.areas.areas import areas_in, close_areas, open_areas
from gridmgmt.store.areas.draft_records import count_records
from gridmgmt.store.areas.editions import (
    get_edition,
    newest_edition,
    open_edition,
    wait_for_turn,
)
from gridmgmt.store.areas.lineage import add_lineage
from gridmgmt.store.cases.case_counts import count_cases_judged_before
from gridmgmt.store.cases.cases import stop_writing

Changes = dict[str, LevelChanges]


@dataclass(frozen=True)
class Published:
    """The result of publishing. ``warnings`` are the problems within the tolerance.

    ``rebased_on`` is the newer edition on which the draft is now based, or None if it had no
    newer one. ``earlier_cases`` is the number of stored cases reported since the edition took
    effect; they stand under an earlier one (or none). ``notes`` are those of the check.
    ``rows`` are the duties, zones, members of groups and road segments that it changed.
    """

    edition: Edition
    warnings: tuple[Problem, ...]
    added: int
    altered: int
    dropped: int
    rebased_on: int | None
    earlier_cases: int
    notes: tuple[str, ...] = ()
    rows: tuple[RowChange, ...] = ()


def publish(
    conn: Connection,
    label: str,
    effective_from: datetime,
    *,
    actor: str,
    tolerance_m2: float = DEFAULT_TOLERANCE_M2,
    rules: JudgingRules | None = None,
    approval: Approval = Approval.IF_SUBMITTED,
) -> Published:
    """Publish a draft as the next edition, from an instant on the bureau's clock.

    It is checked on its base; if another edition was published since, it is put together with
    that (`rebasing`), checked again, and follows it.

    Parameters
    ----------
    rules : by which the stored cases whose area it ends are located; None: the usual limits
    approval : a submitted draft is published only approved, except in a preview

    Raises
    ------
    DraftError
        when the draft is published or empty, waits for an approval, or is not what was approved
    EditionError
        when another edition takes effect at that instant or later
    CoverageError, DraftRecordsError
        when a problem is above the tolerance; with all that is wrong with its other rows
    DraftConflictError
        with all that others changed since and the draft changes differently
    """
    _refuse_tolerance(tolerance_m2)
    # Before anything is read: the newest edition must not change during the checks.
    wait_for_turn(conn)
    draft, changes = _opened(conn, label)
    newest = newest_edition(conn)
    approved = approval_of(conn, draft, newest, approval)
    _refuse_earlier_date(label, newest, effective_from)
    records = _records_of(conn, draft, effective_from, rules)
    fit = _checked_on_newest(conn, draft, changes, newest, tolerance_m2, records, actor)
    number = open_edition(conn, label, effective_from, tolerance_m2, actor)
    _write(conn, number, fit.standing, fit.changes, fit.state)
    records.store(fit.rows)
    _tell_where_cases_lie(conn, number, rules)
    drafts.mark_published(conn, draft.id, number)
    asked = {"effective_from": effective_from.isoformat(), "tolerance_m2": tolerance_m2}
    detail = {"draft": label, **asked, **_told_of(fit, fit.changes, approved)}
    audit.record(conn, actor, "publish_edition", str(number), detail)
    added, altered, dropped = (_count(fit.changes, one) for one in Action)
    return Published(
        get_edition(conn, number),
        fit.checked.problems,
        added,
        altered,
        dropped,
        notes=(*fit.checked.notes, *fit.rows.notes),
        rows=fit.rows.changes,
        rebased_on=fit.rebased_on,
        earlier_cases=count_cases_judged_before(conn, number, effective_from),
    )


def _records_of(
    conn: Connection, draft: Draft, effective_from: datetime, rules: JudgingRules | None
) -> DraftPublication:
    """Return the rows of a draft on the day of its edition; nobody else changes such rows."""
    tz = (rules.tz if rules else effective_from.tzinfo) or UTC
    records = DraftPublication(conn, draft, effective_from.astimezone(tz).date(), tz)
    records.wait_for_turn()
    return records


def _checked_on_newest(
    conn: Connection,
    draft: Draft,
    changes: Changes,
    newest: Edition | None,
    tolerance_m2: float,
    records: DraftPublication,
    actor: str,
) -> "_Fit":
    """Check a draft on its base, and put together with a newer edition if there is one."""
    standing = areas_in(conn, None if newest is None else newest.number)
    rebased_on, found, conflict = _stale_base(draft, newest), None, None
    if rebased_on is not None:
        # A draft with problems of its own is refused with these, whatever was published since.
        _checked(conn, draft, changes, areas_in(conn, draft.base_edition), tolerance_m2)
        found = combined(
            conn, changes, base=draft.base_edition, newest=rebased_on, tz=records.tz
        )
        conflict = conflict_of(conn, draft, found)
    if records.conflicts:
        raise RecordConflictError(draft.label, conflict, records.conflicts)
    if conflict is not None:
        raise conflict
    if rebased_on is not None and found is not None:
        draft, changes = _on_newest(conn, draft, found, rebased_on, actor)
    if not changes and not records.records:
        raise DraftError(
            Sentence("all that draft {} changes was published since", repr(draft.label))
        )
    state, checked = _checked(conn, draft, changes, standing, tolerance_m2)
    rows = records.checked((level, code) for level in state for code in state[level].codes)
    return _Fit(standing, changes, state, checked, rebased_on, rows)


def _on_newest(
    conn: Connection, draft: Draft, found: Combined, newest: int, actor: str
) -> tuple[Draft, Changes]:
    """Put a draft on the newest edition, together with what was published since its base.

    One under review is published as it was approved, or not at all.
    """
    if draft.status is DraftStatus.OPEN:
        put_on(conn, draft, found, newest, actor=actor)
    elif found.altered:
        raise DraftError(
            Sentence(
                "draft {} and what was published since its base changed {} area(s) in different"
                " places: together they are not what is under review; return the draft, put it"
                " on the newest edition with draft rebase, and submit it again",
                repr(draft.label),
                len(found.altered),
            )
        )
    return replace(draft, base_edition=newest), found.changes


class _Fit(NamedTuple):
    """The areas of the newest edition, the draft on it, and what checks found."""

    standing: State
    changes: Changes
    state: State
    checked: Checked
    rebased_on: int | None
    rows: RowsToStore


def _opened(conn: Connection, label: str) -> tuple[Draft, Changes]:
    draft = unpublished_draft(conn, label)
    changes = drafts.read_changes(conn, draft.id)
    if not changes and not count_records(conn, draft.id):
        raise DraftError(
            Sentence("draft {} changes nothing; import areas into it first", repr(label))
        )
    return draft, changes


def conflicts_of(conn: Connection, draft: Draft, day: date, tz: tzinfo) -> list[str]:
    """Return what a draft and others since it was opened changed differently.

    Returns
    -------
    one sentence for each, and for each row beside the areas that was changed since; empty
    if the draft can be put on the newest edition
    """
    rebased_on = _stale_base(draft, newest_edition(conn))
    found: list[str] = []
    if rebased_on is not None:
        changes, base = drafts.read_changes(conn, draft.id), draft.base_edition
        found = combined(conn, changes, base=base, newest=rebased_on, tz=tz).sentences
    return [*found, *DraftPublication(conn, draft, day, tz).conflicts]


def _refuse_tolerance(tolerance_m2: float) -> None:
    if not 0 <= tolerance_m2 < float("inf"):
        message = Sentence("give square metres, 0 or more")
        raise InputError(field="tolerance-m2", message=message)


def _refuse_earlier_date(label: str, newest: Edition | None, effective_from: datetime) -> None:
    # The database refuses overlapping editions as well, but cannot say what to do instead.
    if newest is None or newest.effective_from < effective_from:
        return
    tz = effective_from.tzinfo or UTC
    raise EditionError(
        Sentence(
            "draft {} cannot take effect on {}: edition {} ({}) takes effect on {} "
            "already; choose a later date, or withdraw that edition while it is not in "
            "force",
            repr(label),
            shown(effective_from, tz),
            newest.number,
            newest.label,
            shown(newest.effective_from, tz),
        )
    )


def _stale_base(draft: Draft, newest: Edition | None) -> int | None:
    """Return the newest edition if the draft is based on another one."""
    if newest is None or newest.number == draft.base_edition:
        return None
    return newest.number


def _checked(
    conn: Connection, draft: Draft, changes: Changes, base: State, tolerance_m2: float
) -> tuple[State, Checked]:
    # A draft is checked on every base it is put on: two that are each sound may leave a gap
    # together.
    state, checked = check_changes(conn, draft, changes, base, tolerance_m2=tolerance_m2)
    if checked.errors:
        subject = f"draft {draft.label!r}"
        sentences = [sentence_with_place(one) for one in checked.errors]
        raise CoverageError(subject, sentences, checked.errors)
    if not checked.areas:
        raise DraftError(Sentence("draft {} would leave no area at all", repr(draft.label)))
    return state, checked


def _write(conn: Connection, number: int, old: State, changes: Changes, state: State) -> None:
    """Close and open rows of areas, and store the lineage.

    ``old`` are the areas of the edition before.
    """
    # Rows are closed and opened, never changed: every case stands under the areas of its day.
    ended = [
        (level, code)
        for level, found in changes.items()
        for code in found.codes_of(Action.ALTER, Action.DROP)
    ]
    if ended:
        close_areas(conn, number, ended)
    for level, found in changes.items():
        open_areas(conn, number, pick(state[level], found.codes))
        gone = pick(old.get(level, no_areas(level)), found.codes)
        _write_lineage(conn, number, gone, state[level])


def _tell_where_cases_lie(conn: Connection, number: int, rules: JudgingRules | None) -> None:
    # As late as possible: from here on, nobody can store a case.
    stop_writing(conn)
    CaseLeaves(conn, rules or JudgingRules(ZoneInfo("UTC"))).complete(number)


def _count(changes: Changes, action: Action) -> int:
    return sum(found.count(action) for found in changes.values())


def _write_lineage(conn: Connection, number: int, gone: LevelAreas, now: LevelAreas) -> None:
    """Store the lineage of changed areas.

    Only new areas that meet the changed ones can have any of their ground.
    """
    if not len(gone.codes):
        return
    near = np.unique(shapely.STRtree(now.geoms).query(gone.geoms)[1])
    descents = lineage(gone.codes, gone.geoms, now.codes[near], now.geoms[near])
    add_lineage(conn, number, now.level, descents)


def _told_of(fit: _Fit, changes: Changes, approved: Review | None) -> dict[str, object]:
    """Return what the audit log keeps of a publication, beside what was asked for."""
    own = dict(fit.checked.own_tolerances_m2)
    reviewed: dict[str, object] = {"without_review": True}
    if approved is not None:
        reviewed = {"approved_by": approved.made_by, "digest": approved.digest}
    return {
        **({"tolerances_m2": own} if own else {}),
        "changes": {
            level: {str(action): found.count(action) for action in Action}
            for level, found in changes.items()
        },
        **reviewed,
        **told_of(fit.rows.changes),
    }
