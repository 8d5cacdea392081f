"""What a draft changes about leaf areas: their ground, and the areas in which they lie."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import repeat

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.domain.areas.area import AreaKey, Chain, Parents, chains_of
from gridmgmt.domain.areas.draft import Action, Draft
from gridmgmt.geometry.coverage.changes import LevelChanges, joined, no_areas, pick, same_ground
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.coverage.moved_ground import MovedGround, left_over
from gridmgmt.services.draft_records.trial_rows import TrialRows, trial_rows
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import area_names, parents_in
from gridmgmt.store.areas.drafts import read_changes
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.areas.near_areas import areas_near


@dataclass(frozen=True)
class AreaSide:
    """The areas before a draft, or as it would make them, without their outlines."""

    parents: Parents

    @cached_property
    def leaf(self) -> str | None:
        """Return the deepest level that has areas."""
        return next((name for name in reversed(list(self.parents)) if self.parents[name]), None)

    @cached_property
    def chains(self) -> Mapping[str, Chain]:
        """Return for each leaf area the areas in which it lies, the area itself first."""
        return {} if self.leaf is None else chains_of(self.parents, self.leaf)

    def keys(self) -> Iterator[AreaKey]:
        """Yield all areas."""
        for level, codes in self.parents.items():
            yield from ((level, code) for code in codes)

    def within(self, keys: Set[AreaKey]) -> set[str]:
        """Return the leaf areas that are one of these areas, or lie in one."""
        return {code for code, chain in self.chains.items() if not keys.isdisjoint(chain)}

    def has(self, key: AreaKey) -> bool:
        """Return whether there is such an area."""
        level, code = key
        return code in self.parents.get(level, {})


# Ten thousand areas, which every look at the impact of a draft needs.
_SIDES: Fresh[int, AreaSide] = Fresh(
    lambda conn, edition: AreaSide(parents_in(conn, edition)), 4
)


@dataclass(frozen=True, eq=False)
class DraftSides:
    """The areas before and after a draft, and the leaf areas that it touches.

    A leaf area is touched if its ground or any area in which it lies changes. ``old`` are those
    of the base edition, ``new`` those of the draft. ``lost`` is the ground that each of ``old``
    loses, ``gained`` what each of ``new`` gains: all of it where it lies elsewhere from now on,
    or where duties or what they point at change with the draft: ``trial`` has these, None
    where it changes none.
    """

    draft: Draft
    changes: Mapping[str, LevelChanges]
    before: AreaSide
    after: AreaSide
    old: LevelAreas
    new: LevelAreas
    lost: GeometryArray
    gained: GeometryArray
    trial: TrialRows | None = None

    @classmethod
    def read(cls, conn: Connection, draft: Draft, day: date) -> "DraftSides":
        """Compare a draft with its base edition; without one, all its areas are new.

        Parameters
        ----------
        day : on which its duties and what they point at would count
        """
        edition = draft.base_edition
        changes = read_changes(conn, draft.id)
        before, after = area_sides(conn, edition, changes)
        trial = trial_rows(conn, draft, after.keys(), day)
        stirred = _stirred(conn, edition, changes, (before, after), trial)
        old, new = _touched(conn, edition, changes, before, after, stirred)
        same_place = {
            code
            for code in old.codes
            if code not in stirred and before.chains[code] == after.chains.get(code)
        }
        return cls(
            draft,
            changes,
            before,
            after,
            old,
            new,
            lost=_moved(old, new, same_place),
            gained=_moved(new, old, same_place),
            trial=trial,
        )

    @cached_property
    def moved(self) -> MovedGround:
        """Return the ground that changes hands."""
        return MovedGround.of(self.lost, self.gained)

    @cached_property
    def restated(self) -> Set[str]:
        """Return the codes of leaf areas whose stored row a publication would end."""
        if self.before.leaf is None:
            return frozenset()
        changed = self.changes.get(self.before.leaf)
        return frozenset() if changed is None else frozenset(changed.codes)

    def names(self, conn: Connection, keys: Iterable[AreaKey]) -> dict[AreaKey, str]:
        """Return the names of areas, of those in both as the draft names them."""
        wanted = sorted(set(keys))
        found = area_names(conn, self.draft.base_edition or 0, wanted)
        for level, changed in self.changes.items():
            stated = zip(changed.codes, changed.names, strict=True)
            found |= {(level, str(code)): name for code, name in stated if name is not None}
        return {key: found[key] for key in wanted if key in found}


def area_sides(
    conn: Connection, edition: int | None, changes: Mapping[str, LevelChanges]
) -> tuple[AreaSide, AreaSide]:
    """Return the areas of an edition (None: none) and those that changes make of them."""
    before = AreaSide({}) if edition is None else _SIDES.get(conn, edition)
    if not any(map(_moves_areas, changes.values(), repeat(before))):
        return before, before
    after = {
        one.name: _changed(before.parents.get(one.name, {}), changes.get(one.name))
        for one in list_levels(conn)
    }
    return before, AreaSide(after)


def stated(changes: LevelChanges | None, level: str) -> LevelAreas:
    """Return the areas that a draft states for a level, on the grid, in valid outlines.

    Outlines of a draft may cross themselves; they count for the ground inside each ring.
    """
    if changes is None:
        return no_areas(level)
    areas = changes.stated
    return replace(areas, geoms=MeasuredAreas(areas).geoms)


def shapes_after(
    conn: Connection, edition: int | None, level: str, codes: Set[str], given: LevelAreas
) -> LevelAreas:
    """Return areas as a draft would make them; ``given`` are those that it states."""
    mine = pick(given, codes)
    others = shapes_of(conn, edition or 0, level, codes - set(given.codes))
    return joined(mine, others)


def _moves_areas(changes: LevelChanges, before: AreaSide) -> bool:
    """Return whether changes add or drop an area, or put one under another parent."""
    standing = before.parents.get(changes.level, {})
    each = zip(changes.codes, changes.actions, changes.parent_codes, strict=True)
    return any(
        code not in standing or action is Action.DROP or standing[code] != parent
        for code, action, parent in each
    )


def _changed(
    standing: Mapping[str, str | None], changes: LevelChanges | None
) -> Mapping[str, str | None]:
    if changes is None:
        return standing
    here = dict(standing)
    each = zip(changes.codes, changes.actions, changes.parent_codes, strict=True)
    for code, action, parent in each:
        if action is Action.DROP:
            here.pop(code, None)
        else:
            here[code] = parent
    return here


def _touched(
    conn: Connection,
    edition: int | None,
    changes: Mapping[str, LevelChanges],
    before: AreaSide,
    after: AreaSide,
    stirred: Set[str],
) -> tuple[LevelAreas, LevelAreas]:
    """Return the leaf areas that a draft touches, before and after.

    ``stirred`` are those in which others may answer with the same ground.
    """
    leaf = after.leaf or before.leaf or ""
    given = stated(changes.get(leaf), leaf)
    elsewhere, arrived = (
        set() if one is other else {c for c, at in one.items() if other.get(c) != at}
        for one, other in ((before.chains, after.chains), (after.chains, before.chains))
    )
    elsewhere |= stirred & before.chains.keys()
    arrived |= stirred & after.chains.keys()
    # Stated again in the same place: only its ground may differ.
    again = set(given.codes) & before.chains.keys() - elsewhere
    old = shapes_of(conn, edition or 0, before.leaf or "", elsewhere | again)
    new = shapes_after(conn, edition, leaf, arrived | again, given)
    here = sorted(again)
    same = same_ground(pick(old, here).geoms, pick(new, here).geoms)
    kept = {code for code, is_same in zip(here, same, strict=True) if is_same}
    return pick(old, set(old.codes) - kept), pick(new, set(new.codes) - kept)


def _stirred(
    conn: Connection,
    edition: int | None,
    changes: Mapping[str, LevelChanges],
    sides: tuple[AreaSide, AreaSide],
    trial: TrialRows | None,
) -> set[str]:
    """Return the leaf areas in which rows of a draft may change who answers."""
    if trial is None:
        return set()
    found = set[str]().union(*(side.within(trial.areas) for side in sides))
    places = trial.places
    if not len(places):
        return found
    before, after = sides
    if before.leaf is not None:
        found |= set(areas_near(conn, edition or 0, before.leaf, places).codes)
    drawn = stated(changes.get(after.leaf or ""), after.leaf or "")
    met = shapely.STRtree(drawn.geoms).query(places, predicate="intersects")[1]
    return found | {str(code) for code in drawn.codes[met]}


def _moved(areas: LevelAreas, other: LevelAreas, same_place: Set[str]) -> GeometryArray:
    """Return the ground of areas that the other of the same code and place has not."""
    ground = dict(zip(other.codes, other.geoms, strict=True))
    kept = objects(ground[code] if code in same_place else None for code in areas.codes)
    return left_over(areas.geoms, kept)


def with_ground(grounds: GeometryArray) -> np.ndarray:
    """Return which of some grounds are not empty."""
    return ~(shapely.is_missing(grounds) | shapely.is_empty(grounds))
