"""What a transaction that only reads asks the database once, however often it is needed.

A page asks a dozen times whether kept answers still hold. Its figures, names and lists are of
one state where the first look counts for all of it.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from sqlalchemy.engine import Connection

T = TypeVar("T")

_OPTION = "gridmgmt_asked_once"


def begin_reading(conn: Connection) -> None:
    """Let a connection remember what `asked_once` found, until it is closed.

    Only for a transaction that changes nothing of what it asks, and is over soon: it does not
    see what others commit after its first look.
    """
    conn.execution_options(**{_OPTION: {}})


def is_reading(conn: Connection) -> bool:
    """Return whether a connection remembers what it asked."""
    return _OPTION in conn.get_execution_options()


def asked_once(conn: Connection, what: Hashable, ask: Callable[[], T]) -> T:
    """Return what ``ask`` returns, in a transaction that only reads that of the first call.

    ``what`` names the question; equal ones have the same answer.
    """
    known = conn.get_execution_options().get(_OPTION)
    if known is None:
        return ask()
    if what not in known:
        known[what] = ask()
    found: T = known[what]
    return found
