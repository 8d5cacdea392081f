"""Say what would become of a report before it is sent: where it lies, who answers for it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import CaseLocation, CaseMark, GivenCase
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import NotFoundError
from gridmgmt.services.case_reports.places import nearest_names
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.point_answers import lonlat_of
from gridmgmt.store.areas.area_tree import NamedArea, chain_of

# A judgement reads a case that has no number yet.
_NOT_NUMBERED = "-"


@dataclass(frozen=True)
class AskedPosition:
    """A position for which a report is being written, and what is known of the report so far.

    ``lonlat`` are degrees, EPSG:4326; ``accuracy_m`` is None if nobody stated it. ``category``
    is None as long as none is chosen: then only the area is told.
    """

    lonlat: tuple[float, float]
    reported_at: datetime
    category: str | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True)
class ReportPreview:
    """What would become of a report; nothing of it is stored.

    ``is_out_of_sight``: it lies outside the area to which the account is limited, and nothing
    else is told. ``areas`` begin with the topmost one; they are empty if ``location`` has no
    area. ``decision`` is None without a category; ``responder`` is the name of who gets the
    case. ``road`` and ``component`` are names of places near it.
    """

    is_out_of_sight: bool = False
    location: CaseLocation | None = None
    areas: tuple[NamedArea, ...] = ()
    decision: Decision | None = None
    responder: str | None = None
    marks: tuple[CaseMark, ...] = ()
    road: str | None = None
    component: str | None = None


def preview(
    conn: Connection, asked: AskedPosition, *, rules: JudgingRules, area: AreaKey | None
) -> ReportPreview:
    """Judge a report as it will be judged when it is sent.

    Parameters
    ----------
    area : the one area the account is limited to, or None

    Raises
    ------
    InputError
        when the position is not on Earth
    NotFoundError
        when there is no such category
    """
    known = directory(conn)
    if asked.category is not None and asked.category not in known.categories:
        raise NotFoundError(kind="category", key=asked.category)
    lon, lat = lonlat_of(asked.lonlat, None)
    given = GivenCase(
        _NOT_NUMBERED, asked.category or "", asked.reported_at, accuracy_m=asked.accuracy_m
    )
    judge = Judge(conn, rules)
    (location,) = judge.locate([given], np.array([lon]), np.array([lat]))
    areas = _areas(conn, location)
    if area is not None and area not in [(one.level, one.code) for one in areas]:
        return ReportPreview(is_out_of_sight=True)
    road, component = nearest_names(conn, lon, lat, area=area)
    found = ReportPreview(False, location, areas, road=road, component=component)
    if asked.category is None:
        return found
    (judged,) = judge.route([given], [location])
    responder = judged.decision.responder
    return ReportPreview(
        False,
        location,
        areas,
        judged.decision,
        None if responder is None else known.responder_names.get(responder, responder),
        judged.marks(()),
        road,
        component,
    )


def _areas(conn: Connection, location: CaseLocation) -> tuple[NamedArea, ...]:
    if location.edition is None or location.level is None or location.area_code is None:
        return ()
    chain = chain_of(conn, location.edition, location.level, location.area_code)
    return tuple(reversed(chain))
