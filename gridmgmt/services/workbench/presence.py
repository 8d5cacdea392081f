"""Tell people at work in one draft of each other."""

from datetime import timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.presence import Colleague, Whereabouts
from gridmgmt.store.areas import draft_presence

# A page tells of itself every few seconds; after so long without a word it is closed.
GONE_AFTER = timedelta(seconds=15)


def meet(conn: Connection, draft: Draft, where: Whereabouts, *, actor: str) -> list[Colleague]:
    """Note where somebody is in a draft, and return who else is there, by user name."""
    draft_presence.note(conn, draft.id, actor, where)
    return draft_presence.list_others(conn, draft.id, actor, GONE_AFTER)
