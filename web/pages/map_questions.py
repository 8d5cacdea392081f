"""The filters of the map in the URL of a request."""

from datetime import datetime

from flask import request

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.store.situation.map_cases import Box
from gridmgmt.store.situation.map_figures import ReportedFilter
from web.app import params
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


def bounds() -> Box:
    """Return the box of a map's view.

    Raises
    ------
    InputError
        when a side is missing or is not a number
    """
    return Box(*(degrees(side) for side in Box._fields))


def degrees(name: str) -> float:
    """Return a required number of degrees.

    Raises
    ------
    InputError
        when it is missing or is not a number
    """
    value = params.decimal(request.args, name)
    if value is None:
        raise InputError(field=name, message=Sentence("give degrees"))
    return value
