"""Earlier periods are judged as long after their days, also across a change of the clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gridmgmt.domain.period import Period
from gridmgmt.services.situation.earlier_periods import at_period
from gridmgmt.store.situation.map_figures import ReportedFilter

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("first", "last", "now", "judged_at"),
    [
        # The clock was put forward on the 8th of March and back on the 1st of November.
        ("2026-03-02", "2026-03-08", "2026-03-09T00:30", "2026-03-02T00:30"),
        ("2026-03-08", "2026-03-08", "2026-03-08T23:59", "2026-03-07T23:59"),
        ("2026-10-26", "2026-11-01", "2026-11-02T00:00", "2026-10-26T00:00"),
        ("2026-06-01", "2026-06-30", "2026-07-04T12:00", "2026-06-04T12:00"),
    ],
)
def test_an_earlier_period_is_judged_as_long_after_it_on_the_bureaus_clock(
    first: str, last: str, now: str, judged_at: str
) -> None:
    period = Period(date.fromisoformat(first), date.fromisoformat(last), NEW_YORK)
    local = datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    wanted = ReportedFilter(period, as_of=local.astimezone(UTC))
    before = at_period(wanted, period.before).as_of
    assert before is not None
    assert f"{before.astimezone(NEW_YORK):%Y-%m-%dT%H:%M}" == judged_at
    # No case of its days is left out if none of the period itself is.
    assert (before >= period.before.end) is (local >= period.end)
