"""The overview page, and the redirect to the page where the work of an account begins."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError
from gridmgmt.indicators.rankings import RankedBy
from gridmgmt.services.situation import overview as service
from web.app import charts, params
from web.app.days import asked_period
from web.app.transaction import connection
from web.door.access import account, allow, may
from web.door.displays import on_displays
from web.pages.case_filters import (
    address_without,
    addresses_with,
    choices,
    chosen,
    chosen_chips,
)
from web.pages.navigation import first_page

bp = Blueprint("overview", __name__)

MOST_DAYS = 1_100


@bp.get("/")
@allow()
@on_displays
def begin() -> ResponseReturnValue:
    # Questions to the overview were asked at this address before it had one of its own.
    asks = bool(request.args.keys() - {"lang"})
    first = first_page()
    if may(Permission.SEE_OVERVIEW) and (asks or first == url_for("overview.index")):
        return _page()
    return redirect(first, 303)


@bp.get("/overview")
@allow(Permission.SEE_OVERVIEW)
@on_displays
def index() -> str:
    return _page()


def _page() -> str:
    now = datetime.now(UTC)
    sort = params.kind(request.args, "sort", RankedBy) or RankedBy.RATE
    turned = params.flag(request.args, "turned")
    choice, offered = chosen(), choices()
    shown = service.overview(
        connection(),
        _period(),
        now=now,
        area=account().area,
        level=params.text(request.args, "level"),
        choice=choice,
    )
    return render_template(
        "overview/index.html",
        shown=shown,
        sort=sort,
        turned=turned,
        charts=charts,
        cases_address=addresses_with(choice, now),
        choice=choice,
        choices=offered,
        chips=chosen_chips(choice, offered, address_without("overview.index")),
        UnroutedReason=UnroutedReason,
    )


def _period() -> Period:
    period = asked_period()
    if period.days > MOST_DAYS:
        message = f"{period.days} days are too many; ask for {MOST_DAYS} at most"
        raise InputError(field="from", message=message)
    return period
