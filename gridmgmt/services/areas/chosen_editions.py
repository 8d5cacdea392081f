"""Find the edition for a page or file, whether or not a person named one."""

from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition, edition_at, edition_shown
from gridmgmt.errors import EditionError
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.editions import get_edition, list_editions


def edition_to_show(conn: Connection, number: int | None, now: datetime) -> Edition:
    """Return the named edition, else the one in force, else the newest one.

    Raises
    ------
    NotFoundError, EditionError
        when there is no such edition, it was withdrawn, or none was published yet
    """
    if number is not None:
        return standing_edition(conn, number)
    shown = edition_shown(_published(conn), now)
    assert shown is not None
    return shown


def edition_to_use(conn: Connection, number: int | None, now: datetime) -> Edition:
    """Return the named edition, else the one in force and no other.

    Raises
    ------
    NotFoundError, EditionError
        when there is no such edition, it was withdrawn, or none is in force
    """
    if number is not None:
        return standing_edition(conn, number)
    editions = _published(conn)
    # Never the newest instead, as for pages: nobody would notice in a file that its areas are
    # not in force.
    in_force = edition_at(editions, now)
    if in_force is None:
        listed = ", ".join(str(edition.number) for edition in editions)
        raise EditionError(
            Sentence(
                "no edition is in force now; name one with --edition (there are: {})", listed
            )
        )
    return in_force


def standing_edition(conn: Connection, number: int) -> Edition:
    """Return the named edition.

    Raises
    ------
    NotFoundError, EditionError
        when there is no such edition, or it was withdrawn
    """
    edition = get_edition(conn, number)
    # Withdrawing deleted its rows; only its number stays, which is never given again (DECISIONS
    # 3).
    if edition.withdrawn_at is not None:
        raise EditionError(
            Sentence("edition {} was withdrawn; its areas are not stored any more", number)
        )
    return edition


def _published(conn: Connection) -> list[Edition]:
    """List the editions that were not withdrawn, at least one."""
    editions = list_editions(conn)
    if not editions:
        raise EditionError(Sentence("no edition has been published yet; publish a draft first"))
    return editions
