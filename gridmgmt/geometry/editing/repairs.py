"""Propose operations that mend what a check found."""

from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from gridmgmt.geometry.coverage.problem import Problem, ProblemKind
from gridmgmt.geometry.coverage.problem_report import place_of
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import Edited, apply
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.geometry.measure import length_m

# What operations may mend.
MENDABLE = frozenset(
    {
        ProblemKind.OVERLAP,
        ProblemKind.GAP,
        ProblemKind.PINHOLE,
        ProblemKind.OUTSIDE_PARENT,
    }
)


@dataclass(frozen=True)
class Repair:
    """An operation that mends a problem, and what it changes after the repairs before it."""

    problem: Problem
    operation: Operation
    edited: Edited

    @property
    def moved_m2(self) -> float:
        """Return the square metres that areas of the level of most change gain or lose."""
        levels: dict[str, list[float]] = {}
        for one in self.edited.areas:
            levels.setdefault(one.level, []).append(one.moved_m2)
        return max(
            max(sum(m for m in each if m > 0), -sum(m for m in each if m < 0))
            for each in levels.values()
        )


def repairs(
    state: EditState, problems: Iterable[Problem], rules: EditRules
) -> tuple[list[Repair], EditState]:
    """Propose operations for problems, and return the state after all of them in turn.

    Ground of two areas goes where the border between them becomes shorter, a gap to the area
    with the longest border. Where an area reaches beyond its parent, the parent is derived from
    the areas in it, all of its level if one alone would not fit its neighbours. Only what can
    be applied is proposed; one operation may mend several problems.
    """
    found = []
    for problem in problems:
        for operation in _candidates(state, problem):
            try:
                edited = apply(state, operation, rules)
            except EditError:
                continue
            found.append(Repair(problem, operation, edited))
            state = edited.state
            break
    return found, state


def _candidates(state: EditState, problem: Problem) -> list[Operation]:
    """Return operations that may mend a problem, the likeliest first."""
    match problem.kind:
        case ProblemKind.OVERLAP:
            return _trims(state, problem.level, *problem.codes)
        case ProblemKind.GAP | ProblemKind.PINHOLE:
            place = place_of(problem)
            return [] if place is None else [ops.Fill(problem.level, place)]
        case ProblemKind.OUTSIDE_PARENT:
            return _derivations(state, problem.level, problem.codes[0])
        case _:
            return []


def _trims(state: EditState, level: str, one: str, other: str) -> list[Operation]:
    shapes = [state.area(level, code).shape for code in (one, other)]
    # Who keeps the ground has its own border there from then on.
    inside = [
        shapely.intersection(mine.boundary, theirs)
        for mine, theirs in (shapes, reversed(shapes))
    ]
    mine_m, theirs_m = length_m(inside)
    trims = [ops.Trim(level, one, other), ops.Trim(level, other, one)]
    return [*trims] if mine_m <= theirs_m else [*reversed(trims)]


def _derivations(state: EditState, level: str, code: str) -> list[Operation]:
    above, area = state.level_above(level), state.get(level, code)
    if above is None or area is None or area.parent_code is None:
        return []
    return [ops.Derive(above, (area.parent_code,)), ops.Derive(above)]
