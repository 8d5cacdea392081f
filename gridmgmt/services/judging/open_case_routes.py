"""To whom open cases would go on a day, without moving any of them."""

from collections.abc import Sequence, Set
from datetime import date

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseLocation
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.reroute import CaseDisposer
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.traces import disposer, to_judge
from gridmgmt.store.cases.open_cases import OpenCase, open_cases, open_numbers

_AT_ONCE = 5_000


def movable_cases(conn: Connection) -> list[OpenCase]:
    """Return the open cases that a reroute may move: no person decided who has them."""
    numbers = open_numbers(conn)
    found = (
        one
        for start in range(0, len(numbers), _AT_ONCE)
        for one in open_cases(conn, numbers[start : start + _AT_ONCE])
    )
    return [one for one in found if {ASSIGNED, BOUNCED}.isdisjoint(one.by_hand)]


class OpenCaseRoutes:
    """Routes open cases by an edition and the duties of a day, again and again.

    The positions are located once; each call of ``routed`` reads the duties as the transaction
    sees them then.

    Parameters
    ----------
    within : codes of leaf areas; other cases are left out. None: all cases
    """

    def __init__(
        self,
        conn: Connection,
        found: Sequence[OpenCase],
        edition: int,
        rules: JudgingRules,
        within: Set[str] | None = None,
    ) -> None:
        self._conn = conn
        self._rules = rules
        given = [to_judge(one.case.given, one.by_hand) for one in found]
        # None becomes NaN: no position.
        lonlat = [(one.case.location.lon, one.case.location.lat) for one in found]
        lon, lat = np.array(lonlat, dtype=np.float64).reshape(-1, 2).T
        editions = np.full(len(given), edition, dtype=np.int64)
        located = Judge(conn, rules).locate(given, lon, lat, editions=editions, border=False)
        # A case on a border may belong to any of the areas there.
        self._cases = [
            (one, where)
            for one, where in zip(given, located, strict=True)
            if within is None or not within.isdisjoint(_may_lie_in(where))
        ]

    def routed(self, valid_on: date) -> dict[str, CaseDisposer]:
        """Return to whom each case goes by the duties of a day, as they are stored now."""
        given = [one for one, _ in self._cases]
        judged = Judge(self._conn, self._rules).route(
            given, [where for _, where in self._cases], valid_on=valid_on
        )
        return {
            one.case_no: CaseDisposer(*disposer(answer.decision, {}))
            for one, answer in zip(given, judged, strict=True)
        }


def _may_lie_in(where: CaseLocation) -> set[str]:
    """Return the leaf areas on whose duties the answer to a case may depend."""
    here = {part.code for part in where.shares}
    return here if where.area_code is None else here | {where.area_code}
