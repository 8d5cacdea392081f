"""Propose operations that mend the problems of a draft; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.geometry.coverage.problem import Problem
from gridmgmt.geometry.editing.repairs import Repair, repairs
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
