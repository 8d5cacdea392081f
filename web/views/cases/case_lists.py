"""Whether lists of cases and the counts of the desk have changed."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from gridmgmt.domain.accounts.permission import SEEING_CASES
from web.app.transaction import connection
from web.door.access import allow
from web.door.sessions import background
from web.pages import case_queues

bp = Blueprint("case_lists", __name__, url_prefix="/case-lists")


@bp.get("/revision.json")
@background
@allow(*SEEING_CASES)
def revision() -> ResponseReturnValue:
    """Return what stays the same while no case changes, for pages that ask by themselves."""
    return {"revision": case_queues.revision(connection())}
