"""The judge of cases: where each lies, what else lies there, and who answers for it."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.cases.case import Case, CaseLocation, GivenCase, status_of
from gridmgmt.domain.cases.default_position import LonLat
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.services.judging.case_locator import CaseLocator
from gridmgmt.services.judging.case_router import CaseRouter
from gridmgmt.services.judging.traces import TraceWriter, disposer
from gridmgmt.services.judging.trial_editions import TrialEdition
from gridmgmt.store.cases.default_positions import list_default_positions


class Judge:
    """Judges cases by the rules of the bureau; reads editions and duties when first needed.

    Import, API, pages, reroute, export, explanation and the impact of drafts all use it.

    Parameters
    ----------
    trials : areas to judge by in place of the editions with these numbers, None for no area
    """

    def __init__(
        self,
        conn: Connection,
        rules: JudgingRules,
        trials: Mapping[int, TrialEdition | None] | None = None,
    ) -> None:
        self._conn = conn
        self.locator = CaseLocator(conn, rules, trials)
        self._router = CaseRouter(conn, rules, trials)
        self._traces = TraceWriter(rules)

    def prepare(self, given: Sequence[GivenCase]) -> None:
        """Read all that judging these cases needs, each by the edition of its day.

        Until the transaction ends, judging them then uses the connection no more.
        """
        editions = self.locator.editions_of([one.reported_at for one in given])
        self._router.prepare(self.locator.prepare(editions))
        _ = self.defaults

    def judge_one(
        self,
        given: GivenCase,
        lonlat: tuple[float, float] | None,
        *,
        edition: int | None = None,
    ) -> Judged:
        """Judge one case.

        Parameters
        ----------
        lonlat : degrees, EPSG:4326; None for a case without a position
        edition : None for the one in force when the case was reported
        """
        lon, lat = (np.array([value]) for value in lonlat or (np.nan, np.nan))
        editions = None if edition is None else np.array([edition], dtype=np.int64)
        # A batch of one, so that a reported case is judged like the same case in a file.
        (judged,) = self.judge_many([given], lon, lat, editions=editions)
        return judged

    def judge_many(
        self,
        given: Sequence[GivenCase],
        lon: FloatArray,
        lat: FloatArray,
        *,
        editions: IntArray | None = None,
    ) -> list[Judged]:
        """Judge cases, each by the edition and the duties of the day of its report.

        Parameters
        ----------
        lon, lat : (n,) degrees, EPSG:4326; NaN for a case without a position
        editions : (n,) numbers to judge by instead, -1 for none
        """
        return self.route(given, self.locate(given, lon, lat, editions=editions))

    def locate(
        self,
        given: Sequence[GivenCase],
        lon: FloatArray,
        lat: FloatArray,
        *,
        editions: IntArray | None = None,
        border: bool = True,
    ) -> list[CaseLocation]:
        """Locate cases; parameters as in `judge_many`.

        ``border``: measure the distance to the nearest border too.
        """
        if editions is None:
            # By the edition of its day, so that a later border does not change whose case it
            # was.
            editions = self.locator.editions_of([one.reported_at for one in given])
        accuracy_m = [np.nan if one.accuracy_m is None else one.accuracy_m for one in given]
        return self.locator.locate(
            editions,
            lon,
            lat,
            border=border,
            accuracy_m=np.array(accuracy_m, dtype=np.float64),
            has_address=np.array([one.address is not None for one in given], dtype=bool),
        )

    def route(
        self,
        given: Sequence[GivenCase],
        locations: Sequence[CaseLocation],
        *,
        valid_on: date | None = None,
    ) -> list[Judged]:
        """Find who answers for located cases.

        ``valid_on`` is the day whose duties count, instead of the days of their reports.
        """
        routes = self._router.route(given, locations, valid_on=valid_on)
        return [
            Judged(where, surroundings, decision, (where.lon, where.lat) in self.defaults)
            for where, (surroundings, decision) in zip(locations, routes, strict=True)
        ]

    @cached_property
    def defaults(self) -> frozenset[LonLat]:
        """Return the positions that were accepted as default positions."""
        return frozenset((one.lon, one.lat) for one in list_default_positions(self._conn))

    def trace(
        self,
        given: GivenCase,
        given_crs: str | None,
        judged: Judged,
        decided: Mapping[str, Any] | None = None,
    ) -> str:
        """Return as JSON text how a case was judged, and what people decided about it."""
        return self._traces.write(given, given_crs, judged, decided)


def judged_case(
    given: GivenCase,
    given_crs: str | None,
    judged: Judged,
    *,
    last_seq: int,
    decided: Mapping[str, Any] | None = None,
) -> Case:
    """Return the case that results from a judgement; decisions of people win over rules.

    Disposal and closing are those of ``given``.
    """
    responder, reason = disposer(judged.decision, decided or {})
    return Case(
        given=given,
        given_crs=given_crs,
        location=judged.location,
        responder_code=responder,
        unrouted_reason=reason,
        status=status_of(responder, given.disposed_at, given.closed_at),
        last_seq=last_seq,
        marks=judged.marks(decided or {}),
    )
