"""Put a draft on the newest edition, with what was published since as one entry of its log."""

import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Change, Draft, DraftStatus
from gridmgmt.domain.areas.draft_record import DraftRecord
from gridmgmt.domain.areas.numbering import next_codes
from gridmgmt.errors import DraftConflictError, InputError
from gridmgmt.geometry.merging.divergence import Diverged, Take
from gridmgmt.sentence import Sentence, joined
from gridmgmt.services.drafts.changes import refuse_unseen
from gridmgmt.services.drafts.combining import Changes, Combined, combined
from gridmgmt.services.drafts.divergences import Conflict
from gridmgmt.services.drafts.edit_logs import REBASE, log_edit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.draft_changes import delete_changes
from gridmgmt.store.areas.draft_edits import used_codes
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.drafts import (
    get_draft,
    list_changes,
    read_changes,
    replace_changes,
    rest_draft_on,
)
from gridmgmt.store.areas.editions import list_editions, newest_edition, wait_for_turn
from gridmgmt.store.areas.levels import list_levels


@dataclass(frozen=True)
class Rebased:
    """A draft on another edition; ``combined`` are the areas that are not as it stated them.

    ``onto`` is None if the draft was on the newest edition already.
    """

    onto: int | None
    combined: tuple[tuple[str, str], ...]


def rebase(
    conn: Connection,
    label: str,
    *,
    actor: str,
    tz: tzinfo,
    take: Take | None = None,
    seen: int | None = None,
) -> Rebased:
    """Put an open draft on the newest edition, as one entry of its log.

    What the draft and the editions since its base changed stands together; of an area of which
    both changed different borders, name or parent, both.

    Parameters
    ----------
    tz : the bureau's time zone, in which days are told
    take : whose version stands where both changed the same; None: nothing is done then
    seen : the revision of the draft that the person looked at; None: as it is now

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, or it cannot be changed
    DraftChangedError
        when somebody has changed the draft since
    DraftConflictError
        with base, mine and theirs of everything that both changed differently
    """
    # The newest edition must not change meanwhile.
    wait_for_turn(conn)
    draft = open_draft(conn, label)
    if seen is not None:
        refuse_unseen(conn, label, seen)
    newest = newest_edition(conn)
    if newest is None or newest.number == draft.base_edition:
        return Rebased(None, ())
    stated = read_changes(conn, draft.id)
    found = combined(
        conn, stated, base=draft.base_edition, newest=newest.number, tz=tz, take=take
    )
    conflict = conflict_of(conn, draft, found)
    if conflict is not None:
        raise conflict
    put_on(conn, draft, found, newest.number, actor=actor, take=take)
    return Rebased(newest.number, tuple(sorted(found.altered)))


def pending(
    conn: Connection, label: str, tz: tzinfo
) -> tuple[int | None, list[Conflict], str | None]:
    """Return the newest edition, and what stands against putting a draft on it.

    Returns
    -------
    its number, None if the draft rests on it or is published; the conflicts; and what is
    unsound about both together, if anything is

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    draft = get_draft(conn, label)
    newest = newest_edition(conn)
    is_published = draft.status is DraftStatus.PUBLISHED
    if is_published or newest is None or newest.number == draft.base_edition:
        return None, [], None
    stated = read_changes(conn, draft.id)
    found = combined(conn, stated, base=draft.base_edition, newest=newest.number, tz=tz)
    return newest.number, list(found.conflicts), found.worse


def conflict_of(conn: Connection, draft: Draft, found: Combined) -> DraftConflictError | None:
    """Return how a draft conflicts with what was published since its base, None if not."""
    if not found.sentences:
        return None
    codes = [one for one in found.conflicts if one.divergence.matter is Diverged.CODE]
    told: list[str] = [one.sentence() for one in found.conflicts if one not in codes]
    remedies: list[str] = []
    changes = list_changes(conn, draft.id) if codes else []
    records = read_records(conn, draft.id).values() if codes else ()
    for one in codes:
        sentence, remedy = _offered(conn, draft, one, changes)
        told.append(sentence)
        remedies.append(remedy)
        if named := _edits_naming(records, one):
            remedies.append(
                Sentence(
                    "then take back what edit(s) {} of the draft state and state it for the"
                    " new code: it would be of the other area",
                    ", ".join(map(str, named)),
                )
            )
    if len(codes) < len(found.conflicts):
        remedies.append(
            Sentence(
                "gridmgmt draft rebase {} --take theirs --commit keeps what was published at"
                " these places, --take mine what the draft has there; everything else of the"
                " draft stays",
                shlex.quote(draft.label),
            )
        )
    if not found.conflicts:
        told = found.sentences
        remedies.append(
            Sentence("edit the draft there so that it fits, or undo it, and publish again")
        )
    return DraftConflictError(
        draft.label,
        told,
        _editions_since(conn, draft),
        details=[one.to_json() for one in found.conflicts],
        remedy=joined("; ", remedies),
    )


def _edits_naming(records: Iterable[DraftRecord], one: Conflict) -> list[int]:
    """Return the edits whose duties or members of groups name the area of a conflict."""
    level, [code] = one.divergence.level, one.divergence.codes
    return sorted(
        row.edit
        for row in records
        if row.after.get("level") == level
        and code in (row.after.get("target_code"), row.after.get("area_code"))
    )


def _offered(
    conn: Connection, draft: Draft, one: Conflict, changes: Iterable[Change]
) -> tuple[Sentence, str]:
    """Return a conflict of a code with the next free one, and how the area gets it."""
    level, [code] = one.divergence.level, one.divergence.codes
    told = one.sentence()
    parent = next(
        change.parent_code for change in changes if (change.level, change.code) == (level, code)
    )
    used = [] if parent is None else used_codes(conn, level, parent)
    try:
        [free] = next_codes(level, parent, [code], used, 1)
    except InputError:
        return told, Sentence("give {} {} another code with recode", level, code)
    operation = json.dumps(
        {"op": "recode", "level": level, "code": code, "to": free}, ensure_ascii=False
    )
    return (
        Sentence("{}; the next free code is {}", told, free),
        Sentence(
            "echo {} | gridmgmt draft edit {} - --commit gives the area of the draft the next"
            " code",
            shlex.quote(operation),
            shlex.quote(draft.label),
        ),
    )


def put_on(
    conn: Connection,
    draft: Draft,
    found: Combined,
    newest: int,
    *,
    actor: str,
    take: Take | None = None,
) -> None:
    """Store a draft as changes of a newer edition, and add that to its log."""
    arguments = {"from": draft.base_edition, "to": newest, "take": take}
    log_edit(conn, draft, REBASE, arguments, found.states, by=actor)
    store_on(conn, draft, found.changes, newest)
    audit.record(conn, actor, "rebase_draft", draft.label, {"base_edition": newest})


def store_on(conn: Connection, draft: Draft, changes: Changes, edition: int | None) -> None:
    """Store all changes of a draft anew, as changes of an edition."""
    sources = {(one.level, one.code): one.source for one in list_changes(conn, draft.id)}
    for level in (one.name for one in list_levels(conn)):
        now = changes.get(level)
        if now is None:
            delete_changes(conn, draft.id, level)
            continue
        kept = [sources.get((level, code)) for code in now.codes]
        replace_changes(conn, draft.id, now, kept, instead_of=None)
    rest_draft_on(conn, draft.id, edition)


def _editions_since(conn: Connection, draft: Draft) -> list[Sentence]:
    return [
        Sentence("edition {} ({})", one.number, one.label)
        for one in list_editions(conn)
        if draft.base_edition is None or one.number > draft.base_edition
    ]
