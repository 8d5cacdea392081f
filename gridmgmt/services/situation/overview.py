"""The overview: figures of a period and the one before, ranked streets, waiting cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.period import Period
from gridmgmt.indicators.rates import DeadlineCounts, sum_counts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.area_rankings import Ranking, rank_areas
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.services.statistics.figures import (
    done_by_day,
    figures_by_day,
    overdue_by_age,
    waiting_by_reason,
)
from gridmgmt.store.areas.areas import latest_names
from gridmgmt.store.cases.case_figures import Done, OverdueByAge
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.situation import overview as store
from gridmgmt.store.situation.map_figures import ReportedFilter
from gridmgmt.store.situation.overview import DemolitionSums


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """Cases that were reported and done in a period.

    ``counts`` are those of the cases reported in it, as of ``as_of``. ``done`` counts cases
    disposed of and closed in it, whenever they were reported.
    """

    period: Period
    as_of: datetime
    counts: DeadlineCounts
    done: Done
    demolitions: DemolitionSums

    @property
    def reported(self) -> int:
        """Return how many cases were reported."""
        return self.counts.cases


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The figures of one day of the trend."""

    day: date
    counts: DeadlineCounts
    done: Done


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases that need a person now: they have no responder, or they are late."""

    by_reason: Mapping[UnroutedReason, int]
    overdue: OverdueByAge

    @property
    def is_empty(self) -> bool:
        """Return whether no case waits."""
        return not self.overdue.cases and not any(self.by_reason.values())


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview.

    ``today`` is the last day of the period, ``yesterday`` the day before. ``before`` is None if
    the first case is later than the start of the period before: a comparison would mean
    nothing. ``first_day`` is the day of the first case. ``area_name`` is that of the area
    everything is limited to, None for the city.
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
    """Return the overview of a period.

    Parameters
    ----------
    now : the instant at which deadlines are judged, as on the map. The period before is judged
        at an instant that is as long after it as this one is after the period
    area : the one area to whose cases and demolitions everything is limited; None: the city
    level : the level whose areas are ranked; None: streets, or the nearest level to them

    Raises
    ------
    NotFoundError
        when there is no such level to rank
    """
    seen = area_case_scope(conn, area)
    trend, earlier = _two_trends(conn, period, now, seen)
    ends = reported_days(conn, period.tz)
    # A period that began before the first case would seem to have had fewer.
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
        # The yesterday of a period of one day lies in the period before.
        yesterday=(earlier + trend)[-2],
        trend=trend,
        waiting=Waiting(
            waiting_by_reason(conn, CaseFilter(case_scope=seen)),
            overdue_by_age(conn, CaseFilter(case_scope=seen), now),
        ),
        ranking=rank_areas(
            conn,
            ReportedFilter(period, case_scope=seen).cases,
            as_of=now,
            within=area,
            level=level,
        ),
    )


def _name(conn: Connection, area: AreaKey | None) -> str | None:
    if area is None:
        return None
    level, code = area
    return latest_names(conn, level).get(code, code)


def _two_trends(
    conn: Connection, period: Period, now: datetime, seen: CaseScope
) -> tuple[list[DayFigures], list[DayFigures]]:
    """Count every day of the period and of the one before, each judged at its own instant."""
    # One statement for both periods: what was done does not depend on the instant of judging.
    whenever = CaseFilter(case_scope=seen)
    done = done_by_day(conn, whenever, period.before.begin, period.end, period.tz)
    trends = []
    for one, as_of in ((period, now), (period.before, _earlier(period, now))):
        wanted = ReportedFilter(one, case_scope=seen).cases
        reported = figures_by_day(conn, wanted, as_of, one.tz)
        trends.append(
            [
                DayFigures(
                    day,
                    reported.get(day, DeadlineCounts()),
                    done.get(day, Done()),
                )
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
        counts=sum_counts([day.counts for day in trend]),
        done=Done(
            sum(day.done.disposed for day in trend), sum(day.done.closed for day in trend)
        ),
        demolitions=store.sum_demolitions(conn, period.first, period.last, area=area),
    )
