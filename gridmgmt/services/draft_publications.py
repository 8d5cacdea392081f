"""Publishing as a person does it: told beforehand what it would do, then done."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.errors import CoverageError, DraftConflictError
from gridmgmt.services.draft_changes import refuse_unseen
from gridmgmt.services.drafts import open_draft
from gridmgmt.services.publishing import Published, publish
from gridmgmt.services.rehearsals import rehearsal
from gridmgmt.store.editions import wait_for_turn


@dataclass(frozen=True)
class Rehearsed:
    """What publishing would do: ``published``, or what stands in its way."""

    published: Published | None
    problems: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()


def rehearse(
    conn: Connection, label: str, effective_from: datetime, *, tolerance_m2: float, actor: str
) -> Rehearsed:
    """Publish a draft and take everything back.

    Raises
    ------
    DraftError, EditionError, InputError
        when the draft is empty or published, or the date or the tolerance cannot be used
    """
    try:
        with rehearsal(conn):
            return Rehearsed(
                publish(conn, label, effective_from, actor=actor, tolerance_m2=tolerance_m2)
            )
    except CoverageError as error:
        return Rehearsed(None, problems=error.problems)
    except DraftConflictError as error:
        return Rehearsed(None, conflicts=error.conflicts, editions=error.editions)


def publish_seen(
    conn: Connection,
    label: str,
    effective_from: datetime,
    *,
    tolerance_m2: float,
    seen: int,
    actor: str,
) -> Published:
    """Publish the state of a draft that somebody looked at.

    Raises
    ------
    DraftChangedError
        when somebody worked on the draft since
    DraftError, EditionError, CoverageError, DraftConflictError
        as `publishing.publish`
    """
    # Whoever withdraws an edition waits for the turn first and for drafts after it.
    wait_for_turn(conn)
    open_draft(conn, label)
    refuse_unseen(conn, label, seen)
    return publish(conn, label, effective_from, actor=actor, tolerance_m2=tolerance_m2)
