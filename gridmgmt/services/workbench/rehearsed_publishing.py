"""Publish on a page: first show what it would do, then do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.review import Approval
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import CoverageError, DraftConflictError
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.coverage.problem_folds import ProblemsOfKind, by_kind
from gridmgmt.geometry.merging.divergence import Diverged
from gridmgmt.problem_groups import digest
from gridmgmt.services.drafts.changes import refuse_unseen
from gridmgmt.services.drafts.locked_drafts import unpublished_draft
from gridmgmt.services.drafts.publishing import Published, publish
from gridmgmt.services.files.rehearsals import rehearsal
from gridmgmt.services.workbench.impact import DraftImpact
from gridmgmt.services.workbench.impact_cases import ImpactAsked
from gridmgmt.store.areas.editions import wait_for_turn

# So many rows beside the areas are named.
_TOLD_ROWS = 200


@dataclass(frozen=True)
class RehearsedPublication:
    """What publishing would do, or the ``blocking`` problems or conflicts.

    ``number`` is the edition it would become, or None if it cannot. ``warnings`` and
    ``blocking`` have some of each kind, and so have ``conflicts``, as lines for people; the
    check of the draft, and `publishing.conflicts_of`, have all of them. ``has_sides`` tells
    whether the conflicts end when a side is taken (`rebasing.rebase`). ``impact`` is what
    `Impact.to_json` gives, without the list of cases, or None if it cannot be published.
    ``rows`` are the first of the duties, zones, members of groups and road segments that it
    would change, as `RowChange.shown`.
    """

    number: int | None = None
    added: int = 0
    altered: int = 0
    dropped: int = 0
    rebased_on: int | None = None
    earlier_cases: int = 0
    warnings: tuple[ProblemsOfKind, ...] = ()
    notes: tuple[str, ...] = ()
    blocking: tuple[ProblemsOfKind, ...] = ()
    conflicts: tuple[str, ...] = ()
    conflicts_in_all: int = 0
    editions: tuple[str, ...] = ()
    has_sides: bool = False
    impact: Mapping[str, Any] | None = None
    rows: tuple[Mapping[str, Any], ...] = ()
    rows_in_all: int = 0

    @property
    def warnings_in_all(self) -> int:
        """Return the number of warnings."""
        return sum(one.count for one in self.warnings)

    @property
    def blocking_in_all(self) -> int:
        """Return the number of problems that block."""
        return sum(one.count for one in self.blocking)

    def to_json(self) -> dict[str, Any]:
        """Return plain values, without the places of problems."""
        return {
            **vars(self),
            "warnings": [_plain(one) for one in self.warnings],
            "blocking": [_plain(one) for one in self.blocking],
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "RehearsedPublication":
        """Return the object that `to_json` wrote."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in facts.items() if name in known}
        return cls(
            **{
                **kept,
                "warnings": _kinds(facts["warnings"]),
                "blocking": _kinds(facts["blocking"]),
                "conflicts": tuple(facts["conflicts"]),
                "editions": tuple(facts["editions"]),
                "rows": tuple(facts.get("rows", ())),
                "notes": tuple(facts.get("notes", ())),
            }
        )


def rehearse(
    conn: Connection,
    label: str,
    effective_from: datetime,
    *,
    tolerance_m2: float,
    rules: JudgingRules,
    actor: str,
    impact: DraftImpact | None = None,
) -> RehearsedPublication:
    """Publish a draft, roll everything back, and measure the impact of the draft.

    Parameters
    ----------
    impact : what `publication_impact` returned, if it was asked already

    Raises
    ------
    DraftError, EditionError, InputError
        when the draft is empty or published, or the date or the tolerance cannot be used
    """
    try:
        # The publication itself, rolled back: a preview computed in another way could differ
        # from it.
        with rehearsal(conn):
            done = publish(
                conn,
                label,
                effective_from,
                actor=actor,
                tolerance_m2=tolerance_m2,
                rules=rules,
                # What a reviewer wants to see, too.
                approval=Approval.NOT_YET,
            )
    except CoverageError as error:
        found = [one for one in error.found if isinstance(one, Problem)]
        return RehearsedPublication(blocking=by_kind(found))
    except DraftConflictError as error:
        return _in_conflict(error)
    # Not what a reroute would do: that judges every open case, and counts what duties changed.
    measured = (impact or publication_impact(conn, label, effective_from, rules)).measured()
    return RehearsedPublication(
        number=done.edition.number,
        added=done.added,
        altered=done.altered,
        dropped=done.dropped,
        rebased_on=done.rebased_on,
        earlier_cases=done.earlier_cases,
        warnings=by_kind(done.warnings),
        notes=done.notes,
        impact=measured.page(most=0).to_json(),
        rows=tuple(one.shown() for one in done.rows[:_TOLD_ROWS]),
        rows_in_all=len(done.rows),
    )


def publication_impact(
    conn: Connection, label: str, effective_from: datetime, rules: JudgingRules
) -> DraftImpact:
    """Return the impact of a draft, not yet measured, by the duties of its first day.

    If that day is over, by those of today.

    Raises
    ------
    NotFoundError, DraftError
        as `DraftImpact`
    """
    now = max(effective_from, datetime.now(UTC))
    return DraftImpact(conn, label, ImpactAsked(rules, now))


def _in_conflict(error: DraftConflictError) -> RehearsedPublication:
    return RehearsedPublication(
        # As text, into which a job turns them, they would not be told apart by kind.
        conflicts=tuple(digest(error.conflicts)),
        conflicts_in_all=len(error.conflicts),
        editions=error.editions,
        # A code that both gave to new areas stays a conflict whatever side is taken.
        has_sides=bool(error.details)
        and all(one.get("matter", Diverged.CODE) != Diverged.CODE for one in error.details),
    )


def publish_seen(
    conn: Connection,
    label: str,
    effective_from: datetime,
    *,
    tolerance_m2: float,
    rules: JudgingRules,
    seen: int,
    actor: str,
    approval: Approval,
) -> Published:
    """Publish the state of a draft that the person saw.

    Parameters
    ----------
    approval : whether another account must have approved it

    Raises
    ------
    DraftChangedError
        when somebody has changed the draft since
    DraftError, EditionError, CoverageError
        as `publishing.publish`
    """
    # Withdrawing takes the lock of editions first and then those of drafts. The same order here
    # avoids a deadlock.
    wait_for_turn(conn)
    unpublished_draft(conn, label)
    refuse_unseen(conn, label, seen)
    return publish(
        conn,
        label,
        effective_from,
        actor=actor,
        tolerance_m2=tolerance_m2,
        rules=rules,
        approval=approval,
    )


def _plain(found: ProblemsOfKind) -> dict[str, Any]:
    return {"examples": [_plain_problem(one) for one in found.examples], "count": found.count}


def _kinds(found: Sequence[Mapping[str, Any]]) -> tuple[ProblemsOfKind, ...]:
    # Jobs of older versions stored the first problems, one by one.
    if any("examples" not in one for one in found):
        return by_kind([_problem(one) for one in found])
    return tuple(
        ProblemsOfKind(tuple(map(_problem, one["examples"])), one["count"]) for one in found
    )


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind.value,
        "severity": problem.severity.value,
        "level": problem.level,
        "codes": list(problem.codes),
        "amount": problem.amount,
        "unit": problem.unit,
        "detail": problem.detail,
    }


def _problem(facts: Mapping[str, Any]) -> Problem:
    return Problem(
        kind=ProblemKind(facts["kind"]),
        severity=Severity(facts["severity"]),
        level=facts["level"],
        codes=tuple(facts["codes"]),
        amount=facts["amount"],
        unit=facts["unit"],
        # The page has no map of these; the check of the draft does.
        geom=None,
        detail=facts["detail"],
    )
