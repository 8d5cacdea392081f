"""Filters of case lists in URLs, with the same meaning for pages, exports and links."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from flask import g, request, url_for

from gridmgmt.domain.accounts.case_scope import sees_all_personal
from gridmgmt.domain.case_choice import CHOSEN
from gridmgmt.domain.cases.case import (
    CaseDay,
    CaseMark,
    CaseStatus,
    UnlocatedReason,
    UnroutedReason,
)
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.moments import read_moment
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError
from gridmgmt.services.cases.questions import Asker, CaseQuestion
from gridmgmt.store.cases.case_filter import filter_of
from gridmgmt.store.cases.case_pages import Order, PageKey
from web.app import params
from web.app.days import asked_instants, today
from web.app.transaction import current_settings
from web.door.access import account, actor, case_scope
from web.pages.case_filters import chosen

# A filter that is not the status of a single case: neither disposed of nor closed.
OPEN = "open"
# The day up to which cases are due, whichever it is when the list is opened.
TODAY = "today"
# The parameters that filter a list; all others say how it is shown.
FILTERS = (
    *CHOSEN,
    "q",
    "from",
    "to",
    "day_of",
    "status",
    "component",
    "area",
    "edition",
    "deadline",
    "due",
    "as_of",
    "unlocated",
    "unlocated_in",
    "nowhere",
    "reason",
    "mark",
    "unmarked",
)


def question(args: params.Args | None = None) -> CaseQuestion:
    """Return the filter in the URL of this request, or that of other parameters.

    Raises
    ------
    InputError
        when a parameter is invalid
    """
    args = request.args if args is None else args
    since, until = asked_instants(args)
    status = params.choice(args, "status", [OPEN, *CaseStatus])
    deadline = params.kind(args, "deadline", Deadline)
    choice = chosen(args)
    if status == OPEN:
        choice = replace(choice, open=True)
    as_of = _as_of(args)
    at = as_of or datetime.now(UTC)
    wanted = replace(
        filter_of(choice, current_settings().tz, at),
        status=None if status in (None, OPEN) else CaseStatus(status),
        since=since,
        until=until,
        day_of=params.kind(args, "day_of", CaseDay) or CaseDay.REPORTED,
        component=params.text(args, "component"),
        unlocated=params.flag(args, "unlocated"),
        in_no_area_of=params.whole(args, "unlocated_in"),
        unlocated_reason=params.kind(args, "nowhere", UnlocatedReason),
        reasons=params.kinds(args, "reason", UnroutedReason),
        mark=params.kind(args, "mark", CaseMark),
        unmarked=params.kind(args, "unmarked", CaseMark),
        deadline=deadline,
        due_until=_due_until(args),
        as_of=at if as_of or choice.is_judged or deadline else None,
    )
    return CaseQuestion(
        wanted,
        area=params.area(args),
        edition=params.whole(args, "edition"),
        search=params.text(args, "q"),
    )


def order() -> Order:
    """Return the sort order of the list; the default is newest first."""
    text = params.text(request.args, "sort")
    return Order() if text is None else Order.read(text)


def key(name: str) -> PageKey | None:
    """Return a position in the list."""
    text = params.text(request.args, name)
    return None if text is None else PageKey.read(text)


def asker() -> Asker:
    """Return who sends the request, with the cases they may see, and whether with all texts."""
    scope = case_scope()
    return Asker(actor(), scope, personal=sees_all_personal(account(), scope))


def given() -> dict[str, str]:
    """Return the filters of this request that are not empty."""
    # Every link of a list is made of them.
    if "case_filters" not in g:
        g.case_filters = _given()
    found: dict[str, str] = g.case_filters
    return dict(found)


def _given() -> dict[str, str]:
    others = (name for name in FILTERS if name not in CHOSEN)
    texts = {name: params.text(request.args, name) for name in others}
    if not params.flag(request.args, "unlocated"):
        del texts["unlocated"]
    # What is ticked in several boxes of one name is one text here.
    return {
        **chosen().write(),
        **{name: text for name, text in texts.items() if text is not None},
    }


def list_url(endpoint: str = "cases.index", *without: str, **other: Any) -> str:
    """Return the URL of this list with changed parameters, or without some."""
    kept: dict[str, Any] = {**given(), "sort": params.text(request.args, "sort"), **other}
    return url_for(endpoint, **{name: kept[name] for name in kept if name not in without})


def _due_until(args: params.Args) -> datetime | None:
    """Return the end of the day up to which cases are due, None without such a day."""
    if params.text(args, "due") == TODAY:
        day: date | None = today()
    else:
        day = params.day(args, "due", tz=current_settings().tz)
    return None if day is None else Period(day, day, current_settings().tz).end


def _as_of(args: params.Args) -> datetime | None:
    text = params.text(args, "as_of")
    if text is None:
        return None
    try:
        # A plus sign that is not encoded in the URL arrives as a blank.
        plus = text.replace(" ", "+") if "T" in text else text
        return read_moment(plus, current_settings().tz)
    except ValueError as error:
        raise InputError(field="as_of", message=str(error)) from None
