"""Say what would become of a case at a position: where it lies, who answers for it."""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import CaseLocation, CaseMark, GivenCase, UnroutedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import ASSIGNED
from gridmgmt.errors import NotFoundError
from gridmgmt.services.case_reports.places import nearest_names
from gridmgmt.services.cases.placing import placed_at
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.point_answers import lonlat_of
from gridmgmt.store.areas.area_tree import NamedArea, chain_of
from gridmgmt.store.cases.cases import get_case, get_trace

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
class PositionPreview:
    """What would become of a case at a position; nothing of it is stored.

    ``is_out_of_sight``: it lies outside the area to which the account is limited, and nothing
    else is told. ``areas`` begin with the topmost one; they are empty if ``location`` has no
    area. ``decision`` is what the rules say, None without a category. ``responder`` is the name
    of who would have the case, ``is_by_hand`` if a person chose them; without one, ``reason``
    says why. ``road`` and ``component`` are names of places near it.
    """

    is_out_of_sight: bool = False
    location: CaseLocation | None = None
    areas: tuple[NamedArea, ...] = ()
    decision: Decision | None = None
    responder: str | None = None
    is_by_hand: bool = False
    reason: UnroutedReason | None = None
    marks: tuple[CaseMark, ...] = ()
    road: str | None = None
    component: str | None = None


def preview(
    conn: Connection, asked: AskedPosition, *, rules: JudgingRules, area: AreaKey | None
) -> PositionPreview:
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
    found = _where(conn, location, area)
    if found.is_out_of_sight:
        return found
    road, component = nearest_names(conn, lon, lat, area=area)
    found = replace(found, road=road, component=component)
    if asked.category is None:
        return found
    (judged,) = judge.route([given], [location])
    return replace(
        found,
        decision=judged.decision,
        responder=_name(conn, judged.decision.responder),
        reason=judged.decision.reason,
        marks=judged.marks(()),
    )


def preview_placing(
    conn: Connection,
    case_no: str,
    lonlat: tuple[float, float],
    *,
    rules: JudgingRules,
    case_scope: CaseScope,
    area: AreaKey | None,
) -> PositionPreview:
    """Judge a case as it will be judged when a person puts it at a position.

    Parameters
    ----------
    lonlat : degrees, EPSG:4326
    area : the one area the account is limited to, or None

    Raises
    ------
    InputError
        when the position is not on Earth
    NotFoundError
        when no case has this number, or the account may not see it
    """
    case = get_case(conn, case_no, case_scope=case_scope)
    trace = get_trace(conn, case_no)
    put = placed_at(Judge(conn, rules), case, trace, lonlat_of(lonlat, None), {})
    found = _where(conn, put.after.location, area)
    if found.is_out_of_sight:
        return found
    return replace(
        found,
        decision=put.judged.decision,
        responder=_name(conn, put.after.responder_code),
        is_by_hand=ASSIGNED in put.decided,
        reason=put.after.unrouted_reason,
        marks=put.after.marks,
    )


def _where(conn: Connection, location: CaseLocation, area: AreaKey | None) -> PositionPreview:
    areas = _areas(conn, location)
    if area is not None and area not in [(one.level, one.code) for one in areas]:
        return PositionPreview(is_out_of_sight=True)
    return PositionPreview(location=location, areas=areas)


def _areas(conn: Connection, location: CaseLocation) -> tuple[NamedArea, ...]:
    if location.edition is None or location.level is None or location.area_code is None:
        return ()
    chain = chain_of(conn, location.edition, location.level, location.area_code)
    return tuple(reversed(chain))


def _name(conn: Connection, responder: str | None) -> str | None:
    names = directory(conn).responder_names
    return None if responder is None else names.get(responder, responder)
