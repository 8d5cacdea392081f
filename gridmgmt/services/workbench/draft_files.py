"""A draft as a file for QGIS, and the state in which a draft was when its file was made."""

import hashlib
from datetime import datetime
from pathlib import Path

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import AreaAttribute
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit
from gridmgmt.errors import DraftError, InputError
from gridmgmt.exchange.layers.draft_files.marks import DraftMark
from gridmgmt.exchange.layers.draft_files.writing import write_draft
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.sentence import Sentence
from gridmgmt.services.workbench.open_drafts import opened, sides_of
from gridmgmt.store.areas.attributes import declared_attributes
from gridmgmt.store.areas.draft_edits import read_log
from gridmgmt.store.areas.drafts import get_draft


def export(
    conn: Connection, label: str, path: Path, *, actor: str, now: datetime
) -> dict[str, int]:
    """Write a draft with its base edition as a GeoPackage that QGIS draws by itself.

    The file says of which draft it is and in which state; `edited_imports` reads it again.

    Returns
    -------
    level -> number of areas, levels from the topmost down

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, or it has no areas at all
    LayerError
        when the file cannot be written
    """
    draft = get_draft(conn, label)
    opened_draft = opened(conn, draft)
    state = opened_draft.state
    levels = [areas for level in state.levels if len((areas := state.level_areas(level)).codes)]
    if not levels:
        raise DraftError(Sentence("draft {} has no areas", repr(label)))
    log = read_log(conn, draft.id)
    mark = DraftMark(
        draft=label,
        base_edition=draft.base_edition,
        revision=log[-1].number if log else 0,
        digest=state_digest(state),
        made_at=now.isoformat(timespec="seconds"),
        made_by=actor,
    )
    base = [one.areas for one in opened_draft.base.values()]
    write_draft(path, mark, levels, base, declared_of(conn))
    return {areas.level: len(areas.codes) for areas in levels}


def declared_of(conn: Connection) -> dict[str, list[AreaAttribute]]:
    """Return the attributes that the layer of each level has a column for, in their order."""
    return {level: [*named.values()] for level, named in declared_attributes(conn).items()}


def exported_state(
    conn: Connection, draft: Draft, mark: DraftMark, now: EditState, log: list[LoggedEdit]
) -> EditState:
    """Return the state in which a draft was when a file was made of it.

    Parameters
    ----------
    now : the state of the draft today, on which the one returned is based

    Raises
    ------
    InputError
        when the file was made of another draft, or the draft has not been in that state
    """
    if mark.draft != draft.label:
        raise InputError(
            field="file",
            message=Sentence(
                "the file was made of draft {}, not of {}", repr(mark.draft), repr(draft.label)
            ),
        )
    state = now
    for entry in reversed(log):
        if entry.number <= mark.revision:
            break
        before, after = sides_of(conn, draft, entry)
        state = state.having(before, without=after)
    if state_digest(state) != mark.digest:
        raise InputError(
            field="file",
            message=Sentence(
                "draft {} was never as this file was made on {} by {}: was it deleted since,"
                " or is the file of another database? Export the draft again",
                repr(draft.label),
                mark.made_at,
                mark.made_by,
            ),
        )
    return state


def state_digest(state: EditState) -> str:
    """Return a checksum of all areas of a state: 64 hexadecimal digits."""
    found = hashlib.sha256()
    for level in state.levels:
        areas = state.level_areas(level)
        rows = zip(
            areas.codes,
            areas.names,
            areas.parent_codes,
            shapely.to_wkb(areas.geoms),
            strict=True,
        )
        for row, values in zip(rows, areas.attributes, strict=True):
            # Without attributes as before there were any: files made then still fit.
            told = (level, *row, *sorted(values.items()))
            found.update(repr(told).encode())
    return found.hexdigest()
