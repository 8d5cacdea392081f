"""The overview: a period's figures, those of the one before, streets ranked, who is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.period import Period
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import Compliance, total
from gridmgmt.services.areas.scopes import within_area
from gridmgmt.services.situation.area_rankings import Ranking, rank_areas
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.store.areas.areas import latest_names
from gridmgmt.store.situation import overview as store
from gridmgmt.store.situation.overview import DemolitionSums, Done, Leaves, OverdueByAge


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """What came in and went out in a period.

    ``compliance`` is that of the cases reported in it, looking back from ``as_of``; ``done``
    counts what was disposed of and closed in it, whenever it was reported.
    """

    period: Period
    as_of: datetime
    compliance: Compliance
    done: Done
    demolitions: DemolitionSums

    @property
    def reported(self) -> int:
        """Return how many cases were reported."""
        return self.compliance.cases


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day of the trend."""

    day: date
    compliance: Compliance
    done: Done


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that need a person now: nobody has them, or they are late."""

    by_reason: Mapping[UnroutedReason, int]
    overdue: OverdueByAge

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing waits for anybody."""
        return not self.overdue.cases and not any(self.by_reason.values())


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the overview shows.

    ``today`` is the last day of the period; ``yesterday`` the one before it. ``before`` is
    None where the cases begin later than the period before does, so that nothing would be
    compared with a time of which nothing is known; ``first_day`` says when they begin.
    ``area_name`` is that of the area everything is limited to, None for the city.
    """

    now: datetime
    area_name: str | None
    first_day: date | None
    last_day: date | None
    figures: PeriodFigures
    before: PeriodFigures | None
    today: DayFigures
    yesterday: DayFigures
    trend: Sequence[DayFigures]
    waiting: Waiting
    ranking: Ranking | None


def overview(
    conn: Connection, period: Period, *, now: datetime, area: AreaKey | None, level: str | None
) -> Overview:
    """Collect the overview of a period.

    Parameters
    ----------
    now : the instant from which deadlines are judged, as on the map. The period before is
        judged as long after its days as the period is after its own: so much earlier
    area : the one area to whose cases and demolitions everything is limited; None: the city
    level : the level whose areas are ranked; None: streets, or what comes next to them

    Raises
    ------
    NotFoundError
        when there is no such level to rank
    """
    leaves = _leaves(conn, area)
    trend, earlier = _two_trends(conn, period, now, leaves)
    ends = reported_days(conn, period.tz)
    known = ends is not None and ends[0] <= period.before.first
    return Overview(
        now=now,
        area_name=_name(conn, area),
        first_day=None if ends is None else ends[0],
        last_day=None if ends is None else ends[1],
        figures=_figures(conn, period, now, trend, area),
        before=_figures(conn, period.before, _earlier(period, now), earlier, area)
        if known
        else None,
        today=trend[-1],
        yesterday=(earlier + trend)[-2],
        trend=trend,
        waiting=Waiting(
            store.waiting_by_reason(conn, leaves=leaves),
            store.overdue_by_age(conn, now, leaves=leaves),
        ),
        ranking=rank_areas(
            conn,
            store.compliance_by_leaf(conn, period, as_of=now, leaves=leaves),
            now=now,
            within=area,
            level=level,
        ),
    )


def _name(conn: Connection, area: AreaKey | None) -> str | None:
    if area is None:
        return None
    level, code = area
    return latest_names(conn, level).get(code, code)


def _leaves(conn: Connection, area: AreaKey | None) -> Leaves:
    if area is None:
        return None
    try:
        return within_area(conn, *area)
    except NotFoundError:
        # The area is in no edition (any more), so nothing lies in it.
        return []


def _two_trends(
    conn: Connection, period: Period, now: datetime, leaves: Leaves
) -> tuple[list[DayFigures], list[DayFigures]]:
    """Count every day of the period and of the one before, each judged from its own instant."""
    done = store.done_by_day(conn, period.before.begin, period.end, tz=period.tz, leaves=leaves)
    trends = []
    for one, as_of in ((period, now), (period.before, _earlier(period, now))):
        reported = store.compliance_by_day(
            conn, one.begin, one.end, as_of=as_of, tz=one.tz, leaves=leaves
        )
        trends.append(
            [
                DayFigures(day, reported.get(day, Compliance()), done.get(day, Done()))
                for day in one.each_day()
            ]
        )
    return trends[0], trends[1]


def _earlier(period: Period, now: datetime) -> datetime:
    return now - timedelta(days=period.days)


def _figures(
    conn: Connection,
    period: Period,
    as_of: datetime,
    trend: Sequence[DayFigures],
    area: AreaKey | None,
) -> PeriodFigures:
    return PeriodFigures(
        period=period,
        as_of=as_of,
        compliance=total([day.compliance for day in trend]),
        done=Done(
            sum(day.done.disposed for day in trend), sum(day.done.closed for day in trend)
        ),
        demolitions=store.sum_demolitions(conn, period.first, period.last, area=area),
    )
