"""URLs of the lists of cases behind a number."""

from datetime import date
from typing import Any

from flask import current_app, url_for

from gridmgmt.domain.accounts.permission import Permission
from web.door.access import may


def cases_address(
    first: date | None = None, last: date | None = None, **filters: str | int | None
) -> str:
    """Return the URL of the list of cases that a number counts.

    ``first`` and ``last`` are the first and the last day of the report, both included. The URL
    is empty for an account that may see figures but no cases.
    """
    if not may(Permission.SEE_CASES) or "cases.index" not in current_app.view_functions:
        return ""
    asked: dict[str, Any] = {
        "from": None if first is None else first.isoformat(),
        "to": None if last is None else last.isoformat(),
        **filters,
    }
    return url_for("cases.index", **asked)
