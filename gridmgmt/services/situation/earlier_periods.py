"""The two periods that figures are compared with: the one before, and the same of last year.

Both are counted on the ground of the shown edition, like the period itself: the areas then and
now are the same ground, whatever borders were in force.
"""

from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.period import Period
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.situation.reported_days import reported_days
from gridmgmt.store.situation.map_figures import ReportedFilter


@dataclass(frozen=True, slots=True)
class EarlierPeriods:
    """The same choice of cases in the period before (环比) and a year before (同比).

    Each is judged at an instant that is as long after it as that of the period itself. It is
    None if the first case was reported later than its first day: it would seem to have fewer.
    """

    before: ReportedFilter | None
    year_before: ReportedFilter | None


@dataclass(frozen=True, slots=True)
class EarlierCounts:
    """The counts of an earlier period."""

    wanted: ReportedFilter
    counts: DeadlineCounts

    @property
    def period(self) -> Period:
        """Return the days that are counted."""
        return self.wanted.period


def earlier_periods(conn: Connection, wanted: ReportedFilter) -> EarlierPeriods:
    """Return the filters of the two earlier periods, whose cases are all known."""
    ends = reported_days(conn, wanted.period.tz)

    def known(period: Period) -> ReportedFilter | None:
        if ends is None or period.first < ends[0]:
            return None
        return at_period(wanted, period)

    return EarlierPeriods(known(wanted.period.before), known(wanted.period.year_before))


def at_period(wanted: ReportedFilter, period: Period) -> ReportedFilter:
    """Return a filter for an earlier period, judged as long after it on the bureau's clock."""
    as_of = wanted.as_of
    if as_of is not None:
        # By the clock and not by hours: where it was put forward in between, midnight would
        # become 23:00, and the last hour of the earlier period would not be judged.
        as_of = as_of.astimezone(period.tz) - (wanted.period.first - period.first)
    return replace(wanted, period=period, as_of=as_of)
