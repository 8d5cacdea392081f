"""Store what an edit made of a draft: its changes, compared with the base edition."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.geometry.coverage.changes import difference, pick
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState, arrays_of
from gridmgmt.geometry.editing.edits import Edited
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.open_drafts import OpenDraft
from gridmgmt.store.areas import draft_edits
from gridmgmt.store.areas.drafts import replace_changes


def refuse_retired(conn: Connection, draft: Draft, edited: Edited) -> None:
    """Raise EditError if an edit gives an area the code of one that an edition retired."""
    # Cases, duties and lineage of before name the area that had the code.
    for level in edited.state.levels:
        new = [one.code for one in edited.areas if one.level == level and one.before is None]
        retired = draft_edits.retired_codes(conn, draft.base_edition, level, new)
        for code, edition in sorted(retired.items()):
            raise EditError(
                Sentence(
                    "{} {} was an area of edition {}: no other area gets its code; give"
                    " another",
                    level,
                    code,
                    edition,
                )
            )


def store(
    conn: Connection,
    draft: Draft,
    opened_draft: OpenDraft,
    state: EditState,
    keys: set[tuple[str, str]],
) -> None:
    """Store what the draft states for some areas, compared with its base edition."""
    for level in state.levels:
        codes = {code for where, code in keys if where == level}
        if not codes:
            continue
        before = pick(opened_draft.base_areas(level), codes)
        found = (state.get(level, code) for code in sorted(codes))
        now = arrays_of(level, [one for one in found if one is not None])
        changes = difference(before, now)
        replace_changes(
            conn, draft.id, changes, [None] * len(changes), instead_of=frozenset(codes)
        )
