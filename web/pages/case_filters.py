"""The filters of cases that every page has, as the address of a request says them."""

from dataclasses import replace

from flask import request
from werkzeug.datastructures import MultiDict

from gridmgmt.domain.case_choice import CHOSEN, SEVERAL, CaseChoice
from web.app import params
from web.app.transaction import current_settings


def chosen(args: MultiDict[str, str] | None = None) -> CaseChoice:
    """Return which cases the address of this request, or other parameters, choose.

    Raises
    ------
    InputError
        when a value is none of those that are possible
    """
    found = CaseChoice.read(_given(request.args if args is None else args))
    return as_set(found)


def as_set(choice: CaseChoice) -> CaseChoice:
    """Return a choice with what the settings say about deadlines."""
    return replace(choice, without_provisional=not current_settings().provisional_deadlines)


def _given(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the parameters as texts; boxes of one name that are ticked stand beside others."""
    return {
        name: ",".join(filter(None, args.getlist(name)))
        if name in SEVERAL
        else params.text(args, name) or ""
        for name in CHOSEN
    }
