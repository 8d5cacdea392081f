"""Where the work of an account begins: the page after login, and the one behind ``/``.

What the account may do decides, never the name of its role: a role of the bureau's own begins
where a delivered one with the same work does.
"""

from typing import Any, NamedTuple

from flask import current_app, url_for

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.permission import Permission
from web.door.access import needs_of


class Landing(NamedTuple):
    """A page with its question, for accounts that may do all of ``work``."""

    work: tuple[Permission, ...]
    endpoint: str
    asked: dict[str, Any]


# The first that fits counts, so what only few do comes first. Whoever fits none, or may not
# open the page, begins at the top of the menu.
LANDINGS = (
    Landing((Permission.MANAGE_ACCOUNTS,), "accounts.index", {}),
    # Who closes cases leads a shift: the figures first.
    Landing((Permission.CLOSE_CASES,), "overview.index", {}),
    Landing((Permission.EDIT_DRAFTS,), "drafts.index", {}),
    Landing((Permission.ASSIGN_CASES,), "cases.index", {"status": "triage", "sort": "due_at"}),
    Landing(
        (Permission.PLACE_CASES,), "cases.index", {"status": "triage", "sort": "reported_at"}
    ),
    Landing((Permission.SUPERVISE_CASES,), "supervision.index", {}),
    Landing((Permission.SEE_OWN_CASES,), "cases.index", {"status": "open", "sort": "due_at"}),
    Landing((Permission.REPORT_CASES,), "case_reports.new", {}),
    # Who takes layers and cases away works from the map.
    Landing((Permission.EXPORT_LAYERS, Permission.EXPORT_CASES), "map.index", {}),
)


def landing_of(account: Account) -> str | None:
    """Return the URL of the page where the work of an account begins.

    None: no page fits its work, or it may not open the page.
    """
    for landing in LANDINGS:
        view = current_app.view_functions.get(landing.endpoint)
        if view is None or not all(account.may(one) for one in landing.work):
            continue
        needs = needs_of(view)
        if not needs or any(account.may(one) for one in needs):
            return url_for(landing.endpoint, **landing.asked)
    return None
