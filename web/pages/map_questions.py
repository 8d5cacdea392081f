"""The filters of the map in the URL of a request."""

from flask import request

from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.app import params
from web.app.days import asked_period
from web.app.transaction import connection
from web.door.access import account


def asked_reports() -> ReportedFilter:
    """Return the filter of counted cases, within the figures the account may see."""
    category = params.text(request.args, "category")
    return ReportedFilter(asked_period(), category, figures_case_scope(connection(), account()))
