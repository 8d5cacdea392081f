"""Single cases judged: located and routed by the same rules as a file of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.place import Place
from gridmgmt.domain.cases.case import CONFIDENCE, GivenCase, Placed
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.responsibility.component import COMPONENT_M
from gridmgmt.services.judging.case_locator import CaseLocator
from gridmgmt.services.judging.case_router import CaseRouter
from gridmgmt.services.judging.traces import TraceWriter
from gridmgmt.store.responsibility.categories import list_categories


@dataclass(frozen=True)
class JudgingRules:
    """The bureau's time zone, by which duties are judged, and how far a position may be off.

    ``candidate_m``, ``snap_m`` and ``component_m`` are metres, inclusive; ``confidence`` is for
    which part of where a case may lie, 0 to 1, an answer must hold. ``home`` is where locators
    of editions are kept.
    """

    tz: ZoneInfo
    candidate_m: float = 1.0
    snap_m: float = 30.0
    component_m: float = COMPONENT_M
    confidence: float = CONFIDENCE
    home: Path | None = None


@dataclass(frozen=True)
class Judged:
    """Where a case lies, what else lies there, and who answers for it."""

    placed: Placed
    place: Place | None
    decision: Decision


class CaseJudge:
    """Judges cases one at a time; reads an edition when it is first needed."""

    def __init__(self, conn: Connection, rules: JudgingRules) -> None:
        self._rules = rules
        self._locator = CaseLocator(
            conn, candidate_m=rules.candidate_m, snap_m=rules.snap_m, home=rules.home
        )
        mapped = {one.code for one in list_categories(conn) if one.mapped}
        self._router = CaseRouter(
            conn,
            tz=rules.tz,
            mapped=mapped,
            component_m=rules.component_m,
            candidate_m=rules.candidate_m,
            confidence=rules.confidence,
        )

    def judge(
        self,
        given: GivenCase,
        lonlat: tuple[float, float] | None,
        *,
        edition: int | None = None,
    ) -> Judged:
        """Judge a case.

        Parameters
        ----------
        lonlat : degrees, EPSG:4326; None for a case without a position
        edition : None for the one in force when the case was reported
        """
        editions = self._locator.editions_of([given.reported_at])
        if edition is not None:
            editions = np.array([edition], dtype=np.int64)
        lon, lat = (np.array([value]) for value in lonlat or (np.nan, np.nan))
        accuracy_m = np.nan if given.accuracy_m is None else given.accuracy_m
        (placed,) = self._locator.place(
            editions,
            lon,
            lat,
            accuracy_m=np.array([accuracy_m]),
            has_address=np.array([given.address is not None]),
        )
        ((place, decision),) = self._router.route([given], [placed])
        return Judged(placed, place, decision)

    def trace(
        self,
        given: GivenCase,
        given_crs: str | None,
        judged: Judged,
        *,
        by_hand: Mapping[str, Any] | None = None,
    ) -> str:
        """Write down how a case was judged, and what people decided of it, as JSON text."""
        rules = self._rules
        writer = TraceWriter(
            candidate_m=rules.candidate_m,
            snap_m=rules.snap_m,
            component_m=rules.component_m,
            confidence=rules.confidence,
        )
        return writer.write(
            given, given_crs, judged.placed, judged.place, judged.decision, by_hand
        )
