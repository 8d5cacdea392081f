"""Put the changes of a draft together with what was published since its base."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.geometry.coverage.changes import (
    LevelChanges,
    applied,
    difference,
    no_areas,
    pick,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import BaseLevel, DraftArea, EditState, arrays_of
from gridmgmt.geometry.editing.edits import AreaEdited, compared
from gridmgmt.geometry.editing.soundness import refuse_worse
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.geometry.merging.merging import merged
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.divergences import Conflict, conflicts, who_of
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.edition_changes import areas_only_in, editions_that_changed
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.areas.levels import list_levels

Changes = dict[str, LevelChanges]
# All levels from the topmost down, also those without areas.
Levels = Mapping[str, LevelAreas]


@dataclass(frozen=True)
class Combined:
    """The changes of a draft on a newer edition than its base.

    ``changes`` lead from that edition to what both made together; ``conflicts`` are what both
    changed differently, and ``worse`` says what is unsound about both together, if anything
    is. ``before`` are the areas of the draft that differ from what they are then, ``after``
    these; ``altered`` those that the draft would not have as it states them, or states nothing
    of.
    """

    changes: Changes
    conflicts: tuple[Conflict, ...]
    worse: str | None
    before: Mapping[str, LevelAreas]
    after: Mapping[str, LevelAreas]
    altered: frozenset[AreaKey]

    @property
    def sentences(self) -> list[str]:
        """Return what stands against it, one sentence each; empty if nothing does."""
        told: list[str] = [one.sentence() for one in self.conflicts]
        if self.worse is not None and not told:
            told.append(
                Sentence("with what was published since, it would be unsound: {}", self.worse)
            )
        return told


def combined(
    conn: Connection,
    changes: Changes,
    *,
    base: int | None,
    newest: int,
    take: Take | None = None,
) -> Combined:
    """Put changes of an edition together with all that was published after it.

    What only one side changed stands as that side has it, to the byte; of an area of which both
    changed different borders, name or parent, all of it stands.

    Parameters
    ----------
    take : whose version stands where both changed the same; None: conflicts are returned
    """
    standing = areas_in(conn, base)
    order = [one.name for one in list_levels(conn)]
    state = EditState(
        tuple(order),
        {level: BaseLevel(standing.get(level, no_areas(level))) for level in order},
    )
    mine = _with_changes(state, changes)
    ended, begun = areas_only_in(conn, base, newest), areas_only_in(conn, newest, base)
    theirs = state.having(_areas(begun), without=_areas(ended))
    found = merged(state, mine, theirs, take)
    edited = compared(theirs, found.state)
    worse = (
        None if found.divergences else _worse(state, mine, theirs, found.state, edited.areas)
    )
    told = conflicts(found.divergences, who_of(_published(conn, base, newest)))
    before, after = _sides(order, compared(mine, found.state).areas)
    together = {level: one for level in order if len(one := _changes(level, edited.areas))}
    altered = _altered(before, after, changes, together)
    return Combined(together, tuple(told), worse, before, after, altered)


def _with_changes(state: EditState, changes: Changes) -> EditState:
    for level, found in changes.items():
        known = state.base[level].areas
        before, after = pick(known, found.codes), applied(pick(known, found.codes), found)
        state = state.having(_areas({level: after}), without=_areas({level: before}))
    return state


def _areas(levels: Mapping[str, LevelAreas]) -> list[DraftArea]:
    known = [BaseLevel(one) for one in levels.values()]
    found = (one.get(str(code)) for one in known for code in one.areas.codes)
    return [area for area in found if area is not None]


def _changes(level: str, edited: tuple[AreaEdited, ...]) -> LevelChanges:
    mine = [one for one in edited if one.level == level]
    before = [one.before for one in mine if one.before is not None]
    after = [one.after for one in mine if one.after is not None]
    return difference(arrays_of(level, before), arrays_of(level, after))


def _sides(
    order: list[str], edited: tuple[AreaEdited, ...]
) -> tuple[dict[str, LevelAreas], dict[str, LevelAreas]]:
    sides: tuple[dict[str, LevelAreas], dict[str, LevelAreas]] = ({}, {})
    for level in order:
        mine = [one for one in edited if one.level == level]
        for side, areas in zip(
            sides, ([one.before for one in mine], [one.after for one in mine]), strict=True
        ):
            side[level] = arrays_of(level, [one for one in areas if one is not None])
    return sides


def _altered(
    before: Mapping[str, LevelAreas],
    after: Mapping[str, LevelAreas],
    stated: Changes,
    changes: Changes,
) -> frozenset[AreaKey]:
    known = {(level, str(code)) for level, one in stated.items() for code in one.codes}
    differ = {
        (level, str(code))
        for side in (before, after)
        for level, one in side.items()
        for code in one.codes
    }
    now = {(level, str(code)) for level, one in changes.items() for code in one.codes}
    return frozenset((known & differ) | (now - known))


def _worse(
    base: EditState,
    mine: EditState,
    theirs: EditState,
    state: EditState,
    edited: tuple[AreaEdited, ...],
) -> str | None:
    """Return what both sides together make worse where each alone does not."""
    own = _touched(compared(base, mine).areas)
    try:
        refuse_worse(base, mine, own)
    except EditError:
        # Faults of the draft's own are told by its check, on whatever it stands.
        return None
    try:
        refuse_worse(theirs, state, _touched(edited))
    except EditError as error:
        return str(error)
    return None


def _touched(edited: tuple[AreaEdited, ...]) -> list[DraftArea]:
    return [one for each in edited for one in (each.before, each.after) if one is not None]


def _published(conn: Connection, base: int | None, newest: int) -> dict[AreaKey, str]:
    """Return by which edition each area was changed last."""
    told = {
        one.number: Sentence(
            "edition {} ({}), published by {} on {}",
            one.number,
            one.label,
            one.published_by,
            one.published_at.date().isoformat(),
        )
        for one in list_editions(conn)
    }
    changed = editions_that_changed(conn, base, newest)
    return {key: told[number] for key, number in changed.items()}
