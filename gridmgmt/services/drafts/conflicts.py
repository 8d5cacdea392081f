"""Find publications since a draft's base that touch what the draft changes."""

from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.changes import (
    LevelChanges,
    difference,
    no_areas,
    pick,
    same_ground,
)
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import count_areas
from gridmgmt.store.areas.edition_changes import areas_only_in
from gridmgmt.store.areas.levels import list_levels


@dataclass(frozen=True)
class _Moved:
    """The changes of one side at a level, and the ground of these areas before and after."""

    changes: LevelChanges
    before: LevelAreas

    @property
    def codes(self) -> set[str]:
        return set(self.changes.codes)

    def reshaped(self) -> dict[str, GeometryArray]:
        """Return old and new outlines by code, of areas that were redrawn, added or dropped."""
        old = dict(zip(self.before.codes, self.before.geoms, strict=True))
        found = {}
        for code, geom in zip(self.changes.codes, self.changes.geoms, strict=True):
            # The old outline counts too: ground that an area gave up has a new border as well.
            outlines = [one for one in (old.get(code), geom) if one is not None]
            pair = np.array(outlines, dtype=object)
            if len(pair) < 2 or not same_ground(pair[:1], pair[1:]).all():
                found[str(code)] = pair
        return found

    def parents(self) -> dict[str, set[str]]:
        """Return old and new parents by code."""
        found: dict[str, set[str]] = {str(code): set() for code in self.changes.codes}
        # The old parent counts too: losing a child may have left a gap in it.
        for source in (self.before, self.changes):
            for code, parent in zip(source.codes, source.parent_codes, strict=True):
                if parent is not None:
                    found[str(code)].add(str(parent))
        return found


def find_conflicts(
    conn: Connection, changes: dict[str, LevelChanges], *, base: int | None, newest: int
) -> list[str]:
    """Return everything published after ``base``, up to ``newest``, that conflicts.

    A conflict is the same code; a parent or child that was redrawn, dropped or added; or a
    redrawn area of the same level that touches or overlaps a redrawn area of the draft. A
    neighbour that was only renamed is not a conflict.

    Returns
    -------
    one sentence for each pair, level by level from the topmost down; empty if the draft can be
    based on the newest edition as it is
    """
    ended, begun = areas_only_in(conn, base, newest), areas_only_in(conn, newest, base)
    ours: dict[str, _Moved] = {}
    theirs: dict[str, _Moved] = {}
    for level in (one.name for one in list_levels(conn)):
        before, after = ended.get(level, no_areas(level)), begun.get(level, no_areas(level))
        # All editions since the base as one difference: what was changed and changed back is no
        # conflict.
        published = difference(before, after)
        theirs[level] = _Moved(published, pick(before, published.codes))
        if level in changes:
            ours[level] = _Moved(changes[level], _before(conn, base, changes[level]))
    with_areas = {
        one.level for number in (base or 0, newest) for one in count_areas(conn, number)
    }
    present = [level for level in theirs if level in with_areas]
    found: list[str] = []
    for level, mine in ours.items():
        found += _same_code(level, mine, theirs[level])
        found += _neighbours(level, mine, theirs[level])
        found += _related(level, mine, theirs, [*present, *ours])
    # Two rules may find the same pair.
    return list(dict.fromkeys(found))


def _before(conn: Connection, edition: int | None, changes: LevelChanges) -> LevelAreas:
    """Return the changed areas as they are in an edition; areas it does not have are absent."""
    if edition is None:
        return no_areas(changes.level)
    return shapes_of(conn, edition, changes.level, changes.codes)


def _same_code(level: str, mine: _Moved, other: _Moved) -> list[str]:
    verbs = dict(zip(other.changes.codes, other.changes.actions, strict=True))
    return [
        Sentence("{} {}: {} by an edition published since", level, code, _past(verbs[code]))
        for code in sorted(mine.codes & other.codes)
    ]


def _neighbours(level: str, mine: _Moved, other: _Moved) -> list[str]:
    ours, theirs = mine.reshaped(), other.reshaped()
    our_codes, our_geoms = _flattened(ours)
    their_codes, their_geoms = _flattened(theirs)
    if not our_codes or not their_codes:
        return []
    # Predicates raise for an outline that crosses itself, so its bounding box is compared.
    tree = shapely.STRtree(their_geoms)
    row, other_row = tree.query(our_geoms)
    sound = shapely.is_valid(our_geoms[row]) & shapely.is_valid(their_geoms[other_row])
    meets = ~sound
    meets[sound] = shapely.intersects(our_geoms[row[sound]], their_geoms[other_row[sound]])
    pairs = {
        (our_codes[i], their_codes[j])
        for i, j in zip(row[meets], other_row[meets], strict=True)
    }
    return [
        Sentence(
            "{} {}: its neighbour {} was redrawn by an edition published since",
            level,
            code,
            neighbour,
        )
        for code, neighbour in sorted(pairs)
        # A code that both sides changed is a conflict of its own already.
        if neighbour != code and neighbour not in mine.codes & other.codes
    ]


def _related(
    level: str, mine: _Moved, theirs: dict[str, _Moved], present: list[str]
) -> list[str]:
    """Return conflicts between our areas and the parents and children they redrew."""
    order = [name for name in theirs if name in present]
    place = order.index(level)
    found: list[str] = []
    if place > 0:
        above = order[place - 1]
        # A parent that was only renamed still holds its children.
        redrawn = set(theirs[above].reshaped())
        found += [
            Sentence(
                "{} {}: its parent {} {} was redrawn by an edition published since",
                level,
                code,
                above,
                parent,
            )
            for code, parents in sorted(mine.parents().items())
            for parent in sorted(parents & redrawn)
        ]
    if place + 1 < len(order):
        below = order[place + 1]
        redrawn = set(mine.reshaped())
        shifted = theirs[below].reshaped()
        found += [
            Sentence(
                "{} {}: its child {} {} was redrawn by an edition published since",
                level,
                parent,
                below,
                child,
            )
            for child, parents in sorted(theirs[below].parents().items())
            if child in shifted
            for parent in sorted(parents & redrawn)
        ]
    return found


def _flattened(outlines: dict[str, GeometryArray]) -> tuple[list[str], GeometryArray]:
    codes = [code for code, geoms in outlines.items() for _ in geoms]
    return codes, objects(geom for several in outlines.values() for geom in several)


def _past(action: Action) -> str:
    return {Action.ADD: "added", Action.ALTER: "altered", Action.DROP: "dropped"}[action]
