"""Accept and withdraw default positions: what a geocoder gives for addresses it does not find.

Cases there stay located and routed. They are marked, and counts by area, the density and the
search for duplicates leave them out.
"""

from dataclasses import replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.default_position import DefaultPosition, LonLat, written
from gridmgmt.errors import NotFoundError
from gridmgmt.store.accounts import audit
from gridmgmt.store.cases import default_positions as store
from gridmgmt.store.cases.cases import stop_writing

_SUBJECT = "position {}"


def accept(conn: Connection, position: LonLat, *, actor: str) -> int:
    """Accept a default position, and return how many stored cases are newly marked.

    A position that was accepted before changes nothing. One import or acceptance runs at a
    time.
    """
    stop_writing(conn)
    is_new = store.add_default_position(conn, position, actor)
    marked = store.mark_cases_at(conn, position)
    if is_new or marked:
        subject = _SUBJECT.format(written(position))
        audit.record(conn, actor, "accept_default_position", subject, {"cases": marked})
    return marked


def withdraw(conn: Connection, position: LonLat, *, actor: str) -> int:
    """Withdraw a default position, and return how many cases lose the mark.

    Raises
    ------
    NotFoundError
        when it was not accepted
    """
    stop_writing(conn)
    if not store.remove_default_position(conn, position):
        raise NotFoundError(kind="default coordinate", key=written(position))
    unmarked = store.unmark_cases_at(conn, position)
    subject = _SUBJECT.format(written(position))
    audit.record(conn, actor, "withdraw_default_position", subject, {"cases": unmarked})
    return unmarked


def list_accepted(conn: Connection) -> list[DefaultPosition]:
    """List the accepted default positions, each with the number of its cases."""
    counts = store.count_default_cases(conn)
    return [
        replace(one, cases=counts.get((one.lon, one.lat), 0))
        for one in store.list_default_positions(conn)
    ]
