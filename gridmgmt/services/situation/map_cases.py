"""Single cases on the map, for who may see them, once the view is near enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.store.situation.map_cases import Box, PlacedCase, cases_within
from gridmgmt.store.situation.map_figures import ReportedFilter

# So many dots a browser draws at once, and nobody tells more apart.
MOST_CASES = 3000
# The side of the largest box, in degrees: several screens at the zoom where cases appear.
_WIDEST = 0.3


class CaseState(StrEnum):
    """What a dot says of its case: open, open past its deadline, or done."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class MapCases:
    """The newest cases in a box with their states, and the number of all."""

    cases: Sequence[PlacedCase]
    states: Sequence[CaseState]
    total: int


def map_cases(
    conn: Connection,
    wanted: ReportedFilter,
    bounds: Box,
    *,
    case_scope: CaseScope,
    as_of: datetime,
) -> MapCases:
    """Return the located cases of a period in a box that a person may see, the newest first.

    Cases at default positions are left out, as from the density: they do not lie there.

    Parameters
    ----------
    case_scope : which cases the account may see, one by one

    Raises
    ------
    InputError
        when the box is turned round or larger than a near view
    """
    sides = bounds.east - bounds.west, bounds.north - bounds.south
    if not all(0 < side <= _WIDEST for side in sides):
        message = Sentence("single cases are shown in a box of {} degrees at most", _WIDEST)
        raise InputError(field="bounds", message=message)
    seen = replace(wanted.cases, case_scope=case_scope, unmarked=CaseMark.DEFAULT_POSITION)
    found, total = cases_within(conn, seen, bounds, most=MOST_CASES)
    return MapCases(found, [_state(one, as_of) for one in found], total)


def _state(case: PlacedCase, as_of: datetime) -> CaseState:
    if case.done_at is not None and case.done_at <= as_of:
        return CaseState.DONE
    is_over = case.due_at is not None and case.due_at < as_of
    return CaseState.OVERDUE if is_over else CaseState.OPEN
