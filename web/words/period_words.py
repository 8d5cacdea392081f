"""Names of the periods that every choice of days offers."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask.sansio.app import App
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from gridmgmt.domain.period import NamedPeriod, named_period
from web.app.days import today
from web.app.transaction import current_settings

NAMES: dict[str, LazyString] = {
    NamedPeriod.TODAY: _l("Today"),
    NamedPeriod.YESTERDAY: _l("Yesterday"),
    NamedPeriod.THIS_WEEK: _l("This week"),
    NamedPeriod.LAST_WEEK: _l("Last week"),
    NamedPeriod.THIS_MONTH: _l("This month"),
    NamedPeriod.LAST_MONTH: _l("Last month"),
}
# The last days, as many as one asks for most.
RECENT_DAYS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class OfferedPeriod:
    """A period with its name; both days belong to it."""

    label: str
    first: date
    last: date


def offered_periods(newest: date | None = None) -> list[OfferedPeriod]:
    """Return the periods that every choice of days offers, on the bureau's clock.

    Parameters
    ----------
    newest : the day with which the last seven, thirty and ninety days end, that of the newest
        case; None: today
    """
    day, tz = today(), current_settings().tz
    named = ((label, named_period(NamedPeriod(name), day, tz)) for name, label in NAMES.items())
    last = min(newest or day, day)
    return [
        *(OfferedPeriod(str(label), found.first, found.last) for label, found in named),
        *(
            OfferedPeriod(
                str(_("Last %(days)s days", days=days)), last - timedelta(days=days - 1), last
            )
            for days in RECENT_DAYS
        ),
    ]


def init_app(app: App) -> None:
    """Make the periods available in templates."""
    app.jinja_env.globals["offered_periods"] = offered_periods
