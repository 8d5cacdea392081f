"""Put the changes of a draft together with what was published since its base."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.moments import on_clock
from gridmgmt.geometry.coverage.changes import (
    LevelChanges,
    applied,
    difference,
    no_areas,
    pick,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_state import BaseLevel, EditState, areas_of
from gridmgmt.geometry.editing.edits import compared, fault
from gridmgmt.geometry.merging.divergence import Take
from gridmgmt.geometry.merging.merging import merged
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.divergences import Conflict, conflicts, who_of
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.attributes import declared_attributes
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
    is. ``states`` are the areas of the draft that differ from what they are then, before and
    after: each level -> both; ``altered`` those that the draft would not have as it states
    them, or states nothing of.
    """

    changes: Changes
    conflicts: tuple[Conflict, ...]
    worse: str | None
    states: Mapping[str, tuple[LevelAreas, LevelAreas]]
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
    tz: tzinfo,
    take: Take | None = None,
) -> Combined:
    """Put changes of an edition together with all that was published after it.

    What only one side changed stands as that side has it, to the byte; of an area of which both
    changed different borders, name or parent, all of it stands.

    Parameters
    ----------
    tz : the bureau's time zone, in which days are told
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
    theirs = state.having(areas_of(begun), without=areas_of(ended))
    found = merged(state, mine, theirs, take)
    edited, own = compared(theirs, found.state), compared(mine, found.state)
    worse = None
    # Faults of the draft's own are told by its check, on whatever it stands.
    if not found.divergences and fault(state, compared(state, mine)) is None:
        # What one side had mended is no fault of both where the other's was taken.
        both = compared(state, found.state)
        worse = fault(theirs, edited) and fault(state, both)
    told = conflicts(
        found.divergences,
        who_of(_published(conn, base, newest, tz)),
        (state, mine, theirs),
        declared_attributes(conn),
    )
    differing = {level: difference(*both) for level, both in edited.sides().items()}
    together = {level: one for level, one in differing.items() if len(one)}
    altered = (_keys(changes) & own.keys) | (_keys(together) - _keys(changes))
    return Combined(together, tuple(told), worse, own.sides(), frozenset(altered))


def _with_changes(state: EditState, changes: Changes) -> EditState:
    before = {name: pick(state.base[name].areas, one.codes) for name, one in changes.items()}
    after = {name: applied(before[name], one) for name, one in changes.items()}
    return state.having(areas_of(after), without=areas_of(before))


def _keys(changes: Changes) -> set[AreaKey]:
    return {(level, str(code)) for level, one in changes.items() for code in one.codes}


def _published(
    conn: Connection, base: int | None, newest: int, tz: tzinfo
) -> dict[AreaKey, str]:
    """Return by which edition each area was changed last."""
    told = {
        one.number: Sentence(
            "edition {} ({}), published by {} on {}",
            one.number,
            one.label,
            one.published_by,
            on_clock(one.published_at, tz).date().isoformat(),
        )
        for one in list_editions(conn)
    }
    changed = editions_that_changed(conn, base, newest)
    return {key: told[number] for key, number in changed.items()}
