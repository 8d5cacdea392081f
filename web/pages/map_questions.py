"""What the address of a request asks the map for."""

from flask import request

from gridmgmt.services.situation.map_areas import figures_case_scope
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.app import params
from web.app.days import asked_period
from web.app.transaction import connection
from web.door.access import account


def asked_reports() -> ReportedFilter:
    """Read which cases are counted, among those of which the account may see figures."""
    category = params.text(request.args, "category")
    return ReportedFilter(asked_period(), category, figures_case_scope(connection(), account()))
