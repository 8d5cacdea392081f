"""Propose operations that mend the problems of a draft; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.geometry.editing.repairs import MENDABLE, Repair, repairs
from gridmgmt.services.drafts import checks
from gridmgmt.services.workbench.editing import edit_rules
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.areas.drafts import get_draft


@dataclass(frozen=True)
class Proposed:
    """What a check found, operations for it in turn, and what a check finds after them."""

    problems: Sequence[Problem]
    repairs: Sequence[Repair]
    left: Sequence[Problem]


def proposed(conn: Connection, label: str, *, tolerance_m2: float, border_m: float) -> Proposed:
    """Check a draft and propose operations for what is found.

    Parameters
    ----------
    tolerance_m2 : an amount up to this is a warning, square metres
    border_m : the largest distance between lines that are one border, metres

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    draft = get_draft(conn, label)
    problems = checks.check(conn, label, tolerance_m2=tolerance_m2).problems
    state = opened(conn, draft).state
    found, after = repairs(state, problems, edit_rules(conn, state, border_m))
    if not found:
        return Proposed(problems, (), problems)
    mended = {level: after.level_areas(level) for level in after.levels}
    left = checks.check_state(conn, mended, tolerance_m2=tolerance_m2).problems
    return Proposed(problems, found, left)


def is_mendable(problem: Problem) -> bool:
    """Return whether there may be an operation that mends a problem."""
    return problem.kind in MENDABLE


def repair_of(
    conn: Connection, draft: Draft, problem: Problem, *, border_m: float
) -> Repair | None:
    """Propose an operation that mends one problem of a draft, None where none can be applied.

    Parameters
    ----------
    border_m : the largest distance between lines that are one border, metres
    """
    state = opened(conn, draft).state
    found, _ = repairs(state, [problem], edit_rules(conn, state, border_m))
    return found[0] if found else None
