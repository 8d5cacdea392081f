"""The filters of the map in the URL of a request."""

from datetime import datetime

from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.app.days import asked_period
from web.app.transaction import connection
from web.door.access import account
from web.pages.case_filters import chosen


def asked_reports(now: datetime) -> ReportedFilter:
    """Return the filter of counted cases, within the figures the account may see.

    What is open or overdue is judged at ``now``.
    """
    scope = figures_case_scope(connection(), account())
    return ReportedFilter(asked_period(), chosen(), scope, now)
