"""The overview: figures of a period and of earlier ones, ranked streets, waiting cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.case_choice import EVERY_CASE, CaseChoice
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.period import Period
from gridmgmt.indicators.rates import DeadlineCounts, sum_counts
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.situation.area_rankings import Ranking, rank_areas
from gridmgmt.services.situation.earlier_periods import at_period, earlier_periods
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.services.statistics.figures import (
    done_by_day,
    figures_by_day,
    overdue_by_age,
    waiting_by_reason,
)
from gridmgmt.store.areas.areas import latest_names
from gridmgmt.store.cases.case_figures import Done, OverdueByAge
from gridmgmt.store.cases.case_filter import CaseFilter, filter_of
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

    ``today`` is the last day of the period, ``yesterday`` the day before. ``before`` is the
    period before, ``year_before`` that of last year; None if the first case is later than its
    start: a comparison would mean nothing. ``first_day`` is the day of the first case.
    ``area_name`` is that of the area everything is limited to, None for the city.
    """

    now: datetime
    area_name: str | None
    first_day: date | None
    last_day: date | None
    figures: PeriodFigures
    before: PeriodFigures | None
    year_before: PeriodFigures | None
    today: DayFigures
    yesterday: DayFigures
    trend: Sequence[DayFigures]
    waiting: Waiting
    ranking: Ranking | None

    @property
    def days_over(self) -> int:
        """Return how many days of the trend have ended, so that they compare with each other.

        Of a day that has not, few cases are reported, and the late ones among those are most of
        what should be disposed of.
        """
        now_there = self.now.astimezone(self.figures.period.tz)
        return sum(one.day < now_there.date() for one in self.trend)

    @property
    def is_today_over(self) -> bool:
        """Return whether the last day of the period has ended."""
        return self.days_over == len(self.trend)


def overview(
    conn: Connection,
    period: Period,
    *,
    now: datetime,
    area: AreaKey | None,
    level: str | None,
    choice: CaseChoice = EVERY_CASE,
) -> Overview:
    """Return the overview of a period.

    Parameters
    ----------
    now : the instant at which deadlines are judged, as on the map. Each earlier period is
        judged at an instant that is as long after it as this one is after the period
    area : the one area to whose cases and demolitions everything is limited; None: the city
    level : the level whose areas are ranked; None: streets, or the nearest level to them
    choice : which cases are counted, wherever cases are counted

    Raises
    ------
    NotFoundError
        when there is no such level to rank
    """
    wanted = ReportedFilter(period, choice, area_case_scope(conn, area), now)
    whenever = filter_of(choice, period.tz, now, wanted.case_scope)
    # One statement for both periods: what was done does not depend on the instant of judging.
    done = done_by_day(conn, whenever, period.before.begin, period.end, period.tz)
    trend = _trend(conn, wanted, done)
    before = _trend(conn, at_period(wanted, period.before), done)
    ends = reported_days(conn, period.tz)
    earlier = earlier_periods(conn, wanted)
    return Overview(
        now=now,
        area_name=_name(conn, area),
        first_day=None if ends is None else ends[0],
        last_day=None if ends is None else ends[1],
        figures=_figures(conn, wanted, trend, area),
        before=None if earlier.before is None else _figures(conn, earlier.before, before, area),
        year_before=_of_last_year(conn, earlier.year_before, whenever, area),
        today=trend[-1],
        # The yesterday of a period of one day lies in the period before.
        yesterday=(before + trend)[-2],
        trend=trend,
        waiting=Waiting(waiting_by_reason(conn, whenever), overdue_by_age(conn, whenever, now)),
        ranking=rank_areas(conn, wanted, as_of=now, within=area, level=level),
    )


def _name(conn: Connection, area: AreaKey | None) -> str | None:
    if area is None:
        return None
    level, code = area
    return latest_names(conn, level).get(code, code)


def _of_last_year(
    conn: Connection,
    wanted: ReportedFilter | None,
    whenever: CaseFilter,
    area: AreaKey | None,
) -> PeriodFigures | None:
    if wanted is None:
        return None
    period = wanted.period
    done = done_by_day(conn, whenever, period.begin, period.end, period.tz)
    return _figures(conn, wanted, _trend(conn, wanted, done), area)


def _trend(
    conn: Connection, wanted: ReportedFilter, done: Mapping[date, Done]
) -> list[DayFigures]:
    """Return every day of a period, judged at its instant."""
    period = wanted.period
    reported = figures_by_day(conn, wanted.cases, wanted.as_of or period.end, period.tz)
    return [
        DayFigures(day, reported.get(day, DeadlineCounts()), done.get(day, Done()))
        for day in period.each_day()
    ]


def _figures(
    conn: Connection,
    wanted: ReportedFilter,
    trend: Sequence[DayFigures],
    area: AreaKey | None,
) -> PeriodFigures:
    period = wanted.period
    return PeriodFigures(
        period=period,
        as_of=wanted.as_of or period.end,
        counts=sum_counts(day.counts for day in trend),
        done=Done(
            sum(day.done.disposed for day in trend), sum(day.done.closed for day in trend)
        ),
        demolitions=store.sum_demolitions(conn, period.first, period.last, area=area),
    )
