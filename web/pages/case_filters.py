"""The filters of cases that every page has, as the address of a request says them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.case_choice import CHOSEN, SEVERAL, CaseChoice
from gridmgmt.services.accounts.case_scopes import figures_case_scope
from gridmgmt.services.responsibility.responder_lists import responder_choices
from gridmgmt.services.responsibility.responder_search import meant
from gridmgmt.services.situation.case_choices import CaseChoices, case_choices
from web.app import params
from web.app.transaction import connection, current_settings
from web.door.access import account, may
from web.pages.case_links import cases_address
from web.words.choice_words import chips


def chosen(args: MultiDict[str, str] | None = None) -> CaseChoice:
    """Return which cases the address of this request, or other parameters, choose.

    The responder may be typed: as a code, a name, or a part of either.

    Raises
    ------
    InputError
        when a value is none of those that are possible, or means several responders
    """
    found = CaseChoice.read(_given(request.args if args is None else args))
    typed = found.responder_code
    if typed is not None and may(Permission.SEE_DUTIES):
        offered = responder_choices(connection(), within=account().area, case_scope=ALL_CASES)
        code = meant({one.code: one for one in offered}, typed, field="responder")
        found = replace(found, responder_code=code or typed)
    return as_set(found)


def as_set(choice: CaseChoice) -> CaseChoice:
    """Return a choice with what the settings say about deadlines."""
    return replace(choice, without_provisional=not current_settings().provisional_deadlines)


def choices() -> CaseChoices:
    """Return what the account of this request can choose from.

    Without the right to see duties, and on a wall screen, nobody is named.
    """
    conn = connection()
    scope = figures_case_scope(conn, account())
    offered = case_choices(conn, within=account().area, case_scope=scope)
    return offered if may(Permission.SEE_DUTIES) else replace(offered, responders=())


def chosen_chips(
    choice: CaseChoice, offered: CaseChoices, address: Callable[[str], str]
) -> list[tuple[str, str]]:
    """Return the words of each chosen filter, and the address of the page without it.

    ``address`` returns the address of the page without a parameter.
    """
    return [(words, address(name)) for name, words in chips(choice, offered)]


def address_without(endpoint: str) -> Callable[[str], str]:
    """Return a function that returns the address of this page without a parameter."""

    def address(name: str) -> str:
        kept: dict[str, Any] = {
            other: request.args.getlist(other) for other in request.args if other != name
        }
        return url_for(endpoint, **kept)

    return address


def addresses_with(choice: CaseChoice, as_of: datetime) -> Callable[..., str]:
    """Return ``cases_address`` with the chosen filters, judged at the figures' instant."""
    kept: dict[str, Any] = dict(choice.write())
    if choice.is_judged:
        kept["as_of"] = as_of.isoformat()

    def address(first: Any = None, last: Any = None, **filters: str | int | None) -> str:
        return cases_address(first, last, **{**kept, **filters})

    return address


def _given(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the parameters as texts; boxes of one name that are ticked stand beside others."""
    return {
        name: ",".join(filter(None, args.getlist(name)))
        if name in SEVERAL
        else params.text(args, name) or ""
        for name in CHOSEN
    }
