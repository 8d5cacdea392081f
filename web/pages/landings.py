"""Where the work of each role begins: the page after login, and the one behind ``/``."""

from typing import Any

from flask import current_app, url_for

from gridmgmt.domain.accounts.account import Account
from web.door.access import needs_of

# The page and its question, by role. A role that is not here begins at the top of its menu;
# so does an account that may not open the page, such as a GIS officer of one area only.
LANDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "gis_officer": ("drafts.index", {}),
    "acceptor": ("cases.index", {"status": "triage", "sort": "reported_at"}),
    "dispatcher": ("cases.index", {"status": "triage", "sort": "due_at"}),
    "responder": ("cases.index", {"status": "open", "sort": "due_at"}),
    "street_chief": ("supervision.index", {}),
    "collector": ("case_reports.new", {}),
    "planner": ("map.index", {}),
    "administrator": ("accounts.index", {}),
}


def landing_of(account: Account) -> str | None:
    """Return the URL of the page where the work of an account begins.

    None: its role has no such page, or the account may not open it.
    """
    endpoint, asked = LANDINGS.get(account.role.code, ("", {}))
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return None
    needs = needs_of(view)
    if needs and not any(account.may(one) for one in needs):
        return None
    return url_for(endpoint, **asked)
