"""Bring back the areas of an earlier edition, in a draft that is published like any other."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.errors import EditionError
from gridmgmt.geometry.coverage.changes import LevelChanges, difference, no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.sentence import Sentence
from gridmgmt.services.areas.chosen_editions import standing_edition
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.edit_logs import REVERT, log_edit
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.draft_records import count_written_since
from gridmgmt.store.areas.drafts import replace_changes
from gridmgmt.store.areas.edition_changes import areas_only_in
from gridmgmt.store.areas.levels import list_levels


@dataclass(frozen=True)
class Reverted:
    """A draft on the newest edition that makes its areas those of ``edition``.

    ``rows`` is how many duties, zones, members of groups and road segments were stored with
    editions since, and stay as they are.
    """

    draft: Draft
    edition: int
    added: int
    altered: int
    dropped: int
    rows: int


def revert(conn: Connection, number: int, label: str, *, actor: str) -> Reverted:
    """Open a draft whose areas are those of an earlier edition, as one entry of its log.

    Areas come back under their own codes, those made since are dropped. The draft can be
    edited, reviewed and published like any other; nothing is published here.

    Raises
    ------
    NotFoundError, EditionError
        when there is no such edition, it was withdrawn, or the newest has the same areas
    InputError, DraftError
        when the label is blank or taken
    """
    standing_edition(conn, number)
    draft = drafts.create(conn, label, actor=actor)
    base = draft.base_edition
    ended, begun = areas_only_in(conn, base, number), areas_only_in(conn, number, base)
    states: dict[str, tuple[LevelAreas, LevelAreas]] = {}
    found: list[LevelChanges] = []
    for level in (one.name for one in list_levels(conn)):
        before, after = ended.get(level, no_areas(level)), begun.get(level, no_areas(level))
        changes = difference(before, after)
        if len(changes):
            states[level] = before, after
            found.append(changes)
    if not found:
        raise EditionError(
            Sentence("edition {} has the same areas as edition {}, the newest", number, base)
        )
    for changes in found:
        replace_changes(conn, draft.id, changes, [None] * len(changes), instead_of=None)
    log_edit(conn, draft, REVERT, {"edition": number}, states, by=actor)
    added, altered, dropped = (
        sum(one.count(action) for one in found)
        for action in (Action.ADD, Action.ALTER, Action.DROP)
    )
    detail = {"edition": number, "added": added, "altered": altered, "dropped": dropped}
    audit.record(conn, actor, "revert_edition", label, detail)
    rows = count_written_since(conn, number)
    return Reverted(draft, number, added, altered, dropped, rows)
